#pragma once

// Spans as a client sent them, whatever the encoding was. Plain data.
//
// Names and units are those of opentelemetry-proto's trace/v1. Texts are bytes as received and need not be UTF-8;
// whoever stores them cleans them (JsonText.h).

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace octagent::otlp {

struct AnyValue;
struct KeyValue;
using Attributes = std::vector<KeyValue>;

struct Bytes {
    std::string data;
};

struct AnyValue {
    // monostate: no value was sent.
    std::variant<std::monostate, std::string, bool, std::int64_t, double, std::vector<AnyValue>, Attributes, Bytes>
        value;
};

struct KeyValue {
    std::string key;
    AnyValue value;
};

struct SpanEvent {
    std::uint64_t timeUnixNano = 0;
    std::string name;
    Attributes attributes;
};

enum class StatusCode { Unset = 0, Ok = 1, Error = 2 };

struct Span {
    std::string traceId;      // 16 bytes, or something else when it is not valid
    std::string spanId;       // 8 bytes, likewise
    std::string parentSpanId; // 8 bytes; empty for a root
    std::string traceState;
    std::string name;
    int kind = 0;
    std::uint64_t startTimeUnixNano = 0;
    std::uint64_t endTimeUnixNano = 0;
    Attributes attributes;
    std::uint32_t droppedAttributesCount = 0;
    std::vector<SpanEvent> events;
    StatusCode status = StatusCode::Unset;
    std::string statusMessage;
};

struct ScopeSpans {
    std::string name;
    std::string version;
    Attributes attributes;
    std::vector<Span> spans;
};

struct ResourceSpans {
    Attributes resource;
    std::vector<ScopeSpans> scopes;
};

using TraceRequest = std::vector<ResourceSpans>;

} // namespace octagent::otlp
