#include "ErrorWriter.h"

#include "Bind.h"

#include "octagent/ingest/ErrorEvent.h"

namespace octagent::ingest {

std::string ErrorWriter::kind() const { return std::string(ErrorEvent::kindName); }

void ErrorWriter::prepare(SqlSession& session) {
    _insert.reset();
    _insert = session.prepare("INSERT INTO error_events (trace_id, created_at, error_type, message, stack_trace,"
                              " severity, metadata) VALUES (?, ?, ?, ?, ?, ?, ?)");
}

std::int64_t ErrorWriter::write(const Event& event) {
    const auto& error = static_cast<const ErrorEvent&>(event); // by its kind
    Statement& insert = *_insert;
    insert.bind(1, error.traceId().view());
    insert.bind(2, error.acceptedAt());
    insert.bind(3, std::string_view(error.errorType));
    insert.bind(4, std::string_view(error.message));
    bindOptional(insert, 5, error.stackTrace);
    insert.bind(6, std::string_view(error.severity));
    bindOptional(insert, 7, error.metadata);
    return insert.execute();
}

} // namespace octagent::ingest
