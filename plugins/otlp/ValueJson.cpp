#include "ValueJson.h"
#include "JsonText.h"

#include <Poco/Base64Encoder.h>

#include <set>
#include <sstream>
#include <variant>

namespace octagent::otlp {

namespace {

// Keys are names, not texts; one that is longer than this is cut so that metadata has a bound.
constexpr std::size_t maxKeyBytes = 256;

std::string keyOf(std::string_view bytes) {
    std::size_t bytesBefore = 0;
    return cutText(bytes, maxKeyBytes, bytesBefore);
}

void appendText(std::string& out, std::string_view text, std::size_t limit, const std::string& path,
                TruncationNotes& notes) {
    std::size_t bytesBefore = 0;
    const std::string kept = cutText(text, limit, bytesBefore);
    if (kept.size() < bytesBefore)
        notes.add(path, bytesBefore);
    appendQuoted(out, kept);
}

struct Appender {
    std::string& out;
    std::size_t limit;
    const std::string& path;
    TruncationNotes& notes;

    void operator()(std::monostate /*absent*/) const { out += "null"; }
    void operator()(const std::string& text) const { appendText(out, text, limit, path, notes); }
    void operator()(bool flag) const { out += flag ? "true" : "false"; }
    void operator()(std::int64_t number) const { out += std::to_string(number); }
    void operator()(double number) const { appendNumber(out, number); }
    void operator()(const std::vector<AnyValue>& items) const {
        out += '[';
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (i > 0)
                out += ',';
            appendValue(out, items[i], limit, path + '[' + std::to_string(i) + ']', notes);
        }
        out += ']';
    }
    void operator()(const Attributes& members) const { appendAttributes(out, members, limit, path, notes); }
    void operator()(const Bytes& bytes) const {
        std::ostringstream text;
        Poco::Base64Encoder encoder(text, Poco::BASE64_URL_ENCODING | Poco::BASE64_NO_PADDING);
        encoder.write(bytes.data.data(), static_cast<std::streamsize>(bytes.data.size()));
        encoder.close();
        appendText(out, text.str(), limit, path, notes);
    }
};

} // namespace

void TruncationNotes::add(std::string_view path, std::size_t bytesBefore) {
    appendQuoted(_text, path);
    _text += ':';
    _text += std::to_string(bytesBefore);
    _text += ',';
}

void appendValue(std::string& out, const AnyValue& value, std::size_t limit, const std::string& path,
                 TruncationNotes& notes) {
    std::visit(Appender{out, limit, path, notes}, value.value);
}

void appendAttributes(std::string& out, const Attributes& attributes, std::size_t limit, const std::string& path,
                      TruncationNotes& notes) {
    std::set<std::string> keys;
    out += '{';
    for (const auto& attribute : attributes) {
        std::string key = keyOf(attribute.key);
        if (keys.count(key) != 0)
            continue;
        if (!keys.empty())
            out += ',';
        appendQuoted(out, key);
        out += ':';
        std::string memberPath = path;
        if (!memberPath.empty())
            memberPath += '.';
        memberPath += key;
        appendValue(out, attribute.value, limit, memberPath, notes);
        keys.insert(std::move(key));
    }
    out += '}';
}

std::string textOf(const AnyValue& value) {
    if (const auto* const text = std::get_if<std::string>(&value.value))
        return *text;
    std::string json;
    TruncationNotes notes;
    appendValue(json, value, noLimit, {}, notes);
    return json;
}

} // namespace octagent::otlp
