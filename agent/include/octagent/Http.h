#pragma once

// Routes and requests.
//
// The agent reads and checks a whole request before it looks for a handler: framing, limits, host, origin,
// token, method, content type. A handler gets a complete body, never touches the socket, and has its answer
// sent for it.

#include "octagent/Sdk.h"

#include <Poco/JSON/Object.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>

#include <cstddef>
#include <functional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace octagent {
inline namespace v1 {

// Every request that the agent hands to a handler is one of these.
class OCTAGENT_SDK_TYPE HttpRequest : public Poco::Net::HTTPServerRequest {
public:
    // This many bytes behind the body may be read (not used): parsers that read in blocks need them.
    static constexpr std::size_t bodyPadding = 64;

    // The whole body, as sent (a Content-Encoding that the route takes is the handler's to undo). Valid until
    // the handler returns. stream() reads the same bytes.
    virtual std::string_view body() const noexcept = 0;

    // The path of the URI, without the query, not decoded.
    virtual std::string_view path() const noexcept = 0;

    static HttpRequest& from(Poco::Net::HTTPServerRequest& request) {
        return static_cast<HttpRequest&>(request); // the agent makes no other kind
    }
};

// Base of a module's handlers. A new one is made for each request. What it throws is logged and answered 500.
class OCTAGENT_SDK_TYPE RequestHandler : public Poco::Net::HTTPRequestHandler {
public:
    void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) final {
        handle(HttpRequest::from(request), response);
    }

protected:
    virtual void handle(HttpRequest& request, Poco::Net::HTTPServerResponse& response) = 0;
};

enum class Access {
    Open, // for everybody who reaches the listener
    Token // with the bearer token, where one is configured
};

struct Route {
    std::string method = {}; // "POST"
    std::string path = {};   // "/v1/traces"
    bool isPrefix = false;   // also takes every path below `path`
    Access access = Access::Token;
    std::vector<std::string> contentTypes = {"application/json"}; // of a body; empty takes any
    std::vector<std::string> contentEncodings = {};               // besides identity
    std::size_t maxBodyBytes = 0;                                 // 0: the agent's http.maxBodyBytes
    // A handler that may wait (waitOffer, a database session, a lock held elsewhere) runs on a worker thread.
    // One that never does runs at once on the listener's own thread, which is faster, and must return within
    // microseconds: everybody else waits for it.
    bool mayBlock = true;
};

// How a listener words the refusals that the agent makes before a handler is asked (400, 401, 403, 404, 405, 413,
// 415, 500, 503, ...), for protocols that want another body than {"error":"<message>"}. `requestType` is the
// request's Content-Type, empty when it has none or was not understood. Called from any thread; must not block.
struct RefusalBody {
    std::string contentType = {};
    std::string text = {};
};
using RefusalFormat = std::function<RefusalBody(int status, const std::string& message, std::string_view requestType)>;

// The routes of one listener, on behalf of one module. Thread: the one that calls initialize().
class OCTAGENT_SDK_TYPE Router {
public:
    virtual ~Router() = default;

    // Throws Poco::ExistsException when the pair of method and path is taken. The factory is called for each
    // request, on the thread that runs the handler, and must be safe from several threads. Routes end with
    // their module.
    virtual void add(const Route& route, Poco::Net::HTTPRequestHandlerFactory::Ptr factory) = 0;
};

// A factory from any callable that returns a new handler.
template <class Make> class CallableHandlerFactory : public Poco::Net::HTTPRequestHandlerFactory {
public:
    explicit CallableHandlerFactory(Make make) : _make(std::move(make)) {}
    Poco::Net::HTTPRequestHandler* createRequestHandler(const Poco::Net::HTTPServerRequest& /*request*/) override {
        return _make();
    }

private:
    Make _make;
};

template <class Make> Poco::Net::HTTPRequestHandlerFactory::Ptr handlerFactory(Make make) {
    return new CallableHandlerFactory<Make>(std::move(make));
}

// Answers with a JSON text.
inline void sendJson(Poco::Net::HTTPServerResponse& response, Poco::Net::HTTPResponse::HTTPStatus status,
                     std::string_view json) {
    response.setStatusAndReason(status);
    response.setContentType("application/json");
    response.sendBuffer(json.data(), json.size());
}

// A refusal: {"error":"<message>"}. The message says what is wrong and names the field.
inline void refuse(Poco::Net::HTTPServerResponse& response, Poco::Net::HTTPResponse::HTTPStatus status,
                   const std::string& message) {
    Poco::JSON::Object body;
    body.set("error", message);
    std::ostringstream text;
    body.stringify(text);
    sendJson(response, status, text.str());
}

} // namespace v1
} // namespace octagent
