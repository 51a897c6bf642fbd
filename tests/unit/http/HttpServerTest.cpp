// Requests, handlers and answers over real sockets. Hostile clients are in HttpHostileTest.

#include "TestServer.h"

#include <Poco/Exception.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/TemporaryFile.h>

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>
#include <vector>

namespace octagent {

class HttpServerTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(HttpServerTest);
    CPPUNIT_TEST(testAnswers);
    CPPUNIT_TEST(testBodyArrivesByteByByte);
    CPPUNIT_TEST(testLargeBody);
    CPPUNIT_TEST(testChunkedBody);
    CPPUNIT_TEST(testChunkedBodyArrivesByteByByte);
    CPPUNIT_TEST(testChunkedBodyLargerThanAnyBuffer);
    CPPUNIT_TEST(testBodyIsPadded);
    CPPUNIT_TEST(testRequestAsHandlerSeesIt);
    CPPUNIT_TEST(testHeaderFieldsOfEachRequest);
    CPPUNIT_TEST(testWaysToAnswer);
    CPPUNIT_TEST(testStreamIsAsNewForEachHandler);
    CPPUNIT_TEST(testHandlerCannotSplitTheAnswer);
    CPPUNIT_TEST(testLargeAnswer);
    CPPUNIT_TEST(testKeepAlive);
    CPPUNIT_TEST(testCloseOnDemand);
    CPPUNIT_TEST(testHttp10);
    CPPUNIT_TEST(testPipelining);
    CPPUNIT_TEST(testPipeliningThroughWorkers);
    CPPUNIT_TEST(testPipelinedManyWithLargeAnswers);
    CPPUNIT_TEST(testPace);
    CPPUNIT_TEST(testContinue);
    CPPUNIT_TEST(testHead);
    CPPUNIT_TEST(testUnknownPathAndMethod);
    CPPUNIT_TEST(testToken);
    CPPUNIT_TEST(testOpenRouteNeedsNoToken);
    CPPUNIT_TEST(testHandlerThrows);
    CPPUNIT_TEST(testFailedModule);
    CPPUNIT_TEST(testBlockingHandlersDoNotStopOthers);
    CPPUNIT_TEST(testTooManyBlockedRequests);
    CPPUNIT_TEST(testClientLeavesWhileWorkerRuns);
    CPPUNIT_TEST(testStopWaitsForHandler);
    CPPUNIT_TEST(testStopLeavesHangingHandler);
    CPPUNIT_TEST(testStopClosesIdleConnections);
    CPPUNIT_TEST(testStopRefusesRequests);
    CPPUNIT_TEST(testRemovedModule);
    CPPUNIT_TEST(testModuleRemovedBeforeStart);
    CPPUNIT_TEST(testOwnListener);
    CPPUNIT_TEST(testListenerWordsItsRefusals);
    CPPUNIT_TEST(testPortIsTaken);
    CPPUNIT_TEST(testIPv6);
#if defined(POCO_OS_FAMILY_UNIX)
    CPPUNIT_TEST(testUnixSocket);
#endif
    CPPUNIT_TEST(testCounters);
    CPPUNIT_TEST_SUITE_END();

    using Response = Poco::Net::HTTPServerResponse;

public:
    void testAnswers() {
        TestServer server;
        RawClient client = server.start().client();
        for (const char* path : {"/echo", "/worker"}) {
            const auto answer = client.ask(requestText("POST", path, "hello"));
            CPPUNIT_ASSERT_EQUAL(200, answer.status);
            CPPUNIT_ASSERT_EQUAL(std::string("hello"), answer.body);
            CPPUNIT_ASSERT_EQUAL(std::string("text/plain"), answer.fields.at("content-type"));
            CPPUNIT_ASSERT(answer.fields.contains("date") && !answer.fields.contains("connection"));
            CPPUNIT_ASSERT(client.ask(requestText("POST", path)).body.empty());
        }
    }

    void testBodyArrivesByteByByte() {
        TestServer server;
        RawClient client = server.start().client();
        for (const char* path : {"/echo", "/worker"}) {
            for (const char c : requestText("POST", path, "hello"))
                client.send(std::string(1, c));
            CPPUNIT_ASSERT_EQUAL(std::string("hello"), client.read().body);
        }
    }

    void testLargeBody() {
        TestServer server;
        RawClient client = server.start().client();
        for (const char* path : {"/echo", "/worker"})
            for (const std::size_t size : {65000U, 65536U, 70000U, 1000000U}) {
                std::string body(size, 'x');
                for (std::size_t i = 0; i < size; i += 1000)
                    body[i] = static_cast<char>('a' + i / 1000 % 26);
                std::thread sending([&] { client.send(requestText("POST", path, body)); });
                const auto answer = client.read();
                sending.join();
                CPPUNIT_ASSERT(answer.body == body);
            }
    }

