#include "logging/Logging.h"

#include "logging/ErrorsOnlyChannel.h"
#include "logging/JsonFormatter.h"
#include "logging/LogPlatform.h"
#include "logging/RotatingFileChannel.h"
#include "logging/StandardOutputChannel.h"

#include <Poco/Logger.h>
#include <Poco/SplitterChannel.h>

namespace octagent {

namespace {

Poco::AutoPtr<Poco::Channel> makeChannel(const Options& options) {
    const std::string path = options.text("file");
    if (path.empty())
        return new StandardOutputChannel(makeJsonFormatter());
    return new RotatingFileChannel(makeJsonFormatter(), path,
                                   static_cast<std::uint64_t>(options.integer("rotateBytes")),
                                   static_cast<int>(options.integer("keepFiles")));
}

// Poco's name of a level.
std::string pocoLevel(const std::string& level) {
    if (level == "info")
        return "information";
    if (level == "warn")
        return "warning";
    return level;
}

} // namespace

std::vector<Option> logOptions() {
    constexpr std::int64_t largestFile = 1024 * 1024 * 1024;
    return {{.key = "level",
             .type = OptionType::Choice,
             .defaultValue = "info",
             .description = "what is logged: messages of this level and worse; warn is warning",
             .choices = {"fatal", "critical", "error", "warning", "warn", "notice", "info", "debug", "trace"},
             .environment = "OCT_LOG_LEVEL"},
            {.key = "file",
             .type = OptionType::Path,
             .description = "file that the log is written to; empty for standard output"},
            {.key = "rotateBytes",
             .type = OptionType::Integer,
             .defaultValue = "10485760",
             .description = "size from which the file is renamed to <file>.1 and begun anew; 0 for never",
             .minimum = 0,
             .maximum = largestFile},
            {.key = "keepFiles",
             .type = OptionType::Integer,
             .defaultValue = "5",
             .description = "how many such older files are kept",
             .minimum = 1,
             .maximum = 100}};
}

Poco::AutoPtr<Poco::Formatter> makeJsonFormatter() { return new JsonFormatter; }

void setUpLogging(const Options& options) {
    keepStandardStreamsOpen();
    const auto channel = makeChannel(options);
    const int level = Poco::Logger::parseLevel(pocoLevel(options.text("level")));
    Poco::Logger::root(); // exists from now on, so that later loggers inherit from it
    Poco::Logger::setChannel("", channel);
    Poco::Logger::setLevel("", level);
}

void addServiceErrorLog(const std::string& service) {
    const auto serviceLog = makeServiceLogChannel(service);
    if (!serviceLog)
        return;
    Poco::AutoPtr<Poco::SplitterChannel> both(new Poco::SplitterChannel);
    if (const auto own = Poco::Logger::root().getChannel())
        both->addChannel(own);
    both->addChannel(Poco::AutoPtr<Poco::Channel>(new ErrorsOnlyChannel(makeJsonFormatter(), serviceLog)));
    Poco::Logger::setChannel("", both);
}

} // namespace octagent
