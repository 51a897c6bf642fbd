#include "StorageFixture.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace octagent;
using namespace octagent::test;

namespace {

constexpr std::int64_t dayMilliseconds = 24LL * 3600 * 1000;

} // namespace

class RetentionTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(RetentionTest);
    CPPUNIT_TEST(testOldRowsGo);
    CPPUNIT_TEST(testZeroKeepsAll);
    CPPUNIT_TEST(testWithoutIndex);
    CPPUNIT_TEST(testWithIndexOnTimeAlone);
    CPPUNIT_TEST(testPushedGoFirst);
    CPPUNIT_TEST(testTableWithoutSynced);
    CPPUNIT_TEST(testPushedAreCountedApart);
    CPPUNIT_TEST(testRowsGrowOldWhileRunning);
    CPPUNIT_TEST(testClockLeapKeepsTheTable);
    CPPUNIT_TEST(testClockLeapAcrossRestartKeepsTheTable);
    CPPUNIT_TEST(testIngestGoesOnMeanwhile);
    CPPUNIT_TEST(testSpaceIsGivenBack);
    CPPUNIT_TEST(testSizeBoundDeletesOldest);
    CPPUNIT_TEST(testSizeBoundPrefersPushed);
    CPPUNIT_TEST(testForeignLockPutsItOff);
    CPPUNIT_TEST(testUndeclaredTablesAreLeftAlone);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        _directory = std::make_unique<TempDirectory>();
        _options = TestOptions();
        _options.path = *_directory / "octagent.db";
        _options.retentionDays = 3;
        _clock = std::make_unique<TestClock>();
        create(std::make_unique<TestSchema>());
    }

    void tearDown() override {
        _agent.reset();
        _clock.reset();
        _directory.reset();
    }

    void testOldRowsGo() {
        insert(1000, 3 * dayMilliseconds + 60000);
        insert(500, 3 * dayMilliseconds - 3600000);
        start();
        CPPUNIT_ASSERT(eventually([this] { return rows() == 500; }));
        finish(500);
        const auto deleted = _agent->persister.status().deleted;
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1000}, deleted.unpushed);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, deleted.pushed);
    }

    void testZeroKeepsAll() {
        insert(100, 1000 * dayMilliseconds);
        _options.retentionDays = 0;
        start();
        // A whole round later: nothing.
        _clock->run(10min);
        aTurn();
        finish(100);
    }

    void testWithoutIndex() {
        run(path(), "DROP INDEX idx_notes");
        insert(700, 4 * dayMilliseconds);
        insert(2000, dayMilliseconds);
        insert(700, 4 * dayMilliseconds, 1); // behind younger ones: found when their turn comes
        start();
        CPPUNIT_ASSERT(eventually([this] { return rows() == 2700; }));
        aTurn();
        finish(2700);
    }

    void testWithIndexOnTimeAlone() {
        run(path(), "DROP INDEX idx_notes; CREATE INDEX idx_notes ON notes(created_at)");
        insert(700, 4 * dayMilliseconds);
        insert(2000, dayMilliseconds);
        insert(700, 4 * dayMilliseconds, 1);
        start();
        CPPUNIT_ASSERT(eventually([this] { return rows() == 2000; }));
        finish(2000);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{700}, _agent->persister.status().deleted.pushed);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{700}, _agent->persister.status().deleted.unpushed);
    }

    // Whatever index there is: no unpushed row goes before the last pushed one that is too old.
    void testPushedGoFirst() {
        for (const char* index : {"created_at", "synced, created_at", "text"}) {
            run(path(), std::string("DELETE FROM notes; UPDATE octagent_state SET unsynced=0;"
                                    "DROP INDEX idx_notes; CREATE INDEX idx_notes ON notes(") +
                            index + ");");
            for (int i = 0; i < 5; ++i) {
                insert(400, 4 * dayMilliseconds, 0);
                insert(400, 4 * dayMilliseconds, 1);
            }
            insert(10, dayMilliseconds, 1);
            // Remembers what went before what.
            run(path(), "DROP TABLE IF EXISTS gone; CREATE TABLE gone(n INTEGER PRIMARY KEY, synced);"
                        "DROP TRIGGER IF EXISTS note_gone; CREATE TRIGGER note_gone AFTER DELETE ON notes BEGIN "
                        "INSERT INTO gone(synced) VALUES(old.synced); END");
            makeAgent(std::make_unique<TestSchema>());
            _agent->persister.preferPushed(true);
            _agent->start();
            CPPUNIT_ASSERT(eventually([this] { return rows() == 10; }));
            finish(10);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(index, std::int64_t{2000},
                                         number(path(), "SELECT count(*) FROM gone WHERE "
                                                        "synced=1 AND n<=2000"));
            CPPUNIT_ASSERT_EQUAL(std::uint64_t{2000}, _agent->persister.status().deleted.pushed);
            CPPUNIT_ASSERT_EQUAL(std::uint64_t{2000}, _agent->persister.status().deleted.unpushed);
        }
    }

    void testTableWithoutSynced() {
        _directory = std::make_unique<TempDirectory>();
        _options.path = *_directory / "octagent.db";
        auto schema = std::make_unique<TestSchema>();
        schema->hasSynced = false;
        create(std::move(schema));
        run(path(), "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<300) INSERT INTO "
                    "notes(trace_id,created_at,text) SELECT i," +
                        std::to_string(_clock->unixMilliseconds() - 4 * dayMilliseconds) + ",'x' FROM n");
        auto again = std::make_unique<TestSchema>();
        again->hasSynced = false;
        makeAgent(std::move(again));
        _agent->start();
        CPPUNIT_ASSERT(eventually([this] { return rows() == 0; }));
        CPPUNIT_ASSERT(_agent->stop());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{300}, _agent->persister.status().deleted.unmarked);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, _agent->persister.status().unsyncedRows);
    }

    void testPushedAreCountedApart() {
        insert(300, 4 * dayMilliseconds, 1);
        insert(200, 4 * dayMilliseconds, 0);
        insert(100, dayMilliseconds, 1);
        start();
        CPPUNIT_ASSERT(eventually([this] { return rows() == 100; }));
        finish(100);
        const auto deleted = _agent->persister.status().deleted;
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{300}, deleted.pushed);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{200}, deleted.unpushed);
    }

    void testRowsGrowOldWhileRunning() {
        start();
        _agent->offerMany(10);
        _clock->run(1s);
        _agent->queue.wake();
        CPPUNIT_ASSERT(_agent->waitUntilStored(10));
        for (int hours = 0; hours < 80; hours += 8) {
            CPPUNIT_ASSERT(hours >= 72 || rows() == 10);
            _clock->run(8h);
            aTurn();
        }
        CPPUNIT_ASSERT(eventually([this] { return number(path(), "SELECT count(*) FROM notes WHERE id<=10") == 0; }));
    }

    void testClockLeapKeepsTheTable() {
        insert(400, dayMilliseconds);
        insert(100, 4 * dayMilliseconds);
        start();
        CPPUNIT_ASSERT(eventually([this] { return rows() == 400; }));
        _clock->leap(std::chrono::hours(24 * 400));
        _clock->run(2min);
        aTurn();
        aTurn();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{400}, number(path(), "SELECT count(*) FROM notes WHERE text='old'"));
        // Batching goes on.
        _agent->offerMany(10);
        CPPUNIT_ASSERT(eventually([this] { return _agent->queue.ledger().queued == 10; }));
        _clock->run(1s);
        _agent->queue.wake();
        CPPUNIT_ASSERT(
            eventually([this] { return number(path(), "SELECT count(*) FROM notes WHERE text LIKE 'n%'") == 10; }));
    }

    void testClockLeapAcrossRestartKeepsTheTable() {
        insert(400, dayMilliseconds);
        start();
        CPPUNIT_ASSERT(_agent->stop());
        _clock->leap(std::chrono::hours(24 * 400));
        for (int i = 0; i < 3; ++i) { // with rows of the wrong time in it from the second start on
            start();
            aTurn();
            CPPUNIT_ASSERT(_agent->stop());
            CPPUNIT_ASSERT_EQUAL(std::int64_t{400}, number(path(), "SELECT count(*) FROM notes WHERE text='old'"));
        }
        _clock->leap(-std::chrono::hours(24 * 400));
        start();
        aTurn();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{400}, number(path(), "SELECT count(*) FROM notes WHERE text='old'"));
    }

    void testIngestGoesOnMeanwhile() {
        insert(30000, 4 * dayMilliseconds);
        _options.retentionDays = 3;
        makeAgent(std::make_unique<TestSchema>());
        _agent->start();
        // Faster than retention: events come while it has work.
        int offered = 0;
        std::uint64_t deletedBefore = 0;
        while (rows("text='old'") > 0) {
            _agent->offerMany(50);
            offered += 50;
            CPPUNIT_ASSERT(_agent->waitUntilStored(static_cast<std::uint64_t>(offered)));
            const auto deleted = _agent->persister.status().deleted.total();
            CPPUNIT_ASSERT(deleted >= deletedBefore);
            deletedBefore = deleted;
        }
        CPPUNIT_ASSERT(offered > 50); // it did not delete all at once
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, _agent->queue.ledger().dropped);
        finish(offered);
    }

    void testSpaceIsGivenBack() {
        insert(3000, 4 * dayMilliseconds, 0, 4000);
        start();
        const auto before = _agent->persister.status().databaseBytes;
        CPPUNIT_ASSERT(before > 8000000);
        CPPUNIT_ASSERT(eventually([this] { return rows() == 0; }));
        // Round after round, and only the log knows until a checkpoint.
        CPPUNIT_ASSERT(eventually([this] { return number(path(), "PRAGMA page_count") < 600; }));
        CPPUNIT_ASSERT(_agent->stop());
        CPPUNIT_ASSERT(_agent->persister.status().databaseBytes < before / 3);
        CPPUNIT_ASSERT_EQUAL(std::string("ok"), text(path(), "PRAGMA integrity_check"));
    }

    void testSizeBoundDeletesOldest() {
        insert(2000, dayMilliseconds, 0, 1000);
        _options.maxBytes = 1000000;
        start();
        CPPUNIT_ASSERT(eventually([this] { return used() <= _options.maxBytes; }));
        CPPUNIT_ASSERT(_agent->stop());
        const auto left = rows();
        CPPUNIT_ASSERT(left > 200); // and no more than needed
        CPPUNIT_ASSERT_EQUAL(2000 - left + 1, number(path(), "SELECT min(id) FROM notes"));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(2000 - left), _agent->persister.status().deleted.unpushed);
        CPPUNIT_ASSERT_EQUAL(left, _agent->persister.status().unsyncedRows);
    }

    void testSizeBoundPrefersPushed() {
        insert(500, dayMilliseconds, 0, 1000);
        insert(1500, dayMilliseconds / 2, 1, 1000);
        _options.maxBytes = 1000000;
        makeAgent(std::make_unique<TestSchema>());
        _agent->persister.preferPushed(true);
        _agent->start();
        CPPUNIT_ASSERT(eventually([this] { return used() <= _options.maxBytes; }));
        CPPUNIT_ASSERT(_agent->stop());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{500}, rows("synced=0"));
        CPPUNIT_ASSERT(rows("synced=1") > 0);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, _agent->persister.status().deleted.unpushed);
    }

    void testForeignLockPutsItOff() {
        insert(1000, 4 * dayMilliseconds);
        Probe other(path());
        other.run("BEGIN IMMEDIATE");
        start();
        aTurn();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1000}, other.number("SELECT count(*) FROM notes"));
        CPPUNIT_ASSERT(!_agent->persister.status().lastAttemptFailed);
        other.run("ROLLBACK");
        _clock->run(2min);
        CPPUNIT_ASSERT(eventually([this] { return rows() == 0; }));
    }

    void testUndeclaredTablesAreLeftAlone() {
        run(path(), "CREATE TABLE system_metrics(id INTEGER PRIMARY KEY, created_at INTEGER, synced INTEGER);"
                    "INSERT INTO system_metrics VALUES(1,1000,0)");
        insert(10, 4 * dayMilliseconds);
        start();
        CPPUNIT_ASSERT(eventually([this] { return rows() == 0; }));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, number(path(), "SELECT count(*) FROM system_metrics"));
    }

