#pragma once

// A JSON text as a tree, for readers that walk every member once.
//
// Poco's parser reads it; its own tree of Dynamic::Var would take several times the memory and turns one thing
// into another on reading (a number into a text), which a decoder must not do.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace octagent::otlp {

struct JsonMember;

struct JsonValue {
    using Array = std::vector<JsonValue>;
    using Object = std::vector<JsonMember>; // in the order of the text; a key may stand twice
    // Integers beyond int64 are uint64; those beyond that do not parse.
    std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, Array, Object> value;

    bool isNull() const noexcept { return value.index() == 0; }
    template <class Type> const Type* as() const noexcept { return std::get_if<Type>(&value); }
    template <class Type> Type* as() noexcept { return std::get_if<Type>(&value); }
};

struct JsonMember {
    std::string key;
    JsonValue value;
};

// Throws Poco::Exception when it is no JSON text, not UTF-8, or deeper than `maxDepth`, and std::length_error when
// it has more than `maxValues` values.
JsonValue parseJson(std::string_view text, std::size_t maxDepth, std::size_t maxValues);

} // namespace octagent::otlp