    void testChunkedBody() {
        TestServer server;
        RawClient client = server.start().client();
        for (const char* path : {"/echo", "/worker"}) {
            const auto answer = client.ask(chunkedRequest(path, "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nT: u\r\n\r\n"));
            CPPUNIT_ASSERT_EQUAL(std::string("hello world"), answer.body);
            CPPUNIT_ASSERT(client.ask(chunkedRequest(path, "0\r\n\r\n")).body.empty());
        }
        // What follows the body is the next request.
        client.send(chunkedRequest("/worker", "1\r\na\r\n0\r\n\r\n") + chunkedRequest("/echo", "1\r\nb\r\n0\r\n\r\n"));
        CPPUNIT_ASSERT_EQUAL(std::string("a"), client.read().body);
        CPPUNIT_ASSERT_EQUAL(std::string("b"), client.read().body);
    }

    void testChunkedBodyArrivesByteByByte() {
        TestServer server;
        RawClient client = server.start().client();
        for (const char c : chunkedRequest("/echo", "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nT: u\r\n\r\n"))
            client.send(std::string(1, c));
        CPPUNIT_ASSERT_EQUAL(std::string("hello world"), client.read().body);
    }

    void testChunkedBodyLargerThanAnyBuffer() {
        TestServer server;
        RawClient client = server.start().client();
        std::string chunks;
        std::string body;
        for (int i = 0; i < 1000; ++i) {
            const std::string chunk(1000, static_cast<char>('a' + i % 26));
            chunks += "3e8\r\n" + chunk + "\r\n";
            body += chunk;
        }
        std::thread sending([&] { client.send(chunkedRequest("/echo", chunks + "0\r\n\r\n")); });
        const auto answer = client.read();
        sending.join();
        CPPUNIT_ASSERT(answer.body == body);
    }

    // Parsers read in blocks: what they read beyond the body must be memory (AddressSanitizer sees to that).
    void testBodyIsPadded() {
        TestServer server;
        std::atomic<unsigned> sum{0};
        Route route{"POST", "/padded"};
        const auto reader = [&sum](HttpRequest& request, Response& response) {
            const char* const end = request.body().data() + request.body().size();
            for (std::size_t i = 0; i < HttpRequest::bodyPadding; ++i)
                sum += static_cast<const volatile unsigned char*>(static_cast<const void*>(end))[i];
            response.send();
        };
        server.add(route, reader);
        route.path = "/padded-inline";
        route.mayBlock = false;
        server.add(route, reader);
        RawClient client = server.start().client();
        for (const char* path : {"/padded", "/padded-inline"}) {
            CPPUNIT_ASSERT_EQUAL(200, client.ask(requestText("POST", path, "hello")).status);
            const std::string head = requestText("POST", path, std::string(65536, 'x'));
            CPPUNIT_ASSERT_EQUAL(200, client.ask(head).status);
            const std::string exact = requestText("POST", path, std::string(65536 - (head.size() - 65536), 'x'));
            CPPUNIT_ASSERT_EQUAL(std::size_t{65536}, exact.size());
            CPPUNIT_ASSERT_EQUAL(200, client.ask(exact).status);
            CPPUNIT_ASSERT_EQUAL(200, client.ask(chunkedRequest(path, "1\r\na\r\n0\r\n\r\n")).status);
        }
    }

    void testRequestAsHandlerSeesIt() {
        TestServer server;
        server.add({"PUT", "/view", true}, [](HttpRequest& request, Response& response) {
            std::string streamed;
            std::getline(request.stream(), streamed, '\0');
            CPPUNIT_ASSERT_EQUAL(std::string("{\"a\":1}"), streamed);
            CPPUNIT_ASSERT(request.body() == streamed);
            CPPUNIT_ASSERT(request.path() == "/view/a%20b");
            CPPUNIT_ASSERT_EQUAL(std::string("PUT"), request.getMethod());
            CPPUNIT_ASSERT_EQUAL(std::string("/view/a%20b?c=d"), request.getURI());
            CPPUNIT_ASSERT_EQUAL(std::string("HTTP/1.1"), request.getVersion());
            CPPUNIT_ASSERT_EQUAL(std::string("localhost"), request.getHost());
            CPPUNIT_ASSERT_EQUAL(std::string("application/json"), request.getContentType());
            CPPUNIT_ASSERT_EQUAL(Poco::Int64{7}, request.getContentLength64());
            // As sent: a value is never decoded into something else.
            CPPUNIT_ASSERT_EQUAL(std::string("=?utf-8?B?DQo=?="), request.get("X-Raw"));
            CPPUNIT_ASSERT_EQUAL(std::string("127.0.0.1"), request.clientAddress().host().toString());
            CPPUNIT_ASSERT(request.serverAddress().port() != 0);
            CPPUNIT_ASSERT(&request.response() == &response);
            response.send();
        });
        RawClient client = server.start().client();
        const auto answer =
            client.ask(requestText("PUT", "/view/a%20b?c=d", "{\"a\":1}", "X-Raw: =?utf-8?B?DQo=?=\r\n"));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(answer.body, 200, answer.status);
    }

