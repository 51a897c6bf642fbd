#include "Decoder.h"
#include "ProtobufShape.h"
#include "trace.pb.h"

#include <Poco/Exception.h>

#include <limits>
#include <utility>

namespace octagent::otlp {

namespace {

// Texts are moved out of the parsed message: a request's content is in memory once.

Attributes attributesOf(google::protobuf::RepeatedPtrField<wire::KeyValue>& list);

AnyValue valueOf(wire::AnyValue& value) {
    AnyValue result;
    switch (value.value_case()) {
    case wire::AnyValue::kStringValue:
        result.value = std::move(*value.mutable_string_value());
        break;
    case wire::AnyValue::kBoolValue:
        result.value = value.bool_value();
        break;
    case wire::AnyValue::kIntValue:
        result.value = std::int64_t{value.int_value()};
        break;
    case wire::AnyValue::kDoubleValue:
        result.value = value.double_value();
        break;
    case wire::AnyValue::kArrayValue: {
        std::vector<AnyValue> items;
        items.reserve(static_cast<std::size_t>(value.array_value().values_size()));
        for (auto& item : *value.mutable_array_value()->mutable_values())
            items.push_back(valueOf(item));
        result.value = std::move(items);
        break;
    }
    case wire::AnyValue::kKvlistValue:
        result.value = attributesOf(*value.mutable_kvlist_value()->mutable_values());
        break;
    case wire::AnyValue::kBytesValue:
        result.value = Bytes{std::move(*value.mutable_bytes_value())};
        break;
    case wire::AnyValue::VALUE_NOT_SET:
        break;
    }
    return result;
}

Attributes attributesOf(google::protobuf::RepeatedPtrField<wire::KeyValue>& list) {
    Attributes result;
    result.reserve(static_cast<std::size_t>(list.size()));
    for (auto& item : list)
        result.push_back({std::move(*item.mutable_key()), valueOf(*item.mutable_value())});
    return result;
}

Span spanOf(wire::Span& from) {
    Span span;
    span.traceId = std::move(*from.mutable_trace_id());
    span.spanId = std::move(*from.mutable_span_id());
    span.parentSpanId = std::move(*from.mutable_parent_span_id());
    span.traceState = std::move(*from.mutable_trace_state());
    span.name = std::move(*from.mutable_name());
    span.kind = from.kind();
    span.startTimeUnixNano = from.start_time_unix_nano();
    span.endTimeUnixNano = from.end_time_unix_nano();
    span.attributes = attributesOf(*from.mutable_attributes());
    span.droppedAttributesCount = from.dropped_attributes_count();
    span.events.reserve(static_cast<std::size_t>(from.events_size()));
    for (auto& event : *from.mutable_events())
        span.events.push_back(
            {event.time_unix_nano(), std::move(*event.mutable_name()), attributesOf(*event.mutable_attributes())});
    if (from.status().code() == static_cast<int>(StatusCode::Error))
        span.status = StatusCode::Error;
    else if (from.status().code() == static_cast<int>(StatusCode::Ok))
        span.status = StatusCode::Ok;
    span.statusMessage = std::move(*from.mutable_status()->mutable_message());
    return span;
}

} // namespace

TraceRequest decodeProtobuf(std::string_view body) {
    if (!hasFewParts(body, maxSpansPerRequest, maxPartsPerRequest))
        throw TooManyParts("the body has too many spans or attributes for one request");
    wire::ExportTraceServiceRequest request;
    if (body.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()) ||
        !request.ParseFromArray(body.data(), static_cast<int>(body.size())))
        throw Poco::DataFormatException("the body is no ExportTraceServiceRequest in Protobuf's binary encoding");
    TraceRequest result;
    result.reserve(static_cast<std::size_t>(request.resource_spans_size()));
    for (auto& fromResource : *request.mutable_resource_spans()) {
        ResourceSpans& resource = result.emplace_back();
        resource.resource = attributesOf(*fromResource.mutable_resource()->mutable_attributes());
        for (auto& fromScope : *fromResource.mutable_scope_spans()) {
            ScopeSpans& scope = resource.scopes.emplace_back();
            scope.name = std::move(*fromScope.mutable_scope()->mutable_name());
            scope.version = std::move(*fromScope.mutable_scope()->mutable_version());
            scope.attributes = attributesOf(*fromScope.mutable_scope()->mutable_attributes());
            scope.spans.reserve(static_cast<std::size_t>(fromScope.spans_size()));
            for (auto& span : *fromScope.mutable_spans())
                scope.spans.push_back(spanOf(span));
        }
    }
    return result;
}

} // namespace octagent::otlp
