// Stopping: whatever was accepted is stored, at any moment, or is counted as lost.

#include "AgentFixture.h"
#include "harness/Books.h"
#include "harness/LoadClient.h"

#include <random>
#include <thread>

namespace octagent::test {

class StopTest : public AgentFixture {
    CPPUNIT_TEST_SUITE(StopTest);
    CPPUNIT_TEST(testTermUnderLoad);
    CPPUNIT_TEST(testInterruptUnderLoad);
    CPPUNIT_TEST(testASecondSignalDoesNotCutTheDrainShort);
    CPPUNIT_TEST(testSignalsDuringStart);
    CPPUNIT_TEST(testHangUpDoesNotKill);
    CPPUNIT_TEST(testIdleAndSlowClientsDoNotHoldTheStop);
    CPPUNIT_TEST(testStorageThatDoesNotLetIt);
    CPPUNIT_TEST_SUITE_END();

protected:
    void stopUnderLoad(int signal, bool twice = false) {
        start();
        LoadPlan plan;
        plan.port = agent().port();
        LoadClient load(plan);
        eventually("load", [&] { return load.answeredSoFar() > 2000; });
        agent().signal(signal);
        if (twice)
            agent().signal(signal);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(agent().errors(), 0, agent().wait());
        load.stop();
        const auto& log = load.finish();
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, missingRows(log, databasePath()));
        // An event whose answer was cut off may be there or not, but nothing else is.
        const auto rows = static_cast<std::size_t>(countRows(databasePath()));
        CPPUNIT_ASSERT(rows >= log.accepted.size());
        CPPUNIT_ASSERT(rows <= log.accepted.size() + log.unanswered);
        assertSound(databasePath());
        CPPUNIT_ASSERT_MESSAGE("the log of the write-ahead is left", readFile(databasePath() + "-wal").empty());

        const auto totals = agent().logged("stopped");
        CPPUNIT_ASSERT(!totals.isNull());
        CPPUNIT_ASSERT_EQUAL(rows, static_cast<std::size_t>(totals->getValue<std::uint64_t>("persisted")));
        CPPUNIT_ASSERT_EQUAL(0, totals->getValue<int>("lost"));
    }

    void testTermUnderLoad() { stopUnderLoad(SIGTERM); }
    void testInterruptUnderLoad() { stopUnderLoad(SIGINT); }
    void testASecondSignalDoesNotCutTheDrainShort() { stopUnderLoad(SIGINT, true); }

    void testSignalsDuringStart() {
        const auto before = std::chrono::steady_clock::now();
        CPPUNIT_ASSERT_EQUAL(0, start().stop());
        const auto whole =
            std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - before);
        std::mt19937 random(20260131); // NOLINT(cert-msc51-cpp): the same moments in every run
        std::uniform_int_distribution<std::int64_t> moments(0, whole.count());
        for (int i = 0; i < 60; ++i) {
            AgentProcess process(setup());
            std::this_thread::sleep_for(std::chrono::microseconds(moments(random)));
            const int signal = i % 2 == 0 ? SIGTERM : SIGINT;
            process.signal(signal);
            const auto code = process.wait();
            // Before main() the system's default holds: the process is gone, and has done nothing yet.
            if (code != 128 + signal || !process.output().empty())
                CPPUNIT_ASSERT_EQUAL_MESSAGE(process.output() + process.errors(), 0, code);
        }
        start();
        stored("/v1/traces", R"({"provider":"p","model":"m"})");
        assertSound(databasePath());
    }

    void testHangUpDoesNotKill() {
        start();
        for (int i = 0; i < 5; ++i)
            agent().signal(SIGHUP);
        stored("/v1/traces", R"({"provider":"p","model":"m"})");
        CPPUNIT_ASSERT(agent().isRunning());
        CPPUNIT_ASSERT_EQUAL(0, agent().stop());
    }

    void testIdleAndSlowClientsDoNotHoldTheStop() {
        start();
        HttpClient idle(agent().port());
        CPPUNIT_ASSERT_EQUAL(200, idle.get("/health").status);
        HttpClient slow(agent().port());
        slow.send("POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n");
        const auto before = std::chrono::steady_clock::now();
        CPPUNIT_ASSERT_EQUAL(0, agent().stop());
        // 2 s are for running requests; nobody waits for the time-outs of clients, which are longer.
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - before < std::chrono::seconds(20));
    }

    // Somebody else holds the database's lock, and goes on to: after the deadline of 10 s the agent gives up,
    // says how many events are lost for it, and says so by its exit code.
    void testStorageThatDoesNotLetIt() {
        start();
        stored("/v1/traces", R"({"provider":"p","model":"m"})");
        const Database blocker(databasePath(), Database::Mode::ReadWrite);
        blocker.execute("BEGIN IMMEDIATE");
        for (int i = 0; i < 7; ++i)
            CPPUNIT_ASSERT_EQUAL(202, post("/v1/traces", R"({"provider":"p","model":"m"})").status);
        const auto before = std::chrono::steady_clock::now();
        agent().signal(SIGTERM);
        CPPUNIT_ASSERT_EQUAL(1, agent().wait());
        const auto took = std::chrono::steady_clock::now() - before;
        CPPUNIT_ASSERT(took > std::chrono::seconds(5));
        CPPUNIT_ASSERT(took < std::chrono::seconds(40));
        CPPUNIT_ASSERT_EQUAL(7, agent().logged("stopped")->getValue<int>("lost"));
        blocker.execute("ROLLBACK");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, countRows(databasePath()));
        start();
        stored("/v1/traces", R"({"provider":"p","model":"m"})");
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(StopTest);

} // namespace octagent::test
