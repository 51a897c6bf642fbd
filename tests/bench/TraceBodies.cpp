#include "TraceBodies.h"

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>
#include <random>

namespace octagent::bench {

namespace {

constexpr auto words = std::to_array<std::string_view>({"the",
                                                        "request",
                                                        "model",
                                                        "please",
                                                        "summarise",
                                                        "invoice",
                                                        "customer",
                                                        "which",
                                                        "returned",
                                                        "a",
                                                        "list",
                                                        "of",
                                                        "function",
                                                        "error",
                                                        "when",
                                                        "I",
                                                        "call",
                                                        "it",
                                                        "with",
                                                        "empty",
                                                        "input",
                                                        "server",
                                                        "answered",
                                                        "after",
                                                        "seconds",
                                                        "and",
                                                        "then",
                                                        "nothing",
                                                        "happens",
                                                        "explain",
                                                        "step",
                                                        "by",
                                                        "how",
                                                        "to",
                                                        "migrate",
                                                        "database",
                                                        "without",
                                                        "losing",
                                                        "rows",
                                                        "translate",
                                                        "following",
                                                        "text",
                                                        "into",
                                                        "German",
                                                        "keep",
                                                        "tone",
                                                        "formal",
                                                        "contract",
                                                        "between",
                                                        "parties",
                                                        "shall",
                                                        "be",
                                                        "void",
                                                        "if",
                                                        "delivery",
                                                        "is",
                                                        "late",
                                                        "temperature",
                                                        "in",
                                                        "degrees",
                                                        "measured",
                                                        "at",
                                                        "noon",
                                                        "response",
                                                        "contains",
                                                        "three",
                                                        "parts",
                                                        "first",
                                                        "second",
                                                        "third",
                                                        "therefore",
                                                        "result",
                                                        "you",
                                                        "can",
                                                        "use",
                                                        "std::vector",
                                                        "instead",
                                                        "because",
                                                        "amortised",
                                                        "constant",
                                                        "time",
                                                        "https://example.org/a/b?c=d&e=f",
                                                        "user_id=48213",
                                                        "0x7fff5fbff8a0",
                                                        "2026-01-31T12:00:00Z",
                                                        "3.14159",
                                                        "SELECT * FROM orders WHERE id = ?",
                                                        "[INFO]",
                                                        "{\"key\": \"value\"}",
                                                        "C:\\Users\\me",
                                                        "don't"});

// Code points beyond ASCII, from two to four bytes of UTF-8.
constexpr auto foreign =
    std::to_array<std::u32string_view>({U"größer", U"café", U"naïve", U"Привет", U"мир", U"日本語", U"请求失败",
                                        U"한국어", U"العربية", U"→", U"“quoted”", U"…", U"🙂", U"🚀", U"€"});
constexpr auto marks =
    std::to_array<std::string_view>({". ", ", ", "\n", "\n\n", "; ", ": ", "\t", " \"", "\" ", " - "});
constexpr auto providers = std::to_array<std::string_view>({"openai", "anthropic", "mistral", "google", "local"});
constexpr auto models = std::to_array<std::string_view>(
    {"gpt-4o-2024-08-06", "claude-sonnet-4", "mistral-large-latest", "gemini-2.0-flash", "llama-3.1-70b-instruct"});

std::string utf8(char32_t point) {
    const auto byte = [](char32_t bits) { return static_cast<char>(static_cast<unsigned char>(bits)); };
    if (point < 0x80)
        return {byte(point)};
    if (point < 0x800)
        return {byte(0xC0U | (point >> 6U)), byte(0x80U | (point & 0x3FU))};
    if (point < 0x10000)
        return {byte(0xE0U | (point >> 12U)), byte(0x80U | ((point >> 6U) & 0x3FU)), byte(0x80U | (point & 0x3FU))};
    return {byte(0xF0U | (point >> 18U)), byte(0x80U | ((point >> 12U) & 0x3FU)), byte(0x80U | ((point >> 6U) & 0x3FU)),
            byte(0x80U | (point & 0x3FU))};
}

void appendEscape(std::string& json, char32_t unit) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "\\u%04x", static_cast<unsigned>(unit));
    json += text.data();
}

// A text twice: as it is stored, and as it stands in JSON. A client that escapes everything beyond ASCII (as
// Python's json module does) or one that does not.
struct Text {
    std::string stored;
    std::string json;

