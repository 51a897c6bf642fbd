// Something happens to the file itself.

#include "FaultFixture.h"

#include <Poco/DirectoryIterator.h>
#include <Poco/File.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace octagent::test {

class DatabaseFileTest : public FaultFixture {
    CPPUNIT_TEST_SUITE(DatabaseFileTest);
    CPPUNIT_TEST(testJunkAtStart);
    CPPUNIT_TEST(testTruncatedAtStart);
    CPPUNIT_TEST(testDamagedPageWhileRunning);
    CPPUNIT_TEST(testSecondDamageWithinTheHourIsAnError);
    CPPUNIT_TEST(testUnlinkedWhileOpen);
    CPPUNIT_TEST(testReplacedWhileOpen);
    CPPUNIT_TEST(testMissingDirectoryIsMade);
    CPPUNIT_TEST(testDirectoryThatCannotBeMadeFailsFast);
    CPPUNIT_TEST(testDirectoryThatIsNotWritableFailsFast);
    CPPUNIT_TEST(testClockSetForwardAndBack);
    CPPUNIT_TEST_SUITE_END();

protected:
    void testJunkAtStart() {
        std::string junk(64 * 1024, '\0');
        for (std::size_t i = 0; i < junk.size(); ++i)
            junk[i] = static_cast<char>(i * 7919 >> 3U);
        directory().write("octagent.db", junk);
        directory().write("octagent.db-wal", "junk as well");
        start(setup());
        assertQuarantined(1);
        startLoad(1000);
        awaitProgress();
        assertRecovered("junk instead of a database at start", finishLoad());
        CPPUNIT_ASSERT_EQUAL(junk, readFile(quarantined().front()));
    }

    void testTruncatedAtStart() {
        fillAndStop();
        CPPUNIT_ASSERT_EQUAL(0, ::truncate(databasePath().c_str(), 4096 + 100));
        start(setup());
        startLoad(1000);
        awaitProgress();
        assertRecovered("truncated database at start", finishLoad());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, quarantined().size());
    }

    void testDamagedPageWhileRunning() {
        fillAndStop();
        start(setup());
        damageLastPages();
        startLoad(1000);
        eventually("the damage is found and the database put aside", [&] { return !quarantined().empty(); });
        eventually("health is degraded", [&] { return health("status") == "degraded"; });
        awaitProgress();
        const auto log = finishLoad();
        const Books books = settledBooks(agent().port());
        assertBalanced(books);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, books.lostTotal());
        CPPUNIT_ASSERT_EQUAL(books.received, static_cast<std::uint64_t>(log.accepted.size()));
        assertSound(databasePath());
        CPPUNIT_ASSERT(
            !agent().logged("the database is damaged: it is put aside, and a fresh one is started").isNull() ||
            agent().output().find("damaged") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(0, agent().stop());
    }

    void testSecondDamageWithinTheHourIsAnError() {
        directory().write("octagent.db", std::string(8192, 'x'));
        start(setup());
        assertQuarantined(1);
        CPPUNIT_ASSERT_EQUAL(0, agent().stop());
        directory().write("octagent.db", std::string(8192, 'y'));
        start(setup());
        CPPUNIT_ASSERT_EQUAL(202, post(agent().port(), "/v1/traces", R"({"provider":"p","model":"m"})").status);
        awaitDbStatus("error");
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, quarantined().size());
        CPPUNIT_ASSERT_EQUAL(std::string(8192, 'y'), readFile(databasePath()));
    }

    void testUnlinkedWhileOpen() {
        start(setup());
        startLoad(1000);
        awaitProgress();
        const auto before = metric("octagent_storage_reopened_total");
        Poco::File(databasePath()).remove();
        eventually("it is noticed", [&] { return metric("octagent_storage_reopened_total") > before; });
        awaitProgress();
        assertGoesOnInANewFile("database unlinked while open");
    }

    void testReplacedWhileOpen() {
        start(setup());
        startLoad(1000);
        awaitProgress();
        const auto before = metric("octagent_storage_reopened_total");
        const auto other = directory() / "other.db";
        makeExistingDatabase(other, 3);
        Poco::File(other).renameTo(databasePath());
        eventually("it is noticed", [&] { return metric("octagent_storage_reopened_total") > before; });
        awaitProgress();
        assertGoesOnInANewFile("database replaced while open");
    }

    void testMissingDirectoryIsMade() {
        AgentSetup how = setup();
        const auto path = directory() / "not/there/yet/octagent.db";
        how.environment["OCT_DB_PATH"] = path;
        start(how);
        CPPUNIT_ASSERT_EQUAL(0, agent().stop());
        struct stat info {};
        CPPUNIT_ASSERT_EQUAL(0, ::stat((directory() / "not/there/yet").c_str(), &info));
        CPPUNIT_ASSERT_EQUAL(0700U, info.st_mode & 0777U);
    }

    void testDirectoryThatCannotBeMadeFailsFast() {
        directory().write("file", "");
        assertFailsFast(directory() / "file/below/octagent.db", {});
    }

    void testDirectoryThatIsNotWritableFailsFast() {
        if (::geteuid() == 0) { // root writes everywhere, but on a file system that takes no writes
            assertFailsFast("/proc/octagent/octagent.db", {});
            return;
        }
        const auto folder = directory() / "closed";
        ::mkdir(folder.c_str(), 0500);
        assertFailsFast(folder + "/octagent.db", {});
    }

    // Batches go by the monotonic clock, and retention does not believe a leap.
    void testClockSetForwardAndBack() {
        AgentSetup how = faultySetup();
        how.keys["storage.retentionDays"] = "1";
        const auto begin = unixMilliseconds();
        start(how);
        startLoad(1000);
        awaitProgress();
        for (const std::int64_t days : {400, -400, 0}) {
            faults()->clockOffsetSeconds = days * 86400;
            awaitProgress();
        }
        const auto books = assertRecovered("clock set forward and back by 400 days", finishLoad());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, books.dropped);
        // Started with the clock still wrong, it keeps what is young too.
        const std::string young = "SELECT count(*) FROM llm_traces WHERE created_at BETWEEN " + std::to_string(begin) +
                                  " AND " + std::to_string(unixMilliseconds());
        const auto rows = Database(databasePath()).number(young);
        CPPUNIT_ASSERT(rows > 0);
        faults()->clockOffsetSeconds = std::int64_t{400} * 86400;
        start(how);
        CPPUNIT_ASSERT_EQUAL(202, post(agent().port(), "/v1/traces", R"({"provider":"p","model":"m"})").status);
        settledBooks(agent().port());
        CPPUNIT_ASSERT_EQUAL(0, agent().stop());
        CPPUNIT_ASSERT_EQUAL(rows, Database(databasePath()).number(young));
    }

