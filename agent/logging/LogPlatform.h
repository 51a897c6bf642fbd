#pragma once

// What the systems do differently when a log is written.

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>

#include <chrono>
#include <string>
#include <string_view>

namespace octagent {

// Gives standard input, output and error to the null device where they are closed: a socket that got such a
// number would be taken for them.
void keepStandardStreamsOpen() noexcept;

// False when not all of it was taken: standard output is closed, or had no room for `patience`.
bool writeStandardOutput(std::string_view bytes, std::chrono::milliseconds patience) noexcept;

// Makes the file, when it is not there, for the user alone. Throws Poco::FileException when it cannot, or leaves that
// to the opening.
void createPrivateFile(const std::string& path);

// The log that the system keeps for its services; null where standard output is that log.
Poco::AutoPtr<Poco::Channel> makeServiceLogChannel(const std::string& service);

} // namespace octagent
