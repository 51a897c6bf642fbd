#include "storage/RetentionClock.h"

#include <algorithm>

namespace octagent {

RetentionClock::RetentionClock(std::chrono::milliseconds keep) noexcept : _keep(keep) {}

void RetentionClock::restore(std::int64_t clock, std::int64_t held) noexcept {
    _clock = clock;
    _held = held;
    _calendar = clock;
}

void RetentionClock::advance(std::int64_t calendar, std::chrono::milliseconds elapsed) noexcept {
    constexpr std::int64_t believed = std::chrono::milliseconds(believedAfter).count();
    constexpr std::int64_t hour = std::chrono::milliseconds(std::chrono::hours(1)).count();
    const std::int64_t tolerance = std::max(hour, _keep.count() / 3);
    const std::int64_t expected = _clock + elapsed.count();
    _calendar = calendar;
    if (calendar <= expected + tolerance) {
        _clock = std::max(_clock, calendar);
        _held = 0;
        return;
    }
    _held += std::max<std::int64_t>(1, elapsed.count());
    _clock = expected;
    if (_held >= believed) {
        _clock = calendar;
        _held = 0;
    }
}

std::int64_t RetentionClock::cutoff() const noexcept { return std::min(_clock, _calendar) - _keep.count(); }

} // namespace octagent
