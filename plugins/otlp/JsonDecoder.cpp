#include "Decoder.h"
#include "JsonTree.h"

#include <Poco/Base64Decoder.h>
#include <Poco/Exception.h>
#include <Poco/MemoryStream.h>
#include <Poco/NumberParser.h>
#include <Poco/StreamCopier.h>

#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace octagent::otlp {

namespace {

constexpr std::size_t maxJsonDepth = 64;

// Where the decoder is, for the message of an error. Lives on the stack, each level knowing the one around it.
class Place {
public:
    explicit Place(const char* name) : _name(name) {}
    Place(const Place& outer, const std::string& name) : _outer(&outer), _name(name.c_str()) {}
    Place(const Place& outer, std::size_t index) : _outer(&outer), _index(index) {}

    [[noreturn]] void fail(const char* what) const { throw Poco::DataFormatException(text() + ": " + what); }

private:
    std::string text() const {
        const std::string outer = _outer != nullptr ? _outer->text() : std::string();
        if (_name == nullptr)
            return outer + '[' + std::to_string(_index) + ']';
        constexpr std::size_t longestShown = 64;
        const std::string name = std::string(_name).substr(0, longestShown);
        return outer.empty() ? name : outer + '.' + name;
    }

    const Place* _outer = nullptr;
    const char* _name = nullptr;
    std::size_t _index = 0;
};

// Calls `use(key, value, place)` for every member that is not null: null is the same as absent.
template <class Use> void forEachMember(JsonValue& json, const Place& place, Use use) {
    auto* const object = json.as<JsonValue::Object>();
    if (object == nullptr)
        place.fail("not an object");
    for (auto& member : *object)
        if (!member.value.isNull())
            use(member.key, member.value, Place(place, member.key));
}

template <class Use> void forEachItem(JsonValue& json, const Place& place, Use use) {
    auto* const array = json.as<JsonValue::Array>();
    if (array == nullptr)
        place.fail("not an array");
    for (std::size_t i = 0; i < array->size(); ++i)
        use((*array)[i], Place(place, i));
}

std::string textOf(JsonValue& json, const Place& place) {
    if (auto* const text = json.as<std::string>())
        return std::move(*text);
    place.fail("not a string");
}

// A number whose value is an integer: 5, 5.0, 5e0.
template <class Integer> bool toInteger(double number, Integer& result) {
    const double least = static_cast<double>(std::numeric_limits<Integer>::min());
    const double beyond = std::ldexp(1.0, std::numeric_limits<Integer>::digits);
    if (!(number >= least && number < beyond) || number != std::trunc(number))
        return false;
    result = static_cast<Integer>(number);
    return true;
}

std::int64_t int64Of(const JsonValue& json, const Place& place) {
    std::int64_t result = 0;
    if (const auto* const number = json.as<std::int64_t>())
        return *number;
    if (const auto* const text = json.as<std::string>();
        text != nullptr && Poco::NumberParser::tryParse64(*text, result))
        return result;
    if (const auto* const real = json.as<double>(); real != nullptr && toInteger(*real, result))
        return result;
    place.fail("not a 64-bit integer");
}

std::uint64_t uint64Of(const JsonValue& json, const Place& place) {
    std::uint64_t result = 0;
    if (const auto* const number = json.as<std::int64_t>(); number != nullptr && *number >= 0)
        return static_cast<std::uint64_t>(*number);
    if (const auto* const number = json.as<std::uint64_t>())
        return *number;
    Poco::UInt64 parsed = 0;
    if (const auto* const text = json.as<std::string>();
        text != nullptr && Poco::NumberParser::tryParseUnsigned64(*text, parsed))
        return parsed;
    if (const auto* const real = json.as<double>(); real != nullptr && toInteger(*real, result))
        return result;
    place.fail("not an unsigned 64-bit integer");
}

int enumOf(const JsonValue& json, const Place& place) {
    if (const auto* const number = json.as<std::int64_t>();
        number != nullptr && *number >= 0 && *number <= std::numeric_limits<std::int32_t>::max())
        return static_cast<int>(*number);
    place.fail("not an enum's integer");
}

double doubleOf(const JsonValue& json, const Place& place) {
    if (const auto* const real = json.as<double>())
        return *real;
    if (const auto* const number = json.as<std::int64_t>())
        return static_cast<double>(*number);
    if (const auto* const number = json.as<std::uint64_t>())
        return static_cast<double>(*number);
    if (const auto* const text = json.as<std::string>()) {
        double parsed = 0;
        if (*text == "NaN")
            return std::numeric_limits<double>::quiet_NaN();
        if (*text == "Infinity")
            return std::numeric_limits<double>::infinity();
        if (*text == "-Infinity")
            return -std::numeric_limits<double>::infinity();
        if (Poco::NumberParser::tryParseFloat(*text, parsed))
            return parsed;
    }
    place.fail("not a number");
}

int hexDigit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

std::string idOf(const JsonValue& json, const Place& place) {
    const auto* const text = json.as<std::string>();
    if (text == nullptr || text->size() % 2 != 0)
        place.fail("not hex digits");
    std::string id;
    id.reserve(text->size() / 2);
    for (std::size_t i = 0; i < text->size(); i += 2) {
        const int high = hexDigit((*text)[i]);
        const int low = hexDigit((*text)[i + 1]);
        if (high < 0 || low < 0)
            place.fail("not hex digits");
        id += static_cast<char>(high * 16 + low);
    }
    return id;
}

// Standard or URL-safe alphabet, with or without padding, as Protobuf's JSON mapping takes it.
Bytes bytesOf(const JsonValue& json, const Place& place) {
    const auto* const encoded = json.as<std::string>();
    if (encoded == nullptr)
        place.fail("not base64");
    std::string text = *encoded;
    for (char& c : text)
        c = c == '-' ? '+' : c == '_' ? '/' : c;
    while (text.size() % 4 != 0)
        text += '=';
    Bytes result;
    try {
        Poco::MemoryInputStream source(text.data(), static_cast<std::streamsize>(text.size()));
        Poco::Base64Decoder decoder(source);
        Poco::StreamCopier::copyToString(decoder, result.data);
        if (decoder.bad())
            place.fail("not base64");
    } catch (const Poco::Exception&) {
        place.fail("not base64");
    }
    return result;
}

Attributes attributesOf(JsonValue& json, const Place& place);

AnyValue anyValueOf(JsonValue& json, const Place& place) {
    AnyValue result;
    forEachMember(json, place, [&result](const std::string& key, JsonValue& value, const Place& at) {
        if (key == "stringValue") {
            result.value = textOf(value, at);
        } else if (key == "boolValue") {
            const auto* const flag = value.as<bool>();
            if (flag == nullptr)
                at.fail("not a boolean");
            result.value = *flag;
        } else if (key == "intValue") {
            result.value = int64Of(value, at);
        } else if (key == "doubleValue") {
            result.value = doubleOf(value, at);
        } else if (key == "bytesValue") {
            result.value = bytesOf(value, at);
        } else if (key == "arrayValue") {
            std::vector<AnyValue> items;
            forEachMember(value, at, [&items](const std::string& name, JsonValue& list, const Place& where) {
                if (name == "values")
                    forEachItem(list, where, [&items](JsonValue& item, const Place& one) {
                        items.push_back(item.isNull() ? AnyValue() : anyValueOf(item, one));
                    });
            });
            result.value = std::move(items);
        } else if (key == "kvlistValue") {
            Attributes members;
            forEachMember(value, at, [&members](const std::string& name, JsonValue& list, const Place& where) {
                if (name == "values")
                    members = attributesOf(list, where);
            });
            result.value = std::move(members);
        }
    });
    return result;
}

Attributes attributesOf(JsonValue& json, const Place& place) {
    Attributes result;
    forEachItem(json, place, [&result](JsonValue& item, const Place& at) {
        KeyValue& attribute = result.emplace_back();
        forEachMember(item, at, [&attribute](const std::string& key, JsonValue& value, const Place& where) {
            if (key == "key")
                attribute.key = textOf(value, where);
            else if (key == "value")
                attribute.value = anyValueOf(value, where);
        });
    });
    return result;
}

SpanEvent eventOf(JsonValue& json, const Place& place) {
    SpanEvent event;
    forEachMember(json, place, [&event](const std::string& key, JsonValue& value, const Place& at) {
        if (key == "timeUnixNano")
            event.timeUnixNano = uint64Of(value, at);
        else if (key == "name")
            event.name = textOf(value, at);
        else if (key == "attributes")
            event.attributes = attributesOf(value, at);
    });
    return event;
}

void readStatus(Span& span, JsonValue& json, const Place& place) {
    forEachMember(json, place, [&span](const std::string& key, JsonValue& value, const Place& at) {
        if (key == "message") {
            span.statusMessage = textOf(value, at);
        } else if (key == "code") {
            const int code = enumOf(value, at);
            if (code == static_cast<int>(StatusCode::Error))
                span.status = StatusCode::Error;
            else if (code == static_cast<int>(StatusCode::Ok))
                span.status = StatusCode::Ok;
        }
    });
}

Span spanOf(JsonValue& json, const Place& place) {
    Span span;
    forEachMember(json, place, [&span](const std::string& key, JsonValue& value, const Place& at) {
        if (key == "traceId")
            span.traceId = idOf(value, at);
        else if (key == "spanId")
            span.spanId = idOf(value, at);
        else if (key == "parentSpanId")
            span.parentSpanId = idOf(value, at);
        else if (key == "traceState")
            span.traceState = textOf(value, at);
        else if (key == "name")
            span.name = textOf(value, at);
        else if (key == "kind")
            span.kind = enumOf(value, at);
        else if (key == "startTimeUnixNano")
            span.startTimeUnixNano = uint64Of(value, at);
        else if (key == "endTimeUnixNano")
            span.endTimeUnixNano = uint64Of(value, at);
        else if (key == "attributes")
            span.attributes = attributesOf(value, at);
        else if (key == "droppedAttributesCount")
            span.droppedAttributesCount = static_cast<std::uint32_t>(uint64Of(value, at));
        else if (key == "events")
            forEachItem(value, at,
                        [&span](JsonValue& item, const Place& where) { span.events.push_back(eventOf(item, where)); });
        else if (key == "status")
            readStatus(span, value, at);
    });
    return span;
}

ScopeSpans scopeSpansOf(JsonValue& json, const Place& place) {
    ScopeSpans scope;
    forEachMember(json, place, [&scope](const std::string& key, JsonValue& value, const Place& at) {
        if (key == "scope")
            forEachMember(value, at, [&scope](const std::string& name, JsonValue& member, const Place& where) {
                if (name == "name")
                    scope.name = textOf(member, where);
                else if (name == "version")
                    scope.version = textOf(member, where);
                else if (name == "attributes")
                    scope.attributes = attributesOf(member, where);
            });
        else if (key == "spans")
            forEachItem(value, at,
                        [&scope](JsonValue& item, const Place& where) { scope.spans.push_back(spanOf(item, where)); });
    });
    return scope;
}

ResourceSpans resourceSpansOf(JsonValue& json, const Place& place) {
    ResourceSpans resource;
    forEachMember(json, place, [&resource](const std::string& key, JsonValue& value, const Place& at) {
        if (key == "resource")
            forEachMember(value, at, [&resource](const std::string& name, JsonValue& member, const Place& where) {
                if (name == "attributes")
                    resource.resource = attributesOf(member, where);
            });
        else if (key == "scopeSpans")
            forEachItem(value, at, [&resource](JsonValue& item, const Place& where) {
                resource.scopes.push_back(scopeSpansOf(item, where));
            });
    });
    return resource;
}

} // namespace

TraceRequest decodeJson(std::string_view body) {
    JsonValue json;
    try {
        json = parseJson(body, maxJsonDepth, maxJsonValues);
    } catch (const std::length_error&) {
        throw TooManyParts("the body has too many JSON values for one request");
    } catch (const Poco::Exception& error) {
        throw Poco::DataFormatException("the body is no JSON text: " + error.message());
    }
    TraceRequest result;
    forEachMember(json, Place("the body"), [&result](const std::string& key, JsonValue& value, const Place& at) {
        if (key == "resourceSpans")
            forEachItem(value, at, [&result](JsonValue& item, const Place& where) {
                result.push_back(resourceSpansOf(item, where));
            });
    });
    return result;
}

} // namespace octagent::otlp
