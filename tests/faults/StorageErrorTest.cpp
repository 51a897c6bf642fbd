// Storage that fails for a while and comes back: nothing is lost but what the queue could not hold.

#include "FaultFixture.h"

#include <cerrno>
#include <csignal>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace octagent::test {

class StorageErrorTest : public FaultFixture {
    CPPUNIT_TEST_SUITE(StorageErrorTest);
    CPPUNIT_TEST(testWritesFail);
    CPPUNIT_TEST(testSyncsFail);
    CPPUNIT_TEST(testReadsFail);
    CPPUNIT_TEST(testReadsThatFailAreNoDamage);
    CPPUNIT_TEST(testNoSpace);
    CPPUNIT_TEST(testFullDiskIsFreed);
    CPPUNIT_TEST(testFileSizeLimitIsRaised);
    CPPUNIT_TEST(testForeignWriterHoldsTheLockForHalfAMinute);
    CPPUNIT_TEST(testStopWhileStorageFailsCountsTheLoss);
    CPPUNIT_TEST_SUITE_END();

protected:
    void testWritesFail() { assertFailsAndRecovers("writes fail (EIO)", &Faults::writeError, EIO); }
    void testNoSpace() { assertFailsAndRecovers("writes fail (ENOSPC)", &Faults::writeError, ENOSPC); }

    // Syncs come with checkpoints: they may fail without a batch failing. What counts is the books.
    void testSyncsFail() {
        start(faultySetup());
        startLoad(0, 8, 15000); // enough bytes for a checkpoint now and then
        awaitProgress();
        faults()->syncError = EIO;
        eventually("a sync failed", [&] { return faults()->failures > 3; });
        faults()->syncError = 0;
        awaitDbStatus("ok");
        awaitProgress();
        assertRecovered("syncs fail (EIO)", finishLoad());
    }

    void testReadsFail() {
        start(faultySetup());
        startLoad(2000);
        awaitProgress();
        faults()->readError = EIO;
        faults()->writeError = EIO; // pages are cached: make the connection be opened anew, and fail at that
        awaitDbStatus("error");
        faults()->writeError = 0;
        const std::int64_t before = faults()->failures;
        eventually("a read failed", [&] { return faults()->failures > before + 3; });
        faults()->readError = 0;
        awaitDbStatus("ok");
        awaitProgress();
        assertRecovered("reads fail (EIO)", finishLoad());
    }

    // SQLite reports a failing disk as a damaged file.
    void testReadsThatFailAreNoDamage() {
        start(faultySetup());
        startLoad(500);
        awaitProgress();
        for (int i = 0; i < 3; ++i) {
            faults()->readError = EIO;
            // Somebody else's commit: what the agent has cached does not hold any more, and it reads anew.
            Database(databasePath(), Database::Mode::ReadWrite)
                .execute("PRAGMA busy_timeout = 20000; "
                         "UPDATE llm_traces SET latency_ms = coalesce(latency_ms, 0) + 1 WHERE id = 1");
            awaitDbStatus("error");
            faults()->readError = 0;
            awaitDbStatus("ok");
        }
        CPPUNIT_ASSERT_EQUAL(0.0, metric("octagent_storage_quarantined_total"));
        awaitProgress();
        assertRecovered("reads fail (EIO), three times", finishLoad());
    }

