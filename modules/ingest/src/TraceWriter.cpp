#include "TraceWriter.h"

#include "Bind.h"

#include "octagent/ingest/TraceEvent.h"

namespace octagent::ingest {

std::string TraceWriter::kind() const { return std::string(TraceEvent::kindName); }

void TraceWriter::prepare(SqlSession& session) {
    _insert.reset();
    _insert = session.prepare("INSERT INTO llm_traces (trace_id, created_at, provider, model, input_text, output_text,"
                              " prompt_tokens, completion_tokens, total_tokens, cost_usd, latency_ms, status,"
                              " error_type, metadata) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
}

std::int64_t TraceWriter::write(const Event& event) {
    const auto& trace = static_cast<const TraceEvent&>(event); // by its kind
    Statement& insert = *_insert;
    insert.bind(1, trace.traceId().view());
    insert.bind(2, trace.acceptedAt());
    insert.bind(3, std::string_view(trace.provider));
    insert.bind(4, std::string_view(trace.model));
    bindOptional(insert, 5, trace.inputText);
    bindOptional(insert, 6, trace.outputText);
    bindOptional(insert, 7, trace.promptTokens);
    bindOptional(insert, 8, trace.completionTokens);
    bindOptional(insert, 9, trace.totalTokens);
    bindOptional(insert, 10, trace.costUsd);
    bindOptional(insert, 11, trace.latencyMs);
    insert.bind(12, std::string_view(trace.status));
    bindOptional(insert, 13, trace.errorType);
    bindOptional(insert, 14, trace.metadata);
    return insert.execute();
}

} // namespace octagent::ingest
