#pragma once

// What a value of an option may look like, wherever it comes from.

#include "octagent/Option.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace octagent {

// A value in its one spelling: an integer without a plus sign or leading zeros, `true` or `false`, a choice as
// declared (upper and lower case are taken as one), a text as it is. Empty when it does not pass; `wrong` then
// says what would be right, and never holds the value itself, which may be a secret.
std::optional<std::string> parseValue(const Option& option, const std::string& text, std::string& wrong);

// A decimal integer and nothing else; empty when it is none or does not fit.
std::optional<std::int64_t> parseInteger(std::string_view text) noexcept;

// "an integer from 0 to 65535", "true or false", "one of info, debug", "a text".
std::string expectation(const Option& option);

} // namespace octagent
