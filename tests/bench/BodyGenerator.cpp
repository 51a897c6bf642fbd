// Writes request bodies that look like real traces, and the same events as rows.
//
//     bench-bodies DIRECTORY BYTES COUNT
//
// DIRECTORY/0001.json ... are bodies of POST /v1/traces of about BYTES each (0.8 to 1.2 of it, as texts vary).
// DIRECTORY/rows holds what an agent stores of them, for the plain SQLite baseline: for each row the twelve
// columns from `provider` to `metadata`, each a type ('T', 'I', 'R' or 'N'), 8 bytes of value (for 'T' the
// length) and the text. The same arguments give the same bytes on every machine.

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>

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

class Dice {
public:
    // mt19937_64 is the same everywhere, which the distributions of the library are not.
    std::uint64_t below(std::uint64_t bound) { return _engine() % bound; }
    template <class Array> auto pick(const Array& array) { return array[below(array.size())]; }

private:
    std::mt19937_64 _engine{20260131};
};

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

Text prose(Dice& dice, std::size_t jsonBytes, bool asciiOnly) {
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

class RowFile {
public:
    explicit RowFile(const std::string& path) : _out(path, std::ios::binary) {}

    void text(std::string_view value) {
        head('T', value.size());
        _out.write(value.data(), static_cast<std::streamsize>(value.size()));
    }
    void integer(std::uint64_t value) { head('I', value); }
    void real(double value) {
        std::uint64_t bits = 0;
        std::memcpy(&bits, &value, sizeof(bits));
        head('R', bits);
    }
    void null() { head('N', 0); }
    bool isGood() const { return _out.good(); }

private:
    void head(char type, std::uint64_t value) {
        _out.put(type);
        std::array<char, sizeof(value)> bytes{};
        std::memcpy(bytes.data(), &value, sizeof(value));
        _out.write(bytes.data(), bytes.size());
    }

    std::ofstream _out;
};

std::string makeEvent(Dice& dice, std::size_t target, RowFile& rows) {
    const bool asciiOnly = dice.below(3) == 0;
    const std::size_t size = target * (80 + dice.below(41)) / 100;
    const std::size_t frame = 400; // what stands around the two texts
    const std::size_t texts = size > frame + 100 ? size - frame : 100;
    const std::size_t inputShare = 20 + dice.below(41);

    const auto which = dice.below(providers.size());
    const Text input = prose(dice, texts * inputShare / 100, asciiOnly);
    const Text output = prose(dice, texts * (100 - inputShare) / 100, asciiOnly);
    const auto promptTokens = input.stored.size() / 4 + dice.below(50);
    const auto completionTokens = output.stored.size() / 4 + 1;
    const auto latency = 80 + dice.below(9000);
    const auto nanoDollars = promptTokens * 2500 + completionTokens * 10000;
    const std::string cost = "0." + std::string(9 - std::min<std::size_t>(9, std::to_string(nanoDollars).size()), '0') +
                             std::to_string(nanoDollars);
    const bool failed = dice.below(20) == 0;
    const std::string metadata = R"({"session":"s-)" + std::to_string(dice.below(1000000)) + R"(","span":)" +
                                 std::to_string(dice.below(1ULL << 40U)) + R"(,"stream":)" +
                                 (dice.below(2) == 0 ? "true" : "false") + R"(,"temperature":0.)" +
                                 std::to_string(1 + dice.below(9)) + R"(,"tags":["prod","eu-west-)" +
                                 std::to_string(1 + dice.below(3)) + R"("]})";

    rows.text(providers[which]);
    rows.text(models[which]);
    rows.text(input.stored);
    rows.text(output.stored);
    rows.integer(promptTokens);
    rows.integer(completionTokens);
    rows.integer(promptTokens + completionTokens);
    rows.real(std::stod(cost));
    rows.integer(latency);
    rows.text(failed ? "error" : "ok");
    failed ? rows.text("rate_limit") : rows.null();
    rows.text(metadata);

    std::string json = R"({"provider": ")" + std::string(providers[which]) + R"(", "model": ")" +
                       std::string(models[which]) + R"(", "input_text": ")" + input.json + R"(", "output_text": ")" +
                       output.json + R"(", "prompt_tokens": )" + std::to_string(promptTokens) +
                       R"(, "completion_tokens": )" + std::to_string(completionTokens) + R"(, "cost_usd": )" + cost +
                       R"(, "latency_ms": )" + std::to_string(latency);
    json += failed ? R"(, "status": "error", "error_type": "rate_limit")" : R"(, "status": "ok")";
    json += R"(, "metadata": )" + metadata + "}";
    return json;
}

int generate(const std::string& directory, std::size_t bytes, std::size_t count) {
    Dice dice;
    RowFile rows(directory + "/rows");
    std::size_t total = 0;
    for (std::size_t i = 1; i <= count; ++i) {
        std::array<char, 16> name{};
        std::snprintf(name.data(), name.size(), "/%04zu.json", i);
        const std::string body = makeEvent(dice, bytes, rows);
        std::ofstream out(directory + name.data(), std::ios::binary);
        out << body;
        if (!out.flush() || !rows.isGood())
            throw std::runtime_error("cannot write into " + directory);
        total += body.size();
    }
    std::cout << "bodies=" << count << " mean_bytes=" << total / count << '\n';
    return EXIT_SUCCESS;
}

} // namespace

int main(int argc, char** argv) {
    try {
        if (argc != 4)
            throw std::invalid_argument("usage: bench-bodies DIRECTORY BYTES COUNT");
        return generate(argv[1], std::stoul(argv[2]), std::stoul(argv[3]));
    } catch (const std::exception& e) {
        std::cerr << "bench-bodies: " << e.what() << '\n';
        return EXIT_FAILURE;
    }
}
