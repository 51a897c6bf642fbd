#pragma once

// What a span is, and whether its tokens and cost count.
//
// Every token is counted once: in the row of the inference that used it. SDKs repeat usage on spans around it,
// and two instrumentations may report one call as a span within a span. So usage counts on a span that is an
// inference, unless a span below it was one with usage of its own.

#include "SpanFields.h"
#include "SpanWindow.h"

#include <string_view>
#include <vector>

namespace octagent::otlp {

enum class Role {
    Inference,  // a call of a model: the only one with usage
    Wrapper,    // around inferences: an agent, a workflow, ai.generateText
    Accounting, // OpenClaw's openclaw.model.usage: a whole run's usage once more, or the only one told
    Tool,       // a call of a tool
    Other       // no LLM span
};

Role roleOf(const SpanFields& fields);

// The operation as the GenAI conventions name it (gen_ai.operation.name), sent or derived; empty where they have
// no name for it.
std::string_view operationOf(const SpanFields& fields, Role role);

// A span of a request, as far as this rule needs it.
struct UsageSpan {
    const SpanFields* fields;
    Role role;
    bool counts = false; // the result
};

// Decides `counts` for all spans of a request. `covered` remembers, from request to request, which spans have an
// inference with usage below them: an SDK sends a span when it ends, children before their parents. One thread.
void applyUsageRule(std::vector<UsageSpan>& spans, SpanWindow& covered);

} // namespace octagent::otlp
