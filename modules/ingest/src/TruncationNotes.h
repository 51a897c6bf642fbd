#pragma once

// What was cut, as members of the object `_truncated`: the path of each text and its length in bytes before.

#include "JsonPath.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace octagent::ingest {

class TruncationNotes {
public:
    void add(const JsonPath& path, std::size_t bytesBefore);

    // "input_text":40123, each with a comma behind it.
    const std::string& text() const noexcept { return _text; }
    std::size_t size() const noexcept { return _text.size(); }
    void clear() noexcept { _text.clear(); }

private:
    std::string _text;
};

} // namespace octagent::ingest
