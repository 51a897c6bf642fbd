#pragma once

// The table of attribute names: what the conventions call the things that a row is made of.
//
// The order of the table is the precedence: of the names of one field, the first that a span carries with a
// usable value wins. README.md shows the same table to users, with sources; a test holds the two together.

#include <cstddef>
#include <span>
#include <string_view>

namespace octagent::otlp {

enum class Field {
    // Columns.
    Provider,
    Model,
    Input,
    Output,
    InputTokens,
    OutputTokens,
    TotalTokens,
    Cost,
    ErrorType,
    ErrorMessage,
    // Metadata under a name of the GenAI conventions.
    Session,
    User,
    Agent,
    ToolName,
    ToolCallId,
    CacheRead,
    CacheCreation,
    Reasoning,
    FirstChunkSeconds,
    FirstChunkMilliseconds,
    // What says of which kind a span is, or how it ended.
    Operation,
    OpenInferenceKind,
    VercelOperation,
    TraceloopKind,
    LlmRequestType,
    LangfuseType,
    LangfuseLevel,
    OpenClawUnit,
    OpenClawOutcome,
    // Values that are JSON objects or parts of a sum.
    LangfuseUsage,
    LangfuseCost,
    LangfuseFirstToken,
    OpenClawInput,
    OpenClawCacheRead,
    OpenClawCacheWrite,
    Count
};
inline constexpr std::size_t fieldCount = static_cast<std::size_t>(Field::Count);

struct AttributeName {
    // A name that ends with ".N." stands for all names that have a number in the place of N: a message each.
    std::string_view name;
    Field field;
};

// In the order of precedence.
std::span<const AttributeName> attributeNames() noexcept;

// The rank of an attribute in the table, or noRank. For a name with ".N.", `rest` is what follows the prefix:
// "0.content" of "gen_ai.prompt.0.content". Does not throw.
inline constexpr std::size_t noRank = static_cast<std::size_t>(-1);
std::size_t rankOf(std::string_view key, std::string_view& rest) noexcept;

} // namespace octagent::otlp
