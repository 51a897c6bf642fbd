#pragma once

// One line of the log as a JSON object (RFC 8259).
//
// First time (RFC 3339, UTC, milliseconds), level, source and message, then the fields of octagent/Log.h in
// their order. A field with the name of one of the first four is written as "field_<name>". Invalid UTF-8 becomes
// U+FFFD; control characters, C1 and the line separators of Unicode among them, are escaped, so that neither a
// terminal nor a reader of lines takes them for anything else. What is longer than 8 KiB is cut.

#include <Poco/Formatter.h>

#include <string>
#include <string_view>

namespace octagent {

// Without state: safe from every thread.
class JsonFormatter final : public Poco::Formatter {
public:
    void format(const Poco::Message& message, std::string& line) override;

    // Appends `text` as a JSON string.
    static void appendQuoted(std::string& out, std::string_view text);
};

} // namespace octagent
