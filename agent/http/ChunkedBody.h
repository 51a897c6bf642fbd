#pragma once

// A chunked body (RFC 9112, section 7.1), decoded in place as it comes in.
//
// Decoded bytes are moved to the front, over the framing that was before them, so that the body ends up as one
// piece in the buffer it was received into. Extensions and trailers are checked for their form, bounded
// together, and dropped. Nothing allocates, blocks or throws.

#include "http/RequestHead.h"

#include <cstddef>
#include <cstdint>

namespace octagent {

class ChunkedBody {
public:
    // What extensions, trailers and the sizes' own lines may amount to beyond the plain framing.
    static constexpr std::size_t maxLine = 1024;
    static constexpr std::size_t maxExtras = 16 * 1024;

    enum class Result { Incomplete, Complete, Refused };

    // `limit`: the most bytes of body.
    explicit ChunkedBody(std::size_t limit = 0) noexcept : _limit(limit) {}

    // Decodes bytes[decodedSize(), size), which follow those of earlier calls. Afterwards the body is
    // bytes[0, decodedSize()), and `rest` is where the undecoded bytes begin: those of the next request after
    // Complete, else the start of a line that is still incomplete, which the caller has to present again
    // right behind the body, as bytes[decodedSize(), ...), with more bytes.
    Result decode(char* bytes, std::size_t size, std::size_t& rest) noexcept;

    std::size_t decodedSize() const noexcept { return _decoded; }
    Refusal refusal() const noexcept { return _refusal; }

private:
    enum class State : std::uint8_t { Size, Data, DataEnd, Trailer };

    Result refuse(int status, const char* reason) noexcept;
    bool takeSizeLine(const char* line, std::size_t length) noexcept;
    bool takeTrailer(const char* line, std::size_t length) noexcept;

    std::size_t _limit;
    std::size_t _decoded = 0;
    std::size_t _remaining = 0; // of the current chunk
    std::size_t _extras = 0;
    State _state = State::Size;
    Refusal _refusal;
};

} // namespace octagent
