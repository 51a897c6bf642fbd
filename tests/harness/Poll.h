#pragma once

// Waiting in tests: for a condition, with a deadline, never for a time.

#include <chrono>
#include <functional>
#include <string>

namespace octagent::test {

// Ten times and more of what anything here takes, so that a loaded machine or a sanitizer makes no test fail.
inline constexpr std::chrono::seconds patience{60};

// Looks every few milliseconds until `condition` holds. False at the deadline.
bool waitUntil(const std::function<bool()>& condition, std::chrono::milliseconds deadline = patience);

// The same, but fails the test with "still not: <what>".
void eventually(const std::string& what, const std::function<bool()>& condition,
                std::chrono::milliseconds deadline = patience);

} // namespace octagent::test
