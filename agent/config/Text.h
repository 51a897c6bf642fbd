#pragma once

// Small questions about text that the configuration asks.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace octagent {

bool isValidUtf8(std::string_view text) noexcept;

// C0, DEL or, in valid UTF-8, C1: nothing that a value or key holds on purpose.
bool hasControlCharacter(std::string_view text) noexcept;

// For a message: what cannot be printed becomes '?', and what is long is cut.
std::string printable(std::string_view text);

// The candidate that was most likely meant, or empty when none is near.
std::string nearest(const std::string& text, const std::vector<std::string>& candidates);

} // namespace octagent
