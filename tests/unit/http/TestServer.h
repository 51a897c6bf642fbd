#pragma once

// A running HttpServer with a few routes, on a free port.

#include "RawClient.h"
#include "http/HttpServer.h"
#include "http/HttpSettings.h"

#include <Poco/Event.h>
#include <Poco/Net/SocketAddress.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <string>

namespace octagent {

class TestServer {
public:
    using Handle = std::function<void(HttpRequest&, Poco::Net::HTTPServerResponse&)>;

    explicit TestServer(HttpSettings settings = {}) : server(withFreePort(std::move(settings))) {
        // Answers with what it got, at once and on a worker.
        const Handle echo = [this](HttpRequest& request, Poco::Net::HTTPServerResponse& response) {
            ++handled;
            response.setContentType("text/plain");
            response.sendBuffer(request.body().data(), request.body().size());
        };
        Route route{"POST", "/echo"};
        route.mayBlock = false;
        add(route, echo);
        route.path = "/worker";
        route.mayBlock = true;
        add(route, echo);
        Route open{"GET", "/open"};
        open.access = Access::Open;
        open.mayBlock = false;
        add(open, [this](HttpRequest&, Poco::Net::HTTPServerResponse& response) {
            ++handled;
            sendJson(response, Poco::Net::HTTPResponse::HTTP_OK, "{}");
        });
        // Holds its worker until the test lets go.
        add({"GET", "/wait"}, [this](HttpRequest&, Poco::Net::HTTPServerResponse& response) {
            ++waiting;
            release.tryWait(20000);
            sendJson(response, Poco::Net::HTTPResponse::HTTP_OK, "{}");
        });
    }

    ~TestServer() {
        try {
            release.set();
            server.stop(std::chrono::steady_clock::now() + std::chrono::seconds(10));
        } catch (const std::exception& error) {
            std::cerr << error.what() << '\n';
            std::abort();
        }
    }
    TestServer(const TestServer&) = delete;
    TestServer& operator=(const TestServer&) = delete;

    void add(const Route& route, const Handle& handle, const HttpServer::Owner& owner = {"test", {}, {}}) {
        server.routes(owner).add(route, handlerFactory([handle] { return new FunctionHandler(handle); }));
    }

    TestServer& start() {
        server.start();
        const std::string address = server.addresses().front().second;
        port = static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
        return *this;
    }

    RawClient client() const { return RawClient(Poco::Net::SocketAddress("127.0.0.1", port)); }

    // Waits until `condition` holds, at most 20 s.
    template <class Condition> static bool eventually(Condition condition) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        Poco::Event never;
        while (!condition()) {
            if (std::chrono::steady_clock::now() > deadline)
                return false;
            never.tryWait(2);
        }
        return true;
    }

    static HttpSettings withFreePort(HttpSettings settings) {
        settings.port = 0;
        return settings;
    }

    std::atomic<int> handled{0};
    std::atomic<int> waiting{0};
    Poco::Event release{Poco::Event::EVENT_MANUALRESET};
    HttpServer server;
    std::uint16_t port = 0;

    class FunctionHandler : public RequestHandler {
    public:
        explicit FunctionHandler(Handle handle) : _handle(std::move(handle)) {}

    protected:
        void handle(HttpRequest& request, Poco::Net::HTTPServerResponse& response) override {
            _handle(request, response);
        }

    private:
        Handle _handle;
    };
};

// The text of a request for the test server.
inline std::string requestText(const std::string& method, const std::string& path, const std::string& body = {},
                               const std::string& moreFields = {}) {
    std::string text = method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + moreFields;
    if (method == "POST" || !body.empty())
        text += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    return text + "\r\n" + body;
}

inline std::string chunkedRequest(const std::string& path, const std::string& chunks) {
    return "POST " + path +
           " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" +
           chunks;
}

} // namespace octagent
