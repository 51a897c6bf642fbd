#include "StorageFixture.h"

#include "storage/Database.h"
#include "storage/StorageErrors.h"

#include <Poco/File.h>
#include <Poco/FileStream.h>

#include <cppunit/extensions/HelperMacros.h>

#include <unistd.h>

using namespace octagent;
using namespace octagent::test;

namespace {

// As the existing system made them.
const char* const existingSystem =
    "CREATE TABLE notes(id INTEGER PRIMARY KEY AUTOINCREMENT, trace_id TEXT NOT NULL UNIQUE, created_at INTEGER NOT "
    "NULL, text TEXT NOT NULL, synced INTEGER NOT NULL DEFAULT 0, pushed_at INTEGER);"
    "CREATE INDEX idx_notes ON notes(synced, created_at);"
    "CREATE TABLE system_metrics(id INTEGER PRIMARY KEY AUTOINCREMENT, trace_id TEXT NOT NULL UNIQUE, created_at "
    "INTEGER NOT NULL, cpu_pct REAL, synced INTEGER NOT NULL DEFAULT 0, pushed_at INTEGER);"
    "CREATE TABLE push_log(id INTEGER PRIMARY KEY AUTOINCREMENT, created_at INTEGER NOT NULL, status TEXT NOT NULL);"
    "INSERT INTO notes(trace_id,created_at,text,synced) VALUES('t1',1000,'one',0),('t2',2000,'two',1),"
    "('t3',3000,'three',0);"
    "INSERT INTO system_metrics(trace_id,created_at,cpu_pct) VALUES('m1',1000,0.5);"
    "INSERT INTO push_log(created_at,status) VALUES(1000,'ok');";

} // namespace

class OpeningTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(OpeningTest);
    CPPUNIT_TEST(testExistingSystemsDatabase);
    CPPUNIT_TEST(testExistingSystemsDatabaseWithoutWal);
    CPPUNIT_TEST(testTableThatJoinsLaterIsCounted);
    CPPUNIT_TEST(testAnotherApplicationsId);
    CPPUNIT_TEST(testAnotherApplicationsTables);
    CPPUNIT_TEST(testNewerDatabase);
    CPPUNIT_TEST(testNewerTablesOfBuiltIn);
    CPPUNIT_TEST(testNewerTablesOfPlugin);
    CPPUNIT_TEST(testMigrationRunsOnce);
    CPPUNIT_TEST(testMigrationFromOlder);
    CPPUNIT_TEST(testFailedMigrationOfPluginLeavesNothing);
    CPPUNIT_TEST(testFailedMigrationOfBuiltInLeavesNothing);
    CPPUNIT_TEST(testMigrationCannotEndTheTransaction);
    CPPUNIT_TEST(testMissingColumnIsRefused);
    CPPUNIT_TEST(testDroppedTableIsMadeAgain);
    CPPUNIT_TEST(testPluginThatCannotPrepare);
    CPPUNIT_TEST(testBuiltInThatCannotPrepare);
    CPPUNIT_TEST(testSecondAgent);
#if defined(POCO_OS_FAMILY_UNIX)
    CPPUNIT_TEST(testSecondAgentThroughALink);
#endif
    CPPUNIT_TEST(testLockOutlivesNothing);
    CPPUNIT_TEST(testDirectoryInTheWay);
#if defined(POCO_OS_FAMILY_UNIX) // other words, and no /proc
    CPPUNIT_TEST(testFileAsDirectory);
