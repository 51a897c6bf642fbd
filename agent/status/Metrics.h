#pragma once

// The body of GET /metrics: the agent's own numbers, then those of its modules, in Prometheus' text format.
//
// The books are one snapshot, so that in every answer
//     octagent_events_received_total = octagent_events_persisted_total + octagent_events_lost_total (every reason)
//                                      + octagent_queue_depth + octagent_open_batch_events

#include "queue/Ledger.h"
#include "status/MetricRegistry.h"
#include "status/PrometheusText.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace octagent {

// What storage has to say, so that this room need not know it.
struct StorageMetrics {
    bool lastAttemptFailed = false;
    std::optional<std::chrono::milliseconds> sinceLastError; // empty: none so far
    std::uint64_t failedAttempts = 0;
    std::uint64_t reopened = 0;
    std::uint64_t quarantined = 0;
    std::uint64_t checkpoints = 0;
    bool isWalHeld = false;

    std::uint64_t databaseBytes = 0;
    std::uint64_t walBytes = 0;
    std::int64_t unsyncedRows = 0;
    std::uint64_t deletedPushed = 0;
    std::uint64_t deletedUnpushed = 0;
    std::uint64_t deletedUnmarked = 0;

    HistogramView batchSize;
    HistogramView flushSeconds;
};

// The same of HTTP.
struct HttpMetrics {
    std::uint64_t requests = 0;
    std::map<int, std::uint64_t> refused; // by status
    std::uint64_t connections = 0;
};

struct MetricsInput {
    Ledger ledger;
    StorageMetrics storage;
    HttpMetrics http;
    std::int64_t uptimeSeconds = 0;
    std::string version;
};

std::string metricsText(const MetricsInput& input, const MetricRegistry& modules);

} // namespace octagent
