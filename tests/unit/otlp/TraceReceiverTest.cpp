#include "TraceReceiver.h"
#include "Spans.h"

#include <thread>

using namespace octagent;
using namespace octagent::otlp;
using namespace octagent::otlp::test;
using namespace std::chrono_literals;

// Whole requests, with a queue that the test plays. The payloads are what real clients have sent.
class TraceReceiverTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(TraceReceiverTest);
    CPPUNIT_TEST(testExporterInBothEncodings);
    CPPUNIT_TEST(testVercel);
    CPPUNIT_TEST(testTraceloop);
    CPPUNIT_TEST(testOpenInference);
    CPPUNIT_TEST(testSdkNode);
    CPPUNIT_TEST(testRepeatedRequestIsStoredOnce);
    CPPUNIT_TEST(testRejectedSpans);
    CPPUNIT_TEST(testFullQueueIsBusyAndTheRetryExact);
    CPPUNIT_TEST(testTraceTakenErrorNot);
    CPPUNIT_TEST(testStopping);
    CPPUNIT_TEST(testWaitingBehindAnother);
    CPPUNIT_TEST(testMalformedAndTooLarge);
    CPPUNIT_TEST(testOtherSpans);
    CPPUNIT_TEST_SUITE_END();

    // The counters as the agent would own them.
    struct Counts {
        Counter stored;
        Counter repeated;
        Counter skipped;
        Counter rejected;
        Counter busy;
    };
    Counts _counts;
    KeepingSink _sink;
    std::unique_ptr<TraceReceiver> _receiver;

    static ReceiverSettings settings() { return {false, 16384, 1 << 20, 1000, 60s}; }
    void make(const ReceiverSettings& how) {
        _receiver = std::make_unique<TraceReceiver>(
            how, _sink,
            ReceiverCounters{_counts.stored, _counts.repeated, _counts.skipped, _counts.rejected, _counts.busy});
    }
    Received json(const std::string& body) { return _receiver->receive(body, Encoding::Json, false); }

    std::string row(std::size_t i) const {
        const auto& event = _sink.traces.at(i);
        return event->provider + '|' + event->model + '|' + shown(event->promptTokens) + '|' +
               shown(event->completionTokens) + '|' + shown(event->totalTokens) + '|' + shown(event->costUsd) + '|' +
               event->status + '|' + shown(event->errorType) + '|' + shown(event->inputText) + '|' +
               shown(event->outputText);
    }
    std::string metadata(std::size_t i, const std::string& name) const {
        const auto object = parsed(*_sink.traces.at(i)->metadata);
        return object->has(name) ? object->get(name).toString() : "absent";
    }
    static std::string numbered(int first, int count) {
        std::string spans;
        for (int i = first; i < first + count; ++i) {
            const std::string digits = std::to_string(100000 + i);
            spans += (spans.empty() ? "" : ",") +
                     std::string(R"({"traceId":"0000000000000000000000000000000a","spanId":"0000000000)") + digits +
                     R"(","name":"n","attributes":[{"key":"gen_ai.request.model","value":{"stringValue":"m"}}]})";
        }
        return R"({"resourceSpans":[{"scopeSpans":[{"spans":[)" + spans + "]}]}]}";
    }

