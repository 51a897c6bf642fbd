#pragma once

// What becomes of a request to /v1/traces: undo its encoding, decode it, make events, hand them to the queue.
//
// Any thread; one request is worked on at a time, others wait in receive() up to their deadline. Owned by the
// module, outlives its handlers.

#include "Answer.h"
#include "EventBuilder.h"
#include "RequestGate.h"
#include "SpanWindow.h"

#include "octagent/EventSink.h"
#include "octagent/Metric.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace octagent::otlp {

struct ReceiverSettings {
    bool keepOtherSpans = false;
    std::size_t maxTextBytes = 0;
    std::size_t maxDecompressedBytes = 0;
    std::size_t windowSpans = 0;
    std::chrono::milliseconds deadline{0};
};

// Owned by the agent.
struct ReceiverCounters {
    Counter& stored;
    Counter& repeated;
    Counter& skipped;
    Counter& rejected;
    Counter& busy;
};

struct Received {
    enum class Outcome {
        Stored,    // every event was taken by the queue, but for `rejected` spans
        Malformed, // cannot be decoded: never again
        TooLarge,  // beyond the limit after decompression
        Busy       // not all of it, or none, was taken: send it again later
    };
    Outcome outcome = Outcome::Stored;
    std::int64_t rejected = 0;
    std::string message; // why not
};

class TraceReceiver {
public:
    TraceReceiver(const ReceiverSettings& settings, EventSink& sink, const ReceiverCounters& counters);

    // Blocks up to the deadline of the settings. Throws std::bad_alloc only.
    Received receive(std::string_view body, Encoding encoding, bool isGzip);

private:
    struct Job;
    // What the window knows of a span.
    enum Stored : SpanWindow::Flags { StoredTrace = 1, StoredError = 2 };

    Received store(const TraceRequest& request, RequestGate::Deadline deadline);
    // False when the queue did not take it in time, or stops.
    bool storeSpan(const Job& job, RequestGate::Deadline deadline);

    ReceiverSettings _settings;
    EventSink& _sink;
    ReceiverCounters _counters;
    EventBuilder _builder;
    RequestGate _gate;
    // Used by the request that is inside.
    SpanWindow _stored;
    SpanWindow _covered;
};

} // namespace octagent::otlp
