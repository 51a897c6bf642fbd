#include "FaultVfs.h"
#include "StorageFixture.h"

#include <Poco/File.h>

#include <cppunit/extensions/HelperMacros.h>

#include <thread>

using namespace octagent;
using namespace octagent::test;

// What befalls the database while the agent runs. Every test ends with the same question: is each event that
// was accepted stored once, or counted as lost?
class StorageFaultTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(StorageFaultTest);
    CPPUNIT_TEST(testForeignWriterHoldsTheLock);
    CPPUNIT_TEST(testStopWhileLocked);
    CPPUNIT_TEST(testDiskFullThenFreed);
    CPPUNIT_TEST(testReadErrors);
    CPPUNIT_TEST(testWriteErrors);
    CPPUNIT_TEST(testSyncErrorAtTheCommit);
    CPPUNIT_TEST(testManySyncErrors);
    CPPUNIT_TEST(testEveryWriteOfABatchFailsOnce);
    CPPUNIT_TEST(testCheckpointErrorLosesNothing);
    CPPUNIT_TEST(testCommittedBatchIsNotWrittenTwice);
#if defined(POCO_OS_FAMILY_UNIX) // Windows keeps a file that is open
    CPPUNIT_TEST(testUnlinked);
    CPPUNIT_TEST(testUnlinkedWithItsLog);
    CPPUNIT_TEST(testLogUnlinked);
    CPPUNIT_TEST(testEmptied);
    CPPUNIT_TEST(testRenamed);
    CPPUNIT_TEST(testReplaced);
    CPPUNIT_TEST(testReplacedByAnotherApplications);
    CPPUNIT_TEST(testDirectoryRemoved);
    CPPUNIT_TEST(testUnlinkedWhileIdle);
