#pragma once

// The tables llm_traces and error_events, version 1: those of the existing system, column for column.

#include "octagent/EventWriter.h"

#include <vector>

namespace octagent::ingest {

// On the thread that opens the database. Throws what the session throws.
class IngestSchema final : public Schema {
public:
    int version() const override { return 1; }
    std::vector<Table> tables() const override;
    void migrate(SqlSession& session, int from) override;
};

} // namespace octagent::ingest
