// What people thought of an answer: POST /v1/feedback {"trace_id":"...","score":-1|0|1,"comment":"..."} becomes a
// row of the table `feedback`, to be joined with llm_traces. A template: rename it, and keep what you need.

#include "octagent/Plugin.h"

#include <Poco/Exception.h>
#include <Poco/JSON/Parser.h>

using Poco::Net::HTTPResponse;

namespace {

// What a handler hands to the writer. Its kind names it; the agent adds id and time.
class FeedbackEvent : public octagent::Event {
public:
    FeedbackEvent() : Event("feedback") {}
    std::string aboutTrace;
    std::int64_t score = 0;
    std::string comment;
};

class FeedbackSchema : public octagent::Schema {
public:
    int version() const override { return 1; }
    std::vector<octagent::Table> tables() const override { return {{.name = "feedback", .timeColumn = "created_at"}}; }
    void migrate(octagent::SqlSession& session, int /*from*/) override {
        session.execute(
            "CREATE TABLE IF NOT EXISTS feedback (id INTEGER PRIMARY KEY, trace_id TEXT NOT NULL, "
            "created_at INTEGER NOT NULL, about_trace TEXT NOT NULL, score INTEGER NOT NULL, comment TEXT)");
    }
};

class FeedbackWriter : public octagent::EventWriter {
public:
    std::string kind() const override { return "feedback"; }
    void prepare(octagent::SqlSession& session) override {
        _insert = session.prepare("INSERT INTO feedback (trace_id, created_at, about_trace, score, comment) "
                                  "VALUES (?, ?, ?, ?, ?)");
    }
    std::int64_t write(const octagent::Event& event) override {
        const auto& feedback = static_cast<const FeedbackEvent&>(event);
        _insert->bind(1, event.traceId().view());
        _insert->bind(2, event.acceptedAt());
        _insert->bind(3, feedback.aboutTrace);
        _insert->bind(4, feedback.score);
        _insert->bind(5, feedback.comment);
        _insert->execute();
        return 0; // the table has no `synced`
    }

private:
    std::unique_ptr<octagent::Statement> _insert;
};

class FeedbackHandler : public octagent::RequestHandler {
public:
    FeedbackHandler(octagent::EventSink& events, octagent::Counter& dropped, std::size_t maxComment)
        : _events(events), _dropped(dropped), _maxComment(maxComment) {}

protected:
    void handle(octagent::HttpRequest& request, Poco::Net::HTTPServerResponse& response) override {
        Poco::AutoPtr<FeedbackEvent> event(new FeedbackEvent);
        try {
            const auto body =
                Poco::JSON::Parser().parse(std::string(request.body())).extract<Poco::JSON::Object::Ptr>();
            event->aboutTrace = body->getValue<std::string>("trace_id");
            event->score = body->getValue<std::int64_t>("score");
            event->comment = body->optValue<std::string>("comment", "");
        } catch (const Poco::Exception& error) {
            return octagent::refuse(response, HTTPResponse::HTTP_BAD_REQUEST,
                                    "trace_id (string) and score (integer) are required: " + error.displayText());
        }
        if (event->comment.size() > _maxComment)
            return octagent::refuse(response, HTTPResponse::HTTP_BAD_REQUEST, "comment is too long");
        const auto id = event->traceId().toString();
        switch (_events.offer(event)) {
        case octagent::Offer::Accepted:
            return octagent::sendJson(response, HTTPResponse::HTTP_ACCEPTED, R"({"trace_id":")" + id + R"("})");
        case octagent::Offer::Full:
            _dropped.add();
            return octagent::sendJson(response, HTTPResponse::HTTP_ACCEPTED, R"({"dropped":1})");
        case octagent::Offer::Stopping:
            return octagent::refuse(response, HTTPResponse::HTTP_SERVICE_UNAVAILABLE, "the agent stops");
        }
    }

private:
    octagent::EventSink& _events;
    octagent::Counter& _dropped;
    const std::size_t _maxComment;
};

class FeedbackPlugin : public octagent::Module {
public:
    std::string name() const override { return "feedback"; }
    std::string version() const override { return "1.0.0"; }
    std::vector<octagent::Option> options() const override {
        return {{.key = "maxCommentBytes",
                 .type = octagent::OptionType::Integer,
                 .defaultValue = "4096",
                 .description = "longest comment that is taken, in bytes",
                 .minimum = 0,
                 .maximum = 65536}};
    }
    void initialize(octagent::ModuleContext& context) override {
        context.tables().add(std::make_unique<FeedbackSchema>());
        context.writers().add(std::make_unique<FeedbackWriter>());
        auto& events = context.events();
        auto& dropped = context.counter("dropped_total", "Feedback dropped because the queue was full");
        const auto maxComment = static_cast<std::size_t>(context.options().integer("maxCommentBytes"));
        context.routes().add({.method = "POST", .path = "/v1/feedback"},
                             octagent::handlerFactory(
                                 [=, &events, &dropped] { return new FeedbackHandler(events, dropped, maxComment); }));
    }
};

} // namespace

OCTAGENT_MODULE(FeedbackPlugin)
