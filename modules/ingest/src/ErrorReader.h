#pragma once

#include "TableReader.h"

#include "octagent/ingest/ErrorEvent.h"

namespace octagent::ingest {

// Bodies of POST /v1/errors.
class ErrorReader final : public TableReader<ErrorEvent> {
public:
    explicit ErrorReader(std::size_t maxTextBytes) noexcept;

private:
    bool complete(ErrorEvent& /*event*/, Refusal& /*refusal*/) override { return true; }
};

} // namespace octagent::ingest
