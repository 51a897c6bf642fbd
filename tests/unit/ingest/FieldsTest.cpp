// The rules of every field, of both kinds.

#include "Ingest.h"

#include <cppunit/extensions/HelperMacros.h>

#include <cmath>
#include <cstdint>
#include <limits>

using namespace octagent;

namespace {

void expectPrefix(const std::string& prefix, const std::string& text) {
    CPPUNIT_ASSERT_EQUAL(prefix, text.substr(0, prefix.size()));
}

} // namespace

class FieldsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(FieldsTest);
    CPPUNIT_TEST(testEveryTraceField);
    CPPUNIT_TEST(testTraceDefaults);
    CPPUNIT_TEST(testEveryErrorField);
    CPPUNIT_TEST(testErrorDefaults);
    CPPUNIT_TEST(testRequired);
    CPPUNIT_TEST(testNullIsAbsent);
    CPPUNIT_TEST(testWrongTypes);
    CPPUNIT_TEST(testIntegers);
    CPPUNIT_TEST(testReals);
    CPPUNIT_TEST(testTotalTokens);
    CPPUNIT_TEST(testEmptyOptionalTextStays);
    CPPUNIT_TEST(testTwice);
    CPPUNIT_TEST(testNul);
    CPPUNIT_TEST(testEscapes);
    CPPUNIT_TEST(testNamesOfEveryFieldInRefusals);
    CPPUNIT_TEST_SUITE_END();

