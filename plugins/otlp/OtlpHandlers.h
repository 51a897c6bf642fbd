#pragma once

// The HTTP face of the receiver (OTLP specification 1.x, "OTLP/HTTP"). One handler for each request, on a
// listener's thread.

#include "TraceReceiver.h"

#include "octagent/Http.h"

#include <Poco/Logger.h>

#include <atomic>
#include <string>

namespace octagent::otlp {

// POST /v1/traces. May block.
class TraceHandler final : public RequestHandler {
public:
    explicit TraceHandler(TraceReceiver& receiver) noexcept : _receiver(receiver) {}

protected:
    void handle(HttpRequest& request, Poco::Net::HTTPServerResponse& response) override;

private:
    TraceReceiver& _receiver;
};

// What is told once of a signal that nobody stores. Owned by the module.
struct DiscardedSignal {
    std::string name; // "metrics"
    std::atomic<bool> isTold = false;
};

// POST /v1/metrics and /v1/logs: takes everything, so that SDKs do not complain, and keeps nothing of it.
class DiscardHandler final : public RequestHandler {
public:
    DiscardHandler(DiscardedSignal& signal, Poco::Logger& logger) noexcept : _signal(signal), _logger(logger) {}

protected:
    void handle(HttpRequest& request, Poco::Net::HTTPServerResponse& response) override;

private:
    DiscardedSignal& _signal;
    Poco::Logger& _logger;
};

} // namespace octagent::otlp
