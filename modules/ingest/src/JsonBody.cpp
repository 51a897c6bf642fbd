#include "JsonBody.h"

#include "JsonNumber.h"
#include "JsonPosition.h"

#include "octagent/Http.h"

#include <Poco/Exception.h>

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <new>
#include <string>

namespace octagent::ingest {

namespace ondemand = simdjson::ondemand;

static_assert(HttpRequest::bodyPadding >= simdjson::SIMDJSON_PADDING, "bodies would have to be copied first");

struct JsonDocument {
    std::string_view body;
    Refusal& refusal;
    ondemand::document document;

    bool refuse(simdjson::error_code error);
    bool classify(ondemand::value& source, JsonValue& value);
    JsonValue valueAt(int depth) { return {*this, depth}; }
    bool walk(ondemand::object object, int depth, FunctionRef<bool(std::string_view, JsonValue&)> take);
    bool walk(ondemand::array array, int depth, FunctionRef<bool(JsonValue&)> take);
    bool walkRoot(JsonKind kind, FunctionRef<bool(JsonValue&)> take);
};

namespace {

constexpr std::size_t smallestCapacity = 64 * 1024;
constexpr std::size_t largestKeptCapacity = 1024 * 1024;

// A parser needs about six bytes for each byte of the longest body it has seen, and keeps them. That is what
// makes it fast, and must not last after a body of unusual length.
class ThreadParser {
public:
    ondemand::parser& forLength(std::size_t length) {
        if (!_parser)
            _parser = std::make_unique<ondemand::parser>();
        if (_parser->capacity() < length || _parser->capacity() == 0) {
            const auto error = _parser->allocate(std::max(smallestCapacity, std::bit_ceil(length)));
            if (error == simdjson::MEMALLOC)
                throw std::bad_alloc();
        }
        return *_parser;
    }

