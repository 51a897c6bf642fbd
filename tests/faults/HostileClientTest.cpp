// Clients that break the protocol, hang, or ask for too much, while others go on as if nothing was.

#include "FaultFixture.h"

#include <sys/resource.h>

namespace octagent::test {

class HostileClientTest : public FaultFixture {
    CPPUNIT_TEST_SUITE(HostileClientTest);
    CPPUNIT_TEST(testFramingMatrix);
    CPPUNIT_TEST(testTwoHundredHangingClients);
    CPPUNIT_TEST(testIdleConnectionsBeyondTheBoundLockNobodyOut);
    CPPUNIT_TEST(testDescriptorsExhausted);
    CPPUNIT_TEST(testJsonBombs);
    CPPUNIT_TEST(testGzipIsRefused);
    CPPUNIT_TEST(testHeadersCannotForgeALogLine);
    CPPUNIT_TEST(testBrowsers);
    CPPUNIT_TEST(testUnixSocket);
    CPPUNIT_TEST_SUITE_END();

protected:
    // Each is answered once with a refusal, the connection is closed, and what follows the request on the wire is
    // never taken for another one.
    void testFramingMatrix() {
        start(setup());
        const std::string hidden = "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                   "Content-Length: 29\r\n\r\n{\"provider\":\"p\",\"model\":\"no\"}";
        const std::vector<std::pair<std::string, int>> matrix = {
            {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
            {"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400},
            {"Content-Length: 5, 6\r\n\r\nhello", 400},
            {"Content-Length: -1\r\n\r\n", 400},
            {"Content-Length: +5\r\n\r\nhello", 400},
            {"Content-Length: 0x5\r\n\r\nhello", 400},
            {"Content-Length: 99999999999999999999999\r\n\r\n", 400},
            {"Content-Length: 99999999999\r\n\r\n", 413},
            {"\r\n", 411},
            {"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 0},
            {"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 0},
            {"Transfer-Encoding: identity\r\n\r\n", 0},
            {"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
            {"Transfer-Encoding: chunked\r\n\r\n-1\r\n", 400},
            {"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", 0},
            {"Transfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n", 400},
            {"Content-Length : 5\r\n\r\nhello", 400},
            {"X: a\r\n folded\r\nContent-Length: 5\r\n\r\nhello", 400},
            {"no colon here\r\nContent-Length: 5\r\n\r\nhello", 400},
        };
        for (const auto& [framing, status] : matrix) {
            HttpClient client(agent().port());
            client.send("POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + framing +
                        hidden);
            const auto reply = client.read();
            CPPUNIT_ASSERT_MESSAGE(framing + reply.body, reply.status >= 400 && reply.status < 600);
            if (status != 0)
                CPPUNIT_ASSERT_EQUAL_MESSAGE(framing + reply.body, status, reply.status);
            CPPUNIT_ASSERT_MESSAGE(framing, reply.closes());
            CPPUNIT_ASSERT_MESSAGE("a second answer, or no end, after " + framing, client.isClosed());
        }
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, healthNumber("events_received"));
        ClientLog none;
        assertRecovered("framing matrix of " + std::to_string(matrix.size()), none);
    }

    void testTwoHundredHangingClients() {
        start(setup());
        std::vector<std::unique_ptr<HttpClient>> hanging;
        for (int i = 0; i < 200; ++i) {
            hanging.push_back(std::make_unique<HttpClient>(agent().port()));
            const std::vector<std::string> parts = {
                "", "POST /v1/tra", "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\n",
                "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                "Content-Length: 1000\r\n\r\n{\"provider\""};
            hanging.back()->send(parts[static_cast<std::size_t>(i) % parts.size()]);
        }
        startLoad(500);
        for (int i = 0; i < 50; ++i)
            CPPUNIT_ASSERT_EQUAL(200, get(agent().port(), "/health").status);
        awaitProgress();
        // Those in the middle of a request are told that their time is up; nobody else is.
        const auto reply = hanging[2]->read();
        CPPUNIT_ASSERT_EQUAL(408, reply.status);
        hanging.clear();
        assertRecovered("200 clients hang in header, body and between requests", finishLoad());
    }

    void testIdleConnectionsBeyondTheBoundLockNobodyOut() {
        AgentSetup how = setup();
        how.keys["http.maxConnections"] = "50";
        start(how);
        std::vector<std::unique_ptr<HttpClient>> idle;
        for (int i = 0; i < 80; ++i) {
            idle.push_back(std::make_unique<HttpClient>(agent().port()));
            CPPUNIT_ASSERT_EQUAL(200, idle.back()->get("/health").status);
        }
        CPPUNIT_ASSERT_EQUAL(202, post(agent().port(), "/v1/traces", R"({"provider":"p","model":"m"})").status);
        settledBooks(agent().port());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, countRows(databasePath()));
        CPPUNIT_ASSERT_EQUAL(0, agent().stop());
    }

    void testDescriptorsExhausted() {
        start(setup());
        letLoadReconnect();
        startLoad(300);
        awaitProgress();
        const rlimit few{40, 4096};
        CPPUNIT_ASSERT_EQUAL(0, ::prlimit(agent().pid(), RLIMIT_NOFILE, &few, nullptr));
        std::vector<std::unique_ptr<HttpClient>> greedy;
        for (int i = 0; i < 100; ++i)
            greedy.push_back(std::make_unique<HttpClient>(agent().port()));
        // The longest idle give way: the load's clients come again, and the database goes on.
        const auto before = countRows(databasePath());
        eventually("rows are stored meanwhile", [&] { return countRows(databasePath()) > before + 100; });
        greedy.clear();
        eventually("a new client is served", [&] { return get(agent().port(), "/health").status == 200; });
        awaitProgress();
        assertRecovered("descriptors exhausted", finishLoad());
    }

    void testJsonBombs() {
        start(setup());
        const std::string head = R"({"provider":"p","model":"m","metadata":)";
        const std::vector<std::string> bombs = {
            head + std::string(1'000'000, '[') + std::string(1'000'000, ']') + "}",
            head + repeated("{\"a\":", 100'000) + "1" + std::string(100'000, '}') + "}",
            head + "[" + repeated("1,", 500'000) + "1]}",
            head + std::string(1'000'000, '9') + "}",
            "{\"" + std::string(1'000'000, 'k') + R"(":1,"provider":"p","model":"m"})",
            "{" + repeated(R"("a":1,)", 100'000) + R"("provider":"p","model":"m"})",
            "[" + repeated("{},", 100'000) + "{}]",
        };
        for (const auto& bomb : bombs) {
            const auto status = post(agent().port(), "/v1/traces", bomb).status;
            CPPUNIT_ASSERT_MESSAGE(bomb.substr(0, 60), status == 400 || status == 413);
        }
        ClientLog none;
        assertRecovered("JSON bombs", none);
    }

    void testGzipIsRefused() {
        start(setup());
        const auto reply = post(agent().port(), "/v1/traces", "\x1f\x8b\x08", {{"Content-Encoding", "gzip"}});
        CPPUNIT_ASSERT_EQUAL(415, reply.status);
        CPPUNIT_ASSERT_EQUAL(0, agent().stop());
    }

    void testHeadersCannotForgeALogLine() {
        AgentSetup how = setup();
        how.keys["log.level"] = "trace";
        start(how);
        const HttpHeaders forged = {{"X-Name", "=?utf-8?q?=0D=0A{=22message=22:=22forged=22}?="},
                                    {"Host", "evil=0D=0A.example"}};
        CPPUNIT_ASSERT_EQUAL(403, get(agent().port(), "/hello", forged).status);
        post(agent().port(), "/v1/traces", "{\"provider\":\"\\n{\\\"message\\\":\\\"forged\\\"}\"}");
        CPPUNIT_ASSERT_EQUAL(0, agent().stop());
        for (const auto& entry : agent().log()) // which fails where a line is no JSON object
            CPPUNIT_ASSERT(entry->optValue<std::string>("message", "") != "forged");
    }

    void testBrowsers() {
        start(setup());
        const std::string body = R"({"provider":"p","model":"m"})";
        const auto status = [&](const HttpHeaders& headers) {
            const auto reply = post(agent().port(), "/v1/traces", body, headers);
            for (const auto& [name, value] : reply.headers)
                CPPUNIT_ASSERT_MESSAGE(name, name.find("access-control") == std::string::npos);
            return reply.status;
        };
        CPPUNIT_ASSERT_EQUAL(403, status({{"Host", "attacker.example"}}));
        CPPUNIT_ASSERT_EQUAL(403, status({{"Host", "127.0.0.1.attacker.example"}}));
        CPPUNIT_ASSERT_EQUAL(403, status({{"Origin", "http://attacker.example"}}));
        CPPUNIT_ASSERT_EQUAL(403, status({{"Origin", "null"}}));
        CPPUNIT_ASSERT_EQUAL(415, status({{"Content-Type", "text/plain"}}));
        CPPUNIT_ASSERT_EQUAL(415, status({{"Content-Type", "application/x-www-form-urlencoded"}}));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, healthNumber("events_received"));
        CPPUNIT_ASSERT_EQUAL(202, status({}));
        CPPUNIT_ASSERT_EQUAL(0, agent().stop());
    }

    void testUnixSocket() {
        AgentSetup how = setup();
        const auto path = directory() / "agent.sock";
        how.keys["http.unixSocket"] = path;
        start(how);
        Poco::Net::StreamSocket socket{Poco::Net::SocketAddress(Poco::Net::AddressFamily::UNIX_LOCAL, path)};
        const std::string request = requestText("POST", "/v1/traces", R"({"provider":"p","model":"m"})",
                                                {{"Content-Type", "application/json"}}, "localhost");
        socket.sendBytes(request.data(), static_cast<int>(request.size()));
        std::string answer(4096, '\0');
        answer.resize(static_cast<std::size_t>(socket.receiveBytes(answer.data(), static_cast<int>(answer.size()))));
        CPPUNIT_ASSERT_MESSAGE(answer, answer.find("HTTP/1.1 202") == 0);
        settledBooks(agent().port());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, countRows(databasePath()));
        CPPUNIT_ASSERT_EQUAL(0, agent().stop());
    }

private:
    static std::string repeated(const std::string& text, std::size_t times) {
        std::string all;
        all.reserve(text.size() * times);
        for (std::size_t i = 0; i < times; ++i)
            all += text;
        return all;
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HostileClientTest);

} // namespace octagent::test