#endif
    CPPUNIT_TEST(testForeignLockAtStart);
    CPPUNIT_TEST(testJunkIsPutAside);
    CPPUNIT_TEST(testTruncatedIsPutAside);
    CPPUNIT_TEST(testDamagedTwiceWithinAnHour);
    CPPUNIT_TEST(testDamagedAgainAfterAnHour);
    CPPUNIT_TEST(testEmptyFileIsANewDatabase);
    CPPUNIT_TEST(testNothingIsWrittenWhenAllIsThere);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        _directory = std::make_unique<TempDirectory>();
        _options = TestOptions();
        _options.path = *_directory / "octagent.db";
    }

    void tearDown() override { _directory.reset(); }

    void testExistingSystemsDatabase() {
        run(path(), "PRAGMA journal_mode=WAL");
        run(path(), existingSystem);
        const std::string schemaBefore = schema();
        Agent agent(_options);
        agent.addNotes();
        agent.start();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, agent.persister.status().unsyncedRows);
        agent.offer("four");
        CPPUNIT_ASSERT(agent.stop());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, agent.persister.status().unsyncedRows);
        CPPUNIT_ASSERT_EQUAL(std::string("one,two,three,four"), text(path(), "SELECT group_concat(text) FROM notes"));
        CPPUNIT_ASSERT_EQUAL(schemaBefore, schema());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, number(path(), "SELECT count(*) FROM system_metrics"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, number(path(), "SELECT count(*) FROM push_log"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, number(path(), "PRAGMA application_id")); // as it was
        CPPUNIT_ASSERT_EQUAL(Database::coreVersion, number(path(), "PRAGMA user_version"));

        Agent again(_options);
        again.addNotes();
        again.start();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, again.persister.status().unsyncedRows);
    }

    void testExistingSystemsDatabaseWithoutWal() {
        run(path(), existingSystem);
        Agent agent(_options);
        agent.addNotes();
        agent.start();
        agent.offer("four");
        CPPUNIT_ASSERT(agent.stop());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{4}, number(path(), "SELECT count(*) FROM notes"));
    }

    // A plugin that comes later finds rows of the existing system in its table.
    void testTableThatJoinsLaterIsCounted() {
        run(path(), existingSystem);
        startAndStop();
        Agent agent(_options);
        agent.addNotes();
        auto metrics = std::make_unique<TestSchema>("system_metrics");
        metrics->onMigrate = [](SqlSession&, int) {};
        agent.persister.addSchema({"metrics", true, {}}, std::move(metrics));
        CPPUNIT_ASSERT(agent.open().empty());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, agent.persister.status().unsyncedRows);
        CPPUNIT_ASSERT(agent.stop());
        startAndStop();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, number(path(), "SELECT unsynced FROM octagent_state"));
    }

    void testAnotherApplicationsId() {
        run(path(), "PRAGMA application_id=1234; CREATE TABLE notes(x)");
        refusedBecause("another application");
        CPPUNIT_ASSERT_EQUAL(std::string("notes"), text(path(), "SELECT group_concat(name) FROM sqlite_schema"));
    }

    void testAnotherApplicationsTables() {
        run(path(), "CREATE TABLE addresses(name); INSERT INTO addresses VALUES('x')");
        refusedBecause("another application");
        CPPUNIT_ASSERT_EQUAL(std::string("delete"), text(path(), "PRAGMA journal_mode")); // not touched at all
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, number(path(), "SELECT count(*) FROM addresses"));
    }

    void testNewerDatabase() {
        startAndStop();
        run(path(), "PRAGMA user_version=99");
        refusedBecause("newer version of the agent");
    }

    void testNewerTablesOfBuiltIn() {
        startAndStop();
        run(path(), "UPDATE octagent_schema SET version=2");
        refusedBecause("tables of module notes");
    }

    void testNewerTablesOfPlugin() {
        startAndStop();
        run(path(), "INSERT INTO octagent_schema VALUES('guest',7)");
        Agent agent(_options);
        agent.addNotes();
        agent.persister.addSchema({"guest", true, {}}, std::make_unique<TestSchema>("guests"));
        agent.persister.addWriter({"guest", true, {}}, std::make_unique<TestWriter>("guest", "guests"));
        const auto refused = agent.open();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, refused.size());
        CPPUNIT_ASSERT_EQUAL(std::string("guest"), refused[0].module);
        CPPUNIT_ASSERT(refused[0].reason.find("newer version of it (7") != std::string::npos);
        agent.persister.remove("guest");
        agent.persister.start();
        agent.offer("goes on");
        agent.queue.offer(Event::Ptr(new Note("x", Trick::None, "guest")));
        CPPUNIT_ASSERT(agent.stop());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, number(path(), "SELECT count(*) FROM notes"));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, agent.lost(LossReason::NoWriter));
    }

    void testMigrationRunsOnce() {
        int runs = 0;
        for (int i = 0; i < 3; ++i) {
            Agent agent(_options);
            auto schema = std::make_unique<TestSchema>();
            schema->onMigrate = [&runs](SqlSession& session, int from) {
                ++runs;
                CPPUNIT_ASSERT_EQUAL(0, from);
                session.execute("CREATE TABLE notes(created_at INTEGER, synced INTEGER, pushed_at INTEGER)");
            };
            agent.persister.addSchema({"notes", false, {}}, std::move(schema));
            agent.open();
        }
        CPPUNIT_ASSERT_EQUAL(1, runs);
    }

    void testMigrationFromOlder() {
        startAndStop();
        Agent agent(_options);
        auto schema = std::make_unique<TestSchema>();
        schema->latest = 3;
        schema->onMigrate = [](SqlSession& session, int from) {
            CPPUNIT_ASSERT_EQUAL(1, from);
            session.execute("ALTER TABLE notes ADD COLUMN more TEXT");
        };
        agent.persister.addSchema({"notes", false, {}}, std::move(schema));
        agent.open();
        CPPUNIT_ASSERT(agent.stop());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, number(path(), "SELECT version FROM octagent_schema"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, number(path(), "SELECT count(more) FROM notes"));
    }

    void testFailedMigrationOfPluginLeavesNothing() {
        Agent agent(_options);
        agent.addNotes();
        auto schema = std::make_unique<TestSchema>("guests");
        schema->onMigrate = [](SqlSession& session, int) {
            session.execute("CREATE TABLE guests(x)");
            throw Poco::RuntimeException("no luck");
        };
        agent.persister.addSchema({"guest", true, {}}, std::move(schema));
        const auto refused = agent.open();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, refused.size());
        CPPUNIT_ASSERT(refused[0].reason.find("no luck") != std::string::npos);
        agent.persister.remove("guest");
        agent.persister.start();
        agent.offer("x");
        CPPUNIT_ASSERT(agent.stop());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, number(path(), "SELECT count(*) FROM sqlite_schema WHERE name='guests'"));
        CPPUNIT_ASSERT_EQUAL(std::string("notes"), text(path(), "SELECT group_concat(module) FROM octagent_schema"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, number(path(), "SELECT count(*) FROM notes"));
    }

    void testFailedMigrationOfBuiltInLeavesNothing() {
        {
            Agent agent(_options);
            agent.addNotes();
            auto schema = std::make_unique<TestSchema>("more");
            schema->onMigrate = [](SqlSession& session, int) { session.execute("CREATE NONSENSE"); };
            agent.persister.addSchema({"more", false, {}}, std::move(schema));
            CPPUNIT_ASSERT_THROW(agent.open(), DatabaseRefused);
        }
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, number(path(), "SELECT count(*) FROM sqlite_schema"));
        startAndStop(); // the same file is taken once the cause is gone
    }

    void testMigrationCannotEndTheTransaction() {
        Agent agent(_options);
        agent.addNotes();
        auto schema = std::make_unique<TestSchema>("guests");
        schema->onMigrate = [](SqlSession& session, int) { session.execute("COMMIT"); };
        agent.persister.addSchema({"guest", true, {}}, std::move(schema));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, agent.open().size());
    }

    void testMissingColumnIsRefused() {
        run(path(), "CREATE TABLE notes(id INTEGER PRIMARY KEY, created_at INTEGER)");
        refusedBecause("synced");
    }

    void testDroppedTableIsMadeAgain() {
        startAndStop();
        run(path(), "DROP TABLE notes");
        Agent agent(_options);
        agent.addNotes();
        agent.start();
        agent.offer("x");
        CPPUNIT_ASSERT(agent.stop());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, number(path(), "SELECT count(*) FROM notes"));
    }

    void testPluginThatCannotPrepare() {
        Agent agent(_options);
        agent.addNotes();
        agent.persister.addWriter({"guest", true, {}}, std::make_unique<TestWriter>("guest", "nowhere"));
        const auto refused = agent.open();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, refused.size());
        CPPUNIT_ASSERT(refused[0].reason.find("no such table: nowhere") != std::string::npos);
        agent.persister.remove("guest");
        agent.persister.start();
        agent.offer("x");
        CPPUNIT_ASSERT(agent.stop());
    }

    void testBuiltInThatCannotPrepare() {
        Agent agent(_options);
        agent.persister.addWriter({"broken", false, {}}, std::make_unique<TestWriter>("note", "nowhere"));
        CPPUNIT_ASSERT_THROW(agent.open(), DatabaseRefused);
    }

    void testSecondAgent() {
        Agent first(_options);
        first.addNotes();
        first.start();
#if defined(POCO_OS_FAMILY_UNIX)
        refusedBecause("another agent (process " + std::to_string(::getpid()) + ")");
#else
        refusedBecause("another agent");
#endif
        first.offer("not disturbed");
        CPPUNIT_ASSERT(first.stop());
        startAndStop(); // free again
    }

