#pragma once

// From a value of the body to a column's value, by the column's type. False when the value is refused. Pure
// functions but for their outputs, any thread, throw std::bad_alloc only.

#include "JsonBody.h"
#include "Refusal.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace octagent::ingest {

// Cut to `limit` bytes; `bytesBefore` is the length of the text as it was sent.
bool readText(const JsonValue& value, std::size_t limit, std::string& text, std::size_t& bytesBefore, Refusal& refusal);

// From 0 to 2^63 - 1.
bool readInteger(const JsonValue& value, std::int64_t& number, Refusal& refusal);

// From 0, finite.
bool readReal(const JsonValue& value, double& number, Refusal& refusal);

} // namespace octagent::ingest
