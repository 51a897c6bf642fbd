#include "JsonText.h"

#include "octagent/ingest/Limits.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace octagent::ingest {

namespace {

// An escape: what it stands for, as UTF-8.
struct Escape {
    TextFault fault = TextFault::None;
    std::size_t length = 0; // in the body
    std::array<char, 4> utf8{};
    std::size_t bytes = 0;

    std::string_view view() const noexcept { return {utf8.data(), bytes}; }
};

// What a backslash and this character stand for; 0 for \u and for what is no escape.
constexpr std::array<char, 256> simpleEscapes = [] {
    std::array<char, 256> table{};
    table['"'] = '"';
    table['\\'] = '\\';
    table['/'] = '/';
    table['b'] = '\b';
    table['f'] = '\f';
    table['n'] = '\n';
    table['r'] = '\r';
    table['t'] = '\t';
    return table;
}();

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

// The escape that `raw` begins with, which is none of the simple ones.
Escape readEscape(std::string_view raw) noexcept {
    if (raw.size() < 2 || raw[1] != 'u')
        return fault(TextFault::UnknownEscape);
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

// Texts with escapes have them close together, where a call of memchr costs more than the bytes it looks at.
std::size_t findBackslash(std::string_view text) noexcept {
    constexpr std::uint64_t ones = 0x0101010101010101U;
    constexpr std::uint64_t highBits = ones << 7U;
    const std::size_t blockBytes = std::min<std::size_t>(text.size() & ~std::size_t{7}, 64);
    std::size_t at = 0;
    for (; at < blockBytes; at += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + at, sizeof(word));
        const std::uint64_t difference = word ^ (ones * std::uint64_t{'\\'});
        if (((difference - ones) & ~difference & highBits) != 0)
            break;
    }
    if (at == 64) {
        const void* found = std::memchr(text.data() + at, '\\', text.size() - at);
        return found == nullptr ? text.size() : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
    }
    while (at < text.size() && text[at] != '\\')
        ++at;
    return at;
}

// Appends up to `limit` bytes, and nothing any more once a character did not fit.
class LimitedText {
public:
    LimitedText(std::string& out, std::size_t limit) : _out(out), _room(limit) {}

    void literal(std::string_view text) {
        if (text.size() > _room) {
            text = text.substr(0, truncatedLength(text, _room));
            _room = text.size(); // then full
        }
        _out.append(text);
        _room -= text.size();
    }

    // One character: `bytes` long as a text, and appended as `written`.
    void character(std::string_view written, std::size_t bytes) {
        if (bytes > _room) {
            _room = 0;
            return;
        }
        _out.append(written);
        _room -= bytes;
    }

private:
    std::string& _out;
    std::size_t _room;
};

// From the first backslash on. `KeepEscapes`: what is written for an escape is the escape itself.
template <bool KeepEscapes>
TextResult append(std::string_view raw, std::size_t backslash, std::size_t limit, std::string& out) {
    LimitedText text(out, limit);
    std::size_t bytes = 0;
    while (true) {
        text.literal(raw.substr(0, backslash));
        bytes += backslash;
        raw.remove_prefix(backslash);
        if (raw.empty())
            return {TextFault::None, bytes};

        const char simple = raw.size() < 2 ? '\0' : simpleEscapes[static_cast<unsigned char>(raw[1])];
        std::size_t length = 2;
        if (simple != '\0') {
            text.character(KeepEscapes ? raw.substr(0, 2) : std::string_view(&simple, 1), 1);
            ++bytes;
        } else {
            const Escape escape = readEscape(raw);
            if (escape.fault != TextFault::None)
                return {escape.fault, 0};
            length = escape.length;
            text.character(KeepEscapes ? raw.substr(0, length) : escape.view(), escape.bytes);
            bytes += escape.bytes;
        }
        raw.remove_prefix(length);
        backslash = findBackslash(raw);
    }
}

template <bool KeepEscapes> TextResult appendAny(std::string_view raw, std::size_t limit, std::string& out) {
    const void* found = raw.empty() ? nullptr : std::memchr(raw.data(), '\\', raw.size());
    if (found == nullptr) { // as most are
        out.append(raw.data(), truncatedLength(raw, limit));
        return {TextFault::None, raw.size()};
    }
    if (!KeepEscapes) // never longer than its raw form
        out.reserve(out.size() + std::min(raw.size(), limit));
    const auto backslash = static_cast<std::size_t>(static_cast<const char*>(found) - raw.data());
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
