#pragma once

// What happens to spans behind the decoders, with the promises that are kept to the database: texts are UTF-8
// within their limit, metadata is a JSON object within its bound.

#include "Decoder.h"
#include "EventBuilder.h"
#include "JsonText.h"
#include "SpanWindow.h"
#include "UsageRule.h"

#include "octagent/ingest/Limits.h"

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <cstdlib>
#include <deque>
#include <iostream>
#include <string>
#include <vector>

namespace octagent::otlp::fuzz {

inline constexpr std::size_t maxTextBytes = 64;

inline void require(bool holds, const char* what) {
    if (holds)
        return;
    std::cerr << "broken: " << what << '\n';
    std::abort();
}

inline void requireText(const std::string& text) {
    require(text.size() <= maxTextBytes, "a text is within its limit");
    require(cleanText(text) == text, "a text is UTF-8");
}

inline void requireMetadata(const std::string& text) {
    require(text.size() <= maxMetadataBytes, "metadata is within its bound");
    require(cleanText(text) == text, "metadata is UTF-8");
    Poco::JSON::Parser().parse(text).extract<Poco::JSON::Object::Ptr>();
}

inline void storeSpans(const TraceRequest& request) {
    constexpr std::size_t windowSize = 16;
    const EventBuilder builder(maxTextBytes);
    SpanWindow covered(windowSize);
    std::deque<SpanFields> fields;
    std::vector<UsageSpan> usage;
    std::vector<SpanContext> contexts;
    for (const auto& resource : request)
        for (const auto& scope : resource.scopes)
            for (const auto& span : scope.spans) {
                fields.emplace_back(span);
                usage.push_back({&fields.back(), roleOf(fields.back())});
                contexts.push_back({resource, scope});
            }
    applyUsageRule(usage, covered);
    for (std::size_t i = 0; i < usage.size(); ++i) {
        const auto trace = builder.makeTrace(usage[i], contexts[i]);
        for (const auto& text : {trace->provider, trace->model, trace->inputText.value_or(""),
                                 trace->outputText.value_or(""), trace->errorType.value_or("")})
            requireText(text);
        require(!trace->provider.empty() && !trace->model.empty(), "provider and model are not empty");
        require(trace->promptTokens.value_or(0) >= 0 && trace->costUsd.value_or(0) >= 0, "numbers are not negative");
        requireMetadata(*trace->metadata);
        const auto error = builder.makeError(usage[i], contexts[i], "id");
        requireText(error->errorType);
        requireText(error->message);
        requireText(error->stackTrace.value_or(""));
        require(!error->errorType.empty() && !error->message.empty(), "an error's type and message are not empty");
        requireMetadata(*error->metadata);
    }
}

} // namespace octagent::otlp::fuzz
