#include "PluginBench.h"

#include "harness/Books.h"
#include "harness/Database.h"
#include "harness/HttpClient.h"
#include "harness/Poll.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

using namespace octagent::test;

class PluginFailureTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PluginFailureTest);
    CPPUNIT_TEST(testThrowInInitialize);
    CPPUNIT_TEST(testThrowInStart);
    CPPUNIT_TEST(testOptionTwice);
    CPPUNIT_TEST(testRouteConflict);
    CPPUNIT_TEST(testTableConflict);
    CPPUNIT_TEST(testNewerTableRefusesThatPluginOnly);
    CPPUNIT_TEST(testThrowingHandlerIsAnswered500AndFailsAfterTen);
    CPPUNIT_TEST(testSuccessInBetweenForgivesFailures);
    CPPUNIT_TEST(testThrowingWriterLosesItsOwnEventOnly);
    CPPUNIT_TEST(testTenRefusedEventsInARowFailThePlugin);
    CPPUNIT_TEST(testHangOnStopIsLeftBehindAndNothingIsLost);
    CPPUNIT_TEST_SUITE_END();

public:
    void testThrowInInitialize() { assertLeftOut("initialize", "initialize fails"); }
    void testThrowInStart() { assertLeftOut("start", "start fails"); }
    void testRouteConflict() { assertLeftOut("route", "/v1/traces"); }
    void testTableConflict() { assertLeftOut("table", "llm_traces"); }

    // It is known to no room of the agent when it is left out.
    void testOptionTwice() {
        PluginBench bench;
        bench.add("faulty");
        bench.setup().environment["FAULTY_OPTION_TWICE"] = "yes";
        AgentProcess agent(bench.setup());
        agent.awaitListening();
        CPPUNIT_ASSERT(loggedLine(agent, "the plugin is left out").find("faulty.fault") != std::string::npos);
        assertIngestWorks(agent);
        CPPUNIT_ASSERT_EQUAL(0, agent.stop());
    }

    void testNewerTableRefusesThatPluginOnly() {
        PluginBench bench;
        bench.add("faulty");
        { // its schema is version 2
            AgentProcess agent(bench.setup());
            agent.awaitListening();
            CPPUNIT_ASSERT_EQUAL(0, agent.stop());
        }
        bench.setup().keys["faulty.fault"] = "schema"; // now it is version 1
        AgentProcess agent(bench.setup());
        agent.awaitListening();
        loggedLine(agent, "the plugin is left out");
        CPPUNIT_ASSERT_EQUAL(404, post(agent.port(), "/faulty/event", "x").status);
        assertIngestWorks(agent);
        CPPUNIT_ASSERT_EQUAL(0, agent.stop());
    }

    void testThrowingHandlerIsAnswered500AndFailsAfterTen() {
        PluginBench bench;
        bench.add("faulty");
        AgentProcess agent(bench.setup());
        agent.awaitListening();
        for (int i = 0; i < 10; ++i)
            CPPUNIT_ASSERT_EQUAL(500, post(agent.port(), "/faulty/throw", "x").status);
        eventually("the plugin has failed", [&] { return post(agent.port(), "/faulty/throw", "x").status == 503; });
        CPPUNIT_ASSERT_EQUAL(503, post(agent.port(), "/faulty/event", "x").status);
        CPPUNIT_ASSERT_EQUAL(std::string("degraded"), get(agent.port(), "/health").text("status"));
        assertIngestWorks(agent);
        CPPUNIT_ASSERT_EQUAL(0, agent.stop());
    }

    void testSuccessInBetweenForgivesFailures() {
        PluginBench bench;
        bench.add("faulty");
        AgentProcess agent(bench.setup());
        agent.awaitListening();
        for (int i = 0; i < 30; ++i) {
            CPPUNIT_ASSERT_EQUAL(500, post(agent.port(), "/faulty/throw", "x").status);
            if (i % 5 == 4)
                CPPUNIT_ASSERT_EQUAL(202, post(agent.port(), "/faulty/event", "x").status);
        }
        CPPUNIT_ASSERT_EQUAL(std::string("ok"), get(agent.port(), "/health").text("status"));
        CPPUNIT_ASSERT_EQUAL(0, agent.stop());
    }

    void testThrowingWriterLosesItsOwnEventOnly() {
        PluginBench bench;
        bench.add("faulty");
        AgentProcess agent(bench.setup());
        agent.awaitListening();
        for (int i = 0; i < 30; ++i) { // good, poison and a trace in the same batches
            post(agent.port(), "/faulty/event", "good");
            if (i % 10 == 0)
                post(agent.port(), "/faulty/event", "poison");
            CPPUNIT_ASSERT_EQUAL(202, post(agent.port(), "/v1/traces", R"({"provider":"p","model":"m"})").status);
        }
        const Books books = settledBooks(agent.port());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{63}, books.received);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{60}, books.persisted);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, books.lost.at("refused"));
        const Database database(agent.databasePath());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{30}, database.number("SELECT count(*) FROM faulty WHERE body = 'good'"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, database.number("SELECT count(*) FROM faulty WHERE body = 'poison'"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{30}, database.number("SELECT count(*) FROM llm_traces"));
        CPPUNIT_ASSERT_EQUAL(0, agent.stop());
    }

    void testTenRefusedEventsInARowFailThePlugin() {
        PluginBench bench;
        bench.add("faulty");
        AgentProcess agent(bench.setup());
        agent.awaitListening();
        for (int i = 0; i < 10; ++i)
            CPPUNIT_ASSERT_EQUAL(202, post(agent.port(), "/faulty/event", "poison").status);
        eventually("the plugin has failed", [&] { return post(agent.port(), "/faulty/event", "x").status == 503; });
        loggedLine(agent, "module has failed");
        assertIngestWorks(agent);
        CPPUNIT_ASSERT_EQUAL(0, agent.stop());
    }

    void testHangOnStopIsLeftBehindAndNothingIsLost() {
        PluginBench bench;
        bench.add("faulty");
        bench.setup().keys["faulty.fault"] = "stop";
        AgentProcess agent(bench.setup());
        agent.awaitListening();
        for (int i = 0; i < 20; ++i)
            CPPUNIT_ASSERT_EQUAL(202, post(agent.port(), "/v1/traces", R"({"provider":"p","model":"m"})").status);
        CPPUNIT_ASSERT_EQUAL(0, agent.stop());
        loggedLine(agent, "plugin does not stop");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{20}, countRows(agent.databasePath()));
    }

private:
    // With this fault the plugin is left out: its routes are gone, the agent runs and says why.
    static void assertLeftOut(const std::string& fault, const std::string& reason) {
        PluginBench bench;
        bench.add("faulty");
        bench.setup().keys["faulty.fault"] = fault;
        AgentProcess agent(bench.setup());
        agent.awaitListening();
        const auto line = loggedLine(agent, "the plugin is left out");
        CPPUNIT_ASSERT_MESSAGE(line, line.find(reason) != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(404, post(agent.port(), "/faulty/event", "x").status);
        assertIngestWorks(agent);
        CPPUNIT_ASSERT_EQUAL(std::string("degraded"), get(agent.port(), "/health").text("status"));
        CPPUNIT_ASSERT_EQUAL(0, agent.stop());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PluginFailureTest);
