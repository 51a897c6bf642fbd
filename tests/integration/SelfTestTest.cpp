// What an operator runs after installing.

#include "AgentFixture.h"

namespace octagent::test {

class SelfTestTest : public AgentFixture {
    CPPUNIT_TEST_SUITE(SelfTestTest);
    CPPUNIT_TEST(testFollowsAnEventOfEachKindToTheDatabase);
    CPPUNIT_TEST(testSendsTheToken);
    CPPUNIT_TEST(testSaysWhenNoAgentRuns);
    CPPUNIT_TEST(testFailsWhenStorageDoes);
    CPPUNIT_TEST_SUITE_END();

protected:
    void testFollowsAnEventOfEachKindToTheDatabase() {
        start();
        const auto outcome = selfTest(agent().port());
        CPPUNIT_ASSERT_EQUAL_MESSAGE(outcome.output, 0, outcome.code);
        CPPUNIT_ASSERT_MESSAGE(outcome.output, outcome.output.find("self-test passed") != std::string::npos);
        const Database database(databasePath());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, database.number("SELECT count(*) FROM llm_traces"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, database.number("SELECT count(*) FROM error_events"));
    }

    void testSendsTheToken() {
        AgentSetup how = setup();
        how.keys["http.token"] = "a-secret-of-some-length";
        start(how);
        CPPUNIT_ASSERT(selfTest(agent().port()).code != 0);
        const auto outcome = selfTest(agent().port(), "a-secret-of-some-length");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(outcome.output, 0, outcome.code);
        CPPUNIT_ASSERT(outcome.output.find("a-secret") == std::string::npos);
    }

    void testSaysWhenNoAgentRuns() {
        start();
        const auto port = agent().port();
        agent().stop();
        const auto outcome = selfTest(port);
        CPPUNIT_ASSERT(outcome.code != 0);
        CPPUNIT_ASSERT_MESSAGE(outcome.output, outcome.output.find("no agent answers") != std::string::npos);
    }

    void testFailsWhenStorageDoes() {
        start();
        const Database foreign(databasePath(), Database::Mode::ReadWrite);
        foreign.execute("PRAGMA busy_timeout = 20000; BEGIN IMMEDIATE");
        const auto outcome = selfTest(agent().port());
        foreign.execute("ROLLBACK");
        CPPUNIT_ASSERT(outcome.code != 0);
        CPPUNIT_ASSERT_MESSAGE(outcome.output, outcome.output.find("self-test FAILED") != std::string::npos);
    }

private:
    Outcome selfTest(std::uint16_t port, const std::string& token = {}) const {
        AgentSetup how = setup();
        how.keys["http.port"] = std::to_string(port);
        if (!token.empty())
            how.keys["http.token"] = token;
        how.arguments = {"--self-test"};
        return runAgent(how);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SelfTestTest);

} // namespace octagent::test
