#pragma once

// Sends a body through the module's own handler, as the agent would.

#include "FakeSink.h"

#include "octagent/ingest/ErrorEvent.h"
#include "octagent/ingest/TraceEvent.h"

#include <cstddef>
#include <string>
#include <string_view>

struct Answer {
    int status = 0;
    std::string body;
    std::string error; // of a refusal
};

class Ingest {
public:
    explicit Ingest(std::size_t maxTextBytes = 16384) : _maxTextBytes(maxTextBytes) {}

    FakeSink sink;

    Answer postTrace(std::string_view body);
    Answer postError(std::string_view body);

    // Posts, and expects that one event is taken.
    octagent::TraceEvent::Ptr trace(std::string_view body);
    octagent::ErrorEvent::Ptr error(std::string_view body);

    // A trace with its required fields and `rest`, such as R"(,"status":"ok")".
    octagent::TraceEvent::Ptr traceWith(std::string_view rest);
    // Expects a 400, and returns what it says.
    std::string refusedTrace(std::string_view body);
    std::string refusedTraceWith(std::string_view rest);

    static std::string traceBody(std::string_view rest);

private:
    std::size_t _maxTextBytes;
};
