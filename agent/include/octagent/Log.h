#pragma once

// One line of the log: a message and named fields, written as one JSON object.
//
// Poco's Message carries the fields, so a module logs through its Poco::Logger and nothing else. Values are
// escaped by the formatter: they may hold anything. Safe from every thread, does not throw into the caller's
// business beyond std::bad_alloc.

#include "octagent/Sdk.h"

#include <Poco/Logger.h>
#include <Poco/Message.h>

#include <initializer_list>
#include <string>
#include <utility>

namespace octagent {
inline namespace v1 {

using LogFields = std::initializer_list<std::pair<std::string, std::string>>;

// Poco 1.11 cannot list a message's parameters: the one of this name holds theirs, each ended by a newline.
inline constexpr const char* logFieldNames = "octagent.fields";

// From any range of pairs of text.
template <class Fields> void setLogFields(Poco::Message& message, const Fields& fields) {
    std::string names;
    for (const auto& [key, value] : fields) {
        if (!message.has(key))
            names.append(key).append("\n");
        message.set(key, value);
    }
    if (!names.empty())
        message.set(logFieldNames, names);
}

inline void log(Poco::Logger& logger, Poco::Message::Priority level, const std::string& text, LogFields fields = {}) {
    if (!logger.is(level))
        return;
    Poco::Message message(logger.name(), text, level);
    setLogFields(message, fields);
    logger.log(message);
}

inline void logDebug(Poco::Logger& logger, const std::string& text, LogFields fields = {}) {
    log(logger, Poco::Message::PRIO_DEBUG, text, fields);
}
inline void logInfo(Poco::Logger& logger, const std::string& text, LogFields fields = {}) {
    log(logger, Poco::Message::PRIO_INFORMATION, text, fields);
}
inline void logWarning(Poco::Logger& logger, const std::string& text, LogFields fields = {}) {
    log(logger, Poco::Message::PRIO_WARNING, text, fields);
}
inline void logError(Poco::Logger& logger, const std::string& text, LogFields fields = {}) {
    log(logger, Poco::Message::PRIO_ERROR, text, fields);
}

} // namespace v1
} // namespace octagent
