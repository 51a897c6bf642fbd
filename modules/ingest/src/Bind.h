#pragma once

// Binds what may be absent: NULL then.

#include "octagent/Sql.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace octagent::ingest {

inline void bindOptional(Statement& statement, int index, const std::optional<std::string>& value) {
    if (value)
        statement.bind(index, std::string_view(*value));
    else
        statement.bindNull(index);
}

template <class Number> void bindOptional(Statement& statement, int index, const std::optional<Number>& value) {
    if (value)
        statement.bind(index, *value);
    else
        statement.bindNull(index);
}

} // namespace octagent::ingest
