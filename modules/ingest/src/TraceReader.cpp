#include "TraceReader.h"

#include <array>
#include <limits>

namespace octagent::ingest {

namespace {

constexpr bool required = true;

constexpr std::array<Field<TraceEvent>, 11> fields{{
    {"provider", &TraceEvent::provider, required},
    {"model", &TraceEvent::model, required},
    {"input_text", &TraceEvent::inputText},
    {"output_text", &TraceEvent::outputText},
    {"prompt_tokens", &TraceEvent::promptTokens},
    {"completion_tokens", &TraceEvent::completionTokens},
    {"total_tokens", &TraceEvent::totalTokens},
    {"cost_usd", &TraceEvent::costUsd},
    {"latency_ms", &TraceEvent::latencyMs},
    {"status", &TraceEvent::status},
    {"error_type", &TraceEvent::errorType},
}};

} // namespace

TraceReader::TraceReader(std::size_t maxTextBytes) noexcept : TableReader(fields, maxTextBytes) {}

bool TraceReader::complete(TraceEvent& event, Refusal& refusal) {
    if (event.totalTokens || !event.promptTokens || !event.completionTokens)
        return true;
    if (*event.promptTokens > std::numeric_limits<std::int64_t>::max() - *event.completionTokens) {
        refusal.because("is larger than 9223372036854775807, as the sum of its parts");
        refusal.insideMember("total_tokens");
        return false;
    }
    event.totalTokens = *event.promptTokens + *event.completionTokens;
    return true;
}

} // namespace octagent::ingest
