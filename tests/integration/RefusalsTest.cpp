// What is refused, with which status, and that nothing of it is stored or left behind on the connection.

#include "AgentFixture.h"

namespace octagent::test {

class RefusalsTest : public AgentFixture {
    CPPUNIT_TEST_SUITE(RefusalsTest);
    CPPUNIT_TEST(testInvalidTracesNameTheField);
    CPPUNIT_TEST(testInvalidErrorsNameTheField);
    CPPUNIT_TEST(testMalformedBodies);
    CPPUNIT_TEST(testPathsAndMethods);
    CPPUNIT_TEST(testContentTypes);
    CPPUNIT_TEST(testHostAndOrigin);
    CPPUNIT_TEST(testToken);
    CPPUNIT_TEST(testMissingLength);
    CPPUNIT_TEST(testBodyOverTheLimit);
    CPPUNIT_TEST(testDataTooLargeForMetadata);
    CPPUNIT_TEST(testARefusalLeavesNothingOnTheConnection);
    CPPUNIT_TEST(testKeepAlive);
    CPPUNIT_TEST(testCloseOnRequest);
    CPPUNIT_TEST_SUITE_END();

protected:
    static constexpr auto valid = R"({"provider":"p","model":"m"})";

    void assertRefused(int status, const HttpReply& reply) {
        CPPUNIT_ASSERT_EQUAL_MESSAGE(reply.body, status, reply.status);
        CPPUNIT_ASSERT_EQUAL(std::string("application/json"), reply.headers.at("content-type"));
        CPPUNIT_ASSERT(!reply.error().empty());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, reply.json()->size());
        CPPUNIT_ASSERT(!reply.reason.empty() && (status < 400 || reply.reason != "OK"));
    }

    void assertNamed(const std::string& path, const std::string& body, const std::string& field) {
        const auto reply = post(path, body);
        assertRefused(400, reply);
        CPPUNIT_ASSERT_MESSAGE(body + " -> " + reply.body, reply.error().find(field) != std::string::npos);
    }

