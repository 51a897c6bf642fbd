#pragma once

// From the body of a request to spans. Pure functions: any thread, no state, do not block.
//
// Both throw Poco::DataFormatException saying what is wrong and where, TooManyParts, and std::bad_alloc. What they
// do not know is skipped. Neither judges a span: ids of a wrong length come through.

#include "SpanModel.h"

#include <cstddef>
#include <stdexcept>
#include <string_view>

namespace octagent::otlp {

// Small parts take far more memory than bytes of the body. These bounds are far above what clients send, whose
// batches have 512 spans by default, and keep what a request is decoded into below some hundred megabytes.
inline constexpr std::size_t maxSpansPerRequest = 65536;
inline constexpr std::size_t maxPartsPerRequest = 1000000; // attributes, values, events
inline constexpr std::size_t maxJsonValues = 2000000;

class TooManyParts : public std::length_error {
public:
    using std::length_error::length_error;
};

// ExportTraceServiceRequest in Protobuf's binary encoding; nested at most 100 messages deep.
TraceRequest decodeProtobuf(std::string_view body);

// The same in OTLP's JSON encoding (OTLP specification, "JSON Protobuf Encoding"): ids are hex in any case, int64
// a string or a number, enums integers, keys lowerCamelCase; nested at most 64 deep.
TraceRequest decodeJson(std::string_view body);

} // namespace octagent::otlp
