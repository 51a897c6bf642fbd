#pragma once

// The time that retention goes by: the calendar's, but not where it leaps.
//
// A clock that is set forward by mistake must not delete what is young, not even when the agent is started
// anew meanwhile. So the calendar is believed while it moves with the agent's own running time, or leaps by
// less than a third of what is kept. A larger leap is believed after the agent has run for a day with it;
// until then time goes on from where it was. A clock set back deletes less, and needs no care.

#include <chrono>
#include <cstdint>

namespace octagent {

// One thread.
class RetentionClock {
public:
    static constexpr std::chrono::hours believedAfter{24};

    // `keep`: how long rows are kept.
    explicit RetentionClock(std::chrono::milliseconds keep) noexcept;

    // What a database remembers: see StateRow.
    void restore(std::int64_t clock, std::int64_t held) noexcept;
    std::int64_t clock() const noexcept { return _clock; }
    std::int64_t held() const noexcept { return _held; }

    // `calendar` in Unix milliseconds; `elapsed`: running time since the last call.
    void advance(std::int64_t calendar, std::chrono::milliseconds elapsed) noexcept;

    // Rows before this may go.
    std::int64_t cutoff() const noexcept;
    bool isHeld() const noexcept { return _held > 0; }

private:
    std::chrono::milliseconds _keep;
    std::int64_t _clock = 0; // the latest time believed in
    std::int64_t _held = 0;  // for how long (ms of running) a leap was not believed
    std::int64_t _calendar = 0;
};

} // namespace octagent