private:
    static std::int64_t unixMilliseconds() {
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
    }

    std::vector<std::string> quarantined() const {
        std::vector<std::string> found;
        for (Poco::DirectoryIterator entry(directory().path()), end; entry != end; ++entry) {
            const auto name = entry.name();
            if (name.find("octagent.db.damaged-") == 0 && name.find("-wal") == std::string::npos &&
                name.find("-shm") == std::string::npos)
                found.push_back(entry.path().toString());
        }
        return found;
    }

    void assertQuarantined(std::size_t count) {
        CPPUNIT_ASSERT_EQUAL(count, quarantined().size());
        CPPUNIT_ASSERT_EQUAL(std::string("degraded"), health("status"));
        CPPUNIT_ASSERT_EQUAL(static_cast<double>(count), metric("octagent_storage_quarantined_total"));
    }

    void fillAndStop() {
        start(setup());
        startLoad(0);
        awaitPersisted(3000);
        finishLoad();
        CPPUNIT_ASSERT_EQUAL(0, agent().stop());
    }

    // The pages that the next inserts go to.
    void damageLastPages() const {
        const auto size = static_cast<off_t>(Poco::File(databasePath()).getSize());
        const std::string junk(static_cast<std::size_t>(size - 4096), '\xA5');
        const int descriptor = ::open(databasePath().c_str(), O_WRONLY | O_CLOEXEC);
        const bool isWritten =
            ::pwrite(descriptor, junk.data(), junk.size(), 4096) == static_cast<ssize_t>(junk.size());
        ::close(descriptor);
        CPPUNIT_ASSERT(isWritten);
    }

    // Rows in the file that is gone cannot be counted; the books are whole all the same.
    void assertGoesOnInANewFile(const std::string& fault) {
        const auto log = finishLoad();
        const Books books = settledBooks(agent().port());
        assertBalanced(books);
        CPPUNIT_ASSERT_EQUAL(static_cast<std::uint64_t>(log.accepted.size()), books.received);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, books.lostTotal());
        CPPUNIT_ASSERT(countRows(databasePath()) >= 100);
        assertSound(databasePath());
        assertWithin(agent().pid(), {});
        std::cout << "\n  " << fault << ": sent " << log.sent() << ", " << books.shown() << '\n';
        CPPUNIT_ASSERT_EQUAL(0, agent().stop());
    }

    // Says what is wrong, well before a minute (SQLite's and Poco's own patience) is over.
    void assertFailsFast(const std::string& path, const std::map<std::string, std::string>& keys) {
        AgentSetup how = setup();
        how.keys = keys;
        how.environment["OCT_DB_PATH"] = path;
        const auto begin = std::chrono::steady_clock::now();
        const auto outcome = runAgent(how);
        CPPUNIT_ASSERT(outcome.code != 0);
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - begin < std::chrono::seconds(30));
        CPPUNIT_ASSERT_MESSAGE(outcome.output, outcome.output.find("cannot start") != std::string::npos);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DatabaseFileTest);

} // namespace octagent::test