#endif
    CPPUNIT_TEST(testReadErrorIsNoDamage);
    CPPUNIT_TEST(testDamagedWhileRunning);
    CPPUNIT_TEST(testTableDroppedWhileRunning);
    CPPUNIT_TEST(testStatementOfPluginNeverRuns);
    CPPUNIT_TEST(testSchemaChangedByOthers);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        _directory = std::make_unique<TempDirectory>();
        _options = TestOptions();
        _options.path = *_directory / "data/octagent.db";
        _vfs = std::make_unique<FaultVfs>();
        _agent = std::make_unique<Agent>(_options);
        _agent->addNotes();
        _agent->start();
    }

    void tearDown() override {
        _agent.reset();
        _vfs.reset();
        _directory.reset();
    }

    void testForeignWriterHoldsTheLock() {
        Probe other(path());
        other.run("BEGIN IMMEDIATE");
        _agent->offerMany(700);
        CPPUNIT_ASSERT(eventually([this] { return status().failedAttempts >= 2; }));
        CPPUNIT_ASSERT(status().lastAttemptFailed);
        CPPUNIT_ASSERT(status().lastError.find("locked") != std::string::npos);
        CPPUNIT_ASSERT(status().sinceLastError);
        CPPUNIT_ASSERT(_agent->isBalanced());
        CPPUNIT_ASSERT(_agent->queue.ledger().dropped > 0);
        other.run("ROLLBACK");
        CPPUNIT_ASSERT(_agent->waitUntilStored(_agent->queue.ledger().received));
        CPPUNIT_ASSERT(!status().lastAttemptFailed);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, status().reopened);
        allIsThere();
    }

    void testStopWhileLocked() {
        Probe other(path());
        other.run("BEGIN IMMEDIATE");
        _agent->offerMany(130);
        const auto start = std::chrono::steady_clock::now();
        CPPUNIT_ASSERT(!_agent->stop(1s));
        const auto took = std::chrono::steady_clock::now() - start;
        CPPUNIT_ASSERT(took >= 1s);
        CPPUNIT_ASSERT(took < 15s);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{130}, _agent->lost(LossReason::Shutdown));
        CPPUNIT_ASSERT(_agent->isBalanced());
        other.run("ROLLBACK");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, other.number("SELECT count(*) FROM notes"));
    }

    void testDiskFullThenFreed() {
        storeSome();
        _vfs->fail(FaultVfs::Call::Write, "-wal", SQLITE_FULL, 1000000);
        _agent->offerMany(120);
        CPPUNIT_ASSERT(eventually([this] { return status().failedAttempts >= 3; }));
        CPPUNIT_ASSERT(status().lastAttemptFailed);
        _vfs->heal();
        CPPUNIT_ASSERT(_agent->waitUntilStored(130));
        CPPUNIT_ASSERT(!status().lastAttemptFailed);
        allIsThere();
    }

    void testReadErrors() {
        storeSome();
        // Whatever is in the cache needs no reading: a new session does.
        _vfs->fail(FaultVfs::Call::Write, "-wal", SQLITE_IOERR_WRITE);
        _agent->offerMany(60);
        CPPUNIT_ASSERT(eventually([this] { return _vfs->remaining() == 0; }));
        _vfs->fail(FaultVfs::Call::Read, ".db", SQLITE_IOERR_READ, 5);
        CPPUNIT_ASSERT(_agent->waitUntilStored(70));
        allIsThere();
    }

    void testWriteErrors() {
        storeSome();
        _vfs->fail(FaultVfs::Call::Write, "-wal", SQLITE_IOERR_WRITE, 3, 2);
        _agent->offerMany(120);
        CPPUNIT_ASSERT(_agent->waitUntilStored(130));
        CPPUNIT_ASSERT_EQUAL(0, _vfs->remaining());
        CPPUNIT_ASSERT(status().reopened >= 1);
        CPPUNIT_ASSERT(status().failedAttempts >= 1);
        allIsThere();
    }

    void testSyncErrorAtTheCommit() {
        restartPowerSafe();
        storeSome();
        _vfs->fail(FaultVfs::Call::Sync, "-wal", SQLITE_IOERR_FSYNC, 1);
        _agent->offerMany(50);
        CPPUNIT_ASSERT(_agent->waitUntilStored(60));
        CPPUNIT_ASSERT_EQUAL(0, _vfs->remaining());
        allIsThere();
    }

    void testManySyncErrors() {
        restartPowerSafe();
        storeSome();
        for (int round = 0; round < 10; ++round) {
            _vfs->fail(FaultVfs::Call::Sync, "", SQLITE_IOERR_FSYNC, 2, round);
            _agent->offerMany(50);
            CPPUNIT_ASSERT(_agent->waitUntilStored(static_cast<std::uint64_t>(60 + 50 * round)));
        }
        _vfs->heal();
        allIsThere();
    }

    void testEveryWriteOfABatchFailsOnce() {
        storeSome();
        for (int skip = 0; skip < 15; ++skip) {
            _vfs->fail(FaultVfs::Call::Write, "", SQLITE_IOERR_WRITE, 1, skip);
            _agent->offerMany(50);
            CPPUNIT_ASSERT(_agent->waitUntilStored(static_cast<std::uint64_t>(60 + 50 * skip)));
        }
        _vfs->heal();
        allIsThere();
    }

    void testCheckpointErrorLosesNothing() {
        _vfs->fail(FaultVfs::Call::Write, ".db", SQLITE_IOERR_WRITE, 1);
        const std::string text(20000, 'x');
        int stored = 0;
        while (_vfs->remaining() > 0 && stored < 20000) {
            for (int i = 0; i < 50; ++i)
                _agent->offer(text);
            stored += 50;
            CPPUNIT_ASSERT(_agent->waitUntilStored(static_cast<std::uint64_t>(stored)));
        }
        CPPUNIT_ASSERT_EQUAL(0, _vfs->remaining());
        CPPUNIT_ASSERT(!status().lastAttemptFailed); // it was no attempt to store
        CPPUNIT_ASSERT(!status().lastError.empty());
        allIsThere();
    }

    // The commit is written to the log's end, but its sync fails: SQLite says no, and the log says yes to
    // whoever reads it anew.
    void testCommittedBatchIsNotWrittenTwice() {
        restartPowerSafe();
        storeSome();
        _vfs->fail(FaultVfs::Call::Sync, "-wal", SQLITE_IOERR_FSYNC, 1);
        _agent->offerMany(50);
        CPPUNIT_ASSERT(_agent->waitUntilStored(60));
        const std::uint64_t reopened = status().reopened;
        CPPUNIT_ASSERT(reopened >= 1); // so the log was read anew
        CPPUNIT_ASSERT_EQUAL(std::int64_t{60}, number(path(), "SELECT count(*) FROM notes"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{60}, status().unsyncedRows);
        allIsThere();
    }

    void testUnlinked() {
        storeSome();
        Poco::File(path()).remove();
        _agent->offerMany(60);
        CPPUNIT_ASSERT(_agent->waitUntilStored(70));
        CPPUNIT_ASSERT(_agent->stop());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{60}, number(path(), "SELECT count(*) FROM notes"));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, status().reopened);
        sound();
    }

    void testUnlinkedWithItsLog() {
        storeSome();
        for (const char* suffix : {"", "-wal", "-shm"})
            Poco::File(path() + suffix).remove();
        _agent->offerMany(60);
        CPPUNIT_ASSERT(_agent->waitUntilStored(70));
        CPPUNIT_ASSERT(_agent->stop());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{60}, number(path(), "SELECT count(*) FROM notes"));
        sound();
    }

    void testLogUnlinked() {
        storeSome();
        Poco::File(path() + "-wal").remove();
        _agent->offerMany(60);
        CPPUNIT_ASSERT(_agent->waitUntilStored(70));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, status().reopened);
        allIsThere();
    }

    void testEmptied() {
        storeSome(200);
        overwriteWithNothing(path());
        _agent->offerMany(60);
        CPPUNIT_ASSERT(_agent->waitUntilStored(260));
        CPPUNIT_ASSERT(_agent->stop());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{60}, number(path(), "SELECT count(*) FROM notes"));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, status().quarantined);
        sound();
    }

    void testRenamed() {
        storeSome();
        Poco::File(path()).renameTo(*_directory / "backup.db");
        _agent->offerMany(60);
        CPPUNIT_ASSERT(_agent->waitUntilStored(70));
        CPPUNIT_ASSERT(_agent->stop());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{60}, number(path(), "SELECT count(*) FROM notes"));
        // The file that went away has its rows, without the log that stayed behind.
        CPPUNIT_ASSERT_EQUAL(std::int64_t{10}, number(*_directory / "backup.db", "SELECT count(*) FROM notes WHERE "
                                                                                 "id<=10"));
        CPPUNIT_ASSERT_EQUAL(std::string("ok"), text(*_directory / "backup.db", "PRAGMA integrity_check"));
        sound();
    }

    void testReplaced() {
        // A copy from before, as a restored backup is.
        storeSome();
        run(path(), "VACUUM INTO '" + (*_directory / "copy.db") + "'");
        storeSome(10);
        Poco::File(*_directory / "copy.db").renameTo(path());
        _agent->offerMany(60, "after");
        CPPUNIT_ASSERT(_agent->waitUntilStored(80));
        CPPUNIT_ASSERT(_agent->stop());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{70}, number(path(), "SELECT count(*) FROM notes"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{70}, status().unsyncedRows);
        sound();
    }

    void testReplacedByAnotherApplications() {
        storeSome();
        run(*_directory / "other.db", "CREATE TABLE addresses(name)");
        Poco::File(*_directory / "other.db").renameTo(path());
        _agent->offerMany(10);
        CPPUNIT_ASSERT(eventually([this] { return status().failedAttempts > 0; }));
        CPPUNIT_ASSERT(status().lastError.find("another application") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("addresses"), text(path(), "SELECT group_concat(name) FROM sqlite_schema"));
        Poco::File(path()).remove();
        CPPUNIT_ASSERT(_agent->waitUntilStored(20));
        CPPUNIT_ASSERT(_agent->stop());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{10}, number(path(), "SELECT count(*) FROM notes"));
    }

    void testDirectoryRemoved() {
        storeSome();
        Poco::File(_directory->path() + "/data").remove(true);
        _agent->offerMany(60);
        CPPUNIT_ASSERT(_agent->waitUntilStored(70));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{60}, number(path(), "SELECT count(*) FROM notes"));
        // A second agent is refused there, too.
        Agent second(_options);
        second.addNotes();
        CPPUNIT_ASSERT_THROW(second.open(), Poco::IllegalStateException);
        CPPUNIT_ASSERT(_agent->stop());
        sound();
    }

    void testUnlinkedWhileIdle() {
        storeSome();
        Poco::File(path()).remove();
        CPPUNIT_ASSERT(eventually([this] { return status().reopened == 1; }));
        CPPUNIT_ASSERT(eventually([this] { return Poco::File(path()).exists(); }));
    }

    // SQLite reports a failing disk as a damaged file. Putting a sound one aside would take its rows from everybody.
    void testReadErrorIsNoDamage() {
        storeSome(400);
        for (const std::string file : {"", "-wal"}) { // "": all of them
            for (int i = 0; i < 2; ++i) {             // damage that is seen twice counts
                const auto failures = status().failedAttempts;
                _vfs->fail(FaultVfs::Call::Read, file, SQLITE_IOERR_CORRUPTFS, 1000000);
                // Somebody else's commit, so that what is cached does not hold any more.
                Probe other(path(), _vfs->original()->zName);
                other.run("UPDATE notes SET created_at = created_at + 1 WHERE id = (SELECT max(id) FROM notes)");
                if (file.empty())
                    other.run("PRAGMA wal_checkpoint"); // what is read is in the database's file
                _agent->offerMany(50);
                CPPUNIT_ASSERT(eventually([&] { return status().failedAttempts > failures; }));
                CPPUNIT_ASSERT(status().lastError.find("malformed") == std::string::npos);
                _vfs->heal();
                CPPUNIT_ASSERT(_agent->waitUntilStored(_agent->queue.ledger().received));
            }
        }
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, status().quarantined);
        CPPUNIT_ASSERT(_agent->stop());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{600}, number(path(), "SELECT count(*) FROM notes"));
        sound();
    }

    void testDamagedWhileRunning() {
        storeSome(400);
        CPPUNIT_ASSERT(_agent->stop()); // all in the file
        const auto size = Poco::File(path()).getSize();
        _agent.reset();
        _agent = std::make_unique<Agent>(_options);
        _agent->addNotes();
        _agent->start();
        overwrite(path(), 4096, size - 4096); // all but the first page
        _agent->offerMany(60);
        CPPUNIT_ASSERT(_agent->waitUntilStored(60));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, status().quarantined);
        CPPUNIT_ASSERT(status().isDegraded());
        CPPUNIT_ASSERT(!status().lastAttemptFailed);
        CPPUNIT_ASSERT(_agent->stop());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{60}, number(path(), "SELECT count(*) FROM notes"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{60}, status().unsyncedRows);
        sound();
    }

    void testTableDroppedWhileRunning() {
        storeSome();
        run(path(), "DROP TABLE notes");
        _agent->offerMany(60);
        CPPUNIT_ASSERT(_agent->waitUntilStored(70));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{60}, number(path(), "SELECT count(*) FROM notes"));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, _agent->queue.ledger().lostTotal());
    }

    // A mistake that no reopening cures costs one reopening, then its own events, and no others.
    void testStatementOfPluginNeverRuns() {
        struct Broken : EventWriter {
            SqlSession* session = nullptr;
            std::string kind() const override { return "broken"; }
            void prepare(SqlSession& newSession) override { session = &newSession; }
            std::int64_t write(const Event&) override { return session->prepare("SELECT nonsense")->execute(); }
        };
        CPPUNIT_ASSERT(_agent->stop());
        _agent = std::make_unique<Agent>(_options);
        _agent->addNotes();
        std::atomic<int> failures{0};
        _agent->persister.addWriter({"guest", true, [&failures](const std::string&) { ++failures; }},
                                    std::make_unique<Broken>());
        _agent->start();
        for (int i = 0; i < 20; ++i) {
            _agent->queue.offer(Event::Ptr(new Note("x", Trick::None, "broken")));
            _agent->offer("fine");
        }
        CPPUNIT_ASSERT(_agent->waitUntilStored(20));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{20}, _agent->lost(LossReason::Refused));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, status().reopened);
        CPPUNIT_ASSERT_EQUAL(1, failures.load());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{20}, number(path(), "SELECT count(*) FROM notes"));
        CPPUNIT_ASSERT(_agent->isBalanced());
    }

    void testSchemaChangedByOthers() {
        storeSome();
        run(path(), "CREATE INDEX someone_elses ON notes(text); ANALYZE");
        _agent->offerMany(60);
        CPPUNIT_ASSERT(_agent->waitUntilStored(70));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, status().failedAttempts);
        allIsThere();
    }

