#include "ErrorReader.h"

#include <array>

namespace octagent::ingest {

namespace {

constexpr bool required = true;

constexpr std::array<Field<ErrorEvent>, 4> fields{{
    {"error_type", &ErrorEvent::errorType, required},
    {"message", &ErrorEvent::message, required},
    {"stack_trace", &ErrorEvent::stackTrace},
    {"severity", &ErrorEvent::severity},
}};

} // namespace

ErrorReader::ErrorReader(std::size_t maxTextBytes) noexcept : TableReader(fields, maxTextBytes) {}

} // namespace octagent::ingest