    void testFullDiskIsFreed() {
        const auto disk = directory() / "disk";
        ::mkdir(disk.c_str(), 0700);
        if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=8m") != 0) {
            std::cerr << "SKIPPED: mounting a small disk needs root\n";
            return;
        }
        const auto ballast = disk + "/ballast";
        writeZeros(ballast, 4 * 1024 * 1024);
        AgentSetup how = setup();
        how.environment["OCT_DB_PATH"] = disk + "/octagent.db";
        ClientLog log;
        Books books;
        try {
            start(how);
            startLoad(3000);
            awaitDbStatus("error");
            eventually("the queue is full", [&] { return healthNumber("events_dropped") > 100; });
            ::unlink(ballast.c_str());
            awaitDbStatus("ok");
            awaitProgress();
            log = finishLoad();
            books = settledBooks(agent().port());
            assertAccounted(books, log, disk + "/octagent.db");
            assertSound(disk + "/octagent.db");
            assertWithin(agent().pid(), {});
            CPPUNIT_ASSERT_EQUAL(0, agent().stop());
        } catch (...) {
            agent().kill();
            ::umount2(disk.c_str(), MNT_DETACH);
            throw;
        }
        ::umount2(disk.c_str(), MNT_DETACH);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, books.lostTotal());
        std::cout << "\n  disk full, then freed: sent " << log.sent() << ", " << books.shown() << '\n';
    }

    void testFileSizeLimitIsRaised() {
        start(setup());
        const rlimit small{1024 * 1024, RLIM_INFINITY};
        CPPUNIT_ASSERT_EQUAL(0, ::prlimit(agent().pid(), RLIMIT_FSIZE, &small, nullptr));
        startLoad(3000);
        awaitDbStatus("error");
        const rlimit none{RLIM_INFINITY, RLIM_INFINITY};
        CPPUNIT_ASSERT_EQUAL(0, ::prlimit(agent().pid(), RLIMIT_FSIZE, &none, nullptr));
        awaitDbStatus("ok");
        awaitProgress();
        const Books books = assertRecovered("file-size limit (SIGXFSZ)", finishLoad());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, books.lostTotal());
    }

    void testForeignWriterHoldsTheLockForHalfAMinute() {
        start(setup());
        startLoad(200);
        awaitProgress();
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        {
            const Database foreign(databasePath(), Database::Mode::ReadWrite);
            foreign.execute("PRAGMA busy_timeout = 20000; BEGIN IMMEDIATE; "
                            "INSERT INTO error_events (trace_id, created_at, error_type, message) "
                            "VALUES ('foreign', 1, 'foreign', 'm')");
            eventually("the queue is full", [&] { return healthNumber("events_dropped") > 0; });
            CPPUNIT_ASSERT_EQUAL(std::string("error"), health("status"));
            waitUntil([&] { return std::chrono::steady_clock::now() >= until; }, std::chrono::seconds(40));
            foreign.execute("COMMIT");
        }
        awaitDbStatus("ok");
        awaitProgress();
        const Books books = assertRecovered("foreign writer holds the lock for 30 s", finishLoad(), 1);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, books.lostTotal());
    }

    void testStopWhileStorageFailsCountsTheLoss() {
        start(faultySetup());
        awaitAccepted(1);
        faults()->writeError = EIO;
        awaitAccepted(120);
        agent().signal(SIGTERM);
        CPPUNIT_ASSERT_EQUAL(1, agent().wait());
        const auto end = agent().logged("stopped");
        CPPUNIT_ASSERT(!end.isNull());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{121}, end->getValue<std::int64_t>("received"));
        CPPUNIT_ASSERT_EQUAL(end->getValue<std::int64_t>("received"),
                             end->getValue<std::int64_t>("persisted") + end->getValue<std::int64_t>("lost"));
        CPPUNIT_ASSERT(end->getValue<std::int64_t>("lost") >= 120);
        faults()->writeError = 0;
        assertSound(databasePath());
    }

private:
    void assertFailsAndRecovers(const std::string& name, std::atomic<int> Faults::*which, int error) {
        start(faultySetup());
        startLoad(2000);
        awaitProgress();
        (*faults()).*which = error;
        awaitDbStatus("error");
        eventually("the queue is full", [&] { return healthNumber("events_dropped") > 0; });
        (*faults()).*which = 0;
        awaitDbStatus("ok");
        awaitProgress();
        const Books books = assertRecovered(name, finishLoad());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, books.lostTotal());
    }

    void awaitAccepted(int events) {
        for (int i = 0; i < events; ++i)
            CPPUNIT_ASSERT_EQUAL(202, post(agent().port(), "/v1/traces", R"({"provider":"p","model":"m"})").status);
        if (events == 1)
            settledBooks(agent().port());
    }

    static void writeZeros(const std::string& path, std::size_t bytes) {
        const int descriptor = ::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
        const std::string zeros(bytes, '\0');
        const bool isWritten = ::write(descriptor, zeros.data(), bytes) == static_cast<ssize_t>(bytes);
        ::close(descriptor);
        CPPUNIT_ASSERT(isWritten);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(StorageErrorTest);

} // namespace octagent::test
