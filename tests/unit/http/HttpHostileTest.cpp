// Clients that break the rules, hang, or are too many.

#include "TestServer.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <memory>
#include <thread>
#include <vector>

namespace octagent {

class HttpHostileTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(HttpHostileTest);
    CPPUNIT_TEST(testBadFramingIsRefusedOnce);
    CPPUNIT_TEST(testGarbageBehindBody);
    CPPUNIT_TEST(testEarlyRefusalNeedsNoBody);
    CPPUNIT_TEST(testRefusedClientReadsWhy);
    CPPUNIT_TEST(testAnnouncedBodyTooLarge);
    CPPUNIT_TEST(testChunkedBodyTooLarge);
    CPPUNIT_TEST(testRouteHasItsOwnLimit);
    CPPUNIT_TEST(testRebindingAndForeignPages);
    CPPUNIT_TEST(testBodyCutShort);
    CPPUNIT_TEST(testSlowHead);
    CPPUNIT_TEST(testSlowBody);
    CPPUNIT_TEST(testDrippingClientMeetsTheDeadline);
    CPPUNIT_TEST(testIdleConnectionIsClosed);
    CPPUNIT_TEST(testClientThatDoesNotRead);
    CPPUNIT_TEST(testEndlessSenderIsNotReadForEver);
    CPPUNIT_TEST(testHangingClientsStopNobody);
    CPPUNIT_TEST(testLongestIdleMakesRoom);
    CPPUNIT_TEST(testSlowestMakesRoom);
    CPPUNIT_TEST(testManyLargeRequestsAreBounded);
    CPPUNIT_TEST(testResetClients);
    CPPUNIT_TEST_SUITE_END();

    static HttpSettings shortTimes() {
        HttpSettings settings;
        settings.requestTimeout = std::chrono::milliseconds(300);
        settings.keepAliveTimeout = std::chrono::milliseconds(300);
        settings.lingerTimeout = std::chrono::milliseconds(300);
        return settings;
    }

    static std::string cutShort(const std::string& text) { return text.substr(0, text.size() - 2); }

