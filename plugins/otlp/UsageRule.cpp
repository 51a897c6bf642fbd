#include "UsageRule.h"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace octagent::otlp {

namespace {

bool isOneOf(std::string_view text, std::initializer_list<std::string_view> list) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

// gen_ai.operation.name
Role roleOfOperation(std::string_view operation, bool hasUsageOfModel) {
    if (isOneOf(operation, {"chat", "text_completion", "generate_content", "embeddings"}))
        return Role::Inference;
    if (operation == "execute_tool")
        return Role::Tool;
    if (isOneOf(operation, {"invoke_agent", "create_agent", "invoke_workflow"}))
        return Role::Wrapper;
    return hasUsageOfModel ? Role::Inference : Role::Wrapper;
}

Role roleOfOpenInference(std::string_view kind) {
    if (isOneOf(kind, {"LLM", "EMBEDDING", "RERANKER"}))
        return Role::Inference;
    return kind == "TOOL" ? Role::Tool : Role::Wrapper;
}

Role roleOfVercel(std::string_view operation) {
    if (isOneOf(operation.substr(operation.rfind('.') + 1), {"doGenerate", "doStream", "doEmbed", "doRerank"}))
        return Role::Inference;
    return operation == "ai.toolCall" ? Role::Tool : Role::Wrapper;
}

Role roleOfLangfuse(std::string_view type) {
    if (isOneOf(type, {"generation", "embedding"}))
        return Role::Inference;
    if (type == "tool")
        return Role::Tool;
    return isOneOf(type, {"agent", "chain", "retriever", "evaluator", "guardrail"}) ? Role::Wrapper : Role::Other;
}

// By name: these tell nothing else apart. Spans of the GenAI form are named by the conventions instead.
Role roleOfOpenClaw(std::string_view name) {
    if (name == "openclaw.model.call")
        return Role::Inference;
    if (isOneOf(name, {"openclaw.run", "openclaw.harness.run"}))
        return Role::Wrapper;
    return isOneOf(name, {"openclaw.tool.execution", "openclaw.exec"}) ? Role::Tool : Role::Other;
}

// A span that no span below it can be confused with: what is under it are calls of their own.
bool isBoundary(Role role) { return role == Role::Tool || role == Role::Wrapper; }

// In the place of a span's id: the trace itself.
constexpr std::string_view wholeTrace = {};

// A cycle of parents, or a chain that nobody builds, ends the walk.
constexpr int longestWalk = 64;

} // namespace

Role roleOf(const SpanFields& fields) {
    if (fields.span().name == "openclaw.model.usage" && fields.isOpenClaw())
        return Role::Accounting;
    // A turn of a command-line harness: one observation of many requests, which only it tells the usage of.
    if (fields.has(Field::OpenClawUnit))
        return Role::Inference;
    // Vercel's wrappers have gen_ai.* attributes too, but no operation name.
    if (fields.has(Field::Operation))
        return roleOfOperation(fields.view(Field::Operation), fields.has(Field::Model) && fields.hasUsage());
    if (fields.has(Field::OpenInferenceKind))
        return roleOfOpenInference(fields.view(Field::OpenInferenceKind));
    if (fields.has(Field::VercelOperation))
        return roleOfVercel(fields.view(Field::VercelOperation));
    if (fields.has(Field::TraceloopKind))
        return fields.view(Field::TraceloopKind) == "tool" ? Role::Tool : Role::Wrapper;
    if (fields.has(Field::LlmRequestType))
        return Role::Inference;
    if (fields.has(Field::LangfuseType))
        return roleOfLangfuse(fields.view(Field::LangfuseType));
    if (fields.isOpenClaw() && std::string_view(fields.span().name).starts_with("openclaw."))
        return roleOfOpenClaw(fields.span().name);
    const bool hasModel = fields.has(Field::Model) && !fields.nameOf(Field::Model).starts_with("openclaw.");
    if (hasModel || (fields.isGenAi() && fields.hasUsage()))
        return Role::Inference;
    return fields.isGenAi() && fields.has(Field::ToolName) ? Role::Tool : Role::Other;
}

std::string_view operationOf(const SpanFields& fields, Role role) {
    if (fields.has(Field::Operation))
        return fields.view(Field::Operation);
    struct Derived {
        Field field;
        std::string_view value;
        std::string_view operation;
    };
    static constexpr std::array derived = {
        Derived{Field::OpenInferenceKind, "EMBEDDING", "embeddings"},
        Derived{Field::OpenInferenceKind, "RERANKER", ""},
        Derived{Field::OpenInferenceKind, "AGENT", "invoke_agent"},
        Derived{Field::VercelOperation, "ai.embed.doEmbed", "embeddings"},
        Derived{Field::VercelOperation, "ai.embedMany.doEmbed", "embeddings"},
        Derived{Field::VercelOperation, "ai.rerank.doRerank", ""},
        Derived{Field::TraceloopKind, "agent", "invoke_agent"},
        Derived{Field::TraceloopKind, "workflow", "invoke_workflow"},
        Derived{Field::LlmRequestType, "completion", "text_completion"},
        Derived{Field::LlmRequestType, "embedding", "embeddings"},
        Derived{Field::LlmRequestType, "rerank", ""},
        Derived{Field::LangfuseType, "embedding", "embeddings"},
        Derived{Field::LangfuseType, "agent", "invoke_agent"},
    };
    for (const auto& entry : derived)
        if (fields.view(entry.field) == entry.value)
            return entry.operation;
    if (role == Role::Tool)
        return "execute_tool";
    return role == Role::Inference ? "chat" : "";
}

void applyUsageRule(std::vector<UsageSpan>& spans, SpanWindow& covered) {
    std::unordered_map<SpanKey, const UsageSpan*, SpanKeyHash> byKey;
    for (const auto& span : spans)
        byKey.emplace(SpanKey(span.fields->span().traceId, span.fields->span().spanId), &span);

    for (const auto& start : spans) {
        const Span& span = start.fields->span();
        const bool isCovered = covered.flags(SpanKey(span.traceId, span.spanId)) != 0;
        const bool isInference = start.role == Role::Inference && start.fields->hasUsage();
        if (isInference && start.fields->isOpenClaw())
            covered.add(SpanKey(span.traceId, wholeTrace), 1);
        if (!isInference && (!isCovered || isBoundary(start.role)))
            continue;
        const Span* below = &span;
        for (int step = 0; step < longestWalk && !below->parentSpanId.empty(); ++step) {
            if (below->parentSpanId == below->spanId)
                break;
            const SpanKey parent(below->traceId, below->parentSpanId);
            covered.add(parent, 1);
            const auto found = byKey.find(parent);
            if (found == byKey.end() || isBoundary(found->second->role))
                break;
            below = &found->second->fields->span();
        }
    }

    for (auto& span : spans) {
        const Span& sent = span.fields->span();
        const bool isCovered =
            covered.flags(SpanKey(sent.traceId, span.role == Role::Accounting ? wholeTrace : sent.spanId)) != 0;
        span.counts = (span.role == Role::Inference || span.role == Role::Accounting) && !isCovered;
    }
}

} // namespace octagent::otlp