private:
    const std::string& path() const { return _options.path; }

    void create(std::unique_ptr<TestSchema> schema) {
        makeAgent(std::move(schema));
        _agent->open();
        CPPUNIT_ASSERT(_agent->stop());
        _agent.reset();
    }

    void makeAgent(std::unique_ptr<TestSchema> schema) {
        _agent.reset();
        _agent = std::make_unique<Agent>(_options, *_clock);
        const Persister::Owner owner{"notes", false, {}};
        _agent->persister.addSchema(owner, std::move(schema));
        _agent->persister.addWriter(owner, std::make_unique<TestWriter>());
        _turns = 0;
        _agent->persister.onTurn([this] { ++_turns; });
    }

    void start() {
        makeAgent(std::make_unique<TestSchema>());
        _agent->start();
    }

    // The loop has gone round twice: what it does once has been done.
    void aTurn() {
        const int before = _turns;
        CPPUNIT_ASSERT(eventually([this, before] {
            _agent->queue.wake();
            return _turns >= before + 3;
        }));
    }

    void insert(int count, std::int64_t age, int synced = 0, int bytes = 0) {
        Probe probe(path());
        probe.run("BEGIN;"
                  "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<" +
                  std::to_string(count) + ") INSERT INTO notes(trace_id,created_at,text,synced) SELECT i," +
                  std::to_string(_clock->unixMilliseconds() - age) + "," +
                  (bytes > 0 ? "hex(zeroblob(" + std::to_string(bytes / 2) + "))" : std::string("'old'")) + "," +
                  std::to_string(synced) + " FROM n;" + "UPDATE octagent_state SET unsynced=unsynced+" +
                  std::to_string(synced == 0 ? count : 0) + ";COMMIT");
    }

    std::int64_t rows(const std::string& where = "1") {
        return number(path(), "SELECT count(*) FROM notes WHERE " + where);
    }

    std::int64_t used() {
        Probe probe(path());
        return (probe.number("PRAGMA page_count") - probe.number("PRAGMA freelist_count")) *
               probe.number("PRAGMA page_size");
    }

    void finish(std::int64_t expected) {
        CPPUNIT_ASSERT(_agent->stop());
        CPPUNIT_ASSERT_EQUAL(expected, rows());
        CPPUNIT_ASSERT_EQUAL(rows("synced=0"), _agent->persister.status().unsyncedRows);
        CPPUNIT_ASSERT_EQUAL(rows("synced=0"), number(path(), "SELECT unsynced FROM octagent_state"));
        CPPUNIT_ASSERT_EQUAL(std::string("ok"), text(path(), "PRAGMA integrity_check"));
    }

    std::unique_ptr<TempDirectory> _directory;
    TestOptions _options;
    std::unique_ptr<TestClock> _clock;
    std::atomic<int> _turns{0};
    std::unique_ptr<Agent> _agent;
};

CPPUNIT_TEST_SUITE_REGISTRATION(RetentionTest);
