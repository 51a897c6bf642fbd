// Many events at once, and a few: what is accepted is stored, and soon.

#include "AgentFixture.h"
#include "harness/Books.h"
#include "harness/LoadClient.h"

namespace octagent::test {

class LoadTest : public AgentFixture {
    CPPUNIT_TEST_SUITE(LoadTest);
    CPPUNIT_TEST(testBurst);
    CPPUNIT_TEST(testFewEventsAreVisibleWithinTheBatchWindow);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        AgentFixture::setUp();
        start();
    }

protected:
    void testBurst() {
        LoadPlan plan;
        plan.port = agent().port();
        plan.events = 10000;
        plan.connections = 16;
        plan.hasErrors = true;
        LoadClient load(plan);
        const auto& log = load.finish();
        CPPUNIT_ASSERT_EQUAL(plan.events, log.answered());
        const Books books = settledBooks(agent().port());
        CPPUNIT_ASSERT_EQUAL_MESSAGE(books.shown(), std::uint64_t{0}, books.lostTotal());
        assertAccounted(books, log, databasePath());
        assertSound(databasePath());
        assertWithin(agent().pid(), {});
        CPPUNIT_ASSERT_EQUAL(0, agent().stop());
        CPPUNIT_ASSERT_EQUAL(log.accepted.size(), static_cast<std::size_t>(countRows(databasePath())));
    }

    // The window is 500 ms; ten times that is the room which a test needs.
    void testFewEventsAreVisibleWithinTheBatchWindow() {
        for (int i = 0; i < 3; ++i) {
            const auto id = post("/v1/traces", R"({"provider":"p","model":"m"})").text("trace_id");
            eventually(
                "the row", [&] { return hasRow(databasePath(), "llm_traces", id); }, std::chrono::seconds(5));
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LoadTest);

} // namespace octagent::test