public:
    void testEveryTraceField() {
        Ingest ingest;
        const auto trace = ingest.trace(R"( {"provider" : "openai", "model":"gpt-4o", "input_text":"in",
            "output_text":"out","prompt_tokens":12,"completion_tokens":30,"total_tokens":50,"cost_usd":0.0125,
            "latency_ms":830,"status":"error","error_type":"rate_limit","metadata":"note"} )");
        CPPUNIT_ASSERT_EQUAL(std::string("openai"), trace->provider);
        CPPUNIT_ASSERT_EQUAL(std::string("gpt-4o"), trace->model);
        CPPUNIT_ASSERT_EQUAL(std::string("in"), trace->inputText.value());
        CPPUNIT_ASSERT_EQUAL(std::string("out"), trace->outputText.value());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{12}, trace->promptTokens.value());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{30}, trace->completionTokens.value());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{50}, trace->totalTokens.value());
        CPPUNIT_ASSERT_EQUAL(0.0125, trace->costUsd.value());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{830}, trace->latencyMs.value());
        CPPUNIT_ASSERT_EQUAL(std::string("error"), trace->status);
        CPPUNIT_ASSERT_EQUAL(std::string("rate_limit"), trace->errorType.value());
        CPPUNIT_ASSERT_EQUAL(std::string("note"), trace->metadata.value());
        CPPUNIT_ASSERT(trace->kind() == "trace");
    }

    void testTraceDefaults() {
        Ingest ingest;
        const auto trace = ingest.trace(R"({"provider":"p","model":"m"})");
        CPPUNIT_ASSERT(!trace->inputText && !trace->outputText);
        CPPUNIT_ASSERT(!trace->promptTokens && !trace->completionTokens && !trace->totalTokens);
        CPPUNIT_ASSERT(!trace->costUsd && !trace->latencyMs && !trace->errorType && !trace->metadata);
        CPPUNIT_ASSERT_EQUAL(std::string("ok"), trace->status);
    }

    void testEveryErrorField() {
        Ingest ingest;
        const auto error = ingest.error(R"({"error_type":"crash","message":"boom","stack_trace":"at main",
            "severity":"fatal","metadata":{"trace":"x"}})");
        CPPUNIT_ASSERT_EQUAL(std::string("crash"), error->errorType);
        CPPUNIT_ASSERT_EQUAL(std::string("boom"), error->message);
        CPPUNIT_ASSERT_EQUAL(std::string("at main"), error->stackTrace.value());
        CPPUNIT_ASSERT_EQUAL(std::string("fatal"), error->severity);
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"trace":"x"})"), error->metadata.value());
        CPPUNIT_ASSERT(error->kind() == "error");
    }

    void testErrorDefaults() {
        Ingest ingest;
        const auto error = ingest.error(R"({"error_type":"crash","message":"boom"})");
        CPPUNIT_ASSERT(!error->stackTrace && !error->metadata);
        CPPUNIT_ASSERT_EQUAL(std::string("error"), error->severity);
    }

    void testRequired() {
        Ingest ingest;
        expectPrefix("provider: is required", ingest.refusedTrace(R"({"model":"m"})"));
        expectPrefix("model: is required", ingest.refusedTrace(R"({"provider":"p"})"));
        expectPrefix("provider: is required", ingest.refusedTrace("{}"));
        expectPrefix("provider: is required", ingest.refusedTrace(R"({"provider":null,"model":"m"})"));
        expectPrefix("model: must not be empty", ingest.refusedTrace(R"({"provider":"p","model":""})"));
        expectPrefix("error_type: is required", ingest.postError(R"({"message":"m"})").error);
        expectPrefix("message: is required", ingest.postError(R"({"error_type":"e"})").error);
        expectPrefix("message: must not be empty", ingest.postError(R"({"error_type":"e","message":""})").error);
    }

    void testNullIsAbsent() {
        Ingest ingest;
        const auto trace = ingest.traceWith(R"(,"input_text":null,"output_text":null,"prompt_tokens":null,
            "completion_tokens":3,"total_tokens":null,"cost_usd":null,"latency_ms":null,"status":null,
            "error_type":null,"metadata":null)");
        CPPUNIT_ASSERT(!trace->inputText && !trace->promptTokens && !trace->totalTokens && !trace->costUsd);
        CPPUNIT_ASSERT(!trace->latencyMs && !trace->errorType && !trace->metadata && !trace->outputText);
        CPPUNIT_ASSERT_EQUAL(std::string("ok"), trace->status);
        const auto error = ingest.error(R"({"error_type":"e","message":"m","severity":null,"stack_trace":null})");
        CPPUNIT_ASSERT_EQUAL(std::string("error"), error->severity);
        CPPUNIT_ASSERT(!error->stackTrace);
    }

    void testWrongTypes() {
        Ingest ingest;
        for (const char* value : {"1", "1.5", "true", "false", "[]", "[\"a\"]", "{}", "{\"a\":1}"}) {
            for (const char* field : {"input_text", "output_text", "status", "error_type"})
                expectPrefix(std::string(field) + ": must be a string",
                             ingest.refusedTraceWith(",\"" + std::string(field) + "\":" + value));
            expectPrefix("provider: must be a string",
                         ingest.refusedTrace("{\"model\":\"m\",\"provider\":" + std::string(value) + "}"));
        }
        for (const char* value : {"\"1\"", "true", "false", "[]", "[1]", "{}", "\"\""}) {
            for (const char* field : {"prompt_tokens", "completion_tokens", "total_tokens", "latency_ms"})
                expectPrefix(std::string(field) + ": must be an integer",
                             ingest.refusedTraceWith(",\"" + std::string(field) + "\":" + value));
            expectPrefix("cost_usd: must be a number", ingest.refusedTraceWith(",\"cost_usd\":" + std::string(value)));
        }
    }

    void testIntegers() {
        Ingest ingest;
        struct Case {
            const char* text;
            std::int64_t value;
        };
        const Case good[] = {{"0", 0},
                             {"-0", 0},
                             {"-0.0", 0},
                             {"0e5", 0},
                             {"0e999999999999999999999", 0},
                             {"0.000E-3", 0},
                             {"5", 5},
                             {"5.0", 5},
                             {"5.000000000000000000000000000", 5},
                             {"5e0", 5},
                             {"5E+0", 5},
                             {"5e-0", 5},
                             {"50e-1", 5},
                             {"0.5e1", 5},
                             {"0.0005e4", 5},
                             {"1.25e2", 125},
                             {"12.50e1", 125},
                             {"1e18", 1000000000000000000},
                             {"9007199254740993", 9007199254740993},
                             {"9007199254740993.0", 9007199254740993},
                             {"9223372036854775807", std::numeric_limits<std::int64_t>::max()},
                             {"9223372036854775807.000", std::numeric_limits<std::int64_t>::max()},
                             {"922337203685477580.7e1", std::numeric_limits<std::int64_t>::max()},
                             {"92233720368547758070e-1", std::numeric_limits<std::int64_t>::max()}};
        for (const auto& [text, value] : good) {
            const auto trace = ingest.traceWith(",\"latency_ms\":" + std::string(text));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(text, value, trace->latencyMs.value());
        }
        for (const char* text : {"5.5", "0.1", "5e-1", "1e-999999999999999999999", "9007199254740993.5", "15e-1",
                                 "0.00000000000000000000000000000001"})
            expectPrefix("latency_ms: must be an integer",
                         ingest.refusedTraceWith(",\"latency_ms\":" + std::string(text)));
        for (const char* text : {"-1", "-5.0", "-5e3", "-9223372036854775809", "-1e999", "-0.5"})
            expectPrefix("latency_ms: must not be negative",
                         ingest.refusedTraceWith(",\"latency_ms\":" + std::string(text)));
        for (const char* text : {"9223372036854775808", "9223372036854775807.0e1", "92233720368547758070", "1e19",
                                 "1e999", "1e999999999999999999999", "123456789012345678901234567890"})
            expectPrefix("latency_ms: is larger than", ingest.refusedTraceWith(",\"latency_ms\":" + std::string(text)));
    }

    void testReals() {
        Ingest ingest;
        struct Case {
            const char* text;
            double value;
        };
        const Case good[] = {{"0", 0},
                             {"-0", 0},
                             {"-0.0", 0},
                             {"1", 1},
                             {"0.1", 0.1},
                             {"1e-2", 0.01},
                             {"1E+2", 100},
                             {"1e308", 1e308},
                             {"1e-400", 0},
                             {"5e-324", 5e-324},
                             {"0e999", 0},
                             {"0.0000001", 1e-7},
                             {"12345678901234567890", 12345678901234567890.0}};
        for (const auto& [text, value] : good) {
            const auto trace = ingest.traceWith(",\"cost_usd\":" + std::string(text));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(text, value, trace->costUsd.value());
            CPPUNIT_ASSERT_MESSAGE(text, !std::signbit(trace->costUsd.value()));
        }
        for (const char* text : {"1e309", "1e999", "1e99999999999999999999"})
            expectPrefix("cost_usd: is too large", ingest.refusedTraceWith(",\"cost_usd\":" + std::string(text)));
        for (const char* text : {"-1", "-0.1", "-1e999", "-1e-400"})
            expectPrefix("cost_usd: must not be negative",
                         ingest.refusedTraceWith(",\"cost_usd\":" + std::string(text)));
    }

    void testTotalTokens() {
        Ingest ingest;
        CPPUNIT_ASSERT_EQUAL(std::int64_t{7},
                             ingest.traceWith(R"(,"prompt_tokens":3,"completion_tokens":4)")->totalTokens.value());
        CPPUNIT_ASSERT_EQUAL(
            std::int64_t{1},
            ingest.traceWith(R"(,"total_tokens":1,"prompt_tokens":3,"completion_tokens":4)")->totalTokens.value());
        CPPUNIT_ASSERT(!ingest.traceWith(R"(,"prompt_tokens":3)")->totalTokens);
        CPPUNIT_ASSERT(!ingest.traceWith(R"(,"completion_tokens":3)")->totalTokens);
        CPPUNIT_ASSERT_EQUAL(
            std::numeric_limits<std::int64_t>::max(),
            ingest.traceWith(R"(,"prompt_tokens":9223372036854775806,"completion_tokens":1)")->totalTokens.value());
        expectPrefix("total_tokens: is larger",
                     ingest.refusedTraceWith(R"(,"prompt_tokens":9223372036854775807,"completion_tokens":1)"));
    }

    void testEmptyOptionalTextStays() {
        Ingest ingest;
        const auto trace = ingest.traceWith(R"(,"input_text":"","status":"","metadata":"")");
        CPPUNIT_ASSERT_EQUAL(std::string(), trace->inputText.value());
        CPPUNIT_ASSERT_EQUAL(std::string(), trace->status);
        CPPUNIT_ASSERT_EQUAL(std::string(), trace->metadata.value());
    }

    void testTwice() {
        Ingest ingest;
        expectPrefix("model: stands twice", ingest.refusedTraceWith(R"(,"model":"n")"));
        expectPrefix("latency_ms: stands twice", ingest.refusedTraceWith(R"(,"latency_ms":1,"latency_ms":1)"));
        expectPrefix("latency_ms: stands twice", ingest.refusedTraceWith(R"(,"latency_ms":null,"latency_ms":1)"));
        expectPrefix("metadata: stands twice", ingest.refusedTraceWith(R"(,"metadata":1,"metadata":2)"));
        expectPrefix("metadata: stands twice", ingest.refusedTraceWith(R"(,"metadata":null,"metadata":null)"));
        expectPrefix("user: stands twice", ingest.refusedTraceWith(R"(,"user":1,"a":2,"user":3)"));
        // Also where one of them is written with an escape.
        const auto escaped = ingest.refusedTraceWith(R"(,"m\u006fdel":"n")");
        CPPUNIT_ASSERT_MESSAGE(escaped, escaped.find("stands twice") != std::string::npos);
        expectPrefix("user: stands twice", ingest.refusedTraceWith(R"(,"user":1,"\u0075ser":3)"));
        // Deeper down it is the client's own affair.
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"a":1,"a":2})"),
                             ingest.traceWith(R"(,"metadata":{"a":1,"a":2})")->metadata.value());
    }

    void testNul() {
        Ingest ingest;
        expectPrefix("provider: has a NUL", ingest.refusedTrace(R"({"provider":"\u0000","model":"m"})"));
        expectPrefix("input_text: has a NUL", ingest.refusedTraceWith(R"(,"input_text":"abc\u0000def")"));
        expectPrefix("metadata: has a NUL", ingest.refusedTraceWith(R"(,"metadata":"\u0000")"));
        expectPrefix("metadata.a[1].b: has a NUL", ingest.refusedTraceWith(R"(,"metadata":{"a":[1,{"b":"\u0000"}]})"));
        expectPrefix("user: has a NUL", ingest.refusedTraceWith(R"(,"user":"x\u0000")"));
        expectPrefix("us\\u0000er: has a NUL", ingest.refusedTraceWith(R"(,"us\u0000er":"x")"));
        expectPrefix("metadata.k\\u0000: has a NUL", ingest.refusedTraceWith(R"(,"metadata":{"k\u0000":"x"})"));
        expectPrefix("a.k\\u0000: has a NUL", ingest.refusedTraceWith(R"(,"a":{"k\u0000":"x"})"));
        // Cut or not: the whole text is looked at.
        Ingest narrow(4);
        expectPrefix("input_text: has a NUL", narrow.refusedTraceWith(R"(,"input_text":"abcdefgh\u0000")"));
        expectPrefix("a: has a NUL", narrow.refusedTraceWith(R"(,"a":"abcdefgh\u0000")"));
    }

    void testEscapes() {
        Ingest ingest;
        const auto trace = ingest.traceWith(
            R"(,"input_text":"\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83d\ude00\uDBFF\uDFFFz","output_text":"\\u0041")");
        CPPUNIT_ASSERT_EQUAL(std::string("\"\\/\b\f\n\r\tA\u00e9\u20ac\U0001F600\U0010FFFFz"),
                             trace->inputText.value());
        CPPUNIT_ASSERT_EQUAL(std::string("\\u0041"), trace->outputText.value());
        for (const char* text : {R"(\ud800)", R"(\ud800x)", R"(\udc00)", R"(\ud83d\ud83d)", R"(\ud83d\u0041)",
                                 R"(\ude00\ud83d)", R"(\ud83d\n)", R"(\ud83d\ude0)", R"(\ud83dude00)"}) {
            expectPrefix("input_text: has a surrogate",
                         ingest.refusedTraceWith(",\"input_text\":\"" + std::string(text) + "\""));
            expectPrefix("metadata.x: has a surrogate",
                         ingest.refusedTraceWith(",\"metadata\":{\"x\":\"" + std::string(text) + "\"}"));
        }
        for (const char* text : {R"(\x41)", R"(\u12)", R"(\u12g4)", R"(\U0041)", R"(\a)", R"(\ )", R"(\')", R"(\u)",
                                 R"(\0)", R"(\u 041)", R"(\u+041)", R"(\u00)"}) {
            expectPrefix("input_text: has an escape",
                         ingest.refusedTraceWith(",\"input_text\":\"" + std::string(text) + "\""));
            expectPrefix("m.x: has an escape", ingest.refusedTraceWith(",\"m\":{\"x\":\"" + std::string(text) + "\"}"));
        }
    }

    void testNamesOfEveryFieldInRefusals() {
        Ingest ingest;
        expectPrefix("prompt_tokens: ", ingest.refusedTraceWith(R"(,"prompt_tokens":01)"));
        expectPrefix("prompt_tokens: ", ingest.refusedTraceWith(R"(,"prompt_tokens":nul)"));
        expectPrefix("metadata.a[1]: ", ingest.refusedTraceWith(R"(,"metadata":{"a":[1,+2]})"));
        expectPrefix("input_text: invalid UTF-8 at byte 42", ingest.refusedTraceWith(",\"input_text\":\"\xff\""));
        expectPrefix("input_text: control character", ingest.refusedTraceWith(",\"input_text\":\"a\nb\""));
        expectPrefix("input_text: control character",
                     ingest.refusedTraceWith(std::string(",\"input_text\":\"a\0b\"", 19)));
        expectPrefix("metadata: invalid UTF-8", ingest.refusedTraceWith(",\"metadata\":{\"k\":[1,\"\xed\xa0\x80\"]}"));
        expectPrefix("[1].model: invalid UTF-8",
                     ingest.refusedTrace("[{\"provider\":\"p\",\"model\":\"m\"},{\"model\":\"\xc0\x80\"}]"));
        expectPrefix("invalid UTF-8 at byte 0", ingest.refusedTrace("\xff"));
        expectPrefix("a string has no end", ingest.refusedTrace("{\"provider\":\"p"));
        // A refusal must not repeat a key that is no UTF-8, whatever else is wrong.
        expectPrefix("invalid UTF-8 at byte 3", ingest.refusedTrace("{\"k\xff\":\"a\nb\"}"));
        expectPrefix("invalid UTF-8 at byte 3", ingest.refusedTrace("{\"k\xff\":\"a"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FieldsTest);
