#pragma once

// Protobuf's binary encoding, written by hand: a test that made its messages with the code under test would agree
// with any field number.

#include <cstdint>
#include <string>

namespace octagent::otlp::test {

inline std::string varint(std::uint64_t number) {
    std::string out;
    while (number >= 0x80U) {
        out += static_cast<char>((number & 0x7FU) | 0x80U);
        number >>= 7U;
    }
    return out + static_cast<char>(number);
}

inline std::string field(unsigned number, const std::string& bytes) {
    return varint(std::uint64_t{number} << 3U | 2U) + varint(bytes.size()) + bytes;
}

inline std::string field(unsigned number, std::uint64_t value) {
    return varint(std::uint64_t{number} << 3U) + varint(value);
}

inline std::string fixed64(unsigned number, std::uint64_t value) {
    std::string out = varint(std::uint64_t{number} << 3U | 1U);
    for (unsigned i = 0; i < 8; ++i)
        out += static_cast<char>(value >> (8U * i) & 0xFFU);
    return out;
}

inline std::string wireAttribute(const std::string& key, const std::string& value) {
    return field(1, key) + field(2, value);
}

// A request with these fields of one span.
inline std::string wireRequest(const std::string& span) { return field(1, field(2, field(2, span))); }

} // namespace octagent::otlp::test
