#include "JsonText.h"

#include "octagent/ingest/Limits.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace octagent::otlp {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

unsigned byteAt(std::string_view text, std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
}

bool isContinuation(unsigned byte) { return (byte & 0xC0U) == 0x80U; }

// How many bytes the character at `at` has; 0 when there is none. By table 3-7 of the Unicode standard, which
// leaves out overlong forms, surrogates and what is beyond U+10FFFF.
std::size_t characterLength(std::string_view text, std::size_t at) {
    const unsigned lead = byteAt(text, at);
    if (lead < 0x80U)
        return lead == 0 ? 0 : 1;
    const unsigned second = byteAt(text, at + 1);
    if (lead >= 0xC2U && lead <= 0xDFU)
        return isContinuation(second) ? 2 : 0;
    if (lead >= 0xE0U && lead <= 0xEFU) {
        const bool isFit =
            isContinuation(second) && !(lead == 0xE0U && second < 0xA0U) && !(lead == 0xEDU && second > 0x9FU);
        return isFit && isContinuation(byteAt(text, at + 2)) ? 3 : 0;
    }
    if (lead >= 0xF0U && lead <= 0xF4U) {
        const bool isFit =
            isContinuation(second) && !(lead == 0xF0U && second < 0x90U) && !(lead == 0xF4U && second > 0x8FU);
        return isFit && isContinuation(byteAt(text, at + 2)) && isContinuation(byteAt(text, at + 3)) ? 4 : 0;
    }
    return 0;
}

std::size_t cleanPrefix(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t length = characterLength(text, at);
        if (length == 0)
            break;
        at += length;
    }
    return at;
}

void appendEscape(std::string& out, char c) {
    constexpr std::string_view hex = "0123456789abcdef";
    out += '\\';
    switch (c) {
    case '"':
    case '\\':
        out += c;
        break;
    case '\n':
        out += 'n';
        break;
    case '\r':
        out += 'r';
        break;
    case '\t':
        out += 't';
        break;
    default:
        out += "u00";
        out += hex[static_cast<unsigned char>(c) >> 4U];
        out += hex[static_cast<unsigned char>(c) & 0x0FU];
    }
}

} // namespace

std::string cleanText(std::string_view bytes) {
    std::size_t at = cleanPrefix(bytes);
    std::string text(bytes.substr(0, at));
    while (at < bytes.size()) {
        text += replacement;
        bytes.remove_prefix(at + 1);
        at = cleanPrefix(bytes);
        text += bytes.substr(0, at);
    }
    return text;
}

std::string cutText(std::string_view bytes, std::size_t limit, std::size_t& bytesBefore) {
    if (cleanPrefix(bytes) == bytes.size()) {
        bytesBefore = bytes.size();
        return std::string(bytes.substr(0, truncatedLength(bytes, limit)));
    }
    std::string text = cleanText(bytes);
    bytesBefore = text.size();
    text.resize(truncatedLength(text, limit));
    return text;
}

void appendQuoted(std::string& out, std::string_view text) {
    out += '"';
    std::size_t from = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (static_cast<unsigned char>(c) >= 0x20U && c != '"' && c != '\\')
            continue;
        out += text.substr(from, at - from);
        appendEscape(out, c);
        from = at + 1;
    }
    out += text.substr(from);
    out += '"';
}

void appendNumber(std::string& out, double number) {
    if (std::isnan(number)) {
        out += "\"NaN\"";
    } else if (std::isinf(number)) {
        out += number > 0 ? "\"Infinity\"" : "\"-Infinity\"";
    } else {
        constexpr std::size_t longest = 32;
        std::array<char, longest> digits{};
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number);
        out.append(digits.data(), end.ptr);
    }
}

std::string toHex(std::string_view bytes) {
    constexpr std::string_view hex = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        text += hex[static_cast<unsigned char>(c) >> 4U];
        text += hex[static_cast<unsigned char>(c) & 0x0FU];
    }
    return text;
}

} // namespace octagent::otlp
