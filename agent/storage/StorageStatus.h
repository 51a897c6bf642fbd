#pragma once

// What storage tells about itself, for /health and /metrics.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace octagent {

// Counts of observations by upper bound; the last count is of those above every bound.
template <std::size_t Size> struct Histogram {
    std::array<double, Size> bounds{};
    std::array<std::uint64_t, Size + 1> counts{}; // of this bucket alone, not cumulated
    double sum = 0;
    std::uint64_t count = 0;

    void observe(double value) noexcept {
        const auto bucket = std::lower_bound(bounds.begin(), bounds.end(), value) - bounds.begin();
        ++counts[static_cast<std::size_t>(bucket)];
        sum += value;
        ++count;
    }
};

// By retention.
struct DeletedRows {
    std::uint64_t pushed = 0;   // with synced = 1
    std::uint64_t unpushed = 0; // with synced = 0
    std::uint64_t unmarked = 0; // of tables without synced
    std::uint64_t total() const noexcept { return pushed + unpushed + unmarked; }
};

struct StorageStatus {
    bool lastAttemptFailed = false;
    std::uint64_t databaseBytes = 0; // by stat(), without a query
    std::uint64_t walBytes = 0;
    std::int64_t unsyncedRows = 0;

    // Since start.
    Histogram<8> batchSize{{1, 2, 5, 10, 20, 30, 40, 50}};
    Histogram<11> flushSeconds{{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1}};
    std::uint64_t failedAttempts = 0;
    std::uint64_t reopened = 0;    // the connection was given up and made anew
    std::uint64_t quarantined = 0; // a damaged database was put aside
    std::uint64_t checkpoints = 0;
    DeletedRows deleted;
    bool isWalHeld = false; // a reader keeps the log from starting over, and it has grown past its bound

    std::string lastError; // empty: none so far
    std::optional<std::chrono::milliseconds> sinceLastError;
    std::optional<std::chrono::milliseconds> sinceQuarantine;

    // /health is at least degraded for so long after a database was put aside.
    static constexpr std::chrono::minutes quarantineShown{10};
    bool isDegraded() const noexcept { return sinceQuarantine && *sinceQuarantine < quarantineShown; }
};

} // namespace octagent