    void add(char32_t point, bool asciiOnly) {
        stored += utf8(point);
        if (point == U'"' || point == U'\\') {
            json += '\\';
            json += static_cast<char>(point);
        } else if (point == U'\n') {
            json += "\\n";
        } else if (point == U'\t') {
            json += "\\t";
        } else if (point < 0x80 || !asciiOnly) {
            json += utf8(point);
        } else if (point < 0x10000) {
            appendEscape(json, point);
        } else {
            appendEscape(json, 0xD800U + ((point - 0x10000U) >> 10U));
            appendEscape(json, 0xDC00U + ((point - 0x10000U) & 0x3FFU));
        }
    }
};

template <class Dice> Text prose(Dice& dice, std::size_t jsonBytes, bool asciiOnly) {
    Text text;
    while (text.json.size() < jsonBytes) {
        const auto kind = dice.below(100);
        if (kind < 5) {
            for (const char32_t point : dice.pick(foreign))
                text.add(point, asciiOnly);
        } else {
            for (const char letter : dice.pick(words))
                text.add(static_cast<unsigned char>(letter), asciiOnly);
        }
        if (kind > 85) {
            for (const char letter : dice.pick(marks))
                text.add(static_cast<unsigned char>(letter), asciiOnly);
        } else {
            text.add(U' ', asciiOnly);
        }
    }
    return text;
}

} // namespace

class TraceBodies::Dice {
public:
    // mt19937_64 is the same everywhere, which the distributions of the library are not.
    std::uint64_t below(std::uint64_t bound) { return _engine() % bound; }
    template <class Array> auto pick(const Array& array) { return array[below(array.size())]; }

private:
    std::mt19937_64 _engine{20260131};
};

TraceBodies::TraceBodies(std::size_t bytes) : _bytes(bytes), _dice(std::make_unique<Dice>()) {}
TraceBodies::~TraceBodies() = default;

TraceBody TraceBodies::next() {
    Dice& dice = *_dice;
    const bool asciiOnly = dice.below(3) == 0;
    const std::size_t size = _bytes * (80 + dice.below(41)) / 100;
    const std::size_t frame = 315; // what stands around the two texts
    const std::size_t texts = size > frame + 100 ? size - frame : 100;
    const std::size_t inputShare = 20 + dice.below(41);
    const auto which = dice.below(providers.size());
    const Text input = prose(dice, texts * inputShare / 100, asciiOnly);
    const Text output = prose(dice, texts * (100 - inputShare) / 100, asciiOnly);

    TraceBody trace;
    trace.provider = providers[which];
    trace.model = models[which];
    trace.inputText = input.stored;
    trace.outputText = output.stored;
    trace.promptTokens = input.stored.size() / 4 + dice.below(50);
    trace.completionTokens = output.stored.size() / 4 + 1;
    trace.latencyMs = 80 + dice.below(9000);
    std::array<char, 32> cost{};
    std::snprintf(cost.data(), cost.size(), "0.%09" PRIu64, trace.promptTokens * 2500 + trace.completionTokens * 10000);
    trace.costUsd = std::stod(cost.data());
    const bool failed = dice.below(20) == 0;
    trace.status = failed ? "error" : "ok";
    if (failed)
        trace.errorType = "rate_limit";
    trace.metadata = R"({"session":"s-)" + std::to_string(dice.below(1000000)) + R"(","span":)" +
                     std::to_string(dice.below(1ULL << 40U)) + R"(,"stream":)" +
                     (dice.below(2) == 0 ? "true" : "false") + R"(,"temperature":0.)" +
                     std::to_string(1 + dice.below(9)) + R"(,"tags":["prod","eu-west-)" +
                     std::to_string(1 + dice.below(3)) + R"("]})";

    std::string& json = trace.json;
    const auto member = [&json](std::string_view key, std::string_view value, std::string_view quote) {
        json.append(json.empty() ? "{\"" : ", \"").append(key).append("\": ").append(quote).append(value).append(quote);
    };
    member("provider", trace.provider, "\"");
    member("model", trace.model, "\"");
    member("input_text", input.json, "\"");
    member("output_text", output.json, "\"");
    member("prompt_tokens", std::to_string(trace.promptTokens), "");
    member("completion_tokens", std::to_string(trace.completionTokens), "");
    member("cost_usd", cost.data(), "");
    member("latency_ms", std::to_string(trace.latencyMs), "");
    member("status", trace.status, "\"");
    if (trace.errorType)
        member("error_type", *trace.errorType, "\"");
    member("metadata", trace.metadata, "");
    json += '}';
    return trace;
}

} // namespace octagent::bench
