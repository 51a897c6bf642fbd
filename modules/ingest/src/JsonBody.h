#pragma once

// Reads JSON bodies: the one header that hides simdjson.
//
// A body is read once, from front to back, and validated in full: UTF-8, structure, every literal and number.
// What is left to the reader of a value are the escapes of texts and keys, handed out as sent: JsonText.h reads
// and checks them. Nothing is built: values are views into the body.
//
// One parser per thread, kept between calls; a body of more than 1 MiB leaves nothing behind. Does not block.
// Throws std::bad_alloc only. Spec: RFC 8259; nesting is bounded by maxJsonDepth, arrays and objects counted
// from the outermost.

#include "FunctionRef.h"
#include "Refusal.h"

#include <cstddef>
#include <string_view>

namespace octagent::ingest {

inline constexpr int maxJsonDepth = 64;

enum class JsonKind { Object, Array, Text, Number, True, False, Null };

struct JsonDocument; // simdjson's side of it, in JsonBody.cpp

// A value, valid while the callback that got it runs. A container must be walked there, once, by members() or
// elements(), unless the callback returns false.
class JsonValue {
public:
    JsonKind kind() const noexcept { return _kind; }
    bool isContainer() const noexcept { return _kind == JsonKind::Object || _kind == JsonKind::Array; }

    // As it stands in the body. Text: what is between the quotes, escapes and all. Empty for a container.
    std::string_view token() const noexcept { return _token; }

    // Calls `take` for each member or element in the order of the body, until one returns false. Returns false
    // for that, and for malformed JSON; the refusal given to readJson() then says why and where. Keys are as
    // they stand between their quotes.
    bool members(FunctionRef<bool(std::string_view key, JsonValue& value)> take);
    bool elements(FunctionRef<bool(JsonValue& value)> take);

private:
    friend struct JsonDocument;

    JsonValue(JsonDocument& document, int depth) noexcept : _document(document), _depth(depth) {}

    JsonDocument& _document;
    void* _source = nullptr; // simdjson's value or, at depth 1, its document
    std::string_view _token;
    int _depth; // of a container: how many are open with it
    JsonKind _kind = JsonKind::Null;
    bool _isWalked = false;
};

// Hands out the value that `body` is, an object or an array. HttpRequest::bodyPadding bytes behind the body must
// be readable. False when the body is refused or `take` returned false. Not from inside of `take`.
bool readJson(std::string_view body, Refusal& refusal, FunctionRef<bool(JsonValue& root)> take);

} // namespace octagent::ingest
