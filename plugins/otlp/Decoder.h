#pragma once

// From the body of a request to spans. Pure functions: any thread, no state, do not block.
//
// Both throw Poco::DataFormatException saying what is wrong and where, and std::bad_alloc. What they do not know
// is skipped. Neither judges a span: ids of a wrong length come through.

#include "SpanModel.h"

#include <string>
#include <string_view>

namespace octagent::otlp {

// ExportTraceServiceRequest in Protobuf's binary encoding; nested at most 100 messages deep.
TraceRequest decodeProtobuf(std::string_view body);

// The same in OTLP's JSON encoding (OTLP specification, "JSON Protobuf Encoding"): ids are hex in any case, int64
// a string or a number, enums integers, keys lowerCamelCase; nested at most 64 deep.
TraceRequest decodeJson(std::string_view body);

} // namespace octagent::otlp
