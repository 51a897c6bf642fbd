#pragma once

// Time as the agent reads it, so that tests can move it.
//
// Two times, never mixed: the monotonic one for every wait and deadline, so that a clock set back or forward
// neither stops nor rushes a batch; the calendar one for what is stored.

#include <chrono>
#include <cstdint>

namespace octagent {

// Safe from every thread, does not block or throw.
class Clock {
public:
    using Monotonic = std::chrono::steady_clock::time_point;

    virtual ~Clock() = default;
    virtual Monotonic monotonic() const noexcept = 0;
    virtual std::int64_t unixMilliseconds() const noexcept = 0;

    // The machine's.
    static const Clock& system() noexcept;
};

} // namespace octagent