public:
    void setUp() override { make(settings()); }

    void testExporterInBothEncodings() {
        CPPUNIT_ASSERT(_receiver->receive(fixture("exporter-http.json.gz"), Encoding::Json, true).outcome ==
                       Received::Outcome::Stored);
        CPPUNIT_ASSERT(_receiver->receive(fixture("exporter-proto.pb.gz"), Encoding::Protobuf, true).outcome ==
                       Received::Outcome::Stored);
        CPPUNIT_ASSERT_EQUAL(std::size_t{4}, _sink.traces.size());
        for (const std::size_t i : {0U, 2U}) {
            CPPUNIT_ASSERT_EQUAL(
                std::string(
                    "openai|gpt-4o|100|20|120|NULL|ok|NULL|"
                    R"([{"role":"user","parts":[{"type":"text","content":"Grüezi 👋"}]}]|)"
                    R"([{"role":"assistant","parts":[{"type":"text","content":"Hello"}],"finish_reason":"stop"}])"),
                row(i));
            CPPUNIT_ASSERT_EQUAL(std::string("1250"), shown(_sink.traces[i]->latencyMs));
            CPPUNIT_ASSERT_EQUAL(std::string("conversation-7"), metadata(i, "session.id"));
            CPPUNIT_ASSERT_EQUAL(std::string("80"), metadata(i, "gen_ai.usage.cache_read.input_tokens"));
            CPPUNIT_ASSERT_EQUAL(std::string("error"), _sink.traces[i + 1]->status);
            CPPUNIT_ASSERT_EQUAL(std::string("TypeError"), shown(_sink.traces[i + 1]->errorType));
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, _sink.errors.size());
        CPPUNIT_ASSERT_EQUAL(std::string("it failed"), _sink.errors[0]->message);
        CPPUNIT_ASSERT(_sink.errors[0]->stackTrace->starts_with("TypeError: no such thing"));
        CPPUNIT_ASSERT_EQUAL(_sink.traces[1]->traceId().toString(),
                             parsed(*_sink.errors[0]->metadata)->getValue<std::string>("llm_traces.trace_id"));
    }

    void testVercel() {
        CPPUNIT_ASSERT(json(fixture("vercel.json")).outcome == Received::Outcome::Stored);
        const std::string messages =
            R"([{"role":"user","content":[{"type":"text","text":"How is the weather in Bern?"}]}])";
        const std::string prompt = R"({"prompt":"How is the weather in Bern?"})";
        const std::string answer = "It is sunny in Bern.";
        const std::string inference = "openai.chat|gpt-4o-mini|120|30|150|NULL|ok|NULL|";
        const std::string wrapper = "openai.chat|gpt-4o-mini|NULL|NULL|NULL|NULL|ok|NULL|";
        CPPUNIT_ASSERT_EQUAL(std::size_t{10}, _sink.traces.size());
        CPPUNIT_ASSERT_EQUAL(inference + messages + '|' + answer, row(0));
        CPPUNIT_ASSERT_EQUAL(wrapper + prompt + '|' + answer, row(1));
        CPPUNIT_ASSERT_EQUAL(inference + messages + '|' + answer, row(2));
        CPPUNIT_ASSERT_EQUAL(wrapper + prompt + '|' + answer, row(3));
        CPPUNIT_ASSERT_EQUAL(
            inference + messages + '|' +
                R"([{"toolCallId":"call_octagent","toolName":"weather","input":"{\"city\":\"Bern\"}"}])",
            row(4));
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"(unknown|unknown|NULL|NULL|NULL|NULL|ok|NULL|{"city":"Bern"}|"sunny in Bern")"), row(5));
        CPPUNIT_ASSERT_EQUAL(wrapper + prompt + '|' + answer, row(7));
        const std::string failed = "openai.chat|broken|NULL|NULL|NULL|NULL|error|AI_APICallError|";
        CPPUNIT_ASSERT_EQUAL(failed + messages + "|NULL", row(8));
        CPPUNIT_ASSERT_EQUAL(failed + prompt + "|NULL", row(9));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, _sink.errors.size());
        CPPUNIT_ASSERT_EQUAL(std::string("This model does not work"), _sink.errors[0]->message);
        CPPUNIT_ASSERT_EQUAL(std::string("session-3"), metadata(0, "session.id"));
        CPPUNIT_ASSERT_EQUAL(std::string("user-3"), metadata(0, "user.id"));
        CPPUNIT_ASSERT_EQUAL(std::string("chat"), metadata(0, "gen_ai.operation.name"));
        CPPUNIT_ASSERT_EQUAL(std::string("100"), metadata(0, "gen_ai.usage.cache_read.input_tokens"));
        CPPUNIT_ASSERT_EQUAL(std::string("12"), metadata(0, "gen_ai.usage.reasoning.output_tokens"));
        CPPUNIT_ASSERT(metadata(2, "gen_ai.response.time_to_first_chunk").starts_with("0.0"));
        CPPUNIT_ASSERT_EQUAL(std::string("execute_tool"), metadata(5, "gen_ai.operation.name"));
        CPPUNIT_ASSERT_EQUAL(std::string("weather"), metadata(5, "gen_ai.tool.name"));
        CPPUNIT_ASSERT_EQUAL(std::string("call_octagent"), metadata(5, "gen_ai.tool.call.id"));
    }

    void testTraceloop() {
        CPPUNIT_ASSERT(_receiver->receive(fixture("traceloop.pb"), Encoding::Protobuf, false).outcome ==
                       Received::Outcome::Stored);
        CPPUNIT_ASSERT_EQUAL(std::size_t{4}, _sink.traces.size()); // three calls and the workflow
        CPPUNIT_ASSERT_EQUAL(
            std::string(
                "openai|gpt-4o-mini|120|30|150|NULL|ok|NULL|"
                R"([{"role":"system","parts":[{"type":"text","content":"Be short."}]},{"role":"user","parts":[{"type":"text","content":"How is the weather in Bern?"}]}]|)"
                R"([{"role":"assistant","finish_reason":"stop","parts":[{"type":"text","content":"It is sunny in Bern."}]}])"),
            row(0));
        CPPUNIT_ASSERT_EQUAL(std::string("session-9"), metadata(0, "session.id"));
        CPPUNIT_ASSERT_EQUAL(std::string("user-9"), metadata(0, "user.id"));
        CPPUNIT_ASSERT_EQUAL(std::string(R"(unknown|unknown|NULL|NULL|NULL|NULL|ok|NULL|{"args":[],"kwargs":{}}|NULL)"),
                             row(3));
        CPPUNIT_ASSERT_EQUAL(std::string("invoke_workflow"), metadata(3, "gen_ai.operation.name"));
        CPPUNIT_ASSERT_EQUAL(std::string("weather"), metadata(3, "traceloop.workflow.name"));
    }

    void testOpenInference() {
        CPPUNIT_ASSERT(json(fixture("openinference.json")).outcome == Received::Outcome::Stored);
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, _sink.traces.size());
        const std::string input =
            R"([{"content":"Be short.","role":"system"},{"content":"How is the weather in Bern?","role":"user"}]|)";
        CPPUNIT_ASSERT_EQUAL("openai|gpt-4o-mini-2024-07-18|120|30|150|NULL|ok|NULL|" + input +
                                 R"([{"content":"It is sunny in Bern.","role":"assistant"}])",
                             row(0));
        // It tells no usage when streaming: that is NULL, not a guess.
        CPPUNIT_ASSERT_EQUAL("openai|gpt-4o-mini|NULL|NULL|NULL|NULL|ok|NULL|" + input +
                                 R"([{"content":"It is sunny in Bern.","role":"assistant"}])",
                             row(1));
        CPPUNIT_ASSERT_EQUAL(
            "openai|gpt-4o-mini-2024-07-18|120|30|150|NULL|ok|NULL|" + input +
                R"([{"role":"assistant","tool_calls":[{"tool_call":{"function":{"arguments":"{\"city\":\"Bern\"}","name":"weather"},"id":"call_octagent"}}]}])",
            row(2));
        CPPUNIT_ASSERT_EQUAL(std::string("100"), metadata(0, "gen_ai.usage.cache_read.input_tokens"));
        CPPUNIT_ASSERT_EQUAL(std::string("12"), metadata(0, "gen_ai.usage.reasoning.output_tokens"));
    }

    void testSdkNode() {
        CPPUNIT_ASSERT(json(fixture("sdk-node.json")).outcome == Received::Outcome::Stored);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, _sink.traces.size());
        CPPUNIT_ASSERT_EQUAL(std::string("anthropic|claude-sonnet-4-5|50|5|55|NULL|ok|NULL|NULL|NULL"), row(0));
        CPPUNIT_ASSERT_EQUAL(std::string("anthropic|unknown|NULL|NULL|NULL|NULL|ok|NULL|NULL|NULL"), row(1));
        CPPUNIT_ASSERT_EQUAL(metadata(1, "span_id"), metadata(0, "parent_span_id"));
        CPPUNIT_ASSERT_EQUAL(metadata(1, "trace_id"), metadata(0, "trace_id"));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, _counts.skipped.value());
    }

    void testRepeatedRequestIsStoredOnce() {
        json(fixture("vercel.json"));
        json(fixture("vercel.json"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{10}, _sink.traces.size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, _sink.errors.size());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{10}, _counts.stored.value());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{10}, _counts.repeated.value());
        // Within a request as well.
        const std::string span = numbered(1, 1).substr(43, numbered(1, 1).size() - 43 - 6);
        std::string twice = numbered(1, 1);
        twice.insert(twice.size() - 6, "," + span);
        CPPUNIT_ASSERT(json(twice).outcome == Received::Outcome::Stored);
        CPPUNIT_ASSERT_EQUAL(std::size_t{11}, _sink.traces.size());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{11}, _counts.repeated.value());
    }

    void testRejectedSpans() {
        const std::string model = R"("attributes":[{"key":"gen_ai.request.model","value":{"stringValue":"m"}}])";
        const Received received = json(
            R"({"resourceSpans":[{"scopeSpans":[{"spans":[
                {"traceId":"","spanId":"eee19b7ec3c1b174",)" +
            model + R"(},
                {"traceId":"00000000000000000000000000000000","spanId":"eee19b7ec3c1b174",)" +
            model + R"(},
                {"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1",)" +
            model + R"(},
                {"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174",)" +
            model + "}]}]}]}");
        CPPUNIT_ASSERT(received.outcome == Received::Outcome::Stored);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, received.rejected);
        CPPUNIT_ASSERT(received.message.find("3 spans") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, _sink.traces.size());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, _counts.rejected.value());
    }

    void testFullQueueIsBusyAndTheRetryExact() {
        int room = 30;
        _sink.onOffer = [&room] { return room-- > 0 ? Offer::Accepted : Offer::Full; };
        CPPUNIT_ASSERT(json(numbered(0, 100)).outcome == Received::Outcome::Busy);
        CPPUNIT_ASSERT_EQUAL(std::size_t{30}, _sink.traces.size());
        _sink.onOffer = [] { return Offer::Accepted; };
        CPPUNIT_ASSERT(json(numbered(0, 100)).outcome == Received::Outcome::Stored);
        CPPUNIT_ASSERT_EQUAL(std::size_t{100}, _sink.traces.size());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{30}, _counts.repeated.value());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, _counts.busy.value());
    }

    // A failed span is two events: the one that was taken must not come again with the other.
    void testTraceTakenErrorNot() {
        std::string body = numbered(0, 1);
        body.insert(body.find("\"name\""), "\"status\":{\"code\":2},");
        int room = 1;
        _sink.onOffer = [&room] { return room-- > 0 ? Offer::Accepted : Offer::Full; };
        CPPUNIT_ASSERT(json(body).outcome == Received::Outcome::Busy);
        _sink.onOffer = [] { return Offer::Accepted; };
        CPPUNIT_ASSERT(json(body).outcome == Received::Outcome::Stored);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, _sink.traces.size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, _sink.errors.size());
        CPPUNIT_ASSERT(!parsed(*_sink.errors[0]->metadata)->has("llm_traces.trace_id"));
        CPPUNIT_ASSERT(json(body).outcome == Received::Outcome::Stored);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, _sink.errors.size());
    }

    void testStopping() {
        _sink.onOffer = [] { return Offer::Stopping; };
        CPPUNIT_ASSERT(json(numbered(0, 1)).outcome == Received::Outcome::Busy);
    }

    void testWaitingBehindAnother() {
        auto impatient = settings();
        impatient.deadline = 50ms;
        make(impatient);
        std::atomic<bool> isInside{false};
        std::atomic<bool> mayGo{false};
        _sink.onOffer = [&] {
            isInside = true;
            while (!mayGo)
                std::this_thread::yield();
            return Offer::Accepted;
        };
        Received first;
        std::thread one([&] { first = json(numbered(0, 1)); });
        while (!isInside)
            std::this_thread::yield();
        const Received second = json(numbered(1, 1));
        mayGo = true;
        one.join();
        CPPUNIT_ASSERT(second.outcome == Received::Outcome::Busy);
        CPPUNIT_ASSERT(first.outcome == Received::Outcome::Stored);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, _sink.traces.size());
        CPPUNIT_ASSERT(json(numbered(1, 1)).outcome == Received::Outcome::Stored);
    }

    void testMalformedAndTooLarge() {
        CPPUNIT_ASSERT(json("{").outcome == Received::Outcome::Malformed);
        CPPUNIT_ASSERT(json(std::string((1 << 20) + 1, ' ')).outcome == Received::Outcome::TooLarge);
        CPPUNIT_ASSERT(_receiver->receive("no gzip", Encoding::Json, true).outcome == Received::Outcome::Malformed);
        auto narrow = settings();
        narrow.maxDecompressedBytes = 1000;
        make(narrow);
        CPPUNIT_ASSERT(_receiver->receive(fixture("exporter-http.json.gz"), Encoding::Json, true).outcome ==
                       Received::Outcome::TooLarge);
        CPPUNIT_ASSERT(_sink.traces.empty());
        // The gate is open again after each of them.
        CPPUNIT_ASSERT(json(numbered(0, 1)).outcome == Received::Outcome::Stored);
    }

    void testOtherSpans() {
        auto keeping = settings();
        keeping.keepOtherSpans = true;
        make(keeping);
        json(fixture("sdk-node.json"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, _sink.traces.size());
        CPPUNIT_ASSERT_EQUAL(std::string("unknown|unknown|NULL|NULL|NULL|NULL|ok|NULL|NULL|NULL"), row(1));
        CPPUNIT_ASSERT_EQUAL(std::string("GET"), metadata(1, "http.request.method"));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(TraceReceiverTest);