    // The request object is reused: fields of earlier requests, and those that a handler set, must not show.
    void testHeaderFieldsOfEachRequest() {
        TestServer server;
        Route route{"GET", "/fields"};
        route.mayBlock = false;
        server.add(route, [](HttpRequest& request, Response& response) {
            std::string all;
            for (const auto& [name, value] : request)
                all += name + "=" + value + ";";
            request.set("X-Mine", "set by the handler");
            response.send() << all;
        });
        RawClient client = server.start().client();
        const auto ask = [&client](const std::string& fields) {
            return client.ask("GET /fields HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n").body;
        };
        CPPUNIT_ASSERT_EQUAL(std::string("Host=localhost;"), ask(""));
        CPPUNIT_ASSERT_EQUAL(std::string("Host=localhost;A=1;B=2;"), ask("A: 1\r\nB: 2\r\n"));
        CPPUNIT_ASSERT_EQUAL(std::string("Host=localhost;A=3;B=;"), ask("A: 3\r\nB:\r\n"));
        CPPUNIT_ASSERT_EQUAL(std::string("Host=localhost;B=4;a=5;"), ask("B: 4\r\na: 5\r\n"));
        CPPUNIT_ASSERT_EQUAL(std::string("Host=localhost;A=1;A=3;B=2;"), ask("A: 1\r\nB: 2\r\nA: 3\r\n"));
        CPPUNIT_ASSERT_EQUAL(std::string("Host=localhost;A=1;A=3;B=2;"), ask("A: 1\r\nB: 2\r\nA: 3\r\n"));
        CPPUNIT_ASSERT_EQUAL(std::string("Host=localhost;"), ask(""));
    }

    void testWaysToAnswer() {
        TestServer server;
        const Poco::TemporaryFile file;
        std::ofstream(file.path()) << "from a file";
        server.add({"GET", "/stream"}, [](HttpRequest&, Response& response) {
            response.setChunkedTransferEncoding(true);
            response.setContentLength(3); // wrong, and not to be believed
            response.send() << "a " << 5 << std::string(3, 'x') << std::flush;
        });
        server.add({"GET", "/nothing"}, [](HttpRequest&, Response& response) {
            response.setStatusAndReason(Response::HTTP_NO_CONTENT);
            response.send() << "not to be sent";
        });
        server.add({"GET", "/unsent"},
                   [](HttpRequest&, Response& response) { response.setStatus(Response::HTTP_CREATED); });
        server.add({"GET", "/moved"}, [](HttpRequest&, Response& response) { response.redirect("/open"); });
        server.add({"GET", "/login"}, [](HttpRequest&, Response& response) {
            response.requireAuthentication("x");
            response.send();
        });
        server.add({"GET", "/file"},
                   [&file](HttpRequest&, Response& response) { response.sendFile(file.path(), "text/css"); });
        server.add({"GET", "/no-file"}, [](HttpRequest&, Response& response) { response.sendFile("/no/such", "a/b"); });
        server.add({"GET", "/twice"}, [](HttpRequest&, Response& response) {
            response.send();
            response.sendBuffer("x", 1);
        });
        RawClient client = server.start().client();
        const auto get = [&client](const std::string& path) { return client.ask(requestText("GET", path)); };
        CPPUNIT_ASSERT_EQUAL(std::string("a 5xxx"), get("/stream").body);
        auto answer = get("/nothing");
        CPPUNIT_ASSERT_EQUAL(204, answer.status);
        CPPUNIT_ASSERT(!answer.fields.contains("content-length"));
        CPPUNIT_ASSERT_EQUAL(201, get("/unsent").status);
        answer = get("/moved");
        CPPUNIT_ASSERT_EQUAL(302, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("/open"), answer.fields.at("location"));
        CPPUNIT_ASSERT_EQUAL(401, get("/login").status);
        answer = get("/file");
        CPPUNIT_ASSERT_EQUAL(std::string("from a file"), answer.body);
        CPPUNIT_ASSERT_EQUAL(std::string("text/css"), answer.fields.at("content-type"));
        CPPUNIT_ASSERT(answer.fields.contains("last-modified"));
        CPPUNIT_ASSERT_EQUAL(500, get("/no-file").status);
        CPPUNIT_ASSERT_EQUAL(500, get("/twice").status);
        CPPUNIT_ASSERT_EQUAL(200, get("/open").status);
    }

    void testStreamIsAsNewForEachHandler() {
        TestServer server;
        Route route{"GET", "/stream"};
        route.mayBlock = false;
        server.add(route, [](HttpRequest&, Response& response) {
            std::ostream& stream = response.send();
            stream << 255 << ' ' << 0.5;
            stream << std::hex << std::fixed;
            stream.fill('*');
            stream.width(9);
            stream.setstate(std::ios_base::failbit);
        });
        RawClient client = server.start().client();
        for (int i = 0; i < 2; ++i)
            CPPUNIT_ASSERT_EQUAL(std::string("255 0.5"), client.ask(requestText("GET", "/stream")).body);
    }

