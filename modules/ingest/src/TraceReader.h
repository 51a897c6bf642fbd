#pragma once

#include "TableReader.h"

#include "octagent/ingest/TraceEvent.h"

namespace octagent::ingest {

// Bodies of POST /v1/traces.
class TraceReader final : public TableReader<TraceEvent> {
public:
    explicit TraceReader(std::size_t maxTextBytes) noexcept;

private:
    bool complete(TraceEvent& event, Refusal& refusal) override;
};

} // namespace octagent::ingest
