#include "UsageRule.h"
#include "Spans.h"

#include <deque>

using namespace octagent::otlp;
using namespace octagent::otlp::test;

class UsageRuleTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(UsageRuleTest);
    CPPUNIT_TEST(testRoles);
    CPPUNIT_TEST(testOperations);
    CPPUNIT_TEST(testWrappersDoNotCount);
    CPPUNIT_TEST(testInferenceAroundInferenceDoesNotCount);
    CPPUNIT_TEST(testAcrossRequests);
    CPPUNIT_TEST(testCallsUnderToolsAndAgentsAreTheirOwn);
    CPPUNIT_TEST(testOpenClawAccounting);
    CPPUNIT_TEST(testCycles);
    CPPUNIT_TEST_SUITE_END();

    static constexpr std::size_t windowSize = 1000;

    static Span chat(const std::string& id, const std::string& parent, bool hasUsage = true) {
        Attributes attributes = {attribute("gen_ai.operation.name", "chat"), attribute("gen_ai.request.model", "m")};
        if (hasUsage)
            attributes.push_back(attribute("gen_ai.usage.input_tokens", 5));
        return spanOf(std::move(attributes), id, parent);
    }
    static Span other(const std::string& id, const std::string& parent) {
        return spanOf({attribute("http.method", "GET")}, id, parent);
    }
    static Span operation(const char* name, const std::string& id, const std::string& parent) {
        return spanOf({attribute("gen_ai.operation.name", name), attribute("gen_ai.usage.input_tokens", 5)}, id,
                      parent);
    }

    // The ids of the spans whose usage counts.
    static std::string counting(const std::vector<Span>& spans, SpanWindow& covered) {
        std::deque<SpanFields> fields;
        std::vector<UsageSpan> usage;
        for (const auto& span : spans) {
            fields.emplace_back(span);
            usage.push_back({&fields.back(), roleOf(fields.back())});
        }
        applyUsageRule(usage, covered);
        std::string ids;
        for (const auto& span : usage)
            if (span.counts)
                ids += span.fields->span().spanId.substr(0, 1);
        return ids;
    }
    static std::string counting(const std::vector<Span>& spans) {
        SpanWindow covered(windowSize);
        return counting(spans, covered);
    }

    static Role role(const char* spanName, Attributes attributes) {
        Span span = spanOf(std::move(attributes));
        span.name = spanName;
        return roleOf(SpanFields(span));
    }

