#include "harness/Books.h"

#include "harness/Database.h"
#include "harness/HttpClient.h"
#include "harness/Poll.h"

#include <cppunit/TestAssert.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <unordered_set>

namespace octagent::test {

namespace {

std::uint64_t counted(const Metrics& metrics, const std::string& series) {
    const auto found = metrics.find(series);
    if (found == metrics.end())
        CPPUNIT_FAIL("/metrics has no " + series);
    return static_cast<std::uint64_t>(found->second);
}

std::vector<Row> traceIds(const Database& database) {
    return database.query("SELECT trace_id FROM llm_traces UNION ALL SELECT trace_id FROM error_events");
}

} // namespace

Metrics parseMetrics(const std::string& text) {
    Metrics metrics;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.empty() || line.front() == '#')
            continue;
        const auto space = line.rfind(' ');
        CPPUNIT_ASSERT_MESSAGE("no sample: " + line, space != std::string::npos);
        const std::string series = line.substr(0, space);
        CPPUNIT_ASSERT_MESSAGE("twice: " + series, metrics.emplace(series, std::stod(line.substr(space + 1))).second);
    }
    return metrics;
}

Metrics readMetrics(std::uint16_t port) {
    const auto reply = get(port, "/metrics");
    CPPUNIT_ASSERT_EQUAL_MESSAGE(reply.body, 200, reply.status);
    return parseMetrics(reply.body);
}

std::uint64_t Books::lostTotal() const {
    std::uint64_t sum = 0;
    for (const auto& [reason, count] : lost)
        sum += count;
    return sum;
}

std::string Books::shown() const {
    std::ostringstream text;
    text << "received " << received << ", dropped " << dropped << ", persisted " << persisted << ", queued " << queued
         << ", open " << open;
    for (const auto& [reason, count] : lost)
        if (count > 0)
            text << ", lost (" << reason << ") " << count;
    return text.str();
}

Books booksOf(const Metrics& metrics) {
    Books books;
    books.received = counted(metrics, "octagent_events_received_total");
    books.dropped = counted(metrics, "octagent_events_dropped_total");
    books.persisted = counted(metrics, "octagent_events_persisted_total");
    books.queued = counted(metrics, "octagent_queue_depth");
    books.open = counted(metrics, "octagent_open_batch_events");
    const std::string prefix = "octagent_events_lost_total{reason=\"";
    for (const auto& [series, value] : metrics)
        if (series.rfind(prefix, 0) == 0)
            books.lost[series.substr(prefix.size(), series.size() - prefix.size() - 2)] =
                static_cast<std::uint64_t>(value);
    CPPUNIT_ASSERT_MESSAGE("/metrics has no octagent_events_lost_total", !books.lost.empty());
    assertBalanced(books);
    return books;
}

Books readBooks(std::uint16_t port) { return booksOf(readMetrics(port)); }

Books settledBooks(std::uint16_t port) {
    Books books;
    eventually("nothing in flight", [&] {
        books = readBooks(port);
        return books.inFlight() == 0;
    });
    return books;
}

void assertBalanced(const Books& books) {
    CPPUNIT_ASSERT_EQUAL_MESSAGE(books.shown(), books.received, books.persisted + books.lostTotal() + books.inFlight());
    CPPUNIT_ASSERT_MESSAGE(books.shown(), books.queued <= 512);
    CPPUNIT_ASSERT_MESSAGE(books.shown(), books.open <= 50);
}

std::size_t missingRows(const ClientLog& log, const std::string& databasePath) {
    std::unordered_set<std::string> stored;
    for (auto& row : traceIds(Database(databasePath)))
        stored.insert(row.at("trace_id").value());
    std::size_t missing = 0;
    for (const auto& id : log.accepted)
        missing += stored.count(id) == 0 ? 1U : 0U;
    return missing;
}

void assertAccounted(const Books& books, const ClientLog& log, const std::string& databasePath,
                     std::int64_t foreignRows) {
    const std::string shown = books.shown() + "; client: accepted " + std::to_string(log.accepted.size()) +
                              ", dropped " + std::to_string(log.dropped) + ", unanswered " +
                              std::to_string(log.unanswered);
    assertBalanced(books);
    CPPUNIT_ASSERT_EQUAL_MESSAGE(shown, std::uint64_t{0}, books.inFlight());
    // An event without an answer may have been taken, dropped or never read.
    CPPUNIT_ASSERT_MESSAGE(shown, books.received >= log.accepted.size());
    CPPUNIT_ASSERT_MESSAGE(shown, books.dropped >= log.dropped);
    CPPUNIT_ASSERT_MESSAGE(shown, books.received + books.dropped <= log.answered() + log.unanswered);
    CPPUNIT_ASSERT_EQUAL_MESSAGE(shown, static_cast<std::int64_t>(books.persisted) + foreignRows,
                                 countRows(databasePath));
    const std::size_t missing = missingRows(log, databasePath);
    CPPUNIT_ASSERT_MESSAGE(shown + "; accepted without a row: " + std::to_string(missing),
                           missing <= books.lostTotal());
}

void assertSound(const std::string& databasePath) {
    const Database database(databasePath);
    CPPUNIT_ASSERT_EQUAL(std::string("ok"), database.text("PRAGMA integrity_check"));
    for (const char* table : {"llm_traces", "error_events"}) {
        const std::string twice = std::string("SELECT count(*) - count(DISTINCT trace_id) FROM ") + table;
        CPPUNIT_ASSERT_EQUAL_MESSAGE(table, std::int64_t{0}, database.number(twice));
    }
}

Usage usageOf(pid_t pid) {
    const std::string directory = "/proc/" + std::to_string(pid);
    Usage usage;
    std::ifstream status(directory + "/status");
    for (std::string word; status >> word;) {
        if (word == "VmRSS:")
            status >> usage.residentKilobytes;
        else if (word == "Threads:")
            status >> usage.threads;
    }
    const std::filesystem::directory_iterator open(directory + "/fd");
    usage.descriptors = static_cast<std::size_t>(std::distance(begin(open), end(open)));
    return usage;
}

void assertWithin(pid_t pid, const Ceilings& ceilings) {
    // What clients have just closed is given back when the agent has noticed.
    Usage usage;
    waitUntil([&] {
        usage = usageOf(pid);
        return usage.threads <= ceilings.threads && usage.descriptors <= ceilings.descriptors;
    });
#ifndef OCTAGENT_SANITIZED
    CPPUNIT_ASSERT_MESSAGE("resident: " + std::to_string(usage.residentKilobytes) + " KiB",
                           usage.residentKilobytes > 0 && usage.residentKilobytes <= ceilings.residentKilobytes);
#endif
    CPPUNIT_ASSERT_MESSAGE("threads: " + std::to_string(usage.threads),
                           usage.threads > 0 && usage.threads <= ceilings.threads);
    CPPUNIT_ASSERT_MESSAGE("descriptors: " + std::to_string(usage.descriptors),
                           usage.descriptors > 0 && usage.descriptors <= ceilings.descriptors);
}

} // namespace octagent::test
