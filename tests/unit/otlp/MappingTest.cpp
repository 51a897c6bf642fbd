#include "EventBuilder.h"
#include "Spans.h"

using namespace octagent::otlp;
using namespace octagent::otlp::test;
using octagent::ErrorEvent;
using octagent::TraceEvent;

// From attributes to columns, convention by convention.
class MappingTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(MappingTest);
    CPPUNIT_TEST(testEveryNameOfTheTableReachesItsColumn);
    CPPUNIT_TEST(testFirstNameWins);
    CPPUNIT_TEST(testUnusableValuesAreAbsent);
    CPPUNIT_TEST(testAbsentIsNull);
    CPPUNIT_TEST(testConventions);
    CPPUNIT_TEST(testNumberedMessages);
    CPPUNIT_TEST(testMessageEvents);
    CPPUNIT_TEST(testStructuredMessages);
    CPPUNIT_TEST(testLangfuseDetails);
    CPPUNIT_TEST(testOpenClawCounts);
    CPPUNIT_TEST(testLatency);
    CPPUNIT_TEST(testFailure);
    CPPUNIT_TEST(testError);
    CPPUNIT_TEST(testTimeToFirstChunk);
    CPPUNIT_TEST(testMetadata);
    CPPUNIT_TEST(testTruncation);
    CPPUNIT_TEST_SUITE_END();

    static constexpr std::size_t maxText = 16384;

    static TraceEvent::Ptr traceOf(const Span& span, std::size_t limit = maxText) {
        const SpanFields fields(span);
        const ResourceSpans resource{{attribute("service.name", "shop")}, {}};
        const ScopeSpans scope{"lib", "1.2", {attribute("s", "t")}, {}};
        return EventBuilder(limit).makeTrace({&fields, roleOf(fields), true}, {resource, scope});
    }
    static TraceEvent::Ptr traceOf(Attributes attributes) { return traceOf(spanOf(std::move(attributes))); }
    static ErrorEvent::Ptr errorOf(const Span& span) {
        const SpanFields fields(span);
        const ResourceSpans resource{{attribute("service.name", "shop")}, {}};
        const ScopeSpans scope;
        return EventBuilder(maxText).makeError({&fields, roleOf(fields), true}, {resource, scope}, "row-id");
    }
    static std::string metadataOf(const TraceEvent::Ptr& event, const std::string& name) {
        const auto object = parsed(*event->metadata);
        return object->has(name) ? object->get(name).toString() : "absent";
    }

