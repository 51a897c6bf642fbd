#pragma once

// The generated id of a stored row: a UUID v4 (RFC 4122, section 4.4) as 36 characters of text.

#include "octagent/Sdk.h"

#include <Poco/RandomStream.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace octagent {
inline namespace v1 {

class TraceId {
public:
    // The nil UUID.
    TraceId() noexcept {
        _text.fill('0');
        _text[8] = _text[13] = _text[18] = _text[23] = '-';
    }

    // A new random id. Random bytes come from the system's source through a buffer per thread: Poco's own
    // generator opens the device for each id, which cost more than the rest of a request's handling.
    static TraceId random();

    std::string_view view() const noexcept { return {_text.data(), _text.size()}; }
    std::string toString() const { return std::string(view()); }
    bool operator==(const TraceId& other) const noexcept { return _text == other._text; }

private:
    std::array<char, 36> _text;
};

inline TraceId TraceId::random() {
    constexpr std::size_t bytesPerId = 16;
    struct RandomPool {
        std::array<char, 256 * bytesPerId> bytes;
        std::size_t used = sizeof(bytes);
    };
    thread_local RandomPool pool;
    if (pool.used == pool.bytes.size()) {
        Poco::RandomBuf source;
        source.readFromDevice(pool.bytes.data(), static_cast<std::streamsize>(pool.bytes.size()));
        pool.used = 0;
    }
    std::array<std::uint8_t, bytesPerId> raw{};
    for (auto& byte : raw)
        byte = static_cast<std::uint8_t>(pool.bytes[pool.used++]);
    raw[6] = static_cast<std::uint8_t>((raw[6] & 0x0FU) | 0x40U); // version 4
    raw[8] = static_cast<std::uint8_t>((raw[8] & 0x3FU) | 0x80U); // variant of RFC 4122

    static constexpr std::string_view hex = "0123456789abcdef";
    TraceId id;
    std::size_t at = 0;
    for (const auto byte : raw) {
        if (at == 8 || at == 13 || at == 18 || at == 23)
            ++at;
        id._text[at++] = hex[byte >> 4U];
        id._text[at++] = hex[byte & 0x0FU];
    }
    return id;
}

} // namespace v1
} // namespace octagent