private:
    const std::string& path() const { return _options.path; }
    StorageStatus status() const { return _agent->persister.status(); }

    void storeSome(int count = 10) {
        const auto before = _agent->queue.ledger().persisted;
        for (int i = 0; i < count; ++i)
            while (_agent->queue.offer(Event::Ptr(new Note("before" + std::to_string(i)))) != Offer::Accepted)
                std::this_thread::yield();
        CPPUNIT_ASSERT(_agent->waitUntilStored(before + static_cast<std::uint64_t>(count)));
    }

    void restartPowerSafe() {
        CPPUNIT_ASSERT(_agent->stop());
        _options.synchronous = "full";
        _agent = std::make_unique<Agent>(_options);
        _agent->addNotes();
        _agent->start();
    }

    void allIsThere() {
        CPPUNIT_ASSERT(_agent->stop());
        CPPUNIT_ASSERT(_agent->isBalanced());
        const Ledger books = _agent->queue.ledger();
        CPPUNIT_ASSERT_EQUAL(books.received, books.persisted);
        CPPUNIT_ASSERT_EQUAL(static_cast<std::int64_t>(books.persisted), number(path(), "SELECT count(*) FROM notes"));
        CPPUNIT_ASSERT_EQUAL(static_cast<std::int64_t>(books.persisted),
                             number(path(), "SELECT count(DISTINCT trace_id) FROM notes"));
        sound();
    }

    void sound() {
        CPPUNIT_ASSERT_EQUAL(std::string("ok"), text(path(), "PRAGMA integrity_check"));
        CPPUNIT_ASSERT_EQUAL(number(path(), "SELECT count(*) FROM notes WHERE synced=0"),
                             number(path(), "SELECT unsynced FROM octagent_state"));
    }

    std::unique_ptr<TempDirectory> _directory;
    std::unique_ptr<FaultVfs> _vfs;
    TestOptions _options;
    std::unique_ptr<Agent> _agent;
};

CPPUNIT_TEST_SUITE_REGISTRATION(StorageFaultTest);
