#pragma once

// The bounds of what an event may hold, so that a full queue has a bound in bytes too.

#include "octagent/Sdk.h"

#include <cstddef>
#include <string_view>

namespace octagent {
inline namespace v1 {

inline constexpr std::size_t maxMetadataBytes = 64 * 1024;
inline constexpr std::size_t maxEventsPerArray = 512;

// How many of the text's first bytes to keep so that they are at most `limit` and no UTF-8 character is cut.
// The text is valid UTF-8 (RFC 3629).
inline std::size_t truncatedLength(std::string_view text, std::size_t limit) noexcept {
    if (text.size() <= limit)
        return text.size();
    std::size_t length = limit;
    while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U)
        --length;
    return length;
}

} // namespace v1
} // namespace octagent
