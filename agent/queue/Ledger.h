#pragma once

// The books: what became of every event. At every moment
//
//     received = persisted + lost + queued + open
//
// where each of them is counted for itself. A snapshot is taken under the queue's lock, so that the identity
// holds in it exactly, not just in the long run.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace octagent {

enum class LossReason {
    Refused,    // its writer threw
    Unstorable, // SQLite will never take this row
    NoWriter,   // nobody stores its kind
    Shutdown    // storage did not let it in before the stop's deadline
};
inline constexpr std::array<std::string_view, 4> lossReasonNames = {"refused", "unstorable", "no_writer", "shutdown"};

struct Ledger {
    std::uint64_t received = 0;  // put into the queue
    std::uint64_t dropped = 0;   // not put into it because it was full; no part of received
    std::uint64_t persisted = 0; // committed
    std::array<std::uint64_t, lossReasonNames.size()> lost{};
    std::size_t queued = 0; // in the queue now
    std::size_t open = 0;   // in the batch that is being written now

    std::chrono::milliseconds oldestWait{0};            // of what is queued or open
    std::optional<std::chrono::milliseconds> sinceLoss; // since the last event dropped or lost; none so far: empty

    std::uint64_t lostTotal() const noexcept {
        std::uint64_t sum = 0;
        for (const auto count : lost)
            sum += count;
        return sum;
    }
};

} // namespace octagent
