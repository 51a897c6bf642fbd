// Any bytes as the body of a request. Nothing crashes, and of each event that is accepted:
// - Poco's parser accepts the body, too (numbers aside, whose range is narrower there);
// - no text is longer than the limit, nor metadata than its own; texts are UTF-8 without NUL;
// - metadata that holds more than the client's own is an object that Poco's parser reads.

#include "ErrorReader.h"
#include "JsonBody.h"
#include "TraceReader.h"

#include "octagent/Http.h"
#include "octagent/ingest/Limits.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <Poco/TextIterator.h>
#include <Poco/UTF8Encoding.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace octagent;
using namespace octagent::ingest;

namespace {

constexpr std::string_view unknownField = R"({"added by the fuzzer":[1],)";

void require(bool condition, const char* what, std::string_view about) {
    if (condition)
        return;
    std::fprintf(stderr, "not so: %s\n%.*s\n", what, static_cast<int>(about.size()), about.data());
    std::abort();
}

// The same JSON with every number as 0: Poco refuses numbers beyond the range of its types.
std::string withoutNumbers(std::string_view json) {
    std::string text;
    bool isInString = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (!isInString && (c == '-' || (c >= '0' && c <= '9'))) {
            while (i + 1 < json.size() && std::string_view("+-.0123456789eE").find(json[i + 1]) != std::string::npos)
                ++i;
            text += '0';
            continue;
        }
        text += c;
        if (c == '"')
            isInString = !isInString;
        if (c == '\\' && isInString && i + 1 < json.size())
            text += json[++i];
    }
    return text;
}

Poco::Dynamic::Var pocoReads(std::string_view json) {
    try {
        return Poco::JSON::Parser().parse(withoutNumbers(json));
    } catch (const Poco::Exception& error) {
        require(false, error.displayText().c_str(), json);
        return {};
    }
}

void checkText(const std::string& text, std::size_t limit) {
    require(text.size() <= limit, "a text is within the limit", text);
    require(text.find('\0') == std::string::npos, "a text has no NUL", text);
    const Poco::UTF8Encoding utf8;
    const Poco::TextIterator end(text);
    for (Poco::TextIterator character(text, utf8); character != end; ++character)
        require(*character >= 0, "a text is UTF-8", text);
}

void checkTexts(const Poco::Dynamic::Var& value, std::size_t limit) {
    if (value.isString()) {
        checkText(value.extract<std::string>(), limit);
    } else if (value.type() == typeid(Poco::JSON::Object::Ptr)) {
        for (const auto& member : *value.extract<Poco::JSON::Object::Ptr>())
            checkTexts(member.second, limit);
    } else if (value.type() == typeid(Poco::JSON::Array::Ptr)) {
        for (const auto& element : *value.extract<Poco::JSON::Array::Ptr>())
            checkTexts(element, limit);
    }
}

void checkMetadata(const std::optional<std::string>& metadata, bool isObject, std::size_t limit) {
    require(!isObject || metadata.has_value(), "an unknown field is kept", "");
    if (!metadata)
        return;
    require(metadata->size() <= maxMetadataBytes, "metadata is within its limit", *metadata);
    require(metadata->find('\0') == std::string::npos, "metadata has no NUL", *metadata);
    if (!isObject)
        return;
    const auto json = pocoReads(*metadata);
    require(json.type() == typeid(Poco::JSON::Object::Ptr), "metadata is an object", *metadata);
    checkTexts(json, limit);
}

void check(const TraceEvent& trace, bool isObject, std::size_t limit) {
    require(!trace.provider.empty() && !trace.model.empty(), "required texts are there", "");
    for (const auto& text : {std::optional(trace.provider), std::optional(trace.model), std::optional(trace.status),
                             trace.inputText, trace.outputText, trace.errorType})
        checkText(text.value_or(""), limit);
    for (const auto& number : {trace.promptTokens, trace.completionTokens, trace.totalTokens, trace.latencyMs})
        require(number.value_or(0) >= 0, "integers are not negative", "");
    require(trace.costUsd.value_or(0) >= 0 && std::isfinite(trace.costUsd.value_or(0)), "the cost is a number", "");
    checkMetadata(trace.metadata, isObject, limit);
}

void check(const ErrorEvent& error, bool isObject, std::size_t limit) {
    require(!error.errorType.empty() && !error.message.empty(), "required texts are there", "");
    for (const auto& text : {std::optional(error.errorType), std::optional(error.message),
                             std::optional(error.severity), error.stackTrace})
        checkText(text.value_or(""), limit);
    checkMetadata(error.metadata, isObject, limit);
}

// A copy whose allocation ends with the padding, so that AddressSanitizer sees a read beyond it.
class Body {
public:
    explicit Body(const std::string& text) : _bytes(new char[text.size() + HttpRequest::bodyPadding]), _text(text) {
        text.copy(_bytes.get(), text.size());
        for (std::size_t i = 0; i < HttpRequest::bodyPadding; ++i)
            _bytes[text.size() + i] = R"("}]},{"a":1)"[i % 11];
    }
    std::string_view view() const { return {_bytes.get(), _text.size()}; }

private:
    std::unique_ptr<char[]> _bytes;
    std::string_view _text;
};

template <class Reader, class E> void read(const std::string& text, bool isObject, std::size_t limit) {
    const Body body(text);
    Reader reader(limit);
    Refusal refusal;
    std::vector<Event::Ptr> events;
    const auto readOne = [&](JsonValue& value) {
        events.push_back(reader.read(value, refusal));
        return !events.back().isNull();
    };
    const auto take = [&](JsonValue& root) {
        return root.kind() == JsonKind::Array ? root.elements(readOne) : readOne(root);
    };
    if (!readJson(body.view(), refusal, take)) {
        require(refusal.happened(), "a refusal has its reason", text);
        require(refusal.message().size() < 512, "a refusal is short", refusal.message());
        checkText(refusal.message(), noTextLimit);
        return;
    }
    require(!refusal.happened(), "what is accepted is not refused", text);
    pocoReads(text);
    for (const auto& event : events)
        check(*event.cast<E>(), isObject, limit);
}

} // namespace

// libFuzzer's name for it. NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::array<std::size_t, 3> limits = {8, 16, 16384};
    const std::string text(reinterpret_cast<const char*>(data), size);
    const std::size_t limit = limits[size % limits.size()];
    read<TraceReader, TraceEvent>(text, false, limit);
    read<ErrorReader, ErrorEvent>(text, false, limit);
    // With a field of which the agent must tell, metadata is an object whatever the client sent.
    if (size > 1 && text[0] == '{') {
        const std::string more = std::string(unknownField) + text.substr(1);
        read<TraceReader, TraceEvent>(more, true, limit);
        read<ErrorReader, ErrorEvent>(more, true, limit);
    }
    return 0;
}
