#pragma once

// Numbers of a JSON body, read exactly. Pure functions, any thread, do not throw. Spec: RFC 8259 section 6.

#include <cstdint>
#include <string_view>

namespace octagent::ingest {

// Whether the whole token is a JSON number. The functions below take only such.
bool isJsonNumber(std::string_view token) noexcept;

enum class NumberResult {
    Ok,
    Negative,   // -0 is not
    Fractional, // toInteger() only: 5.0 and 50e-1 are integers, 5.5 is not
    TooLarge    // does not fit into the type
};

NumberResult toInteger(std::string_view token, std::int64_t& value) noexcept;

// The nearest double; what is too small for one is 0.
NumberResult toReal(std::string_view token, double& value) noexcept;

} // namespace octagent::ingest
