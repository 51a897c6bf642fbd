#include "EventBuilder.h"
#include "JsonText.h"
#include "Metadata.h"

#include <array>
#include <utility>

namespace octagent::otlp {

namespace {

// Provider and model are required by the table; what a span does not tell is not guessed.
constexpr std::string_view unknown = "unknown";
constexpr std::string_view defaultErrorType = "llm_error";

std::string_view kindName(int kind) {
    static constexpr std::array<std::string_view, 6> names = {"",       "INTERNAL", "SERVER",
                                                              "CLIENT", "PRODUCER", "CONSUMER"};
    const auto index = static_cast<std::size_t>(kind);
    return index < names.size() ? names[index] : std::string_view();
}

std::optional<std::int64_t> latencyOf(const Span& span) {
    constexpr std::uint64_t nanosecondsPerMillisecond = 1000000;
    if (span.startTimeUnixNano == 0 || span.endTimeUnixNano < span.startTimeUnixNano)
        return std::nullopt;
    const std::uint64_t nanoseconds = span.endTimeUnixNano - span.startTimeUnixNano;
    return static_cast<std::int64_t>((nanoseconds + nanosecondsPerMillisecond / 2) / nanosecondsPerMillisecond);
}

std::string errorTypeOf(const SpanFields& fields) {
    if (auto type = fields.text(Field::ErrorType))
        return *type;
    if (fields.exception() != nullptr)
        if (const auto type = SpanFields::attributeOf(*fields.exception(), "exception.type"); !type.empty())
            return std::string(type);
    return std::string(defaultErrorType);
}

std::string errorMessageOf(const SpanFields& fields) {
    if (!fields.span().statusMessage.empty())
        return fields.span().statusMessage;
    if (fields.exception() != nullptr)
        if (const auto message = SpanFields::attributeOf(*fields.exception(), "exception.message"); !message.empty())
            return std::string(message);
    if (auto message = fields.text(Field::ErrorMessage))
        return *message;
    return (fields.span().name.empty() ? std::string("a span") : fields.span().name) + " failed";
}

// Who and where: the same for a trace and its error.
void addIdentity(Metadata& metadata, const UsageSpan& usage, const SpanContext& context) {
    const SpanFields& fields = *usage.fields;
    const Span& span = fields.span();
    metadata.addOwn("trace_id", toHex(span.traceId));
    metadata.addOwn("span_id", toHex(span.spanId));
    metadata.addOwn("parent_span_id", toHex(span.parentSpanId));
    metadata.addOwn("name", span.name);
    metadata.addOwn("gen_ai.operation.name", operationOf(fields, usage.role));
    metadata.addOwn("session.id", fields.text(Field::Session).value_or(std::string()));
    metadata.addOwn("user.id", fields.text(Field::User).value_or(std::string()));
    metadata.addOwn("gen_ai.agent.name", fields.text(Field::Agent).value_or(std::string()));
    metadata.addOwn("gen_ai.tool.name", fields.text(Field::ToolName).value_or(std::string()));
    metadata.addOwn("gen_ai.tool.call.id", fields.text(Field::ToolCallId).value_or(std::string()));
    metadata.addOwn("otel.scope.name", context.scope.name);
    metadata.addOwn("otel.scope.version", context.scope.version);
}

void addCount(Metadata& metadata, std::string_view name, std::optional<std::int64_t> count) {
    if (count)
        metadata.addOwn(name, *count);
}

// Events that are no messages, as a list. `storage` keeps it until the metadata is finished.
void addEvents(Metadata& metadata, const SpanFields& fields, bool isFailed, AnyValue& storage) {
    std::vector<AnyValue> list;
    for (const auto* const event : fields.remainingEvents()) {
        if (isFailed && event == fields.exception())
            continue; // it is the row in error_events
        Attributes members = {{"name", AnyValue{event->name}},
                              {"time_unix_nano", AnyValue{std::to_string(event->timeUnixNano)}}};
        if (!event->attributes.empty())
            members.push_back({"attributes", AnyValue{event->attributes}});
        list.push_back(AnyValue{std::move(members)});
    }
    if (list.empty())
        return;
    storage.value = std::move(list);
    metadata.add("events", storage);
}

} // namespace

bool EventBuilder::isFailed(const SpanFields& fields) noexcept {
    if (fields.span().status != StatusCode::Unset)
        return fields.span().status == StatusCode::Error;
    return fields.has(Field::ErrorType) || fields.view(Field::LangfuseLevel) == "ERROR" ||
           fields.view(Field::OpenClawOutcome) == "error";
}

std::string EventBuilder::cut(std::string_view text, std::string_view column, Metadata& metadata) const {
    std::size_t bytesBefore = 0;
    std::string kept = cutText(text, _maxTextBytes, bytesBefore);
    if (kept.size() < bytesBefore)
        metadata.addTruncated(column, bytesBefore);
    return kept;
}

TraceEvent::Ptr EventBuilder::makeTrace(const UsageSpan& usage, const SpanContext& context) const {
    const SpanFields& fields = *usage.fields;
    const Span& span = fields.span();
    const bool failed = isFailed(fields);
    TraceEvent::Ptr event = new TraceEvent;
    Metadata metadata(_maxTextBytes);

    event->provider = cut(fields.text(Field::Provider).value_or(std::string(unknown)), "provider", metadata);
    event->model = cut(fields.text(Field::Model).value_or(std::string(unknown)), "model", metadata);
    if (const auto text = fields.text(Field::Input))
        event->inputText = cut(*text, "input_text", metadata);
    if (const auto text = fields.text(Field::Output))
        event->outputText = cut(*text, "output_text", metadata);
    if (usage.counts) {
        event->promptTokens = fields.inputTokens();
        event->completionTokens = fields.outputTokens();
        event->totalTokens = fields.totalTokens();
        event->costUsd = fields.cost();
    }
    event->latencyMs = latencyOf(span);
    if (failed) {
        event->status = "error";
        event->errorType = cut(errorTypeOf(fields), "error_type", metadata);
    }

    addIdentity(metadata, usage, context);
    metadata.addOwn("trace_state", span.traceState);
    metadata.addOwn("kind", kindName(span.kind));
    if (span.startTimeUnixNano != 0)
        metadata.addOwn("start_time_unix_nano", std::to_string(span.startTimeUnixNano));
    if (span.endTimeUnixNano != 0)
        metadata.addOwn("end_time_unix_nano", std::to_string(span.endTimeUnixNano));
    metadata.addOwn("otel.status_description", span.statusMessage);
    addCount(metadata, "gen_ai.usage.cache_read.input_tokens", fields.cacheRead());
    addCount(metadata, "gen_ai.usage.cache_creation.input_tokens", fields.cacheCreation());
    addCount(metadata, "gen_ai.usage.reasoning.output_tokens", fields.count(Field::Reasoning));
    if (const auto seconds = fields.firstChunkSeconds())
        metadata.addOwn("gen_ai.response.time_to_first_chunk", *seconds);
    for (const auto* const attribute : fields.remaining())
        metadata.add(attribute->key, attribute->value);
    AnyValue events;
    addEvents(metadata, fields, failed, events);
    metadata.add("resource", context.resource.resource);
    metadata.add("scope", context.scope.attributes);
    metadata.addDropped(span.droppedAttributesCount);
    event->metadata = metadata.finish();
    return event;
}

ErrorEvent::Ptr EventBuilder::makeError(const UsageSpan& usage, const SpanContext& context,
                                        std::string_view traceRowId) const {
    const SpanFields& fields = *usage.fields;
    ErrorEvent::Ptr event = new ErrorEvent;
    Metadata metadata(_maxTextBytes);
    event->errorType = cut(errorTypeOf(fields), "error_type", metadata);
    event->message = cut(errorMessageOf(fields), "message", metadata);
    if (fields.exception() != nullptr)
        if (const auto stack = SpanFields::attributeOf(*fields.exception(), "exception.stacktrace"); !stack.empty())
            event->stackTrace = cut(stack, "stack_trace", metadata);
    addIdentity(metadata, usage, context);
    metadata.addOwn("llm_traces.trace_id", traceRowId);
    metadata.addOwn("gen_ai.provider.name", fields.text(Field::Provider).value_or(std::string()));
    metadata.addOwn("gen_ai.request.model", fields.text(Field::Model).value_or(std::string()));
    metadata.add("resource", context.resource.resource);
    event->metadata = metadata.finish();
    return event;
}

} // namespace octagent::otlp