    void testHandlerCannotSplitTheAnswer() {
        TestServer server;
        server.add({"GET", "/split"}, [](HttpRequest&, Response& response) {
            response.set("X-Evil", "a\r\nX-Injected: b\r\n\r\nc");
            response.setReason("O\r\nK");
            response.send() << "body";
        });
        RawClient client = server.start().client();
        const auto answer = client.ask(requestText("GET", "/split"));
        CPPUNIT_ASSERT(!answer.fields.contains("x-injected"));
        CPPUNIT_ASSERT_EQUAL(std::string("body"), answer.body);
    }

    void testLargeAnswer() {
        TestServer server;
        const std::string large(20'000'000, 'x');
        Route route{"GET", "/large"};
        server.add(route, [&large](HttpRequest&, Response& response) { response.send() << large; });
        route.path = "/large-inline";
        route.mayBlock = false;
        server.add(route, [&large](HttpRequest&, Response& response) { response.send() << large; });
        RawClient client = server.start().client();
        for (const char* path : {"/large", "/large-inline"}) {
            client.send(requestText("GET", path) + requestText("GET", "/open"));
            CPPUNIT_ASSERT(client.read().body == large);
            CPPUNIT_ASSERT_EQUAL(std::string("{}"), client.read().body);
        }
    }

