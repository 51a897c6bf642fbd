// The rules of OTLP/HTTP, each by requests written by hand, against the real binary with the real plugin.

#include "OtlpFixture.h"

#include <Poco/Net/ServerSocket.h>

using namespace octagent::test;
using octagent::otlp::test::field;
using octagent::otlp::test::wireAttribute;
using octagent::otlp::test::wireRequest;

class ConformanceTest : public OtlpFixture {
    CPPUNIT_TEST_SUITE(ConformanceTest);
    CPPUNIT_TEST(testSuccessInBothEncodings);
    CPPUNIT_TEST(testContentTypeWithParameters);
    CPPUNIT_TEST(testEmptyRequests);
    CPPUNIT_TEST(testGzipAndIdentity);
    CPPUNIT_TEST(testChunked);
    CPPUNIT_TEST(testTooLargeBeforeAndAfterDecompression);
    CPPUNIT_TEST(testMalformed);
    CPPUNIT_TEST(testPartialSuccess);
    CPPUNIT_TEST(testJsonRules);
    CPPUNIT_TEST(testGuards);
    CPPUNIT_TEST(testToken);
    CPPUNIT_TEST(testOtherSignalsAreDiscarded);
    CPPUNIT_TEST(testCountedOnce);
    CPPUNIT_TEST(testRepeatedSpan);
    CPPUNIT_TEST(testFailedSpan);
    CPPUNIT_TEST(testTextLimit);
    CPPUNIT_TEST(testOtherSpans);
    CPPUNIT_TEST(testDisabled);
    CPPUNIT_TEST(testAddressTaken);
    CPPUNIT_TEST_SUITE_END();

    static std::string chat(int number, const std::string& more = "") {
        return span(number, R"("kind":3,"attributes":[{"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},)"
                            R"({"key":"gen_ai.provider.name","value":{"stringValue":"openai"}},)"
                            R"({"key":"gen_ai.request.model","value":{"stringValue":"gpt-4o"}},)"
                            R"({"key":"gen_ai.usage.input_tokens","value":{"intValue":"7"}}])" +
                                more);
    }
    static std::string wireChat(const std::string& spanId) {
        return field(1, "0123456789abcdef") + field(2, spanId) + field(5, "chat") +
               field(9, wireAttribute("gen_ai.provider.name", field(1, "openai"))) +
               field(9, wireAttribute("gen_ai.request.model", field(1, "gpt-4o"))) +
               field(9, wireAttribute("gen_ai.usage.input_tokens", field(3, 7)));
    }

    void assertSuccess(const HttpReply& reply, const std::string& type) {
        CPPUNIT_ASSERT_EQUAL_MESSAGE(reply.body, 200, reply.status);
        CPPUNIT_ASSERT_EQUAL(type, reply.headers.at("content-type"));
        CPPUNIT_ASSERT_EQUAL(std::string(type == "application/json" ? "{}" : ""), reply.body);
    }
    // A google.rpc.Status in the encoding of the request.
    static void assertStatus(const HttpReply& reply, int status, int code, const std::string& type) {
        CPPUNIT_ASSERT_EQUAL_MESSAGE(reply.body, status, reply.status);
        CPPUNIT_ASSERT_EQUAL(type, reply.headers.at("content-type"));
        if (type == "application/json") {
            CPPUNIT_ASSERT_EQUAL(code, reply.json()->getValue<int>("code"));
            CPPUNIT_ASSERT(!reply.json()->getValue<std::string>("message").empty());
        } else {
            CPPUNIT_ASSERT(reply.body.starts_with(field(1, static_cast<std::uint64_t>(code)) + "\x12"));
        }
    }

