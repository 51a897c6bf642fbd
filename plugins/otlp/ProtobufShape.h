#pragma once

// How many parts a request in Protobuf's binary encoding has, found out without taking memory for them.
//
// An empty message takes two bytes on the wire and hundreds as an object: a body within every limit of bytes can
// decode into gigabytes. So its parts are counted before it is decoded.

#include <cstddef>
#include <string_view>

namespace octagent::otlp {

// False when there are more than maxSpans spans, or more than maxParts attributes, values and events. What is
// malformed counts as far as it can be read: the decoder refuses it. Pure function.
bool hasFewParts(std::string_view body, std::size_t maxSpans, std::size_t maxParts) noexcept;

} // namespace octagent::otlp
