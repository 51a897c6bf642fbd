#pragma once

// Answers POST /v1/traces and POST /v1/errors: reads the body, offers its events, tells what became of them.
//
// One for each request. Never blocks: the body is read whole before, and offer() does not wait. An array is
// read to its end before the first of its events is offered, so a refusal has stored nothing; only when the
// agent begins to stop in the midst of it, some may have been taken by then.

#include "EventReader.h"
#include "Refusal.h"

#include "octagent/EventSink.h"
#include "octagent/Http.h"

#include <utility>
#include <vector>

namespace octagent::ingest {

class IngestHandler : public RequestHandler {
protected:
    explicit IngestHandler(EventSink& events) noexcept : _events(events) {}

    void handle(HttpRequest& request, Poco::Net::HTTPServerResponse& response) final;

private:
    virtual EventReader& reader() = 0;

    bool readEvents(JsonValue& root, Refusal& refusal);
    void answerOne(Poco::Net::HTTPServerResponse& response);
    void answerArray(Poco::Net::HTTPServerResponse& response);

    EventSink& _events;
    std::vector<Event::Ptr> _read;
    bool _isArray = false;
};

template <class Reader> class ReaderHandler final : public IngestHandler {
public:
    ReaderHandler(EventSink& events, std::size_t maxTextBytes) : IngestHandler(events), _reader(maxTextBytes) {}

private:
    EventReader& reader() override { return _reader; }

    Reader _reader;
};

} // namespace octagent::ingest
