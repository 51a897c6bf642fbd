#pragma once

// Numbers that a module shows on the agent's metrics endpoint. Owned by the agent, live as long as the
// process, safe from every thread, never block.

#include "octagent/Sdk.h"

#include <atomic>
#include <cstdint>

namespace octagent {
inline namespace v1 {

// Only goes up.
class Counter {
public:
    void add(std::uint64_t amount = 1) noexcept { _value.fetch_add(amount, std::memory_order_relaxed); }
    std::uint64_t value() const noexcept { return _value.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> _value{0};
};

// Goes up and down.
class Gauge {
public:
    void set(std::int64_t value) noexcept { _value.store(value, std::memory_order_relaxed); }
    std::int64_t value() const noexcept { return _value.load(std::memory_order_relaxed); }

private:
    std::atomic<std::int64_t> _value{0};
};

} // namespace v1
} // namespace octagent
