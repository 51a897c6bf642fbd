#pragma once

// From a span to the events that are stored: a `trace`, and an `error` where it failed.
//
// Constant after construction, any thread, does not block, throws std::bad_alloc only.

#include "SpanFields.h"
#include "UsageRule.h"

#include "octagent/ingest/ErrorEvent.h"
#include "octagent/ingest/TraceEvent.h"

#include <cstddef>

namespace octagent::otlp {

class Metadata;

// What a span of the request stands in.
struct SpanContext {
    const ResourceSpans& resource;
    const ScopeSpans& scope;
};

class EventBuilder {
public:
    // Texts are cut at this many bytes.
    explicit EventBuilder(std::size_t maxTextBytes) noexcept : _maxTextBytes(maxTextBytes) {}

    static bool isFailed(const SpanFields& fields) noexcept;

    // Tokens and cost are set when the span's usage counts (UsageRule.h).
    TraceEvent::Ptr makeTrace(const UsageSpan& span, const SpanContext& context) const;

    // For a span that failed. `traceRowId`: the row's trace_id, empty when it is not known any more.
    ErrorEvent::Ptr makeError(const UsageSpan& span, const SpanContext& context, std::string_view traceRowId) const;

private:
    std::string cut(std::string_view text, std::string_view column, Metadata& metadata) const;

    std::size_t _maxTextBytes;
};

} // namespace octagent::otlp