    // After something valid was stored, nothing else is there.
    void assertNothingElseStored() {
        stored("/v1/traces", valid);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, countRows(databasePath()));
    }

    void testInvalidTracesNameTheField() {
        start();
        const std::string head = R"({"provider":"p","model":"m",)";
        assertNamed("/v1/traces", R"({"model":"m"})", "provider");
        assertNamed("/v1/traces", R"({"provider":"p"})", "model");
        assertNamed("/v1/traces", R"({"provider":"","model":"m"})", "provider");
        assertNamed("/v1/traces", R"({"provider":null,"model":"m"})", "provider");
        assertNamed("/v1/traces", R"({"provider":"p","model":5})", "model");
        assertNamed("/v1/traces", head + R"("prompt_tokens":-1})", "prompt_tokens");
        assertNamed("/v1/traces", head + R"("prompt_tokens":1.5})", "prompt_tokens");
        assertNamed("/v1/traces", head + R"("completion_tokens":"1"})", "completion_tokens");
        assertNamed("/v1/traces", head + R"("total_tokens":99999999999999999999})", "total_tokens");
        assertNamed("/v1/traces", head + R"("latency_ms":true})", "latency_ms");
        assertNamed("/v1/traces", head + R"("cost_usd":-0.1})", "cost_usd");
        assertNamed("/v1/traces", head + R"("cost_usd":1e999})", "cost_usd");
        assertNamed("/v1/traces", head + R"("input_text":{}})", "input_text");
        assertNamed("/v1/traces", head + R"("status":1})", "status");
        assertNamed("/v1/traces", head + R"("model":"again"})", "model");
        assertNamed("/v1/traces", head + R"("extra":1,"extra":2})", "extra");
        assertNamed("/v1/traces", head + R"("input_text":"a\u0000b"})", "input_text");
        assertNothingElseStored();
    }

    void testInvalidErrorsNameTheField() {
        start();
        assertNamed("/v1/errors", R"({"message":"m"})", "error_type");
        assertNamed("/v1/errors", R"({"error_type":"crash"})", "message");
        assertNamed("/v1/errors", R"({"error_type":"crash","message":""})", "message");
        assertNamed("/v1/errors", R"({"error_type":"crash","message":"m","severity":[]})", "severity");
        assertNamed("/v1/errors", R"({"error_type":"crash","message":"m","stack_trace":3})", "stack_trace");
        assertNothingElseStored();
    }

    void testMalformedBodies() {
        start();
        std::string deep = R"({"provider":"p","model":"m","x":)";
        deep += std::string(70, '[') + std::string(70, ']') + "}";
        for (const std::string& body :
             {std::string(), std::string("{"), std::string("null"), std::string("\"text\""), std::string("[1]"),
              std::string(R"({"provider":"p","model":"m"} x)"), std::string(R"({"provider":"p","model":"m",})"),
              std::string("{\"provider\":\"p\",\"model\":\"\xC3\x28\"}"), deep})
            assertRefused(400, post("/v1/traces", body));
        assertNothingElseStored();
    }

    void testPathsAndMethods() {
        start();
        assertRefused(404, get("/nothing"));
        assertRefused(404, post("/v1/traces/more", valid));
        for (const char* method : {"GET", "PUT", "DELETE"}) {
            const auto reply = HttpClient(agent().port()).request(method, "/v1/traces", "");
            assertRefused(405, reply);
            CPPUNIT_ASSERT_EQUAL(std::string("POST"), reply.headers.at("allow"));
        }
        const auto reply = post("/health", "{}");
        assertRefused(405, reply);
        CPPUNIT_ASSERT(reply.headers.at("allow").find("GET") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(202, post("/v1/traces?source=test", valid).status);
    }

    void testContentTypes() {
        start();
        assertRefused(415, post("/v1/traces", valid, {{"Content-Type", "text/plain"}}));
        assertRefused(415, post("/v1/traces", valid, {{"Content-Type", "application/x-www-form-urlencoded"}}));
        HttpClient client(agent().port());
        client.send("POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}");
        assertRefused(415, client.read());
        assertNothingElseStored();
    }

    void testHostAndOrigin() {
        start();
        assertRefused(403, post("/v1/traces", valid, {{"Host", "evil.example"}}));
        assertRefused(403, post("/v1/traces", valid, {{"Origin", "https://evil.example"}}));
        CPPUNIT_ASSERT_EQUAL(202, post("/v1/traces", valid, {{"Host", "localhost"}}).status);
        CPPUNIT_ASSERT(post("/v1/traces", valid).headers.count("access-control-allow-origin") == 0);
    }

    void testToken() {
        auto how = setup();
        how.keys["http.token"] = "correct-horse-battery-staple";
        start(how);
        assertRefused(401, post("/v1/traces", valid));
        assertRefused(401, post("/v1/traces", valid, {{"Authorization", "Bearer wrong"}}));
        assertRefused(401, get("/metrics"));
        CPPUNIT_ASSERT_EQUAL(200, get("/health").status);
        const HttpHeaders authorized{{"Authorization", "Bearer correct-horse-battery-staple"}};
        CPPUNIT_ASSERT_EQUAL(202, post("/v1/traces", valid, authorized).status);
        CPPUNIT_ASSERT_EQUAL(200, get("/metrics", authorized).status);
    }

    void testMissingLength() {
        start();
        HttpClient client(agent().port());
        client.send("POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\r\n");
        const auto reply = client.read();
        assertRefused(411, reply);
        CPPUNIT_ASSERT(reply.closes());
        CPPUNIT_ASSERT(client.isClosed());
    }

    void testBodyOverTheLimit() {
        auto how = setup();
        how.keys["http.maxBodyBytes"] = "1024";
        start(how);
        HttpClient client(agent().port());
        client.send("POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    "Content-Length: 1025\r\n\r\n");
        const auto reply = client.read(); // before any of the body came
        assertRefused(413, reply);
        CPPUNIT_ASSERT(reply.closes());
        CPPUNIT_ASSERT(client.isClosed());

        const std::string body = R"({"provider":"p","model":"m","input_text":")" + std::string(900, 'x') + "\"}";
        CPPUNIT_ASSERT_EQUAL(202, post("/v1/traces", body).status);
    }

    void testDataTooLargeForMetadata() {
        start();
        std::string parts;
        for (int i = 0; i < 5; ++i)
            parts += (i == 0 ? "" : ",") + ("\"k" + std::to_string(i)) + "\":\"" + std::string(16000, 'x') + "\"";
        assertNamed("/v1/traces", R"({"provider":"p","model":"m","metadata":{)" + parts + "}}", "metadata");
        assertNothingElseStored();
    }

    // A refused body that looks like a request is never taken for one.
    void testARefusalLeavesNothingOnTheConnection() {
        start();
        const std::string hidden = requestText("POST", "/v1/traces", valid, {}, "localhost");
        for (const auto& [path, headers] : {std::pair<std::string, HttpHeaders>{"/nothing", {}},
                                            {"/v1/traces", {{"Content-Type", "text/plain"}}},
                                            {"/v1/traces", {{"Host", "evil.example"}}},
                                            {"/health", {}},
                                            {"/v1/traces", {}}}) {
            HttpClient client(agent().port());
            const auto reply = client.post(path, hidden, headers);
            CPPUNIT_ASSERT(reply.status >= 400);
            if (reply.closes())
                CPPUNIT_ASSERT(client.isClosed());
            else
                CPPUNIT_ASSERT_EQUAL(200, client.get("/health").status);
        }
        assertNothingElseStored();
    }

    void testKeepAlive() {
        start();
        HttpClient client(agent().port());
        for (int i = 0; i < 20; ++i) {
            const auto reply = client.post("/v1/traces", valid);
            CPPUNIT_ASSERT_EQUAL(202, reply.status);
            CPPUNIT_ASSERT(!reply.closes());
            CPPUNIT_ASSERT_EQUAL(200, client.get("/health").status);
        }
        eventually("20 rows", [&] { return countRows(databasePath()) == 20; });
    }

    void testCloseOnRequest() {
        start();
        HttpClient client(agent().port());
        CPPUNIT_ASSERT_EQUAL(202, client.post("/v1/traces", valid, {{"Connection", "close"}}).status);
        CPPUNIT_ASSERT(client.isClosed());
        HttpClient old(agent().port());
        old.send("GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(200, old.read().status);
        CPPUNIT_ASSERT(old.isClosed());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RefusalsTest);

} // namespace octagent::test
