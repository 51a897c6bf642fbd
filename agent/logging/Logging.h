#pragma once

// Sets up the root of Poco's loggers: one JSON object a line.
//
//     {"time":"2026-01-31T12:00:00.123Z","level":"info","source":"http","message":"listening","address":"..."}
//
// Whatever a message or field holds is escaped, so that nothing from a client can forge a line.

#include "octagent/Option.h"

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>
#include <Poco/Formatter.h>

#include <vector>

namespace octagent {

// The keys of the group "log".
std::vector<Option> logOptions();

// Formats a Poco::Message and its parameters as one line of JSON, without the line's end.
Poco::AutoPtr<Poco::Formatter> makeJsonFormatter();

// From now on every logger writes as the options of the group "log" say. May be called again. Throws
// Poco::Exception when the file cannot be opened.
void setUpLogging(const Options& options);

} // namespace octagent
