// The process dies, the power goes: what is found afterwards.

#include "FaultFixture.h"

#include <Poco/File.h>

#include <random>
#include <set>
#include <unistd.h>

namespace octagent::test {

class CrashTest : public FaultFixture {
    CPPUNIT_TEST_SUITE(CrashTest);
    CPPUNIT_TEST(testKilledAtRandomMoments);
    CPPUNIT_TEST(testWalCutAtRandomOffsets);
    CPPUNIT_TEST(testPowerCutCostsTheLastCommitsWhereSynchronousIsNormal);
    CPPUNIT_TEST(testPowerCutCostsNothingWhereSynchronousIsFull);
    CPPUNIT_TEST_SUITE_END();

protected:
    // 200 times, on ten databases. What a kill may cost: 512 in the queue and 50 in the open batch.
    void testKilledAtRandomMoments() {
        constexpr int databases = 10;
        constexpr int killsOfEach = 20;
        const unsigned seed = std::random_device{}();
        std::mt19937 random(seed);
        ClientLog total;
        std::int64_t rows = 0;
        std::size_t missing = 0;
        for (int database = 0; database < databases; ++database) {
            tearDown();
            setUp();
            ClientLog log;
            std::size_t missingHere = 0;
            for (int kill = 0; kill < killsOfEach; ++kill)
                killOnce(random, log, missingHere, "seed " + std::to_string(seed));
            assertSound(databasePath());
            total.add(log);
            rows += countRows(databasePath());
            missing += missingHere;
        }
        std::cout << "\n  kill -9 at " << databases * killsOfEach << " random moments: sent " << total.sent()
                  << ", accepted " << total.accepted.size() << ", persisted " << rows << ", gone while in flight "
                  << missing << '\n';
    }

    void testWalCutAtRandomOffsets() {
        constexpr int cuts = 40;
        start(setup());
        startLoad(0);
        awaitPersisted(300);
        agent().kill();
        finishLoad();
        const auto rows = countRows(copied("whole", -1));
        std::mt19937 random(std::random_device{}());
        const auto walBytes = static_cast<std::int64_t>(Poco::File(databasePath() + "-wal").getSize());
        CPPUNIT_ASSERT(walBytes > 0);
        std::uniform_int_distribution<std::int64_t> offset(0, walBytes);
        for (int cut = 0; cut < cuts; ++cut) {
            AgentSetup how = setup();
            how.environment["OCT_DB_PATH"] = copied("cut" + std::to_string(cut), offset(random));
            start(how);
            const auto path = how.environment["OCT_DB_PATH"];
            assertSound(path);
            CPPUNIT_ASSERT(!hasTables(path) || countRows(path) <= rows);
            CPPUNIT_ASSERT_EQUAL(202, post(agent().port(), "/v1/traces", R"({"provider":"p","model":"m"})").status);
            settledBooks(agent().port());
            CPPUNIT_ASSERT_EQUAL(0, agent().stop());
        }
    }

    void testPowerCutCostsTheLastCommitsWhereSynchronousIsNormal() {
        const auto lost = lostByPowerCut("normal");
        CPPUNIT_ASSERT_MESSAGE("a log that was not synced is lost with the power", lost > 0);
    }

    void testPowerCutCostsNothingWhereSynchronousIsFull() {
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, lostByPowerCut("full"));
    }

private:
    void killOnce(std::mt19937& random, ClientLog& log, std::size_t& missing, const std::string& seed) {
        constexpr std::size_t inFlightBound = 512 + 50;
        start(setup());
        startLoad(0);
        const std::chrono::milliseconds moment(std::uniform_int_distribution<int>(1, 150)(random));
        const auto at = std::chrono::steady_clock::now() + moment;
        waitUntil([at] { return std::chrono::steady_clock::now() >= at; });
        const auto committed = committedRows();
        agent().kill();
        log.add(finishLoad());
        CPPUNIT_ASSERT_MESSAGE("a committed row is gone, " + seed, isSubset(committed, committedRows()));
        const auto missingNow = missingRows(log, databasePath());
        CPPUNIT_ASSERT_MESSAGE(seed, missingNow - missing <= inFlightBound);
        missing = missingNow;
    }

    // Ids of rows that another process sees.
    std::set<std::string> committedRows() const {
        std::set<std::string> ids;
        if (!Poco::File(databasePath()).exists())
            return ids;
        try {
            const Database database(databasePath());
            for (const auto* table : {"llm_traces", "error_events"}) {
                for (const auto& row : database.query(std::string("SELECT trace_id FROM ") + table))
                    ids.insert(row.at("trace_id").value());
            }
        } catch (const std::runtime_error&) {
            return {}; // the agent is just making it
        }
        return ids;
    }

    static bool isSubset(const std::set<std::string>& part, const std::set<std::string>& whole) {
        return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
    }

    static bool hasTables(const std::string& path) {
        return Database(path).number("SELECT count(*) FROM sqlite_master WHERE name = 'llm_traces'") == 1;
    }

    // The database and its log in a directory of their own, the log cut to so many bytes (-1: whole).
    std::string copied(const std::string& name, std::int64_t walBytes) const {
        const auto folder = directory() / name;
        Poco::File(folder).createDirectories();
        const auto path = folder + "/octagent.db";
        Poco::File(databasePath()).copyTo(path);
        Poco::File(databasePath() + "-wal").copyTo(path + "-wal");
        if (walBytes >= 0)
            CPPUNIT_ASSERT_EQUAL(0, ::truncate((path + "-wal").c_str(), walBytes));
        return path;
    }

    // Rows that were committed, and are gone when the log is cut back to what was synced.
    std::int64_t lostByPowerCut(const std::string& synchronous) {
        AgentSetup how = faultySetup();
        how.keys["storage.synchronous"] = synchronous;
        start(how);
        startLoad(1000);
        awaitPersisted(300);
        const auto log = finishLoad();
        settledBooks(agent().port());
        agent().kill();
        const auto rows = countRows(copied("whole-" + synchronous, -1));
        CPPUNIT_ASSERT_EQUAL(static_cast<std::int64_t>(log.accepted.size()), rows);
        const auto path = copied("cut-" + synchronous, faults()->syncedWalBytes);
        std::int64_t left = 0; // before the first checkpoint the tables themselves are in the log
        if (hasTables(path)) {
            left = countRows(path);
            assertSound(path);
        }
        std::cout << "\n  power cut, synchronous " << synchronous << ": committed " << rows << ", left " << left
                  << '\n';
        return rows - left;
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(CrashTest);

} // namespace octagent::test