#if defined(POCO_OS_FAMILY_UNIX)
    void testSecondAgentThroughALink() {
        Poco::File(_directory->path() + "/real").createDirectory();
        _options.path = *_directory / "real/octagent.db";
        Agent first(_options);
        first.addNotes();
        first.start();
        CPPUNIT_ASSERT_EQUAL(0,
                             ::symlink((*_directory / "real/octagent.db").c_str(), (*_directory / "link.db").c_str()));
        _options.path = *_directory / "link.db";
        refusedBecause("another agent");
    }
#endif

    void testLockOutlivesNothing() {
        startAndStop();
        CPPUNIT_ASSERT(Poco::File(path() + ".lock").exists()); // a file left behind is no lock
        startAndStop();
    }

    void testDirectoryInTheWay() {
        Poco::File(path()).createDirectory();
        const auto start = std::chrono::steady_clock::now();
        Agent agent(_options);
        agent.addNotes();
        CPPUNIT_ASSERT_THROW(agent.open(), Poco::Exception);
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - start < 15s); // not a minute
    }

    void testFileAsDirectory() {
        Poco::File(*_directory / "file").createFile();
        _options.path = *_directory / "file/octagent.db";
        refusedBecause("cannot use as the database's directory");
        _options.path = "/proc/nowhere/octagent.db"; // where not even root may create one
        refusedBecause("cannot create the directory");
    }

    void testForeignLockAtStart() {
        startAndStop();
        Probe other(path());
        other.run("BEGIN EXCLUSIVE");
        run(*_directory / "unrelated.db", "CREATE TABLE x(x)");
        Agent agent(_options);
        auto schema = std::make_unique<TestSchema>();
        schema->latest = 2; // so that it has to write
        agent.persister.addSchema({"notes", false, {}}, std::move(schema));
        CPPUNIT_ASSERT_THROW(agent.open(), Poco::IOException);
        other.run("ROLLBACK");
        agent.open();
    }

    void testJunkIsPutAside() {
        overwrite(path(), 0, 20000);
        overwrite(path() + "-wal", 0, 1000);
        Agent agent(_options);
        agent.addNotes();
        agent.start();
        agent.offer("x");
        CPPUNIT_ASSERT(agent.stop());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, number(path(), "SELECT count(*) FROM notes"));
        const auto kept = _directory->list("octagent.db.damaged-");
        CPPUNIT_ASSERT(!kept.empty());
        CPPUNIT_ASSERT_EQUAL(Poco::File::FileSize{20000}, Poco::File(*_directory / kept[0]).getSize());
        const auto status = agent.persister.status();
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, status.quarantined);
        CPPUNIT_ASSERT(status.isDegraded());
        CPPUNIT_ASSERT(!status.lastAttemptFailed);
    }

    void testTruncatedIsPutAside() {
        {
            Agent agent(_options);
            agent.addNotes();
            agent.start();
            agent.offerMany(500);
            CPPUNIT_ASSERT(agent.stop());
        }
        Poco::File(path()).setSize(10000);
        Agent agent(_options);
        agent.addNotes();
        agent.start();
        agent.offer("x");
        CPPUNIT_ASSERT(agent.stop());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, number(path(), "SELECT count(*) FROM notes"));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, agent.persister.status().quarantined);
    }

    // The agent runs, in error, and tells so.
    void testDamagedTwiceWithinAnHour() {
        TestClock clock;
        overwrite(path(), 0, 20000);
        {
            Agent agent(_options, clock);
            agent.addNotes();
            agent.start();
        }
        Poco::File(path()).remove();
        overwrite(path(), 0, 20000);
        Agent agent(_options, clock);
        agent.addNotes();
        agent.start();
        CPPUNIT_ASSERT(agent.persister.status().lastAttemptFailed);
        agent.offer("waits");
        CPPUNIT_ASSERT(eventually([&] { return agent.persister.status().failedAttempts > 3; }));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, agent.persister.status().quarantined);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, _directory->list("octagent.db.damaged-").size());
        // Once the hour has passed, it is put aside, and what waited is stored.
        clock.run(61min);
        CPPUNIT_ASSERT(agent.waitUntilStored(1));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, agent.persister.status().quarantined);
        CPPUNIT_ASSERT(!agent.persister.status().lastAttemptFailed);
        CPPUNIT_ASSERT(agent.stop());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, number(path(), "SELECT count(*) FROM notes"));
    }

    void testDamagedAgainAfterAnHour() {
        TestClock clock;
        for (int i = 0; i < 2; ++i) {
            overwrite(path(), 0, 20000);
            Agent agent(_options, clock);
            agent.addNotes();
            agent.start();
            CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, agent.persister.status().quarantined);
            CPPUNIT_ASSERT(agent.stop());
            Poco::File(path()).remove();
            clock.run(61min);
        }
    }

    void testEmptyFileIsANewDatabase() {
        Poco::File(path()).createFile();
        startAndStop();
        CPPUNIT_ASSERT_EQUAL(Database::applicationId, number(path(), "PRAGMA application_id"));
    }

    void testNothingIsWrittenWhenAllIsThere() {
        startAndStop();
        const auto version = number(path(), "PRAGMA data_version");
        const auto before = Poco::File(path()).getLastModified();
        Agent agent(_options);
        agent.addNotes();
        agent.open();
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, agent.persister.status().walBytes);
        CPPUNIT_ASSERT(before == Poco::File(path()).getLastModified());
        CPPUNIT_ASSERT_EQUAL(version, number(path(), "PRAGMA data_version"));
    }

private:
    const std::string& path() const { return _options.path; }

    std::string schema() const {
        return text(path(), "SELECT group_concat(sql) FROM sqlite_schema WHERE name NOT LIKE 'octagent%' AND name NOT "
                            "LIKE 'sqlite_autoindex_octagent%'");
    }

    void startAndStop() {
        Agent agent(_options);
        agent.addNotes();
        agent.start();
        CPPUNIT_ASSERT(agent.stop());
    }

    void refusedBecause(const std::string& words) {
        Agent agent(_options);
        agent.addNotes();
        try {
            agent.open();
        } catch (const Poco::Exception& error) {
            const std::string message = error.displayText();
            CPPUNIT_ASSERT_MESSAGE(message, message.find(words) != std::string::npos);
            CPPUNIT_ASSERT_MESSAGE(message, message.find("OCT_DB_PATH") != std::string::npos ||
                                                message.find("cannot be made") != std::string::npos);
            return;
        }
        CPPUNIT_FAIL("not refused: " + words);
    }

    std::unique_ptr<TempDirectory> _directory;
    TestOptions _options;
};

CPPUNIT_TEST_SUITE_REGISTRATION(OpeningTest);
