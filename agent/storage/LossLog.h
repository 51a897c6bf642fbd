#pragma once

// Tells the log which events were lost and why: at once for the first, then summed up, so that a flood of bad
// events is no flood of lines.

#include "queue/Ledger.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <string>

namespace octagent {

// Owned by the persister, used on its thread.
class LossLog {
public:
    static constexpr std::chrono::seconds interval{1};

    void add(LossReason reason, std::uint64_t events, const std::string& kind, const std::string& why);
    // Writes what has come together, once the interval has passed since the last line.
    void flush(bool now = false);

private:
    struct Sum {
        std::uint64_t events = 0;
        std::string kind; // of the last one
        std::string why;
    };

    std::array<Sum, lossReasonNames.size()> _sums;
    bool _hasAny = false;
    std::chrono::steady_clock::time_point _next;
};

} // namespace octagent
