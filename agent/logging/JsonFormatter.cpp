#include "logging/JsonFormatter.h"

#include "octagent/Log.h"

#include <Poco/DateTime.h>
#include <Poco/Message.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace octagent {

namespace {

constexpr std::size_t longestText = 8 * 1024;

std::string_view levelName(Poco::Message::Priority priority) {
    switch (priority) {
    case Poco::Message::PRIO_FATAL:
        return "fatal";
    case Poco::Message::PRIO_CRITICAL:
        return "critical";
    case Poco::Message::PRIO_ERROR:
        return "error";
    case Poco::Message::PRIO_WARNING:
        return "warning";
    case Poco::Message::PRIO_NOTICE:
        return "notice";
    case Poco::Message::PRIO_INFORMATION:
        return "info";
    case Poco::Message::PRIO_DEBUG:
        return "debug";
    default:
        return "trace";
    }
}

void appendDigits(std::string& out, int number, int width) {
    std::array<char, 8> digits{};
    for (int i = width; i-- > 0; number /= 10)
        digits.at(static_cast<std::size_t>(i)) = static_cast<char>('0' + number % 10);
    out.append(digits.data(), static_cast<std::size_t>(width));
}

void appendTime(std::string& out, const Poco::Timestamp& timestamp) {
    const Poco::DateTime time(timestamp);
    appendDigits(out, time.year(), 4);
    out += '-';
    appendDigits(out, time.month(), 2);
    out += '-';
    appendDigits(out, time.day(), 2);
    out += 'T';
    appendDigits(out, time.hour(), 2);
    out += ':';
    appendDigits(out, time.minute(), 2);
    out += ':';
    appendDigits(out, time.second(), 2);
    out += '.';
    appendDigits(out, time.millisecond(), 3);
    out += 'Z';
}

struct Character {
    std::uint32_t code = 0;
    std::size_t length = 0; // 0: not well-formed
};

// The character at the start of `text`, of two bytes or more (RFC 3629).
Character decode(std::string_view text) {
    const auto lead = static_cast<std::uint8_t>(text[0]);
    Character character;
    std::uint32_t lowest = 0;
    if (lead >= 0xC2 && lead <= 0xDF) {
        character = {lead & 0x1FU, 2};
        lowest = 0x80;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        character = {lead & 0x0FU, 3};
        lowest = 0x800;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        character = {lead & 0x07U, 4};
        lowest = 0x10000;
    }
    if (text.size() < character.length)
        return {};
    for (std::size_t i = 1; i < character.length; ++i) {
        const auto byte = static_cast<std::uint8_t>(text[i]);
        if ((byte & 0xC0U) != 0x80U)
            return {};
        character.code = (character.code << 6U) | (byte & 0x3FU);
    }
    const bool isSurrogate = character.code >= 0xD800 && character.code <= 0xDFFF;
    if (character.code < lowest || character.code > 0x10FFFF || isSurrogate)
        return {};
    return character;
}

void appendEscape(std::string& out, std::uint32_t code) {
    static constexpr std::string_view hex = "0123456789abcdef";
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4)
        out += hex[(code >> static_cast<unsigned>(shift)) & 0xFU];
}

void appendAscii(std::string& out, char c) {
    switch (c) {
    case '"':
        out += "\\\"";
        break;
    case '\\':
        out += "\\\\";
        break;
    case '\n':
        out += "\\n";
        break;
    case '\r':
        out += "\\r";
        break;
    case '\t':
        out += "\\t";
        break;
    default:
        appendEscape(out, static_cast<std::uint8_t>(c));
        break;
    }
}

bool isPlain(char c) { return c >= 0x20 && c != 0x7F && c != '"' && c != '\\'; }

void appendField(std::string& line, std::string_view name, std::string_view value) {
    line += ',';
    JsonFormatter::appendQuoted(line, name);
    line += ':';
    JsonFormatter::appendQuoted(line, value);
}

std::string fieldName(const Poco::Message& message, std::string_view name) {
    constexpr std::array<std::string_view, 4> reserved = {"time", "level", "source", "message"};
    std::string written(name);
    if (std::find(reserved.begin(), reserved.end(), name) == reserved.end())
        return written;
    do
        written.insert(0, "field_");
    while (message.has(written));
    return written;
}

} // namespace

void JsonFormatter::appendQuoted(std::string& out, std::string_view text) {
    constexpr std::uint32_t lineSeparator = 0x2028;
    constexpr std::uint32_t paragraphSeparator = 0x2029;
    constexpr std::uint32_t lastControl = 0x9F;
    const std::size_t end = std::min(text.size(), longestText);
    out += '"';
    std::size_t i = 0;
    while (i < end) {
        std::size_t plain = i;
        while (plain < end && isPlain(text[plain]))
            ++plain;
        out.append(text, i, plain - i);
        i = plain;
        if (i == end)
            break;
        if (static_cast<std::uint8_t>(text[i]) < 0x80) {
            appendAscii(out, text[i]);
            ++i;
            continue;
        }
        const Character character = decode(text.substr(i));
        if (character.length == 0)
            out += "\xEF\xBF\xBD";
        else if (character.code <= lastControl || character.code == lineSeparator ||
                 character.code == paragraphSeparator)
            appendEscape(out, character.code);
        else
            out.append(text, i, character.length);
        i += std::max<std::size_t>(character.length, 1);
    }
    if (i < text.size())
        out += "...";
    out += '"';
}

void JsonFormatter::format(const Poco::Message& message, std::string& line) {
    line += R"({"time":")";
    appendTime(line, message.getTime());
    line += R"(","level":")";
    line += levelName(message.getPriority());
    line += '"';
    appendField(line, "source", message.getSource());
    appendField(line, "message", message.getText());
    if (message.has(logFieldNames)) {
        std::string_view names = message.get(logFieldNames);
        for (auto end = names.find('\n'); end != std::string_view::npos; end = names.find('\n')) {
            const std::string name(names.substr(0, end));
            names.remove_prefix(end + 1);
            if (message.has(name))
                appendField(line, fieldName(message, name), message.get(name));
        }
    }
    line += '}';
}

} // namespace octagent
