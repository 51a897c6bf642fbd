#include "status/Metrics.h"

#include <Poco/Exception.h>
#include <Poco/Pipe.h>
#include <Poco/PipeStream.h>
#include <Poco/Process.h>
#include <Poco/StreamCopier.h>

#include <cppunit/extensions/HelperMacros.h>

#include <iostream>
#include <map>
#include <sstream>
#include <vector>

namespace octagent {

class MetricsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(MetricsTest);
    CPPUNIT_TEST(testIdentity);
    CPPUNIT_TEST(testEveryNumber);
    CPPUNIT_TEST(testNoErrorYet);
    CPPUNIT_TEST(testModules);
    CPPUNIT_TEST(testModuleCannotTakeTheAgentsName);
    CPPUNIT_TEST(testRegistry);
#if defined(POCO_OS_FAMILY_UNIX) // a Linux program
    CPPUNIT_TEST(testPromtool);
#endif
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        _input = {};
        _input.version = "1.2.3";
        _input.uptimeSeconds = 61;
        _input.ledger.received = 100;
        _input.ledger.dropped = 7;
        _input.ledger.persisted = 80;
        _input.ledger.lost = {1, 2, 3, 4};
        _input.ledger.queued = 6;
        _input.ledger.open = 4;
        _input.ledger.oldestWait = std::chrono::milliseconds(1500);
        _input.http = {1000, {{400, 11}, {413, 12}}, 13};
        _input.storage.batchSize = {_sizes, _sizeCounts, 55, 2};
        _input.storage.flushSeconds = {_times, _timeCounts, 0.75, 2};
        _input.storage.databaseBytes = 4096;
        _input.storage.walBytes = 512;
        _input.storage.unsyncedRows = 79;
        _input.storage.deletedPushed = 21;
        _input.storage.deletedUnpushed = 22;
        _input.storage.deletedUnmarked = 23;
        _input.storage.failedAttempts = 31;
        _input.storage.reopened = 32;
        _input.storage.quarantined = 33;
        _input.storage.checkpoints = 34;
        _input.storage.isWalHeld = true;
        _input.storage.lastAttemptFailed = true;
        _input.storage.sinceLastError = std::chrono::milliseconds(2500);
    }

    void testIdentity() {
        const auto series = parsed(text());
        double accounted = series.at("octagent_events_persisted_total") + series.at("octagent_queue_depth") +
                           series.at("octagent_open_batch_events");
        for (const auto reason : lossReasonNames)
            accounted += series.at("octagent_events_lost_total{reason=\"" + std::string(reason) + "\"}");
        CPPUNIT_ASSERT_EQUAL(series.at("octagent_events_received_total"), accounted);
    }

    void testEveryNumber() {
        const std::map<std::string, double> expected = {{"octagent_build_info{version=\"1.2.3\"}", 1},
                                                        {"octagent_uptime_seconds", 61},
                                                        {"octagent_events_received_total", 100},
                                                        {"octagent_events_dropped_total", 7},
                                                        {"octagent_events_persisted_total", 80},
                                                        {"octagent_events_lost_total{reason=\"refused\"}", 1},
                                                        {"octagent_events_lost_total{reason=\"unstorable\"}", 2},
                                                        {"octagent_events_lost_total{reason=\"no_writer\"}", 3},
                                                        {"octagent_events_lost_total{reason=\"shutdown\"}", 4},
                                                        {"octagent_queue_depth", 6},
                                                        {"octagent_open_batch_events", 4},
                                                        {"octagent_oldest_event_wait_seconds", 1.5},
                                                        {"octagent_http_requests_total", 1000},
                                                        {"octagent_http_refused_total{status=\"400\"}", 11},
                                                        {"octagent_http_refused_total{status=\"413\"}", 12},
                                                        {"octagent_http_connections", 13},
                                                        {"octagent_batch_events_bucket{le=\"10\"}", 1},
                                                        {"octagent_batch_events_bucket{le=\"50\"}", 2},
                                                        {"octagent_batch_events_bucket{le=\"+Inf\"}", 2},
                                                        {"octagent_batch_events_sum", 55},
                                                        {"octagent_batch_events_count", 2},
                                                        {"octagent_flush_seconds_bucket{le=\"0.5\"}", 1},
                                                        {"octagent_flush_seconds_bucket{le=\"+Inf\"}", 2},
                                                        {"octagent_flush_seconds_sum", 0.75},
                                                        {"octagent_flush_seconds_count", 2},
                                                        {"octagent_database_bytes", 4096},
                                                        {"octagent_wal_bytes", 512},
                                                        {"octagent_unsynced_rows", 79},
                                                        {"octagent_rows_deleted_total{state=\"pushed\"}", 21},
                                                        {"octagent_rows_deleted_total{state=\"unpushed\"}", 22},
                                                        {"octagent_rows_deleted_total{state=\"unmarked\"}", 23},
                                                        {"octagent_storage_failing", 1},
                                                        {"octagent_storage_failed_attempts_total", 31},
                                                        {"octagent_storage_reopened_total", 32},
                                                        {"octagent_storage_quarantined_total", 33},
                                                        {"octagent_storage_checkpoints_total", 34},
                                                        {"octagent_wal_held", 1},
                                                        {"octagent_storage_last_error_age_seconds", 2.5}};
        const auto series = parsed(text());
        for (const auto& [name, value] : expected) {
            CPPUNIT_ASSERT_MESSAGE(name, series.count(name) == 1);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(name, value, series.at(name));
        }
        CPPUNIT_ASSERT_EQUAL(expected.size(), series.size());
    }

    void testNoErrorYet() {
        _input.storage.sinceLastError.reset();
        CPPUNIT_ASSERT(text().find("last_error_age") == std::string::npos);
    }

    void testModules() {
        _modules.counter("push-plus", "rows_pushed_total", "Rows pushed.").add(5);
        _modules.gauge("push-plus", "lag_seconds", "How far behind.").set(-2);
        const auto series = parsed(text());
        CPPUNIT_ASSERT_EQUAL(5.0, series.at("octagent_push_plus_rows_pushed_total"));
        CPPUNIT_ASSERT_EQUAL(-2.0, series.at("octagent_push_plus_lag_seconds"));
    }

    void testModuleCannotTakeTheAgentsName() {
        _modules.gauge("queue", "depth", "Of another queue.").set(99);
        CPPUNIT_ASSERT_EQUAL(6.0, parsed(text()).at("octagent_queue_depth"));
    }

    void testRegistry() {
        Counter& counter = _modules.counter("a", "x_total", "X.");
        CPPUNIT_ASSERT_EQUAL(&counter, &_modules.counter("a", "x_total", "X."));
        CPPUNIT_ASSERT(&counter != &_modules.counter("b", "x_total", "X."));
        CPPUNIT_ASSERT_THROW(_modules.gauge("a", "x_total", "X."), Poco::ExistsException);
        for (int i = 0; i < 1000; ++i) // what was handed out stays where it is
            _modules.counter("a", "y" + std::to_string(i) + "_total", "Y.");
        counter.add(3);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, _modules.counter("a", "x_total", "X.").value());
    }

    // Prometheus' own tool finds nothing to say about it.
    void testPromtool() {
#if defined(OCTAGENT_PROMTOOL)
        _modules.counter("push", "rows_pushed_total", "Rows pushed.");
        _modules.gauge("push", "lag_seconds", "How far behind.");
        Poco::Pipe in;
        Poco::Pipe out;
        auto promtool = Poco::Process::launch(OCTAGENT_PROMTOOL, {"check", "metrics"}, &in, &out, &out);
        {
            Poco::PipeOutputStream stream(in);
            stream << text();
        }
        in.close();
        std::string said;
        Poco::PipeInputStream stream(out);
        Poco::StreamCopier::copyToString(stream, said);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(said, 0, promtool.wait());
        CPPUNIT_ASSERT_EQUAL(std::string(), said);
#else
        std::cerr << "SKIPPED: promtool is not installed (package prometheus)\n";
#endif
    }

private:
    std::string text() const { return metricsText(_input, _modules); }

    // By series; each may stand there once.
    static std::map<std::string, double> parsed(const std::string& text) {
        std::map<std::string, double> series;
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) {
            if (line.starts_with('#'))
                continue;
            const auto space = line.rfind(' ');
            CPPUNIT_ASSERT_MESSAGE(line, space != std::string::npos);
            CPPUNIT_ASSERT_MESSAGE(line, series.emplace(line.substr(0, space), std::stod(line.substr(space))).second);
        }
        return series;
    }

    const std::vector<double> _sizes = {10, 50};
    const std::vector<std::uint64_t> _sizeCounts = {1, 1, 0};
    const std::vector<double> _times = {0.5};
    const std::vector<std::uint64_t> _timeCounts = {1, 1};
    MetricsInput _input;
    MetricRegistry _modules;
};

CPPUNIT_TEST_SUITE_REGISTRATION(MetricsTest);

} // namespace octagent
