#include "queue/Clock.h"

namespace octagent {

namespace {

class SystemClock final : public Clock {
public:
    Monotonic monotonic() const noexcept override { return std::chrono::steady_clock::now(); }
    std::int64_t unixMilliseconds() const noexcept override {
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
    }
};

} // namespace

const Clock& Clock::system() noexcept {
    static const SystemClock clock;
    return clock;
}

} // namespace octagent
