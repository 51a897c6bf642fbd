#include "Ingest.h"

#include "ErrorReader.h"
#include "FakeHttp.h"
#include "IngestHandler.h"
#include "TraceReader.h"

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <cppunit/TestAssert.h>

using namespace octagent;
using namespace octagent::ingest;

namespace {

template <class Reader> Answer post(std::string_view body, FakeSink& sink, std::size_t maxTextBytes) {
    FakeResponse response;
    FakeRequest request(body, response);
    ReaderHandler<Reader> handler(sink, maxTextBytes);
    static_cast<RequestHandler&>(handler).handleRequest(request, response);

    CPPUNIT_ASSERT(response.sent());
    CPPUNIT_ASSERT_EQUAL(std::string("application/json"), response.getContentType());
    Answer answer{response.getStatus(), response.text(), {}};
    const auto json = Poco::JSON::Parser().parse(answer.body).extract<Poco::JSON::Object::Ptr>();
    if (answer.status != 202) {
        answer.error = json->getValue<std::string>("error");
        CPPUNIT_ASSERT(!answer.error.empty());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, json->size());
    }
    return answer;
}

} // namespace

Answer Ingest::postTrace(std::string_view body) { return post<TraceReader>(body, sink, _maxTextBytes); }
Answer Ingest::postError(std::string_view body) { return post<ErrorReader>(body, sink, _maxTextBytes); }

TraceEvent::Ptr Ingest::trace(std::string_view body) {
    const auto before = sink.taken.size();
    const Answer answer = postTrace(body);
    CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(body) + " -> " + answer.body, 202, answer.status);
    CPPUNIT_ASSERT_EQUAL(before + 1, sink.taken.size());
    return sink.taken.back().cast<TraceEvent>();
}

ErrorEvent::Ptr Ingest::error(std::string_view body) {
    const auto before = sink.taken.size();
    const Answer answer = postError(body);
    CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(body) + " -> " + answer.body, 202, answer.status);
    CPPUNIT_ASSERT_EQUAL(before + 1, sink.taken.size());
    return sink.taken.back().cast<ErrorEvent>();
}

std::string Ingest::traceBody(std::string_view rest) {
    return R"({"provider":"p","model":"m")" + std::string(rest) + "}";
}

TraceEvent::Ptr Ingest::traceWith(std::string_view rest) { return trace(traceBody(rest)); }

std::string Ingest::refusedTrace(std::string_view body) {
    const auto before = sink.taken.size();
    const Answer answer = postTrace(body);
    CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(body) + " -> " + answer.body, 400, answer.status);
    CPPUNIT_ASSERT_EQUAL(before, sink.taken.size());
    return answer.error;
}

std::string Ingest::refusedTraceWith(std::string_view rest) { return refusedTrace(traceBody(rest)); }
