#pragma once

#include "octagent/EventWriter.h"

#include <cstdint>
#include <memory>
#include <string>

namespace octagent::ingest {

// Stores `error` events, from wherever they come, as rows of error_events.
class ErrorWriter final : public EventWriter {
public:
    std::string kind() const override;
    void prepare(SqlSession& session) override;
    std::int64_t write(const Event& event) override;

private:
    std::unique_ptr<Statement> _insert;
};

} // namespace octagent::ingest
