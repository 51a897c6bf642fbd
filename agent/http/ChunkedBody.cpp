#include "http/ChunkedBody.h"

#include <algorithm>
#include <cstring>

namespace octagent {

namespace {

int hexValue(char c) noexcept {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool hasControl(const char* text, std::size_t length) noexcept {
    return std::any_of(text, text + length, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && byte != '\t') || byte == 0x7F;
    });
}

} // namespace

ChunkedBody::Result ChunkedBody::refuse(int status, const char* reason) noexcept {
    _refusal = {status, reason};
    return Result::Refused;
}

ChunkedBody::Result ChunkedBody::decode(char* bytes, std::size_t size, std::size_t& rest) noexcept {
    std::size_t at = _decoded;
    for (;;) {
        rest = at;
        if (_state == State::Data) {
            const std::size_t count = std::min(_remaining, size - at);
            if (at != _decoded)
                std::memmove(bytes + _decoded, bytes + at, count);
            _decoded += count;
            _remaining -= count;
            at += count;
            rest = at;
            if (_remaining > 0)
                return Result::Incomplete;
            _state = State::DataEnd;
            continue;
        }
        if (_state == State::DataEnd) {
            if (size - at > 0 && bytes[at] != '\r')
                return refuse(400, "chunk is longer than its size");
            if (size - at < 2)
                return Result::Incomplete;
            if (bytes[at + 1] != '\n')
                return refuse(400, "chunk is longer than its size");
            at += 2;
            _state = State::Size;
            continue;
        }
        if (at == size)
            return Result::Incomplete;
        const char* const line = bytes + at;
        const auto* const feed = static_cast<const char*>(std::memchr(line, '\n', size - at));
        const std::size_t length = feed == nullptr ? size - at : static_cast<std::size_t>(feed - line);
        if (length > maxLine)
            return refuse(_state == State::Size ? 400 : 431, "line of the chunked body too long");
        if (feed == nullptr)
            return Result::Incomplete;
        if (length == 0 || feed[-1] != '\r')
            return refuse(400, "line does not end in CR LF");
        at += length + 1;
        if (_state == State::Size) {
            if (!takeSizeLine(line, length - 1))
                return Result::Refused;
        } else if (length == 1) {
            rest = at;
            return Result::Complete;
        } else if (!takeTrailer(line, length - 1)) {
            return Result::Refused;
        }
    }
}

bool ChunkedBody::takeSizeLine(const char* line, std::size_t length) noexcept {
    std::size_t at = 0;
    std::size_t size = 0;
    for (; at < length && hexValue(line[at]) >= 0; ++at) {
        size = size * 16 + static_cast<std::size_t>(hexValue(line[at]));
        if (size > _limit - _decoded) {
            refuse(413, "body too large");
            return false;
        }
    }
    const bool hasExtension = at < length;
    if (at == 0 || (hasExtension && line[at] != ';') || hasControl(line, length)) {
        refuse(400, "malformed size of a chunk");
        return false;
    }
    // A plain size has up to 16 digits; what is longer is counted, so that neither extensions nor leading
    // zeros go on for ever.
    constexpr std::size_t plainDigits = 16;
    _extras += length > plainDigits || hasExtension ? length : 0;
    if (_extras > maxExtras) {
        refuse(400, "too many chunk extensions");
        return false;
    }
    _remaining = size;
    _state = size == 0 ? State::Trailer : State::Data;
    return true;
}

bool ChunkedBody::takeTrailer(const char* line, std::size_t length) noexcept {
    const auto* const colon = static_cast<const char*>(std::memchr(line, ':', length));
    const auto isBlank = [](char c) { return c == ' ' || c == '\t'; };
    if (colon == nullptr || colon == line || isBlank(line[0]) || isBlank(colon[-1]) || hasControl(line, length)) {
        refuse(400, "malformed trailer");
        return false;
    }
    _extras += length + 2;
    if (_extras > maxExtras) {
        refuse(431, "trailers too large");
        return false;
    }
    return true;
}

} // namespace octagent
