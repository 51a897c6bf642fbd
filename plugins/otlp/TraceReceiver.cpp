#include "TraceReceiver.h"
#include "Decoder.h"
#include "Gzip.h"

#include <Poco/Exception.h>

#include <algorithm>
#include <deque>
#include <vector>

namespace octagent::otlp {

namespace {

bool isValidId(std::string_view id, std::size_t length) {
    return id.size() == length && id.find_first_not_of('\0') != std::string_view::npos;
}

} // namespace

// A span that is stored, with where it stands.
struct TraceReceiver::Job {
    UsageSpan usage;
    const ResourceSpans* resource;
    const ScopeSpans* scope;
};

TraceReceiver::TraceReceiver(const ReceiverSettings& settings, EventSink& sink, const ReceiverCounters& counters)
    : _settings(settings), _sink(sink), _counters(counters), _builder(settings.maxTextBytes),
      _stored(settings.windowSpans), _covered(settings.windowSpans) {}

Received TraceReceiver::receive(std::string_view body, Encoding encoding, bool isGzip) {
    const auto deadline = std::chrono::steady_clock::now() + _settings.deadline;
    const auto pass = _gate.enter(deadline);
    if (!pass) {
        _counters.busy.add();
        return {Received::Outcome::Busy, 0, "other requests are before this one"};
    }
    std::string inflated;
    if (isGzip) {
        switch (inflate(body, _settings.maxDecompressedBytes, inflated)) {
        case Inflation::Done:
            body = inflated;
            break;
        case Inflation::TooLarge:
            return {Received::Outcome::TooLarge, 0,
                    "the body has more than " + std::to_string(_settings.maxDecompressedBytes) +
                        " bytes after decompression"};
        case Inflation::Damaged:
            return {Received::Outcome::Malformed, 0, "the body is not gzip, or damaged"};
        }
    } else if (body.size() > _settings.maxDecompressedBytes) {
        return {Received::Outcome::TooLarge, 0,
                "the body has more than " + std::to_string(_settings.maxDecompressedBytes) + " bytes"};
    }
    TraceRequest request;
    try {
        request = encoding == Encoding::Protobuf ? decodeProtobuf(body) : decodeJson(body);
    } catch (const TooManyParts& error) {
        return {Received::Outcome::TooLarge, 0, error.what()};
    } catch (const Poco::Exception& error) {
        return {Received::Outcome::Malformed, 0, error.message()};
    }
    inflated = std::string();
    return store(request, deadline);
}

Received TraceReceiver::store(const TraceRequest& request, RequestGate::Deadline deadline) {
    std::deque<SpanFields> fields;
    std::vector<UsageSpan> usage;
    std::vector<Job> jobs;
    std::int64_t rejected = 0;
    for (const auto& resource : request) {
        for (const auto& scope : resource.scopes) {
            for (const auto& span : scope.spans) {
                if (!isValidId(span.traceId, SpanKey::traceIdBytes) || !isValidId(span.spanId, SpanKey::spanIdBytes)) {
                    ++rejected;
                    continue;
                }
                const SpanFields& one = fields.emplace_back(span);
                usage.push_back({&one, roleOf(one)});
                jobs.push_back({usage.back(), &resource, &scope});
            }
        }
    }
    _counters.rejected.add(static_cast<std::uint64_t>(rejected));
    applyUsageRule(usage, _covered);
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        jobs[i].usage.counts = usage[i].counts;
        if (jobs[i].usage.role == Role::Other && !_settings.keepOtherSpans) {
            _counters.skipped.add();
        } else if (!storeSpan(jobs[i], deadline)) {
            _counters.busy.add();
            return {Received::Outcome::Busy, 0, "the queue is full"};
        }
    }
    if (rejected > 0)
        return {Received::Outcome::Stored, rejected,
                std::to_string(rejected) +
                    " spans have no valid trace id (16 bytes, not all zero) and span id (8 bytes, not all zero)"};
    return {};
}

bool TraceReceiver::storeSpan(const Job& job, RequestGate::Deadline deadline) {
    const SpanFields& fields = *job.usage.fields;
    const SpanKey key(fields.span().traceId, fields.span().spanId);
    const SpanContext context{*job.resource, *job.scope};
    const auto known = _stored.flags(key);
    const bool isFailed = EventBuilder::isFailed(fields);
    const bool isTraceDone = (known & StoredTrace) != 0;
    const bool isErrorDone = !isFailed || (known & StoredError) != 0;
    if (isTraceDone && isErrorDone) {
        _counters.repeated.add();
        return true;
    }
    std::string traceRowId;
    if (!isTraceDone) {
        const TraceEvent::Ptr event = _builder.makeTrace(job.usage, context);
        traceRowId = event->traceId().toString();
        if (_sink.waitOffer(event, deadline) != Offer::Accepted)
            return false;
        _stored.add(key, StoredTrace);
    }
    if (!isErrorDone) {
        if (_sink.waitOffer(_builder.makeError(job.usage, context, traceRowId), deadline) != Offer::Accepted)
            return false;
        _stored.add(key, StoredError);
    }
    _counters.stored.add();
    return true;
}

} // namespace octagent::otlp