    void testKeepAlive() {
        TestServer server;
        RawClient client = server.start().client();
        for (int i = 0; i < 100; ++i)
            CPPUNIT_ASSERT_EQUAL(std::to_string(i), client.ask(requestText("POST", "/echo", std::to_string(i))).body);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, server.server.counters().connections);
    }

    void testCloseOnDemand() {
        TestServer server;
        server.add({"GET", "/close"}, [](HttpRequest&, Response& response) {
            response.setKeepAlive(false);
            response.send();
        });
        server.start();
        for (const char* path : {"/echo", "/worker"}) {
            RawClient client = server.client();
            const auto answer = client.ask(requestText("POST", path, "x", "Connection: close\r\n"));
            CPPUNIT_ASSERT_EQUAL(200, answer.status);
            CPPUNIT_ASSERT(answer.closes() && client.isClosed());
        }
        RawClient client = server.client();
        CPPUNIT_ASSERT(client.ask(requestText("GET", "/close")).closes());
        CPPUNIT_ASSERT(client.isClosed());
    }

    void testHttp10() {
        TestServer server;
        server.start();
        RawClient closing = server.client();
        CPPUNIT_ASSERT(closing.ask("GET /open HTTP/1.0\r\n\r\n").closes());
        CPPUNIT_ASSERT(closing.isClosed());
        RawClient keeping = server.client();
        for (int i = 0; i < 2; ++i) {
            const auto answer = keeping.ask("GET /open HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
            CPPUNIT_ASSERT_EQUAL(std::string("keep-alive"), answer.fields.at("connection"));
        }
    }

    void testPipelining() {
        TestServer server;
        RawClient client = server.start().client();
        std::string all;
        for (int i = 0; i < 1000; ++i)
            all += requestText("POST", "/echo", std::to_string(i));
        client.send(all);
        for (int i = 0; i < 1000; ++i)
            CPPUNIT_ASSERT_EQUAL(std::to_string(i), client.read().body);
    }

    void testPipeliningThroughWorkers() {
        TestServer server;
        RawClient client = server.start().client();
        std::string all;
        for (int i = 0; i < 200; ++i)
            all += requestText("POST", i % 3 == 0 ? "/worker" : "/echo", std::to_string(i));
        client.send(all);
        for (int i = 0; i < 200; ++i)
            CPPUNIT_ASSERT_EQUAL(std::to_string(i), client.read().body);
    }

    // A client that sends for long before it reads is slowed down, not stored without bound.
    void testPipelinedManyWithLargeAnswers() {
        TestServer server;
        const std::string large(100'000, 'x');
        Route route{"GET", "/large"};
        route.mayBlock = false;
        server.add(route, [&](HttpRequest&, Response& response) {
            ++server.handled;
            response.send() << large;
        });
        RawClient client = server.start().client();
        constexpr int count = 1000;
        std::string all;
        for (int i = 0; i < count; ++i)
            all += requestText("GET", "/large");
        client.send(all);
        CPPUNIT_ASSERT(client.read().body == large);
        CPPUNIT_ASSERT(server.handled < count);
        for (int i = 1; i < count; ++i)
            CPPUNIT_ASSERT(client.read().body == large);
    }

    void testContinue() {
        TestServer server;
        RawClient client = server.start().client();
        const std::string text = requestText("POST", "/echo", "hello", "Expect: 100-continue\r\n");
        const std::string head = text.substr(0, text.size() - 5);
        CPPUNIT_ASSERT_EQUAL(100, client.ask(head).status);
        CPPUNIT_ASSERT_EQUAL(std::string("hello"), client.ask("hello").body);
        // Not needed where the body is there, not given where it is refused.
        CPPUNIT_ASSERT_EQUAL(200, client.ask(text).status);
        const std::string refused = requestText("POST", "/nowhere", "hello", "Expect: 100-continue\r\n");
        CPPUNIT_ASSERT_EQUAL(404, client.ask(refused.substr(0, refused.size() - 5)).status);
        CPPUNIT_ASSERT(client.isClosed());
    }

    void testHead() {
        TestServer server;
        server.add({"HEAD", "/head"}, [](HttpRequest&, Response& response) { response.send() << "12345"; });
        RawClient client = server.start().client();
        client.send(requestText("HEAD", "/head") + requestText("HEAD", "/echo") + requestText("GET", "/open"));
        auto answer = client.read(true);
        CPPUNIT_ASSERT_EQUAL(200, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("5"), answer.fields.at("content-length"));
        CPPUNIT_ASSERT_EQUAL(405, client.read(true).status);
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), client.read().body);
    }

    void testUnknownPathAndMethod() {
        TestServer server;
        RawClient client = server.start().client();
        auto answer = client.ask(requestText("GET", "/nowhere"));
        CPPUNIT_ASSERT_EQUAL(404, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("{\"error\":\"no such path\"}"), answer.body);
        CPPUNIT_ASSERT_EQUAL(std::string("application/json"), answer.fields.at("content-type"));
        answer = client.ask(requestText("GET", "/echo"));
        CPPUNIT_ASSERT_EQUAL(405, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("POST"), answer.fields.at("allow"));
        CPPUNIT_ASSERT_EQUAL(405, client.ask(requestText("OPTIONS", "/echo")).status);
        CPPUNIT_ASSERT_EQUAL(404, client.ask(requestText("OPTIONS", "/nowhere")).status);
        CPPUNIT_ASSERT_EQUAL(404, client.ask("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n").status);
        CPPUNIT_ASSERT(!answer.fields.contains("access-control-allow-origin"));
    }

    void testToken() {
        HttpSettings settings;
        settings.token = "s3cret";
        TestServer server(settings);
        server.start();
        const auto ask = [&server](const std::string& fields) {
            return server.client().ask(requestText("POST", "/echo", "x", fields));
        };
        const auto answer = ask("");
        CPPUNIT_ASSERT_EQUAL(401, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("Bearer"), answer.fields.at("www-authenticate"));
        CPPUNIT_ASSERT_EQUAL(401, ask("Authorization: Bearer wrong\r\n").status);
        CPPUNIT_ASSERT_EQUAL(0, server.handled.load());
        CPPUNIT_ASSERT_EQUAL(200, ask("Authorization: Bearer s3cret\r\n").status);
    }

    void testOpenRouteNeedsNoToken() {
        HttpSettings settings;
        settings.token = "s3cret";
        TestServer server(settings);
        CPPUNIT_ASSERT_EQUAL(200, server.start().client().ask(requestText("GET", "/open")).status);
    }

    void testHandlerThrows() {
        TestServer server;
        std::mutex mutex;
        std::vector<std::string> told;
        const HttpServer::Owner owner{"thrower", {}, [&](bool threw, const std::string& what) {
                                          const std::lock_guard lock(mutex);
                                          told.push_back((threw ? "threw " : "returned") + what);
                                      }};
        const auto thrower = [](HttpRequest& request, Response& response) {
            response.send() << "half an answer";
            if (request.path() == "/poco")
                throw Poco::IOException("broken");
            if (request.path() == "/standard")
                throw std::runtime_error("");
            if (request.path() == "/other")
                throw 5; // a plugin may
        };
        for (const bool mayBlock : {false, true})
            for (const char* path : {"/poco", "/standard", "/other", "/fine"}) {
                Route route{mayBlock ? "GET" : "DELETE", path};
                route.mayBlock = mayBlock;
                server.add(route, thrower, owner);
            }
        RawClient client = server.start().client();
        for (const char* method : {"GET", "DELETE"}) {
            for (const char* path : {"/poco", "/standard", "/other"}) {
                const auto answer = client.ask(requestText(method, path));
                CPPUNIT_ASSERT_EQUAL(500, answer.status);
                CPPUNIT_ASSERT_EQUAL(std::string("{\"error\":\"internal error\"}"), answer.body);
            }
            CPPUNIT_ASSERT_EQUAL(200, client.ask(requestText(method, "/fine")).status);
        }
        const std::lock_guard lock(mutex);
        CPPUNIT_ASSERT_EQUAL(std::size_t{8}, told.size());
        CPPUNIT_ASSERT_EQUAL(std::string("threw I/O error: broken"), told[0]);
        CPPUNIT_ASSERT_EQUAL(std::string("returned"), told[3]);
    }

    void testFailedModule() {
        TestServer server;
        std::atomic<bool> failed{false};
        server.add({"GET", "/failing"}, [](HttpRequest&, Response& response) { response.send(); },
                   {"failing", [&failed] { return failed.load(); }, {}});
        RawClient client = server.start().client();
        CPPUNIT_ASSERT_EQUAL(200, client.ask(requestText("GET", "/failing")).status);
        failed = true;
        CPPUNIT_ASSERT_EQUAL(503, client.ask(requestText("GET", "/failing")).status);
        CPPUNIT_ASSERT_EQUAL(200, client.ask(requestText("GET", "/open")).status);
    }

    void testBlockingHandlersDoNotStopOthers() {
        TestServer server;
        server.start();
        std::vector<std::unique_ptr<RawClient>> blocked;
        for (int i = 0; i < 20; ++i) {
            blocked.push_back(std::make_unique<RawClient>(server.client()));
            blocked.back()->send(requestText("GET", "/wait"));
        }
        CPPUNIT_ASSERT(TestServer::eventually([&server] { return server.waiting == 4; }));
        RawClient client = server.client();
        for (int i = 0; i < 100; ++i)
            CPPUNIT_ASSERT_EQUAL(200, client.ask(requestText("POST", "/echo", "x")).status);
        server.release.set();
        for (const auto& each : blocked)
            CPPUNIT_ASSERT_EQUAL(200, each->read().status);
    }

    void testTooManyBlockedRequests() {
        HttpSettings settings;
        settings.workers = 1;
        TestServer server(settings);
        server.start();
        std::vector<std::unique_ptr<RawClient>> clients;
        // One runs, and as many wait as may.
        for (int i = 0; i < 40; ++i) {
            clients.push_back(std::make_unique<RawClient>(server.client()));
            clients.back()->send(requestText("GET", "/wait"));
        }
        CPPUNIT_ASSERT(TestServer::eventually([&server] {
            const auto counters = server.server.counters();
            return counters.requests == 40 && counters.refused.contains(503);
        }));
        server.release.set();
        int refused = 0;
        for (const auto& client : clients) {
            const auto answer = client->read();
            if (answer.status == 503) {
                ++refused;
                CPPUNIT_ASSERT_EQUAL(std::string("1"), answer.fields.at("retry-after"));
                CPPUNIT_ASSERT(!answer.closes());
            }
        }
        CPPUNIT_ASSERT(refused >= 40 - 17 && refused < 40);
        CPPUNIT_ASSERT_EQUAL(static_cast<std::uint64_t>(refused), server.server.counters().refused.at(503));
    }

    void testClientLeavesWhileWorkerRuns() {
        TestServer server;
        server.start();
        {
            RawClient leaving = server.client();
            leaving.send(requestText("GET", "/wait"));
            CPPUNIT_ASSERT(TestServer::eventually([&server] { return server.waiting == 1; }));
        }
        // Half closed, it still gets its answer.
        RawClient half = server.client();
        half.send(requestText("GET", "/wait"));
        half.endSending();
        CPPUNIT_ASSERT(TestServer::eventually([&server] { return server.waiting == 2; }));
        server.release.set();
        CPPUNIT_ASSERT_EQUAL(200, half.read().status);
        CPPUNIT_ASSERT(half.isClosed());
        CPPUNIT_ASSERT(TestServer::eventually([&server] { return server.server.counters().connections == 0; }));
    }

    void testStopWaitsForHandler() {
        TestServer server;
        RawClient client = server.start().client();
        client.send(requestText("GET", "/wait"));
        CPPUNIT_ASSERT(TestServer::eventually([&server] { return server.waiting == 1; }));
        server.server.beginStop();
        std::thread releasing([&server] {
            Poco::Event().tryWait(50);
            server.release.set();
        });
        CPPUNIT_ASSERT(server.server.stop(std::chrono::steady_clock::now() + std::chrono::seconds(20)));
        releasing.join();
        CPPUNIT_ASSERT_EQUAL(200, client.read().status);
        CPPUNIT_ASSERT(client.isClosed());
    }

    void testStopLeavesHangingHandler() {
        TestServer server;
        RawClient client = server.start().client();
        client.send(requestText("GET", "/wait"));
        CPPUNIT_ASSERT(TestServer::eventually([&server] { return server.waiting == 1; }));
        const auto begin = std::chrono::steady_clock::now();
        CPPUNIT_ASSERT(!server.server.stop(begin + std::chrono::milliseconds(100)));
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - begin < std::chrono::seconds(10));
        // The handler ends after all, in what was left behind for it.
        server.release.set();
        Poco::Event().tryWait(100);
    }

    void testStopClosesIdleConnections() {
        TestServer server;
        RawClient used = server.start().client();
        RawClient fresh = server.client();
        CPPUNIT_ASSERT_EQUAL(200, used.ask(requestText("GET", "/open")).status);
        CPPUNIT_ASSERT(TestServer::eventually([&server] { return server.server.counters().connections == 2; }));
        server.server.beginStop();
        CPPUNIT_ASSERT(used.isClosed());
        CPPUNIT_ASSERT(fresh.isClosed());
        CPPUNIT_ASSERT_THROW(server.client(), Poco::Net::ConnectionRefusedException);
        CPPUNIT_ASSERT(server.server.stop(std::chrono::steady_clock::now() + std::chrono::seconds(20)));
    }

    void testStopRefusesRequests() {
        TestServer server;
        RawClient half = server.start().client();
        half.send("POST /echo HTTP/1.1\r\nHost: local");
        RawClient busy = server.client();
        busy.send(requestText("GET", "/wait"));
        CPPUNIT_ASSERT(TestServer::eventually([&server] { return server.waiting == 1; }));
        CPPUNIT_ASSERT_EQUAL(200, server.client().ask(requestText("GET", "/open")).status); // half's bytes are in
        server.server.beginStop();
        const auto answer = half.read();
        CPPUNIT_ASSERT_EQUAL(503, answer.status);
        CPPUNIT_ASSERT(answer.closes());
        server.release.set();
        CPPUNIT_ASSERT_EQUAL(200, busy.read().status);
        CPPUNIT_ASSERT(busy.isClosed());
    }

    void testRemovedModule() {
        TestServer server;
        const auto answer = [](HttpRequest&, Response& response) { response.send(); };
        server.add({"GET", "/gone"}, answer, {"gone", {}, {}});
        RawClient client = server.start().client();
        CPPUNIT_ASSERT_EQUAL(200, client.ask(requestText("GET", "/gone")).status);
        server.server.remove("gone");
        CPPUNIT_ASSERT_EQUAL(503, client.ask(requestText("GET", "/gone")).status);
        CPPUNIT_ASSERT_EQUAL(200, client.ask(requestText("GET", "/open")).status);
    }

    void testModuleRemovedBeforeStart() {
        TestServer server;
        server.add({"GET", "/gone"}, [](HttpRequest&, Response& response) { response.send(); }, {"gone", {}, {}});
        server.server.listen({"gone", {}, {}}, "gone", "127.0.0.1:0");
        server.server.remove("gone");
        RawClient client = server.start().client();
        CPPUNIT_ASSERT_EQUAL(404, client.ask(requestText("GET", "/gone")).status);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, server.server.addresses().size());
    }

    void testOwnListener() {
        TestServer server;
        server.server.listen({"otlp", {}, {}}, "otlp", "127.0.0.1:0").add({"GET", "/there"}, handlerFactory([] {
                                                                              return new TestServer::FunctionHandler(
                                                                                  [](HttpRequest&, Response& response) {
                                                                                      response.send() << "there";
                                                                                  });
                                                                          }));
        server.start();
        const auto addresses = server.server.addresses();
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, addresses.size());
        CPPUNIT_ASSERT_EQUAL(std::string("http"), addresses[0].first);
        CPPUNIT_ASSERT_EQUAL(std::string("otlp"), addresses[1].first);
        RawClient client{Poco::Net::SocketAddress(addresses[1].second)};
        CPPUNIT_ASSERT_EQUAL(std::string("there"), client.ask(requestText("GET", "/there")).body);
        CPPUNIT_ASSERT_EQUAL(404, client.ask(requestText("GET", "/open")).status);
        CPPUNIT_ASSERT_EQUAL(404, server.client().ask(requestText("GET", "/there")).status);
    }

    void testListenerWordsItsRefusals() {
        TestServer server;
        const auto words = [](int status, const std::string& message, std::string_view type) -> RefusalBody {
            if (type == "broken/type")
                throw Poco::RuntimeException("no words");
            return {"text/words", std::to_string(status) + " " + message + " [" + std::string(type) + "]"};
        };
        server.server.listen({"own", {}, {}}, "own", "127.0.0.1:0", words)
            .add({"POST", "/throws", false, Access::Token, {}}, handlerFactory([] {
                     return new TestServer::FunctionHandler(
                         [](HttpRequest&, Response&) { throw Poco::RuntimeException("it fails"); });
                 }));
        server.start();
        RawClient client{Poco::Net::SocketAddress(server.server.addresses()[1].second)};
        const auto missing = client.ask("GET /none HTTP/1.1\r\nHost: localhost\r\nContent-Type: a/b\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(404, missing.status);
        CPPUNIT_ASSERT_EQUAL(std::string("text/words"), missing.fields.at("content-type"));
        CPPUNIT_ASSERT_EQUAL(std::string("404 no such path [a/b]"), missing.body);
        const auto failed = client.ask("POST /throws HTTP/1.1\r\nHost: localhost\r\nContent-Type: a/b\r\n"
                                       "Content-Length: 1\r\n\r\nx");
        CPPUNIT_ASSERT_EQUAL(500, failed.status);
        CPPUNIT_ASSERT_EQUAL(std::string("500 internal error [a/b]"), failed.body);
        const auto broken = client.ask("GET /none HTTP/1.1\r\nHost: localhost\r\nContent-Type: broken/type\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(404, broken.status);
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"error":"no such path"})"), broken.body);
        CPPUNIT_ASSERT_EQUAL(std::string("400 malformed request line []"), client.ask("nonsense\r\n\r\n").body);
        // The agent's own listener keeps its own words.
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"error":"no such path"})"),
                             server.client().ask(requestText("GET", "/none")).body);
    }

    void testPortIsTaken() {
        TestServer first;
        first.start();
        HttpSettings settings;
        settings.port = first.port;
        HttpServer second(settings);
        try {
            second.start();
            CPPUNIT_FAIL("two servers on one port");
        } catch (const Poco::Net::NetException& error) {
            CPPUNIT_ASSERT(error.displayText().find(std::to_string(first.port)) != std::string::npos);
        }
    }

    void testIPv6() {
        HttpSettings settings;
        settings.address = "::1";
        TestServer server(settings);
        server.start();
        RawClient client{Poco::Net::SocketAddress(server.server.addresses().front().second)};
        const std::string port = std::to_string(server.port);
        CPPUNIT_ASSERT_EQUAL(200, client.ask("GET /open HTTP/1.1\r\nHost: [::1]:" + port + "\r\n\r\n").status);
    }

