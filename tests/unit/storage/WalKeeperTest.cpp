#include "StorageFixture.h"

#include "storage/StorageErrors.h"
#include "storage/WalKeeper.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace octagent;
using namespace octagent::test;

class WalKeeperTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(WalKeeperTest);
    CPPUNIT_TEST(testLogStartsOver);
    CPPUNIT_TEST(testReaderIsToldAndLogShrinksAfter);
    CPPUNIT_TEST(testTruncateDoesNotWait);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        _directory = std::make_unique<TempDirectory>();
        _database = std::make_unique<Database>(Database::Settings{*_directory / "octagent.db", false, 500ms});
        _database->open({});
        _database->session().execute("CREATE TABLE t(x)");
        _insert = _database->session().compile("INSERT INTO t VALUES(zeroblob(100000))");
        _statistics = std::make_unique<StorageStatistics>();
        _keeper = std::make_unique<WalKeeper>(*_database, *_statistics, alarm);
        _keeper->opened();
    }

    void tearDown() override {
        _insert.reset();
        _keeper.reset();
        _database.reset();
        _directory.reset();
    }

    void testLogStartsOver() {
        write(2000); // 200 MB
        CPPUNIT_ASSERT(walBytes() <= alarm);
        CPPUNIT_ASSERT(_statistics->snapshot().checkpoints >= 5);
        CPPUNIT_ASSERT(!_statistics->snapshot().isWalHeld);
    }

    void testReaderIsToldAndLogShrinksAfter() {
        write(10);
        {
            Probe reader(_database->path());
            reader.run("BEGIN");
            CPPUNIT_ASSERT_EQUAL(std::int64_t{10}, reader.number("SELECT count(*) FROM t"));
            write(700);
            CPPUNIT_ASSERT(walBytes() > alarm);
            CPPUNIT_ASSERT(_statistics->snapshot().isWalHeld);
            // It is not tried for every batch.
            CPPUNIT_ASSERT(_statistics->snapshot().checkpoints < 10);
            reader.run("ROLLBACK");
        }
        write(300);
        CPPUNIT_ASSERT(walBytes() <= alarm);
        CPPUNIT_ASSERT(!_statistics->snapshot().isWalHeld);
    }

    void testTruncateDoesNotWait() {
        write(10);
        Probe reader(_database->path());
        reader.run("BEGIN");
        reader.number("SELECT count(*) FROM t");
        write(1);
        const auto start = std::chrono::steady_clock::now();
        CPPUNIT_ASSERT(!_database->truncateWal());
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - start < 400ms);
        reader.run("ROLLBACK");
        CPPUNIT_ASSERT(_database->truncateWal());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, walBytes());
    }

private:
    static constexpr std::uint64_t alarm = 25000000;

    void write(int rows) {
        for (int i = 0; i < rows; ++i) {
            _database->begin();
            _insert->execute();
            _database->commit();
            _keeper->afterBatch();
        }
    }

    std::uint64_t walBytes() const { return files::sizeOf(_database->walPath()); }

    std::unique_ptr<TempDirectory> _directory;
    std::unique_ptr<Database> _database;
    std::unique_ptr<SqliteStatement> _insert;
    std::unique_ptr<StorageStatistics> _statistics;
    std::unique_ptr<WalKeeper> _keeper;
};

CPPUNIT_TEST_SUITE_REGISTRATION(WalKeeperTest);
