// A million old rows go while a thousand new ones come each second.

#include "FaultFixture.h"

namespace octagent::test {

class SlowRetentionTest : public FaultFixture {
    CPPUNIT_TEST_SUITE(SlowRetentionTest);
    CPPUNIT_TEST(testAMillionRowsGoWithoutADrop);
    CPPUNIT_TEST_SUITE_END();

protected:
    void testAMillionRowsGoWithoutADrop() {
        constexpr std::int64_t oldRows = 1'000'000;
        AgentSetup how = setup();
        how.keys["storage.retentionDays"] = "3";
        start(how);
        CPPUNIT_ASSERT_EQUAL(0, agent().stop());
        {
            const Database database(databasePath(), Database::Mode::ReadWrite);
            database.execute(
                "BEGIN; INSERT INTO llm_traces (trace_id, created_at, provider, model, input_text, synced) "
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
                std::to_string(oldRows) +
                ") SELECT 'old-' || i, (unixepoch() - 10 * 86400) * 1000 + i, 'p', 'm', hex(randomblob(100)), i % 2 "
                "FROM n; UPDATE octagent_state SET unsynced = unsynced + " +
                std::to_string(oldRows / 2) + "; COMMIT");
        }
        start(how);
        CPPUNIT_ASSERT_EQUAL(oldRows / 2, healthNumber("unsynced_count"));
        startLoad(1000);
        eventually(
            "the old rows are gone",
            [&] {
                return Database(databasePath())
                           .number("SELECT count(*) FROM llm_traces WHERE trace_id LIKE 'old-%' LIMIT 1") == 0;
            },
            std::chrono::minutes(15));
        awaitProgress();
        const auto log = finishLoad();
        const Books books = settledBooks(agent().port());
        assertAccounted(books, log, databasePath());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, books.dropped);
        CPPUNIT_ASSERT_EQUAL(double{oldRows} / 2, metric("octagent_rows_deleted_total{state=\"pushed\"}"));
        CPPUNIT_ASSERT_EQUAL(double{oldRows} / 2, metric("octagent_rows_deleted_total{state=\"unpushed\"}"));
        CPPUNIT_ASSERT_EQUAL(static_cast<std::int64_t>(log.accepted.size()), healthNumber("unsynced_count"));
        assertRecovered("a million rows past retention", log);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SlowRetentionTest);

} // namespace octagent::test