public:
    void testEveryNameOfTheTableReachesItsColumn() {
        for (const auto& entry : attributeNames()) {
            std::string name(entry.name);
            const bool isNumbered = name.ends_with(".N.");
            if (isNumbered)
                name.replace(name.size() - 2, 2, "0.content");
            const auto withText = traceOf({attribute(name, "seven")});
            const auto withNumber = traceOf({attribute(name, 7)});
            const std::string message = isNumbered ? R"([{"content":"seven"}])" : "seven";
            switch (entry.field) {
            case Field::Provider:
                CPPUNIT_ASSERT_EQUAL_MESSAGE(name, std::string("seven"), withText->provider);
                break;
            case Field::Model:
                CPPUNIT_ASSERT_EQUAL_MESSAGE(name, std::string("seven"), withText->model);
                break;
            case Field::Input:
                CPPUNIT_ASSERT_EQUAL_MESSAGE(name, message, shown(withText->inputText));
                break;
            case Field::Output:
                CPPUNIT_ASSERT_EQUAL_MESSAGE(name, message, shown(withText->outputText));
                break;
            case Field::InputTokens:
            case Field::OpenClawInput:
                CPPUNIT_ASSERT_EQUAL_MESSAGE(name, std::string("7"), shown(withNumber->promptTokens));
                break;
            case Field::OutputTokens:
                CPPUNIT_ASSERT_EQUAL_MESSAGE(name, std::string("7"), shown(withNumber->completionTokens));
                break;
            case Field::TotalTokens:
                CPPUNIT_ASSERT_EQUAL_MESSAGE(name, std::string("7"), shown(withNumber->totalTokens));
                break;
            case Field::Cost:
                CPPUNIT_ASSERT_EQUAL_MESSAGE(name, std::string("0.250000"),
                                             shown(traceOf({attribute(name, 0.25)})->costUsd));
                break;
            case Field::ErrorType: {
                Span span = spanOf({attribute(name, "seven")});
                span.status = StatusCode::Error;
                CPPUNIT_ASSERT_EQUAL_MESSAGE(name, std::string("seven"), shown(traceOf(span)->errorType));
                break;
            }
            case Field::ErrorMessage:
                CPPUNIT_ASSERT_EQUAL_MESSAGE(name, std::string("seven"),
                                             errorOf(spanOf({attribute(name, "seven")}))->message);
                break;
            case Field::Session:
                CPPUNIT_ASSERT_EQUAL_MESSAGE(name, std::string("seven"), metadataOf(withText, "session.id"));
                break;
            case Field::User:
                CPPUNIT_ASSERT_EQUAL_MESSAGE(name, std::string("seven"), metadataOf(withText, "user.id"));
                break;
            case Field::Agent:
                CPPUNIT_ASSERT_EQUAL_MESSAGE(name, std::string("seven"), metadataOf(withText, "gen_ai.agent.name"));
                break;
            case Field::ToolName:
                CPPUNIT_ASSERT_EQUAL_MESSAGE(name, std::string("seven"), metadataOf(withText, "gen_ai.tool.name"));
                break;
            case Field::ToolCallId:
                CPPUNIT_ASSERT_EQUAL_MESSAGE(name, std::string("seven"), metadataOf(withText, "gen_ai.tool.call.id"));
                break;
            case Field::CacheRead:
            case Field::OpenClawCacheRead:
                CPPUNIT_ASSERT_EQUAL_MESSAGE(name, std::string("7"),
                                             metadataOf(withNumber, "gen_ai.usage.cache_read.input_tokens"));
                break;
            case Field::CacheCreation:
            case Field::OpenClawCacheWrite:
                CPPUNIT_ASSERT_EQUAL_MESSAGE(name, std::string("7"),
                                             metadataOf(withNumber, "gen_ai.usage.cache_creation.input_tokens"));
                break;
            case Field::Reasoning:
                CPPUNIT_ASSERT_EQUAL_MESSAGE(name, std::string("7"),
                                             metadataOf(withNumber, "gen_ai.usage.reasoning.output_tokens"));
                break;
            case Field::FirstChunkSeconds:
                CPPUNIT_ASSERT_EQUAL_MESSAGE(name, std::string("7"),
                                             metadataOf(withNumber, "gen_ai.response.time_to_first_chunk"));
                break;
            case Field::FirstChunkMilliseconds:
                CPPUNIT_ASSERT_EQUAL_MESSAGE(name, std::string("0.007"),
                                             metadataOf(withNumber, "gen_ai.response.time_to_first_chunk"));
                break;
            default: // have tests of their own, and stay in metadata as they are
                CPPUNIT_ASSERT_EQUAL_MESSAGE(name, std::string("seven"), metadataOf(withText, name));
            }
        }
    }

    void testFirstNameWins() {
        const auto event = traceOf({attribute("openclaw.model", "third"), attribute("gen_ai.system", "second"),
                                    attribute("ai.model.id", "second"), attribute("gen_ai.provider.name", "first"),
                                    attribute("gen_ai.request.model", "first"), attribute("llm.token_count.prompt", 2),
                                    attribute("gen_ai.usage.input_tokens", 1)});
        CPPUNIT_ASSERT_EQUAL(std::string("first"), event->provider);
        CPPUNIT_ASSERT_EQUAL(std::string("first"), event->model);
        CPPUNIT_ASSERT_EQUAL(std::string("1"), shown(event->promptTokens));
        CPPUNIT_ASSERT_EQUAL(std::string("second"), metadataOf(event, "gen_ai.system"));
        CPPUNIT_ASSERT_EQUAL(std::string("absent"), metadataOf(event, "gen_ai.provider.name"));
    }

    void testUnusableValuesAreAbsent() {
        const auto event = traceOf({attribute("gen_ai.provider.name", ""),
                                    attribute("gen_ai.system", "second"),
                                    attribute("gen_ai.usage.input_tokens", "many"),
                                    attribute("gen_ai.usage.prompt_tokens", "12"),
                                    attribute("gen_ai.usage.output_tokens", -1),
                                    attribute("gen_ai.usage.completion_tokens", 3.0),
                                    attribute("gen_ai.usage.cost", -0.5),
                                    attribute("llm.cost.total", "0.5"),
                                    {"gen_ai.request.model", AnyValue()}});
        CPPUNIT_ASSERT_EQUAL(std::string("second"), event->provider);
        CPPUNIT_ASSERT_EQUAL(std::string("12"), shown(event->promptTokens));
        CPPUNIT_ASSERT_EQUAL(std::string("3"), shown(event->completionTokens));
        CPPUNIT_ASSERT_EQUAL(std::string("15"), shown(event->totalTokens));
        CPPUNIT_ASSERT_EQUAL(std::string("0.500000"), shown(event->costUsd));
        CPPUNIT_ASSERT_EQUAL(std::string("unknown"), event->model);
    }

    void testAbsentIsNull() {
        const auto event = traceOf({attribute("gen_ai.operation.name", "chat")});
        CPPUNIT_ASSERT_EQUAL(std::string("unknown"), event->provider);
        CPPUNIT_ASSERT_EQUAL(std::string("unknown"), event->model);
        CPPUNIT_ASSERT(!event->inputText && !event->outputText && !event->promptTokens && !event->completionTokens);
        CPPUNIT_ASSERT(!event->totalTokens && !event->costUsd && !event->errorType);
        CPPUNIT_ASSERT_EQUAL(std::string("ok"), event->status);
    }

    void testConventions() {
        struct Case {
            const char* name;
            Attributes attributes;
            const char* columns; // provider, model, input, output, prompt, completion, total, cost
        };
        const std::vector<Case> cases = {
            {"GenAI",
             {attribute("gen_ai.operation.name", "chat"), attribute("gen_ai.provider.name", "openai"),
              attribute("gen_ai.request.model", "gpt-4o"), attribute("gen_ai.response.model", "gpt-4o-2024"),
              attribute("gen_ai.input.messages", "[in]"), attribute("gen_ai.output.messages", "[out]"),
              attribute("gen_ai.usage.input_tokens", 10), attribute("gen_ai.usage.output_tokens", 5)},
             "openai gpt-4o [in] [out] 10 5 15 NULL"},
            {"GenAI, deprecated",
             {attribute("gen_ai.system", "openai"), attribute("gen_ai.request.model", "gpt-4"),
              attribute("gen_ai.prompt", "in"), attribute("gen_ai.completion", "out"),
              attribute("gen_ai.usage.prompt_tokens", 10), attribute("gen_ai.usage.completion_tokens", 5)},
             "openai gpt-4 in out 10 5 15 NULL"},
            {"OpenInference",
             {attribute("openinference.span.kind", "LLM"), attribute("llm.system", "openai"),
              attribute("llm.model_name", "gpt-4"), attribute("input.value", "in"), attribute("output.value", "out"),
              attribute("llm.token_count.prompt", 10), attribute("llm.token_count.completion", 5),
              attribute("llm.token_count.total", 15), attribute("llm.cost.total", 0.5)},
             "openai gpt-4 in out 10 5 15 0.500000"},
            {"OpenLLMetry, before the GenAI names",
             {attribute("llm.request.type", "chat"), attribute("gen_ai.system", "OpenAI"),
              attribute("gen_ai.request.model", "gpt-4"), attribute("gen_ai.prompt.0.role", "user"),
              attribute("gen_ai.prompt.0.content", "in"), attribute("gen_ai.completion.0.content", "out"),
              attribute("gen_ai.usage.prompt_tokens", 10), attribute("gen_ai.usage.completion_tokens", 5),
              attribute("llm.usage.total_tokens", 16)},
             R"(OpenAI gpt-4 [{"content":"in","role":"user"}] [{"content":"out"}] 10 5 16 NULL)"},
            {"Vercel",
             {attribute("ai.operationId", "ai.generateText.doGenerate"), attribute("ai.model.provider", "openai.chat"),
              attribute("ai.model.id", "gpt-4"), attribute("ai.prompt.messages", "[in]"),
              attribute("ai.response.text", "out"), attribute("ai.usage.promptTokens", 10),
              attribute("ai.usage.completionTokens", 5)},
             "openai.chat gpt-4 [in] out 10 5 15 NULL"},
            {"Langfuse",
             {attribute("langfuse.observation.type", "generation"), attribute("gen_ai.system", "openai"),
              attribute("langfuse.observation.model.name", "gpt-4"), attribute("langfuse.observation.input", "in"),
              attribute("langfuse.observation.output", "out"),
              attribute("langfuse.observation.usage_details", R"({"input":10,"output":5,"total":15})"),
              attribute("langfuse.observation.cost_details", R"({"total":0.5})")},
             "openai gpt-4 in out 10 5 15 0.500000"},
            {"OpenClaw",
             {attribute("openclaw.provider", "anthropic"), attribute("openclaw.model", "claude"),
              attribute("openclaw.content.input_messages", "[in]"),
              attribute("openclaw.content.output_messages", "[out]"), attribute("gen_ai.usage.input_tokens", 10),
              attribute("gen_ai.usage.output_tokens", 5)},
             "anthropic claude [in] [out] 10 5 15 NULL"},
        };
        for (const auto& one : cases) {
            const auto event = traceOf(one.attributes);
            const std::string columns = event->provider + ' ' + event->model + ' ' + shown(event->inputText) + ' ' +
                                        shown(event->outputText) + ' ' + shown(event->promptTokens) + ' ' +
                                        shown(event->completionTokens) + ' ' + shown(event->totalTokens) + ' ' +
                                        shown(event->costUsd);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(one.name, std::string(one.columns), columns);
        }
    }

    void testNumberedMessages() {
        const auto event =
            traceOf({attribute("llm.input_messages.10.message.content", "eleventh"),
                     attribute("llm.input_messages.2.message.role", "user"),
                     attribute("llm.input_messages.2.message.contents.1.message_content.text", "b"),
                     attribute("llm.input_messages.2.message.contents.0.message_content.text", "a"),
                     attribute("llm.output_messages.0.message.tool_calls.0.tool_call.function.name", "weather"),
                     attribute("input.value", "second form")});
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"([{"contents":[{"message_content":{"text":"a"}},{"message_content":{"text":"b"}}],)"
                        R"("role":"user"},{"content":"eleventh"}])"),
            shown(event->inputText));
        CPPUNIT_ASSERT_EQUAL(std::string(R"([{"tool_calls":[{"tool_call":{"function":{"name":"weather"}}}]}])"),
                             shown(event->outputText));
        CPPUNIT_ASSERT_EQUAL(std::string("absent"), metadataOf(event, "input.value"));

        // The better of two numbered forms, whichever comes first.
        const auto both = traceOf({attribute("llm.prompts.0.content", "b"), attribute("gen_ai.prompt.0.content", "a"),
                                   attribute("llm.prompts.1.content", "c")});
        CPPUNIT_ASSERT_EQUAL(std::string(R"([{"content":"a"}])"), shown(both->inputText));

        // Neither a number too long for any integer nor a path without an end is a problem.
        std::string path = "gen_ai.prompt.00000000000000000000000000000007";
        for (int i = 0; i < 1000; ++i)
            path += ".x";
        CPPUNIT_ASSERT(
            traceOf({attribute(path, "v"), attribute("gen_ai.prompt.7.content", "w")})->inputText.has_value());
    }

    void testMessageEvents() {
        Span span = spanOf({attribute("gen_ai.operation.name", "chat")});
        span.events = {{1, "gen_ai.system.message", {attribute("content", "Be short.")}},
                       {2, "gen_ai.user.message", {attribute("content", "Hi"), attribute("role", "human")}},
                       {3, "gen_ai.choice", {attribute("index", 0), attribute("message", R"({"content":"Hello"})")}},
                       {4, "something", {}}};
        const auto event = traceOf(span);
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"([{"role":"system","content":"Be short."},{"content":"Hi","role":"human"}])"),
            shown(event->inputText));
        CPPUNIT_ASSERT_EQUAL(std::string(R"([{"index":0,"message":"{\"content\":\"Hello\"}"}])"),
                             shown(event->outputText));
        CPPUNIT_ASSERT_EQUAL(1U, static_cast<unsigned>(parsed(*event->metadata)->getArray("events")->size()));

        Span older = spanOf({});
        older.events = {{1, "gen_ai.content.prompt", {attribute("gen_ai.prompt", "in")}},
                        {2, "gen_ai.content.completion", {attribute("gen_ai.completion", "out")}}};
        CPPUNIT_ASSERT_EQUAL(std::string("in"), shown(traceOf(older)->inputText));
        CPPUNIT_ASSERT_EQUAL(std::string("out"), shown(traceOf(older)->outputText));

        Span newer = spanOf({});
        newer.events = {{1, "gen_ai.client.inference.operation.details", {attribute("gen_ai.input.messages", "[in]")}}};
        CPPUNIT_ASSERT_EQUAL(std::string("[in]"), shown(traceOf(newer)->inputText));
    }

    void testStructuredMessages() {
        const AnyValue message{Attributes{attribute("role", "user")}};
        const auto event = traceOf({{"gen_ai.input.messages", AnyValue{std::vector<AnyValue>{message}}}});
        CPPUNIT_ASSERT_EQUAL(std::string(R"([{"role":"user"}])"), shown(event->inputText));
    }

    void testLangfuseDetails() {
        const auto usage = [](const char* json) {
            return traceOf({attribute("langfuse.observation.usage_details", json)});
        };
        // Its counts exclude each other: what was cached is not in "input".
        CPPUNIT_ASSERT_EQUAL(std::string("100"),
                             shown(usage(R"({"input":20,"input_cached_tokens":80})")->promptTokens));
        CPPUNIT_ASSERT_EQUAL(std::string("NULL"), shown(usage(R"({"output":5})")->promptTokens));
        CPPUNIT_ASSERT_EQUAL(std::string("NULL"), shown(usage("no JSON")->promptTokens));
        CPPUNIT_ASSERT_EQUAL(std::string("NULL"), shown(usage("[1]")->promptTokens));
        CPPUNIT_ASSERT_EQUAL(std::string("NULL"), shown(usage(R"({"input":-4})")->promptTokens));
        const auto cost = [](const char* json) {
            return shown(traceOf({attribute("langfuse.observation.cost_details", json)})->costUsd);
        };
        CPPUNIT_ASSERT_EQUAL(std::string("0.750000"), cost(R"({"input":0.5,"output":0.25})"));
        CPPUNIT_ASSERT_EQUAL(std::string("2.000000"), cost(R"({"input":0.5,"output":0.25,"total":2})"));
        CPPUNIT_ASSERT_EQUAL(std::string("NULL"), cost("{}"));
    }

    void testOpenClawCounts() {
        // openclaw.tokens.input leaves out what the cache read and wrote.
        const auto event = traceOf({attribute("openclaw.tokens.input", 10), attribute("openclaw.tokens.cache_read", 80),
                                    attribute("openclaw.tokens.cache_write", 10),
                                    attribute("openclaw.tokens.output", 7), attribute("openclaw.tokens.total", 0)});
        CPPUNIT_ASSERT_EQUAL(std::string("100"), shown(event->promptTokens));
        CPPUNIT_ASSERT_EQUAL(std::string("7"), shown(event->completionTokens));
        CPPUNIT_ASSERT_EQUAL(std::string("107"), shown(event->totalTokens));
        // Everybody else's input has it in already: nothing is added.
        const auto other = traceOf(
            {attribute("gen_ai.usage.input_tokens", 100), attribute("gen_ai.usage.cache_read.input_tokens", 80)});
        CPPUNIT_ASSERT_EQUAL(std::string("100"), shown(other->promptTokens));
    }

    void testLatency() {
        Span span = spanOf({});
        CPPUNIT_ASSERT_EQUAL(std::string("1250"), shown(traceOf(span)->latencyMs));
        span.endTimeUnixNano = span.startTimeUnixNano + 500000;
        CPPUNIT_ASSERT_EQUAL(std::string("1"), shown(traceOf(span)->latencyMs));
        span.endTimeUnixNano = span.startTimeUnixNano - 1;
        CPPUNIT_ASSERT_EQUAL(std::string("NULL"), shown(traceOf(span)->latencyMs));
        span.startTimeUnixNano = 0;
        CPPUNIT_ASSERT_EQUAL(std::string("NULL"), shown(traceOf(span)->latencyMs));
    }

    void testFailure() {
        const auto status = [](StatusCode code, Attributes attributes) {
            Span span = spanOf(std::move(attributes));
            span.status = code;
            const auto event = traceOf(span);
            return event->status + ' ' + shown(event->errorType);
        };
        const auto type = attribute("error.type", "timeout");
        CPPUNIT_ASSERT_EQUAL(std::string("ok NULL"), status(StatusCode::Unset, {}));
        CPPUNIT_ASSERT_EQUAL(std::string("ok NULL"), status(StatusCode::Ok, {type}));
        CPPUNIT_ASSERT_EQUAL(std::string("error llm_error"), status(StatusCode::Error, {}));
        CPPUNIT_ASSERT_EQUAL(std::string("error timeout"), status(StatusCode::Error, {type}));
        CPPUNIT_ASSERT_EQUAL(std::string("error timeout"), status(StatusCode::Unset, {type}));
        CPPUNIT_ASSERT_EQUAL(std::string("error llm_error"),
                             status(StatusCode::Unset, {attribute("langfuse.observation.level", "ERROR")}));
        CPPUNIT_ASSERT_EQUAL(std::string("ok NULL"),
                             status(StatusCode::Unset, {attribute("langfuse.observation.level", "WARNING")}));
        CPPUNIT_ASSERT_EQUAL(std::string("error llm_error"),
                             status(StatusCode::Unset, {attribute("openclaw.outcome", "error")}));
    }

    void testError() {
        Span span = spanOf({attribute("gen_ai.request.model", "gpt-4"), attribute("session.id", "s1")});
        span.status = StatusCode::Error;
        CPPUNIT_ASSERT_EQUAL(std::string("a span failed"), errorOf(span)->message);
        span.events = {{1, "exception", {attribute("exception.type", "First"), attribute("exception.message", "one")}},
                       {2,
                        "exception",
                        {attribute("exception.type", "TypeError"), attribute("exception.message", "no such thing"),
                         attribute("exception.stacktrace", "at x")}}};
        auto event = errorOf(span);
        CPPUNIT_ASSERT_EQUAL(std::string("TypeError"), event->errorType);
        CPPUNIT_ASSERT_EQUAL(std::string("no such thing"), event->message);
        CPPUNIT_ASSERT_EQUAL(std::string("at x"), shown(event->stackTrace));
        CPPUNIT_ASSERT_EQUAL(std::string("error"), event->severity);
        const auto metadata = parsed(*event->metadata);
        CPPUNIT_ASSERT_EQUAL(std::string("74726163652d69642d2d313662797465"),
                             metadata->getValue<std::string>("trace_id"));
        CPPUNIT_ASSERT_EQUAL(std::string("7370616e2d696431"), metadata->getValue<std::string>("span_id"));
        CPPUNIT_ASSERT_EQUAL(std::string("row-id"), metadata->getValue<std::string>("llm_traces.trace_id"));
        CPPUNIT_ASSERT_EQUAL(std::string("gpt-4"), metadata->getValue<std::string>("gen_ai.request.model"));
        CPPUNIT_ASSERT_EQUAL(std::string("s1"), metadata->getValue<std::string>("session.id"));
        span.statusMessage = "it failed";
        CPPUNIT_ASSERT_EQUAL(std::string("it failed"), errorOf(span)->message);
        span.attributes.push_back(attribute("error.type", "500"));
        CPPUNIT_ASSERT_EQUAL(std::string("500"), errorOf(span)->errorType);
    }

    void testTimeToFirstChunk() {
        Span span = spanOf({attribute("langfuse.observation.completion_start_time", "\"2023-11-14T22:13:20.500Z\"")});
        CPPUNIT_ASSERT_EQUAL(std::string("0.5"), metadataOf(traceOf(span), "gen_ai.response.time_to_first_chunk"));
        span.attributes[0] = attribute("langfuse.observation.completion_start_time", "yesterday");
        CPPUNIT_ASSERT_EQUAL(std::string("absent"), metadataOf(traceOf(span), "gen_ai.response.time_to_first_chunk"));
    }

    void testMetadata() {
        Span span = spanOf({attribute("gen_ai.operation.name", "chat"),
                            attribute("gen_ai.request.temperature", 0.5),
                            attribute("name", "the client's"),
                            attribute("_truncated", "forged"),
                            {"custom.list", AnyValue{std::vector<AnyValue>{AnyValue{std::int64_t{9007199254740993}},
                                                                           AnyValue{true}, AnyValue{}}}}},
                           "span-id1", "parent-1");
        span.kind = 3;
        span.traceState = "a=b";
        span.droppedAttributesCount = 2;
        const auto event = traceOf(span);
        const auto metadata = parsed(*event->metadata);
        CPPUNIT_ASSERT_EQUAL(std::string("74726163652d69642d2d313662797465"),
                             metadata->getValue<std::string>("trace_id"));
        CPPUNIT_ASSERT_EQUAL(std::string("7370616e2d696431"), metadata->getValue<std::string>("span_id"));
        CPPUNIT_ASSERT_EQUAL(std::string("706172656e742d31"), metadata->getValue<std::string>("parent_span_id"));
        CPPUNIT_ASSERT_EQUAL(std::string("a=b"), metadata->getValue<std::string>("trace_state"));
        CPPUNIT_ASSERT_EQUAL(std::string("a span"), metadata->getValue<std::string>("name"));
        CPPUNIT_ASSERT_EQUAL(std::string("CLIENT"), metadata->getValue<std::string>("kind"));
        CPPUNIT_ASSERT_EQUAL(std::string("1700000000000000000"),
                             metadata->getValue<std::string>("start_time_unix_nano"));
        CPPUNIT_ASSERT_EQUAL(std::string("chat"), metadata->getValue<std::string>("gen_ai.operation.name"));
        CPPUNIT_ASSERT_EQUAL(0.5, metadata->getValue<double>("gen_ai.request.temperature"));
        CPPUNIT_ASSERT_EQUAL(std::string("shop"),
                             metadata->getObject("resource")->getValue<std::string>("service.name"));
        CPPUNIT_ASSERT_EQUAL(std::string("lib"), metadata->getValue<std::string>("otel.scope.name"));
        CPPUNIT_ASSERT_EQUAL(std::string("1.2"), metadata->getValue<std::string>("otel.scope.version"));
        CPPUNIT_ASSERT_EQUAL(std::string("t"), metadata->getObject("scope")->getValue<std::string>("s"));
        CPPUNIT_ASSERT_EQUAL(2, metadata->getValue<int>("dropped_attributes_count"));
        CPPUNIT_ASSERT(!metadata->has("_truncated"));
        // Integers keep all digits.
        CPPUNIT_ASSERT(event->metadata->find(R"("custom.list":[9007199254740993,true,null])") != std::string::npos);
    }

    void testTruncation() {
        constexpr std::size_t limit = 10;
        Span span = spanOf({attribute("gen_ai.prompt", "123456789\xC3\xBC!"), attribute("gen_ai.completion", "short"),
                            attribute("custom", std::string(40, 'x')),
                            attribute("gen_ai.request.model", std::string(30, 'm'))});
        const auto event = traceOf(span, limit);
        CPPUNIT_ASSERT_EQUAL(std::string("123456789"), shown(event->inputText));
        CPPUNIT_ASSERT_EQUAL(std::string("short"), shown(event->outputText));
        CPPUNIT_ASSERT_EQUAL(std::string(10, 'm'), event->model);
        CPPUNIT_ASSERT_EQUAL(std::string(10, 'x'), metadataOf(event, "custom"));
        const auto told = parsed(*event->metadata)->getObject("_truncated");
        CPPUNIT_ASSERT_EQUAL(12, told->getValue<int>("input_text"));
        CPPUNIT_ASSERT_EQUAL(30, told->getValue<int>("model"));
        CPPUNIT_ASSERT_EQUAL(40, told->getValue<int>("custom"));
        CPPUNIT_ASSERT(!told->has("output_text"));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(MappingTest);
