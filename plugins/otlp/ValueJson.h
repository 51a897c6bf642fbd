#pragma once

// Attribute values as JSON texts. Strings are cleaned, and cut at a limit; what was cut is noted.

#include "SpanModel.h"

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

namespace octagent::otlp {

inline constexpr std::size_t noLimit = std::numeric_limits<std::size_t>::max();

// What was cut, as members of the object `_truncated`: "path":bytes, each with a comma behind it.
class TruncationNotes {
public:
    void add(std::string_view path, std::size_t bytesBefore);
    const std::string& text() const noexcept { return _text; }
    void append(const TruncationNotes& other) { _text += other._text; }

private:
    std::string _text;
};

// Appends a value; `path` names it in the notes: key[2].member.
void appendValue(std::string& out, const AnyValue& value, std::size_t limit, const std::string& path,
                 TruncationNotes& notes);
// The same for an object of attributes. Of a key that stands twice the first is kept.
void appendAttributes(std::string& out, const Attributes& attributes, std::size_t limit, const std::string& path,
                      TruncationNotes& notes);

// A value as the text of a column: a string is itself, anything else its JSON.
std::string textOf(const AnyValue& value);

} // namespace octagent::otlp
