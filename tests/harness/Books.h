#pragma once

// The accounting identity, asserted: accepted = persisted + lost + in flight, held against the client's own log
// and the rows in the file.
//
//     const Books books = settledBooks(agent.port());
//     assertAccounted(books, load.finish(), agent.databasePath());
//     assertSound(agent.databasePath());
//     assertWithin(agent.pid(), {});

#include "harness/LoadClient.h"

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>

namespace octagent::test {

// GET /metrics: by series, as "octagent_events_lost_total{reason=\"refused\"}".
using Metrics = std::map<std::string, double>;
Metrics readMetrics(std::uint16_t port);
Metrics parseMetrics(const std::string& text);

struct Books {
    std::uint64_t received = 0;
    std::uint64_t dropped = 0;
    std::uint64_t persisted = 0;
    std::map<std::string, std::uint64_t> lost; // by reason
    std::uint64_t queued = 0;
    std::uint64_t open = 0;

    std::uint64_t lostTotal() const;
    std::uint64_t inFlight() const { return queued + open; }
    std::string shown() const;
};
// One look; the identity is asserted in it, whatever is going on.
Books readBooks(std::uint16_t port);
Books booksOf(const Metrics& metrics);
// Looks until nothing is in flight.
Books settledBooks(std::uint16_t port);

void assertBalanced(const Books& books);

// Settled books against what the client was told and what the file holds. `foreignRows`: rows that others put
// into the two tables.
void assertAccounted(const Books& books, const ClientLog& log, const std::string& databasePath,
                     std::int64_t foreignRows = 0);

// PRAGMA integrity_check, and no trace_id twice within a table. The agent may run.
void assertSound(const std::string& databasePath);

// How many of the accepted events have no row.
std::size_t missingRows(const ClientLog& log, const std::string& databasePath);

// What a process may use; far above what the agent needs, far below what a leak or a thread per client takes.
struct Ceilings {
    std::size_t residentKilobytes = 80 * 1024; // not asserted where a sanitizer keeps its shadow
    std::size_t threads = 32;
    std::size_t descriptors = 128;
};
struct Usage {
    std::size_t residentKilobytes = 0;
    std::size_t threads = 0;
    std::size_t descriptors = 0;
};
Usage usageOf(pid_t pid);
// Waits for what the agent is about to give back.
void assertWithin(pid_t pid, const Ceilings& ceilings);

} // namespace octagent::test