#if defined(POCO_OS_FAMILY_UNIX)
    void testUnixSocket() {
        const std::string path = Poco::TemporaryFile::tempName();
        HttpSettings settings;
        settings.unixSocket = path;
        const Poco::Net::SocketAddress address(Poco::Net::SocketAddress::UNIX_LOCAL, path);
        {
            TestServer server(settings);
            server.start();
            CPPUNIT_ASSERT_EQUAL(path, server.server.addresses().at(1).second);
            const auto mode = std::filesystem::status(path).permissions() & std::filesystem::perms::all;
            CPPUNIT_ASSERT_EQUAL(0600U, static_cast<unsigned>(mode));
            RawClient client(address);
            CPPUNIT_ASSERT_EQUAL(std::string("x"), client.ask(requestText("POST", "/echo", "x")).body);
            CPPUNIT_ASSERT_EQUAL(200, client.ask("GET /open HTTP/1.1\r\nHost: any.name\r\n\r\n").status);
            HttpServer second(TestServer::withFreePort(settings));
            CPPUNIT_ASSERT_THROW(second.start(), Poco::Net::NetException);
            CPPUNIT_ASSERT_EQUAL(200, RawClient(address).ask(requestText("GET", "/open")).status);
        }
        CPPUNIT_ASSERT(!std::filesystem::exists(path));
        { // left by a process that died
            Poco::Net::ServerSocket dead;
            dead.bind(address, false, false);
        }
        CPPUNIT_ASSERT(std::filesystem::exists(path));
        {
            TestServer server(settings);
            server.start();
            CPPUNIT_ASSERT_EQUAL(200, RawClient(address).ask(requestText("GET", "/open")).status);
        }
        std::ofstream(path) << "a user's file";
        HttpServer server(TestServer::withFreePort(settings));
        CPPUNIT_ASSERT_THROW(server.start(), Poco::InvalidArgumentException);
        CPPUNIT_ASSERT(std::filesystem::exists(path));
        std::filesystem::remove(path);
    }