public:
    void testRoles() {
        struct Case {
            const char* key;
            const char* value;
            Role role;
        };
        const Case cases[] = {
            {"gen_ai.operation.name", "chat", Role::Inference},
            {"gen_ai.operation.name", "text_completion", Role::Inference},
            {"gen_ai.operation.name", "generate_content", Role::Inference},
            {"gen_ai.operation.name", "embeddings", Role::Inference},
            {"gen_ai.operation.name", "invoke_agent", Role::Wrapper},
            {"gen_ai.operation.name", "create_agent", Role::Wrapper},
            {"gen_ai.operation.name", "execute_tool", Role::Tool},
            {"gen_ai.operation.name", "something_new", Role::Wrapper},
            {"openinference.span.kind", "LLM", Role::Inference},
            {"openinference.span.kind", "EMBEDDING", Role::Inference},
            {"openinference.span.kind", "AGENT", Role::Wrapper},
            {"openinference.span.kind", "CHAIN", Role::Wrapper},
            {"openinference.span.kind", "TOOL", Role::Tool},
            {"ai.operationId", "ai.generateText", Role::Wrapper},
            {"ai.operationId", "ai.generateText.doGenerate", Role::Inference},
            {"ai.operationId", "ai.streamObject.doStream", Role::Inference},
            {"ai.operationId", "ai.embedMany", Role::Wrapper},
            {"ai.operationId", "ai.embedMany.doEmbed", Role::Inference},
            {"ai.operationId", "ai.toolCall", Role::Tool},
            {"traceloop.span.kind", "workflow", Role::Wrapper},
            {"traceloop.span.kind", "tool", Role::Tool},
            {"llm.request.type", "chat", Role::Inference},
            {"langfuse.observation.type", "generation", Role::Inference},
            {"langfuse.observation.type", "agent", Role::Wrapper},
            {"langfuse.observation.type", "tool", Role::Tool},
            {"langfuse.observation.type", "span", Role::Other},
            {"gen_ai.request.model", "gpt-4", Role::Inference},
            {"llm.model_name", "gpt-4", Role::Inference},
            {"openclaw.model", "gpt-4", Role::Other},
            {"http.request.method", "GET", Role::Other},
            {"input.value", "text", Role::Other},
        };
        for (const auto& one : cases)
            CPPUNIT_ASSERT_MESSAGE(std::string(one.key) + '=' + one.value,
                                   role("a span", {attribute(one.key, one.value)}) == one.role);
        const auto model = attribute("openclaw.model", "m");
        CPPUNIT_ASSERT(role("openclaw.model.call", {model}) == Role::Inference);
        CPPUNIT_ASSERT(role("openclaw.model.usage", {model}) == Role::Accounting);
        CPPUNIT_ASSERT(role("openclaw.model.usage", {model, attribute("gen_ai.operation.name", "chat")}) ==
                       Role::Accounting);
        CPPUNIT_ASSERT(role("openclaw.harness.run", {model}) == Role::Wrapper);
        CPPUNIT_ASSERT(role("openclaw.webhook.processed", {model}) == Role::Other);
        CPPUNIT_ASSERT(role("openclaw.tool.execution", {model}) == Role::Tool);
        CPPUNIT_ASSERT(role("invoke_agent", {attribute("gen_ai.operation.name", "invoke_agent"),
                                             attribute("openclaw.model_call.observation_unit", "turn")}) ==
                       Role::Inference);
        CPPUNIT_ASSERT(
            role("new", {attribute("gen_ai.operation.name", "something_new"), attribute("gen_ai.request.model", "m"),
                         attribute("gen_ai.usage.output_tokens", 1)}) == Role::Inference);
    }

    void testOperations() {
        const auto operation = [](const char* key, const char* value) {
            const Span span = spanOf({attribute(key, value)});
            const SpanFields fields(span);
            return std::string(operationOf(fields, roleOf(fields)));
        };
        CPPUNIT_ASSERT_EQUAL(std::string("invoke_agent"), operation("gen_ai.operation.name", "invoke_agent"));
        CPPUNIT_ASSERT_EQUAL(std::string("chat"), operation("ai.operationId", "ai.streamText.doStream"));
        CPPUNIT_ASSERT_EQUAL(std::string("embeddings"), operation("ai.operationId", "ai.embed.doEmbed"));
        CPPUNIT_ASSERT_EQUAL(std::string(), operation("ai.operationId", "ai.generateText"));
        CPPUNIT_ASSERT_EQUAL(std::string("execute_tool"), operation("ai.operationId", "ai.toolCall"));
        CPPUNIT_ASSERT_EQUAL(std::string("invoke_agent"), operation("openinference.span.kind", "AGENT"));
        CPPUNIT_ASSERT_EQUAL(std::string("text_completion"), operation("llm.request.type", "completion"));
        CPPUNIT_ASSERT_EQUAL(std::string("invoke_workflow"), operation("traceloop.span.kind", "workflow"));
    }

    void testWrappersDoNotCount() {
        CPPUNIT_ASSERT_EQUAL(std::string("c"),
                             counting({operation("invoke_agent", "a-------", ""), chat("c-------", "a-------")}));
        // Not even alone: what they repeat may be told elsewhere.
        CPPUNIT_ASSERT_EQUAL(std::string(), counting({operation("invoke_agent", "a-------", "")}));
        CPPUNIT_ASSERT_EQUAL(std::string("12"), counting({chat("1-------", "a-------"), chat("2-------", "a-------")}));
    }

    // LangChain's instrumentation over that of the OpenAI client: one call, told twice.
    void testInferenceAroundInferenceDoesNotCount() {
        const std::vector<Span> children = {chat("o-------", ""), chat("i-------", "o-------")};
        CPPUNIT_ASSERT_EQUAL(std::string("i"), counting(children));
        CPPUNIT_ASSERT_EQUAL(std::string("i"), counting({children[1], children[0]}));
        CPPUNIT_ASSERT_EQUAL(std::string("i"), counting({chat("o-------", ""), other("x-------", "o-------"),
                                                         chat("i-------", "x-------")}));
        // The inner one knows no usage: the outer one is the only one to tell it.
        CPPUNIT_ASSERT_EQUAL(std::string("oi"), counting({chat("o-------", ""), chat("i-------", "o-------", false)}));
    }

    void testAcrossRequests() {
        SpanWindow covered(windowSize);
        CPPUNIT_ASSERT_EQUAL(std::string("i"), counting({chat("i-------", "x-------")}, covered));
        CPPUNIT_ASSERT_EQUAL(std::string(), counting({other("x-------", "o-------")}, covered));
        CPPUNIT_ASSERT_EQUAL(std::string(), counting({chat("o-------", "")}, covered));
        CPPUNIT_ASSERT_EQUAL(std::string("n"), counting({chat("n-------", "")}, covered));
    }

    void testCallsUnderToolsAndAgentsAreTheirOwn() {
        CPPUNIT_ASSERT_EQUAL(std::string("oi"),
                             counting({chat("o-------", ""), operation("execute_tool", "t-------", "o-------"),
                                       chat("i-------", "t-------")}));
        CPPUNIT_ASSERT_EQUAL(std::string("oi"),
                             counting({chat("o-------", ""), operation("invoke_agent", "a-------", "o-------"),
                                       chat("i-------", "a-------")}));
        // Across requests as well.
        SpanWindow covered(windowSize);
        counting({chat("i-------", "t-------")}, covered);
        counting({operation("execute_tool", "t-------", "o-------")}, covered);
        CPPUNIT_ASSERT_EQUAL(std::string("o"), counting({chat("o-------", "")}, covered));
    }

    void testOpenClawAccounting() {
        const auto named = [](const char* name, const std::string& id, Attributes attributes) {
            Span span = spanOf(std::move(attributes), id);
            span.name = name;
            return span;
        };
        const Span usage = named("openclaw.model.usage", "u-------",
                                 {attribute("openclaw.provider", "openai"), attribute("gen_ai.usage.input_tokens", 9)});
        const Span callWithUsage =
            named("openclaw.model.call", "c-------",
                  {attribute("openclaw.provider", "openai"), attribute("gen_ai.usage.input_tokens", 9)});
        const Span callWithout = named("openclaw.model.call", "c-------", {attribute("openclaw.provider", "openai")});
        CPPUNIT_ASSERT_EQUAL(std::string("c"), counting({callWithUsage, usage}));
        CPPUNIT_ASSERT_EQUAL(std::string("c"), counting({usage, callWithUsage}));
        CPPUNIT_ASSERT_EQUAL(std::string("cu"), counting({callWithout, usage})); // of older versions
        SpanWindow covered(windowSize);
        counting({callWithUsage}, covered);
        CPPUNIT_ASSERT_EQUAL(std::string(), counting({usage}, covered));
    }

    void testCycles() {
        CPPUNIT_ASSERT_EQUAL(std::string("s"), counting({chat("s-------", "s-------")}));
        counting({other("a-------", "b-------"), other("b-------", "a-------"), chat("c-------", "a-------")});
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(UsageRuleTest);
