// A reader that holds a transaction for minutes: the log of the database grows, is alarmed about, and shrinks
// once the reader has left.

#include "FaultFixture.h"

namespace octagent::test {

class SlowReaderTest : public FaultFixture {
    CPPUNIT_TEST_SUITE(SlowReaderTest);
    CPPUNIT_TEST(testReaderHoldsATransactionForMinutes);
    CPPUNIT_TEST_SUITE_END();

protected:
    void testReaderHoldsATransactionForMinutes() {
        constexpr std::int64_t alarm = std::int64_t{64} * 1024 * 1024;
        start(setup());
        startLoad(500, 4, 8000);
        awaitProgress();
        std::int64_t largest = 0;
        const auto begin = std::chrono::steady_clock::now();
        {
            const Database reader(databasePath());
            reader.execute("BEGIN; SELECT count(*) FROM llm_traces");
            eventually(
                "two minutes are over and the growth is told",
                [&] {
                    largest = std::max(largest, healthNumber("wal_size_bytes"));
                    return std::chrono::steady_clock::now() - begin > std::chrono::minutes(2) &&
                           metric("octagent_wal_held") == 1;
                },
                std::chrono::minutes(10));
            CPPUNIT_ASSERT(largest > alarm);
            reader.execute("COMMIT");
        }
        eventually(
            "the log shrinks",
            [&] { return healthNumber("wal_size_bytes") < alarm && metric("octagent_wal_held") == 0; },
            std::chrono::minutes(3));
        const auto books = assertRecovered("a reader holds a transaction for two minutes, log of " +
                                               std::to_string(largest / 1024 / 1024) + " MiB",
                                           finishLoad());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, books.lostTotal());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SlowReaderTest);

} // namespace octagent::test