    void shrink() noexcept {
        if (_parser && _parser->capacity() > largestKeptCapacity)
            _parser.reset();
    }

private:
    std::unique_ptr<ondemand::parser> _parser;
};

class Shrinker {
public:
    explicit Shrinker(ThreadParser& parser) noexcept : _parser(parser) {}
    ~Shrinker() { _parser.shrink(); }
    Shrinker(const Shrinker&) = delete;
    Shrinker& operator=(const Shrinker&) = delete;

private:
    ThreadParser& _parser;
};

ThreadParser& threadParser() {
#if defined(__MINGW32__)
    // mingw-w64 may free a thread's variables before it destroys them. So this one is never destroyed: its threads
    // live as long as the agent.
    thread_local auto* const parser = new ThreadParser;
    return *parser;
#else
    thread_local ThreadParser parser;
    return parser;
#endif
}

std::string_view trimmed(std::string_view token) noexcept {
    while (!token.empty() &&
           (token.back() == ' ' || token.back() == '\n' || token.back() == '\r' || token.back() == '\t'))
        token.remove_suffix(1);
    return token;
}

// A key up to its closing quote, which is known to be there.
std::string_view keyFrom(const char* begin) noexcept {
    const char* end = begin;
    while (*end != '"')
        end += *end == '\\' ? 2 : 1;
    return {begin, static_cast<std::size_t>(end - begin)};
}

// Faults that are found before the first value is looked at.
bool refuseBytes(std::string_view body, simdjson::error_code error, Refusal& refusal) {
    if (error == simdjson::EMPTY)
        return refusal.because("the body is empty");
    if (error == simdjson::MEMALLOC)
        throw std::bad_alloc();

    // Of several faults simdjson names any: bytes that are no UTF-8 must be found first, for a refusal that repeats
    // a key is a JSON text itself.
    std::size_t at = firstInvalidUtf8(body);
    std::string_view reason = "invalid UTF-8";
    if (at == body.size() && error == simdjson::UNESCAPED_CHARS) {
        at = firstBareControl(body);
        reason = "control character in a string, not escaped";
    } else if (at == body.size()) {
        reason = error == simdjson::UNCLOSED_STRING ? "a string has no end" : "malformed JSON";
    }
    refusal.because(std::string(reason) + " at byte " + std::to_string(at));
    if (at < body.size())
        nameFieldAt(body, at, refusal);
    return false;
}

} // namespace

bool JsonDocument::refuse(simdjson::error_code error) {
    if (error == simdjson::MEMALLOC)
        throw std::bad_alloc();
    const char* location = nullptr;
    if (document.current_location().get(location) != simdjson::SUCCESS)
        return refusal.because("malformed JSON at the end of the body");
    const auto offset = std::min(static_cast<std::size_t>(location - body.data()), body.size());
    return refusal.because("malformed JSON near byte " + std::to_string(offset));
}

// Finds out what a value is, and moves past it unless it is a container.
bool JsonDocument::classify(ondemand::value& source, JsonValue& value) {
    ondemand::json_type type{};
    if (const auto error = source.type().get(type))
        return refuse(error);
    value._source = &source;
    if (type == ondemand::json_type::object || type == ondemand::json_type::array) {
        value._kind = type == ondemand::json_type::object ? JsonKind::Object : JsonKind::Array;
        return true;
    }
    value._token = trimmed(source.raw_json_token());
    switch (type) {
    case ondemand::json_type::string: {
        // Read past it here: simdjson, told to skip a text, takes one before a stray ':' for a key.
        if (const auto error = source.get_raw_json_string().error())
            return refuse(error);
        if (value._token.size() < 2 || value._token.back() != '"')
            return refuse(simdjson::STRING_ERROR);
        value._token = value._token.substr(1, value._token.size() - 2);
        value._kind = JsonKind::Text;
        return true;
    }
    case ondemand::json_type::number:
        value._kind = JsonKind::Number;
        return isJsonNumber(value._token) || refuse(simdjson::NUMBER_ERROR);
    case ondemand::json_type::boolean:
        value._kind = value._token == "true" ? JsonKind::True : JsonKind::False;
        return value._kind == JsonKind::True || value._token == "false" || refuse(simdjson::T_ATOM_ERROR);
    default:
        value._kind = JsonKind::Null;
        return value._token == "null" || refuse(simdjson::N_ATOM_ERROR);
    }
}

bool JsonDocument::walk(ondemand::object object, int depth, FunctionRef<bool(std::string_view, JsonValue&)> take) {
    for (auto result : object) {
        if (const auto error = result.error())
            return refuse(error);
        ondemand::field field = result.value_unsafe();
        const auto key = keyFrom(field.key().raw());
        JsonValue value = valueAt(depth + 1);
        if (!classify(field.value(), value) || !take(key, value)) {
            refusal.insideMember(key);
            return false;
        }
        if (value.isContainer() && !value._isWalked)
            throw Poco::IllegalStateException("a JSON container was not walked");
    }
    return true;
}

bool JsonDocument::walk(ondemand::array array, int depth, FunctionRef<bool(JsonValue&)> take) {
    std::size_t index = 0;
    for (auto result : array) {
        if (const auto error = result.error())
            return refuse(error);
        ondemand::value source = result.value_unsafe();
        JsonValue value = valueAt(depth + 1);
        if (!classify(source, value) || !take(value)) {
            refusal.insideElement(index);
            return false;
        }
        if (value.isContainer() && !value._isWalked)
            throw Poco::IllegalStateException("a JSON container was not walked");
        ++index;
    }
    return true;
}

bool JsonDocument::walkRoot(JsonKind kind, FunctionRef<bool(JsonValue&)> take) {
    JsonValue root = valueAt(1);
    root._kind = kind;
    if (!take(root))
        return false;
    const char* rest = nullptr;
    if (document.current_location().get(rest) == simdjson::SUCCESS)
        return refuse(simdjson::TRAILING_CONTENT);
    return true;
}

bool JsonValue::members(FunctionRef<bool(std::string_view key, JsonValue& value)> take) {
    _isWalked = true;
    if (_depth > maxJsonDepth)
        return _document.refusal.because("is nested more than 64 deep");
    ondemand::object object;
    const auto error = _source == nullptr ? _document.document.get_object().get(object)
                                          : static_cast<ondemand::value*>(_source)->get_object().get(object);
    if (error)
        return _document.refuse(error);
    return _document.walk(object, _depth, take);
}

bool JsonValue::elements(FunctionRef<bool(JsonValue& value)> take) {
    _isWalked = true;
    if (_depth > maxJsonDepth)
        return _document.refusal.because("is nested more than 64 deep");
    ondemand::array array;
    const auto error = _source == nullptr ? _document.document.get_array().get(array)
                                          : static_cast<ondemand::value*>(_source)->get_array().get(array);
    if (error)
        return _document.refuse(error);
    return _document.walk(array, _depth, take);
}

bool readJson(std::string_view body, Refusal& refusal, FunctionRef<bool(JsonValue& root)> take) {
    ThreadParser& thread = threadParser();
    const Shrinker shrinker(thread);
    JsonDocument json{body, refusal, {}};
    const auto error = thread.forLength(body.size())
                           .iterate(body.data(), body.size(), body.size() + HttpRequest::bodyPadding)
                           .get(json.document);
    if (error)
        return refuseBytes(body, error, refusal);

    ondemand::json_type type{};
    if (const auto wrong = json.document.type().get(type))
        return json.refuse(wrong);
    if (type == ondemand::json_type::object)
        return json.walkRoot(JsonKind::Object, take);
    if (type == ondemand::json_type::array)
        return json.walkRoot(JsonKind::Array, take);
    return refusal.because("the body must be a JSON object, or an array of such objects");
}

} // namespace octagent::ingest
