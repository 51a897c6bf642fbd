#include "JsonPosition.h"

#include <Poco/UTF8Encoding.h>

#include <algorithm>

namespace octagent::ingest {

namespace {

// The end of the string whose opening quote is at `open`: its closing quote, or `end`.
std::size_t closingQuote(std::string_view body, std::size_t open, std::size_t end) noexcept {
    std::size_t at = open + 1;
    while (at < end && body[at] != '"')
        at += body[at] == '\\' ? 2U : 1U;
    return std::min(at, end);
}

std::size_t utf8Length(unsigned char first) noexcept {
    if (first < 0x80)
        return 1;
    if (first < 0xE0)
        return 2;
    return first < 0xF0 ? 3 : 4;
}

} // namespace

std::size_t firstInvalidUtf8(std::string_view body) noexcept {
    std::size_t at = 0;
    while (at < body.size()) {
        const auto* bytes = reinterpret_cast<const unsigned char*>(body.data() + at);
        const auto length = utf8Length(*bytes);
        if (length > body.size() - at || !Poco::UTF8Encoding::isLegal(bytes, static_cast<int>(length)))
            return at;
        at += length;
    }
    return at;
}

std::size_t firstBareControl(std::string_view body) noexcept {
    bool isInString = false;
    for (std::size_t at = 0; at < body.size(); ++at) {
        if (body[at] == '"')
            isInString = !isInString;
        else if (isInString && static_cast<unsigned char>(body[at]) < 0x20)
            return at;
        else if (isInString && body[at] == '\\')
            ++at;
    }
    return body.size();
}

void nameFieldAt(std::string_view body, std::size_t offset, Refusal& refusal) {
    std::size_t depth = 0;
    std::size_t eventDepth = 1; // of the event's own members
    std::size_t element = 0;
    std::string_view text;
    std::string_view key;
    for (std::size_t at = 0; at < offset; ++at) {
        switch (body[at]) {
        case '[':
            if (depth == 0)
                eventDepth = 2;
            ++depth;
            break;
        case '{':
            ++depth;
            break;
        case ']':
        case '}':
            depth -= depth > 0 ? 1 : 0;
            break;
        case ',':
            if (depth == eventDepth)
                key = {};
            if (depth == 1 && eventDepth == 2)
                ++element;
            break;
        case ':':
            if (depth == eventDepth)
                key = text;
            break;
        case '"': {
            const auto close = closingQuote(body, at, offset);
            text = body.substr(at + 1, close - at - 1);
            at = close;
            break;
        }
        default:
            break;
        }
    }
    // A key with a control character is none, and tells only that the quotes do not stand where they should.
    const bool isKey =
        std::none_of(key.begin(), key.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
    if (isKey && !key.empty() && depth >= eventDepth)
        refusal.insideMember(key);
    if (eventDepth == 2 && depth >= 1)
        refusal.insideElement(element);
}

} // namespace octagent::ingest
