// What does not fit into the queue: clients keep it and send it again, and nothing is lost or stored twice.

#include "OtlpFixture.h"

#include "harness/Books.h"
#include "harness/LoadClient.h"

#include <atomic>
#include <thread>

using namespace octagent::test;

class OverloadTest : public OtlpFixture {
    CPPUNIT_TEST_SUITE(OverloadTest);
    CPPUNIT_TEST(testBatchOf2048BesideNativeClients);
    CPPUNIT_TEST(testStalledStorage);
    CPPUNIT_TEST(testStopWhileWaiting);
    CPPUNIT_TEST_SUITE_END();

    // What a client's BatchSpanProcessor sends at most.
    static constexpr int batchSpans = 2048;

    static std::string batch(int first) {
        std::string spans;
        for (int i = first; i < first + batchSpans; ++i)
            spans += (i == first ? "" : ",") +
                     span(i + 1, R"("attributes":[{"key":"gen_ai.request.model","value":{"stringValue":"m"}}])");
        return request(spans);
    }
    std::int64_t distinctSpans() const {
        return Database(databasePath())
            .number("SELECT count(DISTINCT metadata ->> '$.span_id') FROM llm_traces WHERE provider = 'unknown'");
    }
    std::int64_t spanRows() const {
        return Database(databasePath()).number("SELECT count(*) FROM llm_traces WHERE provider = 'unknown'");
    }

public:
    void testBatchOf2048BesideNativeClients() {
        startOtlp();
        LoadPlan plan;
        plan.port = agent().port();
        plan.connections = 4;
        plan.eachSecond = 400;
        LoadClient native(plan);
        for (int i = 0; i < 4; ++i) {
            const auto reply = traces(batch(i * batchSpans));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(reply.body, 200, reply.status);
        }
        native.stop();
        const ClientLog log = native.finish();
        CPPUNIT_ASSERT(!log.accepted.empty());
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, log.dropped);
        const Books books = settledBooks(agent().port());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, books.dropped);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{4 * batchSpans}, spanRows());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{4 * batchSpans}, distinctSpans());
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, missingRows(log, databasePath()));
        assertSound(databasePath());
    }

    // Another process holds the database: the queue fills up. One client runs into its deadline half way, another
    // behind it without having been looked at; both send again.
    void testStalledStorage() {
        startOtlp({{"otlp.deadlineMilliseconds", "1000"}});
        CPPUNIT_ASSERT_EQUAL(200, traces(request(span(999999, R"("name":"first")"))).status);
        const Database writer(databasePath(), Database::Mode::ReadWrite);
        writer.execute("BEGIN IMMEDIATE");
        std::atomic<int> busy{0};
        std::vector<std::thread> clients;
        for (int i = 0; i < 2; ++i)
            clients.emplace_back([this, i, &busy] {
                const auto reply = traces(batch(i * batchSpans));
                const bool isRight = reply.status == 503 && reply.headers.count("retry-after") == 1 &&
                                     reply.json()->getValue<int>("code") == 14;
                busy += isRight ? 1 : 0;
            });
        for (auto& client : clients)
            client.join();
        CPPUNIT_ASSERT_EQUAL(2, busy.load());
        // The native endpoint still has its part of the queue.
        CPPUNIT_ASSERT_EQUAL(
            202, octagent::test::post(agent().port(), "/v1/traces", R"({"provider":"p","model":"m"})").status);
        const Books stalled = readBooks(agent().port());
        CPPUNIT_ASSERT(stalled.inFlight() > 0 && stalled.inFlight() < batchSpans);
        writer.execute("COMMIT");
        for (int i = 0; i < 2; ++i)
            eventually("the retry is taken", [this, i] { return traces(batch(i * batchSpans)).status == 200; });
        const Books books = settledBooks(agent().port());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, books.dropped);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, books.lostTotal());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2 * batchSpans}, spanRows());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2 * batchSpans}, distinctSpans());
    }

    void testStopWhileWaiting() {
        startOtlp({{"otlp.deadlineMilliseconds", "30000"}});
        const Database writer(databasePath(), Database::Mode::ReadWrite);
        writer.execute("BEGIN IMMEDIATE");
        std::atomic<int> status{0};
        std::thread client([this, &status] {
            try {
                status = traces(batch(0)).status;
            } catch (const std::exception&) {
                status = -1; // closed without an answer
            }
        });
        eventually("the queue fills", [this] { return readBooks(agent().port()).queued > 300; });
        agent().signal(SIGTERM);
        eventually("the agent notices", [this] { return agent().output().find("stopping") != std::string::npos; });
        writer.execute("COMMIT");
        const ExitCode code = agent().wait();
        client.join();
        CPPUNIT_ASSERT_EQUAL(0, code);
        // Either the queue took the last one in time, or the client knows that it must send them again.
        CPPUNIT_ASSERT_MESSAGE(std::to_string(status), status == 200 || status == 503 || status == -1);
        CPPUNIT_ASSERT(status == 200 ? spanRows() == batchSpans : spanRows() > 300);
        CPPUNIT_ASSERT_EQUAL(spanRows(), distinctSpans());
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(OverloadTest);
