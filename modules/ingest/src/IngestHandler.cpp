#include "IngestHandler.h"

#include "octagent/ingest/Limits.h"

#include <string>

namespace octagent::ingest {

using Poco::Net::HTTPResponse;
using Poco::Net::HTTPServerResponse;

namespace {

void refuseStopping(HTTPServerResponse& response) {
    refuse(response, HTTPResponse::HTTP_SERVICE_UNAVAILABLE, "the agent is stopping");
}

} // namespace

void IngestHandler::handle(HttpRequest& request, HTTPServerResponse& response) {
    Refusal refusal;
    const auto take = [this, &refusal](JsonValue& root) { return readEvents(root, refusal); };
    if (!readJson(request.body(), refusal, take))
        return refuse(response, refusal.status(), refusal.message());
    if (_isArray)
        return answerArray(response);
    answerOne(response);
}

bool IngestHandler::readEvents(JsonValue& root, Refusal& refusal) {
    const auto readOne = [this, &refusal](JsonValue& value) {
        if (_read.size() == maxEventsPerArray) {
            return refusal.because("an array may hold at most 512 events", HTTPResponse::HTTP_REQUEST_ENTITY_TOO_LARGE);
        }
        _read.push_back(reader().read(value, refusal));
        return !_read.back().isNull();
    };
    _isArray = root.kind() == JsonKind::Array;
    return _isArray ? root.elements(readOne) : readOne(root);
}

void IngestHandler::answerOne(HTTPServerResponse& response) {
    const Event::Ptr& event = _read.front();
    switch (_events.offer(event)) {
    case Offer::Accepted: {
        std::string body = R"({"trace_id":")";
        body += event->traceId().view();
        body += "\"}";
        return sendJson(response, HTTPResponse::HTTP_ACCEPTED, body);
    }
    case Offer::Full:
        return sendJson(response, HTTPResponse::HTTP_ACCEPTED, R"({"dropped":1})");
    case Offer::Stopping:
        return refuseStopping(response);
    }
}

void IngestHandler::answerArray(HTTPServerResponse& response) {
    constexpr std::size_t bytesPerId = sizeof(R"("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",)");
    std::string body;
    body.reserve(64 + _read.size() * bytesPerId);
    body += R"({"trace_ids":[)";
    std::size_t dropped = 0;
    for (const auto& event : _read) {
        const Offer offer = _events.offer(event);
        if (offer == Offer::Stopping)
            return refuseStopping(response);
        if (body.back() != '[')
            body += ',';
        if (offer == Offer::Accepted) {
            body += '"';
            body += event->traceId().view();
            body += '"';
        } else {
            body += "null";
            ++dropped;
        }
    }
    body += R"(],"dropped":)";
    body += std::to_string(dropped);
    body += '}';
    sendJson(response, HTTPResponse::HTTP_ACCEPTED, body);
}

} // namespace octagent::ingest
