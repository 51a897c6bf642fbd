#include "AttributeNames.h"

#include <algorithm>
#include <array>

namespace octagent::otlp {

namespace {

constexpr std::array names = {
    AttributeName{"gen_ai.provider.name", Field::Provider},
    AttributeName{"gen_ai.system", Field::Provider},
    AttributeName{"llm.provider", Field::Provider},
    AttributeName{"llm.system", Field::Provider},
    AttributeName{"ai.model.provider", Field::Provider},
    AttributeName{"openclaw.provider", Field::Provider},

    AttributeName{"gen_ai.request.model", Field::Model},
    AttributeName{"gen_ai.response.model", Field::Model},
    AttributeName{"llm.model_name", Field::Model},
    AttributeName{"embedding.model_name", Field::Model},
    AttributeName{"reranker.model_name", Field::Model},
    AttributeName{"llm.request.model", Field::Model},
    AttributeName{"llm.response.model", Field::Model},
    AttributeName{"ai.model.id", Field::Model},
    AttributeName{"langfuse.observation.model.name", Field::Model},
    AttributeName{"openclaw.model", Field::Model},

    AttributeName{"gen_ai.input.messages", Field::Input},
    AttributeName{"gen_ai.prompt.N.", Field::Input},
    AttributeName{"gen_ai.prompt", Field::Input},
    AttributeName{"gen_ai.tool.call.arguments", Field::Input},
    AttributeName{"llm.input_messages.N.", Field::Input},
    AttributeName{"llm.prompts.N.", Field::Input},
    AttributeName{"input.value", Field::Input},
    AttributeName{"traceloop.entity.input", Field::Input},
    AttributeName{"ai.prompt.messages", Field::Input},
    AttributeName{"ai.prompt", Field::Input},
    AttributeName{"ai.toolCall.args", Field::Input},
    AttributeName{"ai.values", Field::Input},
    AttributeName{"ai.value", Field::Input},
    AttributeName{"langfuse.observation.input", Field::Input},
    AttributeName{"openclaw.content.input_messages", Field::Input},
    AttributeName{"openclaw.content.tool_input", Field::Input},

    AttributeName{"gen_ai.output.messages", Field::Output},
    AttributeName{"gen_ai.completion.N.", Field::Output},
    AttributeName{"gen_ai.completion", Field::Output},
    AttributeName{"gen_ai.tool.call.result", Field::Output},
    AttributeName{"llm.output_messages.N.", Field::Output},
    AttributeName{"llm.choices.N.", Field::Output},
    AttributeName{"output.value", Field::Output},
    AttributeName{"traceloop.entity.output", Field::Output},
    AttributeName{"ai.response.text", Field::Output},
    AttributeName{"ai.response.object", Field::Output},
    AttributeName{"ai.response.toolCalls", Field::Output},
    AttributeName{"ai.result.text", Field::Output},
    AttributeName{"ai.result.object", Field::Output},
    AttributeName{"ai.result.toolCalls", Field::Output},
    AttributeName{"ai.toolCall.result", Field::Output},
    AttributeName{"langfuse.observation.output", Field::Output},
    AttributeName{"openclaw.content.output_messages", Field::Output},
    AttributeName{"openclaw.content.tool_output", Field::Output},

    AttributeName{"gen_ai.usage.input_tokens", Field::InputTokens},
    AttributeName{"gen_ai.usage.prompt_tokens", Field::InputTokens},
    AttributeName{"llm.token_count.prompt", Field::InputTokens},
    AttributeName{"llm.usage.prompt_tokens", Field::InputTokens},
    AttributeName{"ai.usage.inputTokens", Field::InputTokens},
    AttributeName{"ai.usage.promptTokens", Field::InputTokens},
    AttributeName{"ai.usage.tokens", Field::InputTokens},
    AttributeName{"langfuse.observation.usage_details", Field::LangfuseUsage},
    AttributeName{"openclaw.model_call.usage.prompt_tokens", Field::InputTokens},
    AttributeName{"openclaw.tokens.input", Field::OpenClawInput},

    AttributeName{"gen_ai.usage.output_tokens", Field::OutputTokens},
    AttributeName{"gen_ai.usage.completion_tokens", Field::OutputTokens},
    AttributeName{"llm.token_count.completion", Field::OutputTokens},
    AttributeName{"llm.usage.completion_tokens", Field::OutputTokens},
    AttributeName{"ai.usage.outputTokens", Field::OutputTokens},
    AttributeName{"ai.usage.completionTokens", Field::OutputTokens},
    AttributeName{"openclaw.model_call.usage.output_tokens", Field::OutputTokens},
    AttributeName{"openclaw.tokens.output", Field::OutputTokens},

    AttributeName{"gen_ai.usage.total_tokens", Field::TotalTokens},
    AttributeName{"llm.token_count.total", Field::TotalTokens},
    AttributeName{"llm.usage.total_tokens", Field::TotalTokens},
    AttributeName{"ai.usage.totalTokens", Field::TotalTokens},
    AttributeName{"openclaw.model_call.usage.total_tokens", Field::TotalTokens},
    AttributeName{"openclaw.tokens.total", Field::TotalTokens},

    AttributeName{"gen_ai.usage.cost", Field::Cost},
    AttributeName{"llm.cost.total", Field::Cost},
    AttributeName{"langfuse.observation.cost_details", Field::LangfuseCost},
    AttributeName{"openclaw.cost.usd", Field::Cost},
    AttributeName{"openclaw.cost_usd", Field::Cost},

    AttributeName{"error.type", Field::ErrorType},
    AttributeName{"openclaw.errorCategory", Field::ErrorType},
    AttributeName{"error.message", Field::ErrorMessage},
    AttributeName{"langfuse.observation.status_message", Field::ErrorMessage},
    AttributeName{"openclaw.error", Field::ErrorMessage},

    AttributeName{"session.id", Field::Session},
    AttributeName{"langfuse.session.id", Field::Session},
    AttributeName{"traceloop.association.properties.session_id", Field::Session},
    AttributeName{"ai.telemetry.metadata.sessionId", Field::Session},
    AttributeName{"gen_ai.conversation.id", Field::Session},
    AttributeName{"openclaw.sessionId", Field::Session},
    AttributeName{"openclaw.sessionKey", Field::Session},
    AttributeName{"openclaw.session_key", Field::Session},

    AttributeName{"user.id", Field::User},
    AttributeName{"enduser.id", Field::User},
    AttributeName{"langfuse.user.id", Field::User},
    AttributeName{"traceloop.association.properties.user_id", Field::User},
    AttributeName{"ai.telemetry.metadata.userId", Field::User},

    AttributeName{"gen_ai.agent.name", Field::Agent},
    AttributeName{"agent.name", Field::Agent},
    AttributeName{"openclaw.agent", Field::Agent},

    AttributeName{"gen_ai.tool.name", Field::ToolName},
    AttributeName{"tool.name", Field::ToolName},
    AttributeName{"ai.toolCall.name", Field::ToolName},
    AttributeName{"openclaw.toolName", Field::ToolName},
    AttributeName{"gen_ai.tool.call.id", Field::ToolCallId},
    AttributeName{"tool_call.id", Field::ToolCallId},
    AttributeName{"ai.toolCall.id", Field::ToolCallId},

    AttributeName{"gen_ai.usage.cache_read.input_tokens", Field::CacheRead},
    AttributeName{"gen_ai.usage.cache_read_input_tokens", Field::CacheRead},
    AttributeName{"llm.token_count.prompt_details.cache_read", Field::CacheRead},
    AttributeName{"ai.usage.inputTokenDetails.cacheReadTokens", Field::CacheRead},
    AttributeName{"ai.usage.cachedInputTokens", Field::CacheRead},
    AttributeName{"openclaw.model_call.usage.cache_read_input_tokens", Field::CacheRead},
    AttributeName{"openclaw.tokens.cache_read", Field::OpenClawCacheRead},

    AttributeName{"gen_ai.usage.cache_creation.input_tokens", Field::CacheCreation},
    AttributeName{"gen_ai.usage.cache_write.input_tokens", Field::CacheCreation},
    AttributeName{"gen_ai.usage.cache_creation_input_tokens", Field::CacheCreation},
    AttributeName{"llm.token_count.prompt_details.cache_write", Field::CacheCreation},
    AttributeName{"ai.usage.inputTokenDetails.cacheWriteTokens", Field::CacheCreation},
    AttributeName{"openclaw.model_call.usage.cache_creation_input_tokens", Field::CacheCreation},
    AttributeName{"openclaw.tokens.cache_write", Field::OpenClawCacheWrite},

    AttributeName{"gen_ai.usage.reasoning.output_tokens", Field::Reasoning},
    AttributeName{"gen_ai.usage.reasoning_tokens", Field::Reasoning},
    AttributeName{"llm.token_count.completion_details.reasoning", Field::Reasoning},
    AttributeName{"ai.usage.outputTokenDetails.reasoningTokens", Field::Reasoning},
    AttributeName{"ai.usage.reasoningTokens", Field::Reasoning},
    AttributeName{"openclaw.model_call.usage.reasoning_output_tokens", Field::Reasoning},

    AttributeName{"gen_ai.response.time_to_first_chunk", Field::FirstChunkSeconds},
    AttributeName{"gen_ai.server.time_to_first_token", Field::FirstChunkSeconds},
    AttributeName{"ai.response.msToFirstChunk", Field::FirstChunkMilliseconds},
    AttributeName{"ai.stream.msToFirstChunk", Field::FirstChunkMilliseconds},
    AttributeName{"langfuse.observation.completion_start_time", Field::LangfuseFirstToken},
    AttributeName{"openclaw.model_call.time_to_first_byte_ms", Field::FirstChunkMilliseconds},

    AttributeName{"gen_ai.operation.name", Field::Operation},
    AttributeName{"openinference.span.kind", Field::OpenInferenceKind},
    AttributeName{"traceloop.span.kind", Field::TraceloopKind},
    AttributeName{"llm.request.type", Field::LlmRequestType},
    AttributeName{"ai.operationId", Field::VercelOperation},
    AttributeName{"langfuse.observation.type", Field::LangfuseType},
    AttributeName{"langfuse.observation.level", Field::LangfuseLevel},
    AttributeName{"openclaw.model_call.observation_unit", Field::OpenClawUnit},
    AttributeName{"openclaw.outcome", Field::OpenClawOutcome},
};

constexpr std::string_view numbered = ".N.";

constexpr bool isNumbered(std::string_view name) {
    return name.size() > numbered.size() && name.substr(name.size() - numbered.size()) == numbered;
}

using Index = std::array<std::size_t, names.size()>;

// Ranks sorted by name.
constexpr Index sortedByName() {
    Index index{};
    for (std::size_t i = 0; i < index.size(); ++i)
        index[i] = i;
    std::sort(index.begin(), index.end(), [](std::size_t a, std::size_t b) { return names[a].name < names[b].name; });
    return index;
}
constexpr Index byName = sortedByName();

} // namespace

std::span<const AttributeName> attributeNames() noexcept { return names; }

std::size_t rankOf(std::string_view key, std::string_view& rest) noexcept {
    const auto* const found =
        std::lower_bound(byName.begin(), byName.end(), key,
                         [](std::size_t rank, std::string_view name) { return names[rank].name < name; });
    if (found != byName.end() && names[*found].name == key && !isNumbered(key))
        return *found;
    if (!key.starts_with("gen_ai.") && !key.starts_with("llm."))
        return noRank;
    for (std::size_t rank = 0; rank < names.size(); ++rank) {
        const std::string_view name = names[rank].name;
        if (!isNumbered(name))
            continue;
        const std::string_view prefix = name.substr(0, name.size() - numbered.size() + 1);
        if (key.size() > prefix.size() && key.starts_with(prefix) && key[prefix.size()] >= '0' &&
            key[prefix.size()] <= '9') {
            rest = key.substr(prefix.size());
            return rank;
        }
    }
    return noRank;
}

} // namespace octagent::otlp
