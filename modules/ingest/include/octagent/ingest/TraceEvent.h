#pragma once

// The `trace` event: one call of a model, as it becomes a row of llm_traces.
//
// Public: a plugin that receives calls in another form makes the same events. Whoever makes one keeps to the
// bounds of Limits.h; the writer stores what it is given.

#include "octagent/Event.h"

#include <cstdint>
#include <optional>
#include <string>

namespace octagent {
inline namespace v1 {

// NOLINTNEXTLINE(cppcoreguidelines-virtual-class-destructor): counted, its release() alone deletes it
class OCTAGENT_SDK_TYPE TraceEvent : public Event {
public:
    static constexpr std::string_view kindName = "trace";
    using Ptr = Poco::AutoPtr<TraceEvent>;

    TraceEvent() : Event(kindName) {}

    // Required, not empty.
    std::string provider;
    std::string model;
    // Absent ones become NULL.
    std::optional<std::string> inputText;
    std::optional<std::string> outputText;
    std::optional<std::int64_t> promptTokens;
    std::optional<std::int64_t> completionTokens;
    std::optional<std::int64_t> totalTokens;
    std::optional<double> costUsd;
    std::optional<std::int64_t> latencyMs;
    std::string status = "ok";
    std::optional<std::string> errorType;
    std::optional<std::string> metadata;

protected:
    ~TraceEvent() override = default;
};

} // namespace v1
} // namespace octagent