public:
    void testSuccessInBothEncodings() {
        startOtlp();
        assertSuccess(traces(request(chat(1))), "application/json");
        assertSuccess(traces(wireRequest(wireChat("01234567")), {{"Content-Type", "application/x-protobuf"}}),
                      "application/x-protobuf");
        const auto rows = awaitRows(2);
        for (const auto& row : rows) {
            ASSERT_COLUMN(row, "provider", "openai");
            ASSERT_COLUMN(row, "model", "gpt-4o");
            ASSERT_COLUMN(row, "prompt_tokens", "7");
            ASSERT_COLUMN(row, "completion_tokens", "NULL");
            ASSERT_COLUMN(row, "status", "ok");
            ASSERT_COLUMN(row, "synced", "0");
            CPPUNIT_ASSERT_EQUAL(std::size_t{36}, shown(row, "trace_id").size());
        }
    }

    void testContentTypeWithParameters() {
        startOtlp();
        assertSuccess(traces(request(chat(1)), {{"Content-Type", "Application/JSON; charset=UTF-8"}}),
                      "application/json");
        assertSuccess(
            traces(wireRequest(wireChat("01234567")), {{"Content-Type", "application/x-protobuf; messageType=\"x\""}}),
            "application/x-protobuf");
        awaitRows(2);
    }

    void testEmptyRequests() {
        startOtlp();
        assertSuccess(traces("{}"), "application/json");
        assertSuccess(traces("", {{"Content-Type", "application/x-protobuf"}}), "application/x-protobuf");
    }

    void testGzipAndIdentity() {
        startOtlp();
        assertSuccess(traces(gzip(request(chat(1))), {{"Content-Encoding", "gzip"}}), "application/json");
        assertSuccess(traces(gzip(wireRequest(wireChat("01234567"))),
                             {{"Content-Type", "application/x-protobuf"}, {"Content-Encoding", "GZIP"}}),
                      "application/x-protobuf");
        assertSuccess(traces(request(chat(2)), {{"Content-Encoding", "identity"}}), "application/json");
        awaitRows(3);
        CPPUNIT_ASSERT_EQUAL(415, traces(request(chat(4)), {{"Content-Encoding", "deflate"}}).status);
        const std::string whole = gzip(request(chat(4)));
        assertStatus(traces(whole.substr(0, whole.size() - 1), {{"Content-Encoding", "gzip"}}), 400, 3,
                     "application/json");
        assertStatus(traces(request(chat(4)), {{"Content-Encoding", "gzip"}}), 400, 3, "application/json");
        assertRowsStay(3);
    }

    void testChunked() {
        startOtlp();
        for (const bool isZipped : {false, true}) {
            const std::string body = isZipped ? gzip(request(chat(2))) : request(chat(1));
            HttpClient client(otlpPort());
            std::string text = "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                               "Transfer-Encoding: chunked\r\n";
            text += isZipped ? "Content-Encoding: gzip\r\n\r\n" : "\r\n";
            client.send(text);
            char size[16];
            for (std::size_t at = 0; at < body.size(); at += 100) {
                const std::string part = body.substr(at, 100);
                std::snprintf(size, sizeof(size), "%zx\r\n", part.size());
                client.send(size + part + "\r\n");
            }
            client.send("0\r\n\r\n");
            assertSuccess(client.read(), "application/json");
        }
        awaitRows(2);
    }

    void testTooLargeBeforeAndAfterDecompression() {
        startOtlp({{"otlp.maxBodyBytes", "20000"}, {"otlp.maxDecompressedBytes", "50000"}});
        assertStatus(traces(std::string(20001, ' ')), 413, 8, "application/json");
        assertStatus(traces(std::string(20001, ' '), {{"Content-Type", "application/x-protobuf"}}), 413, 8,
                     "application/x-protobuf");
        // Found out while the body comes in.
        HttpClient chunked(otlpPort());
        chunked.send("POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-protobuf\r\n"
                     "Transfer-Encoding: chunked\r\n\r\n");
        chunked.send("4000\r\n" + std::string(0x4000, ' ') + "\r\n4000\r\n");
        assertStatus(chunked.read(), 413, 8, "application/x-protobuf");
        const std::string bomb = gzip(std::string(10000000, ' '));
        CPPUNIT_ASSERT(bomb.size() < 20000);
        assertStatus(traces(bomb, {{"Content-Encoding", "gzip"}}), 413, 8, "application/json");
        assertStatus(traces(bomb, {{"Content-Encoding", "gzip"}, {"Content-Type", "application/x-protobuf"}}), 413, 8,
                     "application/x-protobuf");
        assertSuccess(traces(gzip(request(chat(1)) + std::string(40000, ' ')), {{"Content-Encoding", "gzip"}}),
                      "application/json");
        awaitRows(1);
    }

    void testMalformed() {
        startOtlp();
        assertStatus(traces("{"), 400, 3, "application/json");
        assertStatus(traces("[]"), 400, 3, "application/json");
        assertStatus(traces(request(chat(1)) + "x"), 400, 3, "application/json");
        assertStatus(traces("{\"resourceSpans\":\"\xff\"}"), 400, 3, "application/json");
        assertStatus(traces(request(chat(1)), {{"Content-Type", "application/x-protobuf"}}), 400, 3,
                     "application/x-protobuf");
        const std::string whole = wireRequest(wireChat("01234567"));
        assertStatus(traces(whole.substr(0, whole.size() - 1), {{"Content-Type", "application/x-protobuf"}}), 400, 3,
                     "application/x-protobuf");
        // One bad span fails the whole request: nothing of it is stored.
        assertStatus(traces(request(chat(1) + "," + span(2, R"("name":5)"))), 400, 3, "application/json");
        assertRowsStay(0);
    }

    void testPartialSuccess() {
        startOtlp();
        std::string zeros = chat(1);
        zeros.replace(zeros.find(traceId), traceId.size(), std::string(32, '0'));
        const auto reply = traces(request(chat(1) + "," + zeros));
        CPPUNIT_ASSERT_EQUAL(200, reply.status);
        const auto partial = reply.json()->getObject("partialSuccess");
        CPPUNIT_ASSERT_EQUAL(std::string("1"), partial->getValue<std::string>("rejectedSpans"));
        CPPUNIT_ASSERT(partial->get("rejectedSpans").isString());
        CPPUNIT_ASSERT(!partial->getValue<std::string>("errorMessage").empty());
        const auto wire = traces(wireRequest(wireChat("")), {{"Content-Type", "application/x-protobuf"}});
        CPPUNIT_ASSERT_EQUAL(200, wire.status);
        CPPUNIT_ASSERT_EQUAL(std::string("application/x-protobuf"), wire.headers.at("content-type"));
        CPPUNIT_ASSERT(wire.body.size() > 4 && wire.body[0] == '\x0a' && wire.body.substr(2, 2) == "\x08\x01");
        awaitRows(1);
        assertRowsStay(1);
    }

    void testJsonRules() {
        startOtlp();
        // Ids in any case are the same ids.
        std::string upper = chat(1);
        upper.replace(upper.find(traceId), traceId.size(), traceIdUpper);
        assertSuccess(traces(request(chat(1))), "application/json");
        assertSuccess(traces(request(upper)), "application/json");
        // Integers as text or number, times too; fields nobody knows; enums are integers.
        assertSuccess(
            traces(R"({"new":{"a":[1]},"resourceSpans":[{"new":1,"scopeSpans":[{"spans":[{"traceId":")" +
                   std::string(traceId) +
                   R"(","spanId":"00000000000000aa","new":null,"kind":3,"startTimeUnixNano":1700000000000000000,)"
                   R"("endTimeUnixNano":"1700000000250000000","status":{"code":1,"new":1},"attributes":[)"
                   R"({"key":"gen_ai.request.model","value":{"stringValue":"m"}},)"
                   R"({"key":"gen_ai.usage.input_tokens","value":{"intValue":12}},)"
                   R"({"key":"gen_ai.usage.output_tokens","value":{"intValue":"30"}}]}]}]}]})"),
            "application/json");
        const auto rows = awaitRows(2);
        ASSERT_COLUMN(rows[1], "prompt_tokens", "12");
        ASSERT_COLUMN(rows[1], "completion_tokens", "30");
        ASSERT_COLUMN(rows[1], "total_tokens", "42");
        ASSERT_COLUMN(rows[1], "latency_ms", "250");
        ASSERT_COLUMN(rows[1], "status", "ok");
        CPPUNIT_ASSERT_EQUAL(std::string("00000000000000aa"), metadata(rows[1], "span_id"));
        CPPUNIT_ASSERT_EQUAL(std::string(traceId), metadata(rows[1], "trace_id"));
        CPPUNIT_ASSERT_EQUAL(std::string("CLIENT"), metadata(rows[1], "kind"));
        assertStatus(traces(request(span(3, R"("kind":"SPAN_KIND_CLIENT")"))), 400, 3, "application/json");
        assertRowsStay(2);
    }

    void testGuards() {
        startOtlp();
        const auto status = [this](const std::string& method, const std::string& path, const HttpHeaders& headers) {
            return HttpClient(otlpPort()).request(method, path, request(chat(1)), headers);
        };
        const std::pair<std::string, std::string> json{"Content-Type", "application/json"};
        const std::pair<std::string, std::string> protobuf{"Content-Type", "application/x-protobuf"};
        for (const auto& type : {json, protobuf}) {
            const std::string& wanted = type.second;
            assertStatus(status("POST", "/v1/other", {type}), 404, 5, wanted);
            assertStatus(status("POST", "/v1/errors", {type}), 404, 5, wanted); // the agent's own is elsewhere
            const auto wrongMethod = status("PUT", "/v1/traces", {type});
            assertStatus(wrongMethod, 405, 12, wanted);
            CPPUNIT_ASSERT_EQUAL(std::string("POST"), wrongMethod.headers.at("allow"));
            assertStatus(status("POST", "/v1/traces", {type, {"Content-Encoding", "br"}}), 415, 3, wanted);
            assertStatus(status("POST", "/v1/traces", {type, {"Origin", "http://evil.example"}}), 403, 7, wanted);
            assertStatus(status("POST", "/v1/traces", {type, {"Host", "evil.example"}}), 403, 7, wanted);
        }
        assertStatus(status("POST", "/v1/traces", {{"Content-Type", "text/plain"}}), 415, 3, "application/json");
        HttpClient garbage(otlpPort());
        garbage.send("nonsense\r\n\r\n");
        assertStatus(garbage.read(), 400, 3, "application/json");
        assertRowsStay(0);
    }

    void testToken() {
        startOtlp({{"http.token", "secret"}});
        assertStatus(traces(request(chat(1))), 401, 16, "application/json");
        const auto refused = traces("", {{"Content-Type", "application/x-protobuf"}});
        assertStatus(refused, 401, 16, "application/x-protobuf");
        CPPUNIT_ASSERT_EQUAL(std::string("Bearer"), refused.headers.at("www-authenticate"));
        assertSuccess(traces(request(chat(1)), {{"Authorization", "Bearer secret"}}), "application/json");
        awaitRows(1);
    }

    void testOtherSignalsAreDiscarded() {
        startOtlp();
        for (const auto* const path : {"/v1/metrics", "/v1/logs"}) {
            for (int i = 0; i < 3; ++i) {
                assertSuccess(post(path, R"({"resourceMetrics":[]})", {}), "application/json");
                assertSuccess(post(path, "anything", {{"Content-Type", "application/x-protobuf"}}),
                              "application/x-protobuf");
            }
        }
        int told = 0;
        for (const auto& line : agent().log())
            told += line->optValue<std::string>("message", "").find("discarding") != std::string::npos ? 1 : 0;
        CPPUNIT_ASSERT_EQUAL(2, told);
        assertRowsStay(0);
    }

    void testCountedOnce() {
        startOtlp();
        const std::string agentSpan =
            span(1, R"("attributes":[{"key":"gen_ai.operation.name","value":{"stringValue":"invoke_agent"}},)"
                    R"({"key":"gen_ai.usage.input_tokens","value":{"intValue":"7"}},)"
                    R"({"key":"gen_ai.usage.cost","value":{"doubleValue":0.5}}])");
        const std::string child = chat(2, R"(,"parentSpanId":"0000000000000001")");
        assertSuccess(traces(request(child + "," + agentSpan)), "application/json");
        const auto rows = awaitRows(2);
        ASSERT_COLUMN(rows[0], "prompt_tokens", "7");
        ASSERT_COLUMN(rows[0], "cost_usd", "NULL"); // nobody sent it for this span
        ASSERT_COLUMN(rows[1], "prompt_tokens", "NULL");
        ASSERT_COLUMN(rows[1], "total_tokens", "NULL");
        ASSERT_COLUMN(rows[1], "cost_usd", "NULL");
        CPPUNIT_ASSERT_EQUAL(std::string("0000000000000001"), metadata(rows[0], "parent_span_id"));
    }

    void testRepeatedSpan() {
        startOtlp();
        for (int i = 0; i < 3; ++i)
            assertSuccess(traces(request(chat(1) + "," + chat(2) + "," + chat(1))), "application/json");
        awaitRows(2);
        assertRowsStay(2);
    }

    void testFailedSpan() {
        startOtlp();
        assertSuccess(
            traces(request(chat(1, R"(,"status":{"code":2,"message":"it failed"},"events":[{"name":"exception",)"
                                   R"("attributes":[{"key":"exception.type","value":{"stringValue":"Timeout"}},)"
                                   R"({"key":"exception.stacktrace","value":{"stringValue":"at x"}}]}])"))),
            "application/json");
        const Row row = awaitRows(1).at(0);
        ASSERT_COLUMN(row, "status", "error");
        ASSERT_COLUMN(row, "error_type", "Timeout");
        eventually("a row in error_events", [this] { return count("error_events") == 1; });
        const Row error = Database(databasePath()).only("SELECT * FROM error_events");
        ASSERT_COLUMN(error, "error_type", "Timeout");
        ASSERT_COLUMN(error, "message", "it failed");
        ASSERT_COLUMN(error, "stack_trace", "at x");
        ASSERT_COLUMN(error, "severity", "error");
        CPPUNIT_ASSERT_EQUAL(shown(row, "trace_id"), metadata(error, "llm_traces.trace_id"));
    }

    void testTextLimit() {
        auto how = otlpSetup();
        how.environment["OCT_MAX_TEXT_BYTES"] = "100";
        startWith(how);
        const std::string text(150, 'x');
        assertSuccess(
            traces(request(span(1, R"("attributes":[{"key":"gen_ai.request.model","value":{"stringValue":"m"}},)"
                                   R"({"key":"gen_ai.prompt","value":{"stringValue":")" +
                                       text + R"("}}])"))),
            "application/json");
        const Row row = awaitRows(1).at(0);
        ASSERT_COLUMN(row, "input_text", std::string(100, 'x'));
        CPPUNIT_ASSERT(shown(row, "metadata").find(R"("_truncated":{"input_text":150})") != std::string::npos);
    }

    void testOtherSpans() {
        startOtlp({{"otlp.keepOtherSpans", "true"}});
        assertSuccess(traces(request(span(1, R"("attributes":[{"key":"http.method","value":{"stringValue":"GET"}}])"))),
                      "application/json");
        const Row row = awaitRows(1).at(0);
        ASSERT_COLUMN(row, "provider", "unknown");
        CPPUNIT_ASSERT_EQUAL(std::string("GET"), metadata(row, "http.method"));
    }

    void testDisabled() {
        auto how = otlpSetup({{"otlp.enabled", "false"}});
        start(how);
        CPPUNIT_ASSERT_EQUAL(std::uint16_t{0}, agent().portOf("otlp"));
        CPPUNIT_ASSERT_EQUAL(200, get("/health").status);
    }

    // Port 4318 is everybody's: another collector there cost the agent its own endpoints.
    void testAddressTaken() {
        Poco::Net::ServerSocket other(Poco::Net::SocketAddress("127.0.0.1", 0));
        start(otlpSetup({{"otlp.listen", other.address().toString()}}));
        CPPUNIT_ASSERT_EQUAL(std::uint16_t{0}, agent().portOf("otlp"));
        CPPUNIT_ASSERT_EQUAL(std::string("degraded"), get("/health").text("status"));
        CPPUNIT_ASSERT_EQUAL(
            202, octagent::test::post(agent().port(), "/v1/traces", R"({"provider":"p","model":"m"})").status);
        CPPUNIT_ASSERT(agent().output().find(other.address().toString()) != std::string::npos);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ConformanceTest);
