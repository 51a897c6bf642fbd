#pragma once

// Short ways to spans for tests, and a queue that keeps what it is offered.

#include "Decoder.h"
#include "Gzip.h"
#include "SpanModel.h"

#include "octagent/EventSink.h"
#include "octagent/ingest/ErrorEvent.h"
#include "octagent/ingest/TraceEvent.h"

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <cppunit/extensions/HelperMacros.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace octagent::otlp::test {

inline KeyValue attribute(std::string key, const char* text) { return {std::move(key), AnyValue{std::string(text)}}; }
inline KeyValue attribute(std::string key, std::string text) { return {std::move(key), AnyValue{std::move(text)}}; }
inline KeyValue attribute(std::string key, int number) { return {std::move(key), AnyValue{std::int64_t{number}}}; }
inline KeyValue attribute(std::string key, double number) { return {std::move(key), AnyValue{number}}; }

inline Span spanOf(Attributes attributes, const std::string& id = "span-id1", const std::string& parent = "") {
    Span span;
    span.traceId = "trace-id--16byte";
    span.spanId = id;
    span.parentSpanId = parent;
    span.name = "a span";
    span.startTimeUnixNano = 1700000000000000000U;
    span.endTimeUnixNano = 1700000001250400000U;
    span.attributes = std::move(attributes);
    return span;
}

inline TraceRequest requestOf(std::vector<Span> spans) {
    TraceRequest request(1);
    request[0].scopes.resize(1);
    request[0].scopes[0].spans = std::move(spans);
    return request;
}

inline std::string fixture(const std::string& name) {
    std::ifstream file(std::string(OTLP_FIXTURES) + '/' + name, std::ios::binary);
    CPPUNIT_ASSERT_MESSAGE(name, file.good());
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline std::string inflated(const std::string& gzip) {
    constexpr std::size_t limit = 1 << 20;
    std::string text;
    CPPUNIT_ASSERT(inflate(gzip, limit, text) == Inflation::Done);
    return text;
}

inline Poco::JSON::Object::Ptr parsed(const std::string& json) {
    return Poco::JSON::Parser().parse(json).extract<Poco::JSON::Object::Ptr>();
}

// Keeps every event, unless `onOffer` says otherwise.
class KeepingSink : public EventSink {
public:
    std::vector<TraceEvent::Ptr> traces;
    std::vector<ErrorEvent::Ptr> errors;
    std::function<Offer()> onOffer = [] { return Offer::Accepted; };

    Offer offer(Event::Ptr /*event*/) noexcept override {
        CPPUNIT_NS::Asserter::fail("a receiver whose clients retry must not use offer()");
        return Offer::Full;
    }
    Offer waitOffer(Event::Ptr event, std::chrono::steady_clock::time_point /*deadline*/) noexcept override {
        const Offer answer = onOffer();
        if (answer != Offer::Accepted)
            return answer;
        if (event->kind() == TraceEvent::kindName)
            traces.push_back(event.cast<TraceEvent>());
        else
            errors.push_back(event.cast<ErrorEvent>());
        return answer;
    }
};

template <class Type> std::string shown(const std::optional<Type>& value) {
    if (!value)
        return "NULL";
    if constexpr (std::is_same_v<Type, std::string>)
        return *value;
    else
        return std::to_string(*value);
}

} // namespace octagent::otlp::test
