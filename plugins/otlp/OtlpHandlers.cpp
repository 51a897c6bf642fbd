#include "OtlpHandlers.h"

#include "octagent/Log.h"

#include <Poco/String.h>

namespace octagent::otlp {

namespace {

using Poco::Net::HTTPResponse;
using Poco::Net::HTTPServerResponse;

// After this many seconds a client tries again: the queue is empty long before that.
constexpr const char* retryAfterSeconds = "1";

void send(HTTPServerResponse& response, HTTPResponse::HTTPStatus status, Encoding encoding, const std::string& body) {
    response.setStatusAndReason(status);
    response.setContentType(std::string(contentTypeOf(encoding)));
    response.sendBuffer(body.data(), body.size());
}

Encoding encodingOf(const HttpRequest& request) { return otlp::encodingOf(request.getContentType()); }

} // namespace

void TraceHandler::handle(HttpRequest& request, HTTPServerResponse& response) {
    const Encoding encoding = encodingOf(request);
    const bool isGzip = Poco::icompare(request.get("Content-Encoding", ""), std::string("gzip")) == 0;
    const Received received = _receiver.receive(request.body(), encoding, isGzip);
    switch (received.outcome) {
    case Received::Outcome::Stored:
        send(response, HTTPResponse::HTTP_OK, encoding,
             received.rejected == 0 ? successBody(encoding)
                                    : partialSuccessBody(encoding, received.rejected, received.message));
        break;
    case Received::Outcome::Malformed:
        send(response, HTTPResponse::HTTP_BAD_REQUEST, encoding,
             statusBody(encoding, RpcCode::InvalidArgument, received.message));
        break;
    case Received::Outcome::TooLarge:
        send(response, HTTPResponse::HTTP_REQUEST_ENTITY_TOO_LARGE, encoding,
             statusBody(encoding, RpcCode::ResourceExhausted, received.message));
        break;
    case Received::Outcome::Busy:
        response.set("Retry-After", retryAfterSeconds);
        send(response, HTTPResponse::HTTP_SERVICE_UNAVAILABLE, encoding,
             statusBody(encoding, RpcCode::Unavailable, received.message));
        break;
    }
}

void DiscardHandler::handle(HttpRequest& request, HTTPServerResponse& response) {
    if (!_signal.isTold.exchange(true))
        logInfo(_logger, "discarding what clients send of this signal: only traces are stored",
                {{"signal", _signal.name}});
    const Encoding encoding = encodingOf(request);
    send(response, HTTPResponse::HTTP_OK, encoding, successBody(encoding));
}

} // namespace octagent::otlp
