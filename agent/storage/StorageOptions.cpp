#include "storage/Persister.h"

namespace octagent {

std::vector<Option> storageOptions(const std::string& defaultPath) {
    constexpr std::int64_t longestRetention = 36500;
    Option path;
    path.key = "path";
    path.type = OptionType::Path;
    path.defaultValue = defaultPath;
    path.description = "the database file; its directory is created when missing";
    path.environment = "OCT_DB_PATH";

    Option synchronous;
    synchronous.key = "synchronous";
    synchronous.type = OptionType::Choice;
    synchronous.defaultValue = "normal";
    synchronous.choices = {"normal", "full"};
    synchronous.description = "what a power cut may cost: the last moments (normal), or nothing that was stored, at a "
                              "disk flush a batch (full)";

    Option retentionDays;
    retentionDays.key = "retentionDays";
    retentionDays.type = OptionType::Integer;
    retentionDays.defaultValue = "3";
    retentionDays.minimum = 0;
    retentionDays.maximum = longestRetention;
    retentionDays.description = "rows older than so many days are deleted; 0 keeps all";
    retentionDays.environment = "OCT_RETENTION_DAYS";

    Option maxBytes;
    maxBytes.key = "maxBytes";
    maxBytes.type = OptionType::Integer;
    maxBytes.defaultValue = "0";
    maxBytes.minimum = 0;
    maxBytes.description = "the oldest rows are deleted while the database holds more bytes than this; 0 is no bound";

    return {path, synchronous, retentionDays, maxBytes};
}

} // namespace octagent
