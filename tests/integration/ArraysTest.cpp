// Arrays of events: one answer for all, all or none when one is invalid.

#include "AgentFixture.h"

#include <Poco/JSON/Array.h>

namespace octagent::test {

class ArraysTest : public AgentFixture {
    CPPUNIT_TEST_SUITE(ArraysTest);
    CPPUNIT_TEST(testEachElementBecomesARow);
    CPPUNIT_TEST(testErrorsToo);
    CPPUNIT_TEST(testOneInvalidElementRefusesAll);
    CPPUNIT_TEST(testTooMany);
    CPPUNIT_TEST(testAFullQueueIsTold);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        AgentFixture::setUp();
        start();
    }

protected:
    static std::string traces(int count) {
        std::string body = "[";
        for (int i = 0; i < count; ++i)
            body += (i == 0 ? "" : ",") + (R"({"provider":"p","model":"m)" + std::to_string(i)) + "\"}";
        return body + "]";
    }

    void testEachElementBecomesARow() {
        const auto reply = post("/v1/traces", traces(3));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(reply.body, 202, reply.status);
        CPPUNIT_ASSERT_EQUAL(0, reply.json()->getValue<int>("dropped"));
        const auto ids = reply.json()->getArray("trace_ids");
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, ids->size());
        for (unsigned i = 0; i < 3; ++i)
            ASSERT_COLUMN(awaitRow(databasePath(), "llm_traces", ids->getElement<std::string>(i)), "model",
                          "m" + std::to_string(i));
    }

    void testErrorsToo() {
        const auto reply = post("/v1/errors", R"([{"error_type":"crash","message":"a"}])");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(reply.body, 202, reply.status);
        const auto id = reply.json()->getArray("trace_ids")->getElement<std::string>(0);
        ASSERT_COLUMN(awaitRow(databasePath(), "error_events", id), "message", "a");
    }

    void testOneInvalidElementRefusesAll() {
        const auto reply = post("/v1/traces", R"([{"provider":"p","model":"m"},{"provider":"p"}])");
        CPPUNIT_ASSERT_EQUAL(400, reply.status);
        CPPUNIT_ASSERT_MESSAGE(reply.body, reply.error().find("model") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(reply.body, reply.error().find('1') != std::string::npos);
        stored("/v1/traces", R"({"provider":"p","model":"m"})");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, countRows(databasePath()));
    }

    void testTooMany() {
        CPPUNIT_ASSERT_EQUAL(413, post("/v1/traces", traces(513)).status);
        CPPUNIT_ASSERT_EQUAL(202, post("/v1/traces", traces(512)).status);
    }

    // Nothing is written while another process holds the lock, so that the queue fills: 512 and an open batch.
    void testAFullQueueIsTold() {
        stored("/v1/traces", R"({"provider":"p","model":"m"})");
        const Database blocker(databasePath(), Database::Mode::ReadWrite);
        blocker.execute("BEGIN IMMEDIATE");
        int accepted = 0;
        int dropped = 0;
        for (int i = 0; i < 4; ++i) {
            const auto reply = post("/v1/traces", traces(300));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(reply.body, 202, reply.status);
            const auto ids = reply.json()->getArray("trace_ids");
            int nulls = 0;
            for (unsigned k = 0; k < ids->size(); ++k)
                nulls += ids->isNull(k) ? 1 : 0;
            CPPUNIT_ASSERT_EQUAL(reply.json()->getValue<int>("dropped"), nulls);
            accepted += static_cast<int>(ids->size()) - nulls;
            dropped += nulls;
        }
        CPPUNIT_ASSERT_EQUAL(1200, accepted + dropped);
        CPPUNIT_ASSERT(accepted >= 512);
        CPPUNIT_ASSERT(accepted <= 512 + 50);
        const auto single = post("/v1/traces", R"({"provider":"p","model":"m"})");
        CPPUNIT_ASSERT_EQUAL(202, single.status);
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"dropped":1})"), single.body);

        const auto health = get("/health").json();
        CPPUNIT_ASSERT_EQUAL(dropped + 1, health->getValue<int>("events_dropped"));
        CPPUNIT_ASSERT_EQUAL(std::string("degraded"),
                             health->getValue<std::string>("status") == "error"
                                 ? "degraded" // the blocked attempt may have been given up already
                                 : health->getValue<std::string>("status"));

        blocker.execute("ROLLBACK");
        eventually("all accepted are rows", [&] { return countRows(databasePath()) == 1 + accepted; });
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ArraysTest);

} // namespace octagent::test