#endif

    void testPace() {
        TestServer server;
        std::atomic<int> held{0};
        std::atomic<bool> isBounded{true};
        server.server.pace([&](std::chrono::steady_clock::time_point until) {
            // Called before the request is taken, with little time to spend.
            if (server.handled != held || until > std::chrono::steady_clock::now() + std::chrono::seconds(1))
                isBounded = false;
            ++held;
        });
        RawClient client = server.start().client();
        for (int i = 1; i <= 3; ++i) {
            CPPUNIT_ASSERT_EQUAL(200, client.ask(requestText("POST", "/echo", "x")).status);
            CPPUNIT_ASSERT_EQUAL(i, held.load());
        }
        CPPUNIT_ASSERT(isBounded);
    }

    void testCounters() {
        TestServer server;
        server.add({"GET", "/teapot"}, [](HttpRequest&, Response& response) {
            refuse(response, Response::HTTP_BAD_REQUEST, "by the \"handler\"");
        });
        {
            RawClient client = server.start().client();
            const auto answer = client.ask(requestText("GET", "/teapot"));
            CPPUNIT_ASSERT_EQUAL(std::string(R"({"error":"by the \"handler\""})"), answer.body);
            client.ask(requestText("GET", "/open"));
            client.ask(requestText("GET", "/nowhere"));
            client.ask(requestText("GET", "/nowhere"));
            const auto counters = server.server.counters();
            CPPUNIT_ASSERT_EQUAL(std::uint64_t{4}, counters.requests);
            CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, counters.connections);
            CPPUNIT_ASSERT_EQUAL(std::size_t{2}, counters.refused.size());
            CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, counters.refused.at(400));
            CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, counters.refused.at(404));
        }
        CPPUNIT_ASSERT(TestServer::eventually([&server] { return server.server.counters().connections == 0; }));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HttpServerTest);

} // namespace octagent
