#include "status/Health.h"

#include <Poco/JSON/Object.h>

#include <sstream>

namespace octagent {

namespace {

constexpr std::chrono::seconds lossIsRecent{60};
constexpr std::chrono::seconds waitIsLong{5};

} // namespace

std::string healthStatus(const HealthInput& input) {
    if (input.storage.lastAttemptFailed)
        return "error";
    const Ledger& ledger = input.ledger;
    const bool hasLost = ledger.sinceLoss.has_value() && *ledger.sinceLoss <= lossIsRecent;
    if (hasLost || ledger.oldestWait > waitIsLong || input.isModuleDegraded)
        return "degraded";
    return "ok";
}

std::string healthJson(const HealthInput& input) {
    Poco::JSON::Object body(Poco::JSON_PRESERVE_KEY_ORDER);
    body.set("status", healthStatus(input));
    body.set("uptime_seconds", input.uptimeSeconds);
    body.set("version", input.version);
    body.set("db_status", input.storage.lastAttemptFailed ? "error" : "ok");
    body.set("db_size_bytes", input.storage.databaseBytes);
    body.set("wal_size_bytes", input.storage.walBytes);
    body.set("queue_depth", static_cast<std::uint64_t>(input.ledger.queued));
    body.set("events_received", input.ledger.received);
    body.set("events_dropped", input.ledger.dropped);
    if (input.lastPush) {
        body.set("last_push_time", input.lastPush->unixMilliseconds);
        body.set("last_push_status", input.lastPush->status);
    } else {
        body.set("last_push_time", Poco::Dynamic::Var());
        body.set("last_push_status", "disabled");
    }
    body.set("unsynced_count", input.storage.unsyncedRows);
    std::ostringstream text;
    body.stringify(text);
    return text.str();
}

} // namespace octagent