    static std::size_t count(const std::string& text, const std::string& part) {
        std::size_t found = 0;
        for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
            ++found;
        return found;
    }

public:
    void testBadFramingIsRefusedOnce() {
        TestServer server;
        server.start();
        const std::string post = "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
        // Each is followed by what would be a request of its own, had the bad one been read differently.
        const std::vector<std::pair<int, std::string>> bad = {
            {400, post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
            {400, post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"},
            {400, post + "Content-Length: -5\r\n\r\nhello"},
            {400, post + "Content-Length: 99999999999999999999\r\n\r\nhello"},
            {411, post + "\r\nhello"},
            {400, post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
            {400, chunkedRequest("/echo", "x\r\n\r\n")},
            {400, chunkedRequest("/echo", "5\r\nhelloworld\r\n0\r\n\r\n")},
            {413, chunkedRequest("/echo", "fffffff\r\nhello\r\n0\r\n\r\n")},
            {400, "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
            {505, "GET /open HTTP/3.0\r\nHost: localhost\r\n\r\n"},
            {417, post + "Content-Length: 5\r\nExpect: x\r\n\r\nhello"},
            {414, "GET /" + std::string(10000, 'a') + " HTTP/1.1\r\nHost: localhost\r\n\r\n"},
            {431, post + "A: " + std::string(40000, 'a') + "\r\n\r\n"},
            {400, "GET /open HTTP/1.1\r\n\r\n"},
            {400, "GET /open HTTP/1.1\nHost: localhost\n\n"},
        };
        for (const auto& [status, text] : bad)
            for (const bool atOnce : {true, false}) {
                RawClient client = server.client();
                const std::string all = text + requestText("GET", "/open") + requestText("GET", "/open");
                if (atOnce) {
                    client.trySend(all);
                } else {
                    for (std::size_t at = 0; at < all.size(); at += 7)
                        if (!client.trySend(all.substr(at, 7)))
                            break;
                }
                const std::string answer = client.readToEnd();
                CPPUNIT_ASSERT_EQUAL_MESSAGE(text, std::size_t{1}, count(answer, "\r\n\r\n"));
                CPPUNIT_ASSERT_EQUAL_MESSAGE(text, "HTTP/1.1 " + std::to_string(status), answer.substr(0, 12));
                CPPUNIT_ASSERT_MESSAGE(text, answer.find("Connection: close") != std::string::npos);
                CPPUNIT_ASSERT_MESSAGE(text, answer.find("{\"error\":\"") != std::string::npos);
            }
        CPPUNIT_ASSERT_EQUAL(0, server.handled.load());
    }

    void testGarbageBehindBody() {
        TestServer server;
        RawClient client = server.start().client();
        client.send(requestText("POST", "/echo", "hello") + "{\"more\":1}\r\n\r\n" + requestText("GET", "/open"));
        CPPUNIT_ASSERT_EQUAL(200, client.read().status);
        const auto answer = client.read();
        CPPUNIT_ASSERT_EQUAL(400, answer.status);
        CPPUNIT_ASSERT(answer.closes() && client.isClosed());
        CPPUNIT_ASSERT_EQUAL(1, server.handled.load());
    }

    void testEarlyRefusalNeedsNoBody() {
        HttpSettings settings;
        settings.token = "s3cret";
        TestServer server(settings);
        server.start();
        const std::string token = "Authorization: Bearer s3cret\r\n";
        const std::vector<std::pair<int, std::string>> refused = {
            {404, "POST /nowhere HTTP/1.1\r\nHost: localhost\r\n"},
            {405, "POST /open HTTP/1.1\r\nHost: localhost\r\n"},
            {401, "POST /echo HTTP/1.1\r\nHost: localhost\r\n"},
            {415, "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n" + token},
            {415, "POST /echo HTTP/1.1\r\nHost: localhost\r\n" + token},
            {415,
             "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n" +
                 token},
            {413, "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + token},
            {403, "POST /echo HTTP/1.1\r\nHost: evil.example\r\nContent-Type: application/json\r\n" + token},
        };
        for (const auto& [status, text] : refused) {
            RawClient client = server.client();
            // Announced, never sent: the answer comes all the same.
            const auto answer = client.ask(text + "Content-Length: 9000000\r\n\r\n");
            CPPUNIT_ASSERT_EQUAL_MESSAGE(text, status, answer.status);
            CPPUNIT_ASSERT_MESSAGE(text, answer.closes());
        }
        CPPUNIT_ASSERT_EQUAL(0, server.handled.load());
    }

    // The client sends its whole body before it looks for an answer; a plain close would reset the connection
    // and take the answer away from it.
    void testRefusedClientReadsWhy() {
        TestServer server;
        server.start();
        for (int i = 0; i < 20; ++i) {
            RawClient client = server.client();
            client.send(requestText("POST", "/nowhere", std::string(4'000'000, 'x')));
            CPPUNIT_ASSERT_EQUAL(404, client.read().status);
        }
    }

    void testAnnouncedBodyTooLarge() {
        HttpSettings settings;
        settings.maxBodyBytes = 10000;
        TestServer server(settings);
        server.start();
        CPPUNIT_ASSERT_EQUAL(200, server.client().ask(requestText("POST", "/echo", std::string(10000, 'x'))).status);
        RawClient client = server.client();
        client.trySend(requestText("POST", "/echo", std::string(10001, 'x')) + requestText("GET", "/open"));
        CPPUNIT_ASSERT_EQUAL(413, client.read().status);
        CPPUNIT_ASSERT(client.isClosed());
    }

    void testChunkedBodyTooLarge() {
        HttpSettings settings;
        settings.maxBodyBytes = 10000;
        TestServer server(settings);
        server.start();
        std::string chunks;
        for (int i = 0; i < 10; ++i)
            chunks += "3e8\r\n" + std::string(1000, 'x') + "\r\n";
        CPPUNIT_ASSERT_EQUAL(200, server.client().ask(chunkedRequest("/echo", chunks + "0\r\n\r\n")).status);
        RawClient client = server.client();
        client.send(chunkedRequest("/echo", chunks + "1\r\n")); // nothing more is needed
        CPPUNIT_ASSERT_EQUAL(413, client.read().status);
        CPPUNIT_ASSERT(client.isClosed());
    }

    void testRouteHasItsOwnLimit() {
        TestServer server;
        Route route{"POST", "/small"};
        route.maxBodyBytes = 10;
        server.add(route, [](HttpRequest&, Poco::Net::HTTPServerResponse& response) { response.send(); });
        server.start();
        CPPUNIT_ASSERT_EQUAL(200, server.client().ask(requestText("POST", "/small", "1234567890")).status);
        CPPUNIT_ASSERT_EQUAL(413, server.client().ask(requestText("POST", "/small", "12345678901")).status);
    }

    void testRebindingAndForeignPages() {
        TestServer server;
        server.start();
        const auto ask = [&server](const std::string& fields) {
            return server.client().ask("GET /open HTTP/1.1\r\n" + fields + "\r\n");
        };
        const std::string port = std::to_string(server.port);
        CPPUNIT_ASSERT_EQUAL(403, ask("Host: evil.example:" + port + "\r\n").status);
        CPPUNIT_ASSERT_EQUAL(403, ask("Host: localhost\r\nOrigin: http://evil.example\r\n").status);
        CPPUNIT_ASSERT_EQUAL(403, ask("Host: localhost\r\nSec-Fetch-Site: cross-site\r\n").status);
        const auto answer = ask("Host: localhost:" + port + "\r\nOrigin: http://localhost:" + port + "\r\n");
        CPPUNIT_ASSERT_EQUAL(200, answer.status);
        CPPUNIT_ASSERT(!answer.fields.contains("access-control-allow-origin"));
    }

    void testBodyCutShort() {
        TestServer server;
        server.start();
        for (const std::string& text :
             {cutShort(requestText("POST", "/echo", "hello")), chunkedRequest("/echo", "5\r\nhel"),
              chunkedRequest("/echo", "5\r\nhello\r\n"), std::string("POST /echo HT")}) {
            RawClient client = server.client();
            client.send(text);
            client.endSending();
            CPPUNIT_ASSERT_EQUAL_MESSAGE(text, 400, client.read().status);
            CPPUNIT_ASSERT(client.isClosed());
        }
        CPPUNIT_ASSERT_EQUAL(0, server.handled.load());
    }

    void testSlowHead() {
        TestServer server(shortTimes());
        RawClient client = server.start().client();
        const auto answer = client.ask("GET /open HTTP/1.1\r\nHost: local");
        CPPUNIT_ASSERT_EQUAL(408, answer.status);
        CPPUNIT_ASSERT(answer.closes() && client.isClosed());
    }

    void testSlowBody() {
        TestServer server(shortTimes());
        server.start();
        for (const std::string& text :
             {cutShort(requestText("POST", "/echo", "hello")), chunkedRequest("/worker", "5\r\nhel")}) {
            RawClient client = server.client();
            CPPUNIT_ASSERT_EQUAL(408, client.ask(text).status);
            CPPUNIT_ASSERT(client.isClosed());
        }
    }

    // The deadline is for the whole request: each byte in time does not help.
    void testDrippingClientMeetsTheDeadline() {
        TestServer server(shortTimes());
        RawClient client = server.start().client();
        CPPUNIT_ASSERT_EQUAL(200, client.ask(requestText("GET", "/open")).status);
        client.send("GET /open HTTP/1.1\r\nHost: localhost\r\n");
        std::atomic<bool> done{false};
        std::thread dripping([&] {
            while (!done && client.trySend("A: b\r\n"))
                Poco::Event().tryWait(20);
        });
        int status = 0;
        try {
            status = client.read().status;
        } catch (const Poco::Exception&) {
            status = -1;
        }
        done = true;
        dripping.join();
        CPPUNIT_ASSERT_EQUAL(408, status);
    }

    void testIdleConnectionIsClosed() {
        TestServer server(shortTimes());
        RawClient fresh = server.start().client();
        RawClient used = server.client();
        CPPUNIT_ASSERT_EQUAL(200, used.ask(requestText("GET", "/open")).status);
        CPPUNIT_ASSERT(fresh.isClosed()); // without a word
        CPPUNIT_ASSERT(used.isClosed());
        CPPUNIT_ASSERT(TestServer::eventually([&server] { return server.server.counters().connections == 0; }));
    }

    void testClientThatDoesNotRead() {
        TestServer server(shortTimes());
        Route route{"GET", "/large"};
        server.add(route, [](HttpRequest&, Poco::Net::HTTPServerResponse& response) {
            response.send() << std::string(30'000'000, 'x');
        });
        RawClient client = server.start().client();
        client.send(requestText("GET", "/large"));
        CPPUNIT_ASSERT(TestServer::eventually([&server] { return server.server.counters().requests == 1; }));
        CPPUNIT_ASSERT(TestServer::eventually([&server] { return server.server.counters().connections == 0; }));
    }

    void testEndlessSenderIsNotReadForEver() {
        HttpSettings settings;
        settings.maxBodyBytes = 10000;
        TestServer server(settings);
        RawClient client = server.start().client();
        client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n");
        const std::string much(100'000, 'x');
        bool isOpen = true;
        for (int i = 0; i < 1000 && isOpen; ++i)
            isOpen = client.trySend(much);
        CPPUNIT_ASSERT(!isOpen);
    }

    void testHangingClientsStopNobody() {
        TestServer server;
        server.start();
        std::vector<std::unique_ptr<RawClient>> hanging;
        for (int i = 0; i < 200; ++i) {
            hanging.push_back(std::make_unique<RawClient>(server.client()));
            switch (i % 4) {
            case 0:
                break;
            case 1:
                hanging.back()->send("POST /echo HTTP/1.1\r\nHost:");
                break;
            case 2:
                hanging.back()->send(requestText("POST", "/echo", std::string(1000, 'x')).substr(0, 600));
                break;
            default:
                hanging.back()->send(chunkedRequest("/worker", "fff\r\nx"));
            }
        }
        CPPUNIT_ASSERT(TestServer::eventually([&server] { return server.server.counters().connections == 200; }));
        for (int i = 0; i < 100; ++i) {
            RawClient client = server.client();
            CPPUNIT_ASSERT_EQUAL(200, client.ask(requestText("GET", "/open")).status);
            CPPUNIT_ASSERT_EQUAL(200, client.ask(requestText("POST", "/worker", "x")).status);
        }
    }

    void testLongestIdleMakesRoom() {
        HttpSettings settings;
        settings.maxConnections = 10;
        TestServer server(settings);
        server.start();
        std::vector<std::unique_ptr<RawClient>> clients;
        for (int i = 0; i < 10; ++i) {
            clients.push_back(std::make_unique<RawClient>(server.client()));
            CPPUNIT_ASSERT_EQUAL(200, clients.back()->ask(requestText("GET", "/open")).status);
        }
        CPPUNIT_ASSERT_EQUAL(200, clients[0]->ask(requestText("GET", "/open")).status); // now 1 is idle longest
        RawClient more = server.client();
        CPPUNIT_ASSERT_EQUAL(200, more.ask(requestText("GET", "/open")).status);
        CPPUNIT_ASSERT(clients[1]->isClosed());
        for (const std::size_t open : {0U, 2U, 9U})
            CPPUNIT_ASSERT_EQUAL(200, clients[open]->ask(requestText("GET", "/open")).status);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{10}, server.server.counters().connections);
    }

    void testSlowestMakesRoom() {
        HttpSettings settings;
        settings.maxConnections = 10;
        TestServer server(settings);
        server.start();
        std::vector<std::unique_ptr<RawClient>> clients;
        for (std::uint64_t i = 0; i < 10; ++i) {
            clients.push_back(std::make_unique<RawClient>(server.client()));
            // Two requests at once, so that the first one's answer tells that half of the second is there.
            clients.back()->send(requestText("GET", "/open") + "GET /open HTTP/1.1\r\n");
            CPPUNIT_ASSERT_EQUAL(200, clients.back()->read().status);
        }
        RawClient more = server.client();
        CPPUNIT_ASSERT_EQUAL(200, more.ask(requestText("GET", "/open")).status);
        CPPUNIT_ASSERT(clients[0]->isClosed());
        CPPUNIT_ASSERT_EQUAL(200, clients[5]->ask("Host: localhost\r\n\r\n").status);
    }

    // What is announced in large requests together is bounded; small ones are served on.
    void testManyLargeRequestsAreBounded() {
        HttpSettings settings;
        settings.maxBodyBytes = 1'000'000;
        TestServer server(settings);
        server.start();
        std::vector<std::unique_ptr<RawClient>> clients;
        const std::string announced = "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                                      "application/json\r\nContent-Length: 900000\r\n\r\n";
        for (int i = 0; i < 20; ++i) {
            clients.push_back(std::make_unique<RawClient>(server.client()));
            clients.back()->send(announced);
        }
        CPPUNIT_ASSERT(TestServer::eventually([&server] {
            const auto counters = server.server.counters();
            return counters.requests == 20 && counters.refused.contains(503) && counters.refused.at(503) == 12;
        }));
        CPPUNIT_ASSERT_EQUAL(200, server.client().ask(requestText("POST", "/echo", "x")).status);
        clients.clear();
        CPPUNIT_ASSERT(TestServer::eventually([&server] { return server.server.counters().connections == 0; }));
        CPPUNIT_ASSERT_EQUAL(200, server.client().ask(announced + std::string(900000, 'x')).status);
    }

    void testResetClients() {
        TestServer server;
        server.start();
        for (int i = 0; i < 100; ++i) {
            RawClient client = server.client();
            client.send(requestText("POST", i % 2 == 0 ? "/echo" : "/worker", std::string(1000, 'x'))
                            .substr(0, i % 3 == 0 ? 500U : 2000U));
            client.socket().setLinger(true, 0); // closing resets
        }
        CPPUNIT_ASSERT_EQUAL(200, server.client().ask(requestText("GET", "/open")).status);
        CPPUNIT_ASSERT(TestServer::eventually([&server] { return server.server.counters().connections == 0; }));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HttpHostileTest);

} // namespace octagent
