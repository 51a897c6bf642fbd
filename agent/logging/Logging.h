#pragma once

// Sets up the root of Poco's loggers: one JSON object a line.
//
//     {"time":"2026-01-31T12:00:00.123Z","level":"info","source":"http","message":"listening","address":"..."}
//
// Whatever a message or field holds is escaped, so that nothing from a client can forge a line. Lines go to
// standard output, or to a file that the agent rotates itself. Logging never throws into its caller: a line that
// is not taken is counted, and the count is told with the next line that is.

#include "octagent/Option.h"

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>
#include <Poco/Formatter.h>

#include <string>
#include <vector>

namespace octagent {

// The keys of the group "log".
std::vector<Option> logOptions();

// Formats a Poco::Message and its parameters as one line of JSON, without the line's end.
Poco::AutoPtr<Poco::Formatter> makeJsonFormatter();

// From now on every logger writes as the options of the group "log" say. May be called again, while no other
// thread logs. Throws Poco::Exception when the file cannot be opened.
void setUpLogging(const Options& options);

// From now on errors go to the log that the system keeps for its services as well: the event log on Windows,
// whose reader does not see standard output. Without effect elsewhere. Not thread-safe, like setUpLogging(), which
// takes it back: call it before, for what goes wrong until then, and after.
void addServiceErrorLog(const std::string& service);

} // namespace octagent
