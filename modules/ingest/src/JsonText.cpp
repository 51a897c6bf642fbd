#include "JsonText.h"

#include "octagent/ingest/Limits.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace octagent::ingest {

namespace {

struct Escape {
    TextFault fault = TextFault::None;
    std::size_t length = 0;     // in the body
    std::array<char, 4> utf8{}; // what it stands for
    std::size_t bytes = 0;
};

// The four hex digits at `at`, or -1.
std::int32_t hexQuad(std::string_view raw, std::size_t at) noexcept {
    if (raw.size() < at + 4)
        return -1;
    std::int32_t value = 0;
    for (const char c : raw.substr(at, 4)) {
        std::int32_t digit = 0;
        if (c >= '0' && c <= '9')
            digit = c - '0';
        else if (c >= 'a' && c <= 'f')
            digit = c - 'a' + 10;
        else if (c >= 'A' && c <= 'F')
            digit = c - 'A' + 10;
        else
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

void encodeUtf8(std::uint32_t codePoint, Escape& escape) noexcept {
    const auto put = [&escape](std::uint32_t byte) {
        escape.utf8[escape.bytes++] = static_cast<char>(static_cast<unsigned char>(byte));
    };
    if (codePoint < 0x80) {
        put(codePoint);
    } else if (codePoint < 0x800) {
        put(0xC0U | (codePoint >> 6U));
        put(0x80U | (codePoint & 0x3FU));
    } else if (codePoint < 0x10000) {
        put(0xE0U | (codePoint >> 12U));
        put(0x80U | ((codePoint >> 6U) & 0x3FU));
        put(0x80U | (codePoint & 0x3FU));
    } else {
        put(0xF0U | (codePoint >> 18U));
        put(0x80U | ((codePoint >> 12U) & 0x3FU));
        put(0x80U | ((codePoint >> 6U) & 0x3FU));
        put(0x80U | (codePoint & 0x3FU));
    }
}

Escape fault(TextFault kind) noexcept {
    Escape escape;
    escape.fault = kind;
    return escape;
}

Escape plain(char c) noexcept {
    Escape escape;
    escape.length = 2;
    escape.utf8[0] = c;
    escape.bytes = 1;
    return escape;
}

Escape unicodeEscape(std::string_view raw) noexcept {
    const std::int32_t first = hexQuad(raw, 2);
    if (first < 0)
        return fault(TextFault::UnknownEscape);
    if (first == 0)
        return fault(TextFault::Nul);
    auto codePoint = static_cast<std::uint32_t>(first);
    Escape escape;
    escape.length = 6;
    if (codePoint >= 0xD800 && codePoint < 0xE000) {
        const bool isPair = codePoint < 0xDC00 && raw.size() >= 12 && raw[6] == '\\' && raw[7] == 'u';
        const std::int32_t second = isPair ? hexQuad(raw, 8) : -1;
        if (second < 0xDC00 || second >= 0xE000)
            return fault(TextFault::LoneSurrogate);
        codePoint = 0x10000U + ((codePoint - 0xD800U) << 10U) + (static_cast<std::uint32_t>(second) - 0xDC00U);
        escape.length = 12;
    }
    encodeUtf8(codePoint, escape);
    return escape;
}

// The escape that `raw` begins with.
Escape readEscape(std::string_view raw) noexcept {
    if (raw.size() < 2)
        return fault(TextFault::UnknownEscape);
    switch (raw[1]) {
    case '"':
    case '\\':
    case '/':
        return plain(raw[1]);
    case 'b':
        return plain('\b');
    case 'f':
        return plain('\f');
    case 'n':
        return plain('\n');
    case 'r':
        return plain('\r');
    case 't':
        return plain('\t');
    case 'u':
        return unicodeEscape(raw);
    default:
        return fault(TextFault::UnknownEscape);
    }
}

std::size_t findBackslash(std::string_view text) noexcept {
    const void* found = text.empty() ? nullptr : std::memchr(text.data(), '\\', text.size());
    return found == nullptr ? text.size() : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

// `KeepEscapes`: what is appended for an escape is the escape itself.
template <bool KeepEscapes>
TextResult append(std::string_view raw, std::size_t firstBackslash, std::size_t limit, std::string& out) {
    TextResult result;
    std::size_t kept = 0;
    bool isCut = false;
    std::size_t backslash = firstBackslash;
    while (true) {
        if (!isCut) {
            const auto length = truncatedLength(raw.substr(0, backslash), limit - kept);
            out.append(raw.data(), length);
            kept += length;
            isCut = length < backslash;
        }
        result.bytes += backslash;
        raw.remove_prefix(backslash);
        if (raw.empty())
            return result;

        const Escape escape = readEscape(raw);
        if (escape.fault != TextFault::None)
            return {escape.fault, 0};
        isCut = isCut || escape.bytes > limit - kept;
        if (!isCut) {
            if (KeepEscapes)
                out.append(raw.data(), escape.length);
            else
                out.append(escape.utf8.data(), escape.bytes);
            kept += escape.bytes;
        }
        result.bytes += escape.bytes;
        raw.remove_prefix(escape.length);
        backslash = findBackslash(raw);
    }
}

template <bool KeepEscapes> TextResult appendAny(std::string_view raw, std::size_t limit, std::string& out) {
    const auto backslash = findBackslash(raw);
    if (backslash == raw.size()) { // as most are
        out.append(raw.data(), truncatedLength(raw, limit));
        return {TextFault::None, raw.size()};
    }
    if (!KeepEscapes) // never longer than its raw form
        out.reserve(out.size() + std::min(raw.size(), limit));
    return append<KeepEscapes>(raw, backslash, limit, out);
}

} // namespace

std::string_view describe(TextFault fault) noexcept {
    switch (fault) {
    case TextFault::UnknownEscape:
        return "has an escape that JSON does not know";
    case TextFault::LoneSurrogate:
        return "has a surrogate escape that is no half of a pair";
    case TextFault::Nul:
        return "has a NUL, which cannot be stored";
    case TextFault::None:
        break;
    }
    return "";
}

TextResult appendText(std::string_view raw, std::size_t limit, std::string& out) {
    return appendAny<false>(raw, limit, out);
}

TextResult appendEscaped(std::string_view raw, std::size_t limit, std::string& out) {
    return appendAny<true>(raw, limit, out);
}

TextFault checkText(std::string_view raw) {
    std::string nothing;
    return appendText(raw, 0, nothing).fault;
}

TextFault JsonKeys::read(std::string_view raw, std::string_view& key) {
    key = raw;
    if (findBackslash(raw) == raw.size())
        return TextFault::None;
    const TextFault fault = appendText(raw, noTextLimit, _unescaped.emplace_front()).fault;
    key = _unescaped.front();
    return fault;
}

} // namespace octagent::ingest
