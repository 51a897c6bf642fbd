// The database file: made, found, shared, refused.

#include "AgentFixture.h"
#include "harness/Books.h"

#include <sys/stat.h>

namespace octagent::test {

class DatabaseTest : public AgentFixture {
    CPPUNIT_TEST_SUITE(DatabaseTest);
    CPPUNIT_TEST(testFilesAreTheOwnersAlone);
    CPPUNIT_TEST(testItIsMadeWithItsDirectory);
    CPPUNIT_TEST(testTablesAreTheContracts);
    CPPUNIT_TEST(testRowsSurviveARestart);
    CPPUNIT_TEST(testADatabaseOfTheExistingSystem);
    CPPUNIT_TEST(testADatabaseOfANewerAgent);
    CPPUNIT_TEST(testANewerSchemaOfABuiltInModule);
    CPPUNIT_TEST(testASecondAgent);
    CPPUNIT_TEST_SUITE_END();

protected:
    static constexpr auto trace = R"({"provider":"p","model":"m"})";

    static unsigned mode(const std::string& path) {
        struct stat status {};
        CPPUNIT_ASSERT_EQUAL_MESSAGE(path, 0, ::stat(path.c_str(), &status));
        return status.st_mode & 07777U;
    }

    void testFilesAreTheOwnersAlone() {
        auto how = setup();
        how.wrapper = {"sh", "-c", "umask 0; exec \"$@\"", "sh"};
        start(how);
        stored("/v1/traces", trace);
        for (const char* suffix : {"", "-wal", "-shm"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(suffix, 0600U, mode(databasePath() + suffix));
    }

    void testItIsMadeWithItsDirectory() {
        auto how = setup();
        const std::string path = directory() / "a/b c/traces.db";
        how.environment["OCT_DB_PATH"] = path;
        start(how);
        const auto id = post("/v1/traces", trace).text("trace_id");
        awaitRow(path, "llm_traces", id);
        CPPUNIT_ASSERT_EQUAL(0700U, mode(directory() / "a/b c"));
    }

    void testTablesAreTheContracts() {
        start();
        stored("/v1/traces", trace);
        const Database database(databasePath());
        const auto columns = [&](const std::string& table) {
            return database.text("SELECT group_concat(name || ' ' || type || CASE \"notnull\" WHEN 1 THEN ' NOT NULL' "
                                 "ELSE '' END || coalesce(' = ' || dflt_value, ''), ', ') FROM pragma_table_info('" +
                                 table + "')");
        };
        CPPUNIT_ASSERT_EQUAL(
            std::string("id INTEGER, trace_id TEXT NOT NULL, created_at INTEGER NOT NULL, provider TEXT NOT NULL, "
                        "model TEXT NOT NULL, input_text TEXT, output_text TEXT, prompt_tokens INTEGER, "
                        "completion_tokens INTEGER, total_tokens INTEGER, cost_usd REAL, latency_ms INTEGER, "
                        "status TEXT NOT NULL = 'ok', error_type TEXT, metadata TEXT, synced INTEGER NOT NULL = 0, "
                        "pushed_at INTEGER"),
            columns("llm_traces"));
        CPPUNIT_ASSERT_EQUAL(
            std::string("id INTEGER, trace_id TEXT NOT NULL, created_at INTEGER NOT NULL, error_type TEXT NOT NULL, "
                        "message TEXT NOT NULL, stack_trace TEXT, severity TEXT NOT NULL = 'error', metadata TEXT, "
                        "synced INTEGER NOT NULL = 0, pushed_at INTEGER"),
            columns("error_events"));
        CPPUNIT_ASSERT_EQUAL(std::string("wal"), database.text("PRAGMA journal_mode"));
        CPPUNIT_ASSERT(database.number("PRAGMA application_id") != 0);
        CPPUNIT_ASSERT(database.number("PRAGMA user_version") > 0);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, database.number("SELECT count(*) FROM sqlite_master WHERE name IN "
                                                              "('system_metrics', 'push_log')"));
        // Reading by time stays fast; no index on the random trace_id.
        CPPUNIT_ASSERT(database
                           .only("EXPLAIN QUERY PLAN SELECT * FROM llm_traces WHERE created_at > 1 ORDER BY "
                                 "created_at LIMIT 10")
                           .at("detail")
                           .value()
                           .find("INDEX") != std::string::npos);
    }

    void testRowsSurviveARestart() {
        start();
        stored("/v1/traces", trace);
        CPPUNIT_ASSERT_EQUAL(0, agent().stop());
        start();
        stored("/v1/errors", R"({"error_type":"crash","message":"m"})");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, countRows(databasePath()));
        CPPUNIT_ASSERT_EQUAL(2, get("/health").json()->getValue<int>("unsynced_count"));
    }

    void testADatabaseOfTheExistingSystem() {
        makeExistingDatabase(databasePath(), 100);
        start();
        // 50 each of the two tables are not synced. (system_metrics is a future plugin's, not the agent's.)
        CPPUNIT_ASSERT_EQUAL(100, get("/health").json()->getValue<int>("unsynced_count"));
        stored("/v1/traces", trace);
        stored("/v1/errors", R"({"error_type":"crash","message":"m"})");
        CPPUNIT_ASSERT_EQUAL(102, get("/health").json()->getValue<int>("unsynced_count"));
        CPPUNIT_ASSERT_EQUAL(0, agent().stop());

        const Database database(databasePath());
        for (const char* table : {"llm_traces", "error_events"})
            CPPUNIT_ASSERT_EQUAL(std::int64_t{101}, database.number(std::string("SELECT count(*) FROM ") + table));
        for (const char* table : {"system_metrics", "push_log"})
            CPPUNIT_ASSERT_EQUAL(std::int64_t{100}, database.number(std::string("SELECT count(*) FROM ") + table));
        CPPUNIT_ASSERT_EQUAL(std::string("text 7"),
                             database.text("SELECT input_text FROM llm_traces WHERE trace_id = 'old-trace-7'"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, database.number("SELECT count(*) FROM sqlite_master WHERE name LIKE "
                                                              "'idx_%_synced_created'"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, database.number("SELECT count(*) FROM sqlite_master WHERE sql LIKE "
                                                              "'%trace_id TEXT NOT NULL UNIQUE%'"));
        assertSound(databasePath());
    }

    void refuses(const std::string& change) {
        start();
        CPPUNIT_ASSERT_EQUAL(0, agent().stop());
        Database(databasePath(), Database::Mode::ReadWrite).execute(change);
        const std::string before = readFile(databasePath());

        const auto outcome = runAgent(setup());
        CPPUNIT_ASSERT(outcome.code != 0);
        const std::string told = outcome.output + outcome.errors;
        CPPUNIT_ASSERT_MESSAGE(told, told.find("newer") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(told, told.find(databasePath()) != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE("it was changed", before == readFile(databasePath()));
    }

    void testADatabaseOfANewerAgent() { refuses("PRAGMA user_version = 999"); }
    void testANewerSchemaOfABuiltInModule() { refuses("UPDATE octagent_schema SET version = 999"); }

    void testASecondAgent() {
        start();
        stored("/v1/traces", trace);
        const auto outcome = runAgent(setup());
        CPPUNIT_ASSERT(outcome.code != 0);
        const std::string told = outcome.output + outcome.errors;
        CPPUNIT_ASSERT_MESSAGE(told,
                               told.find("another") != std::string::npos || told.find("already") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(told, told.find(databasePath()) != std::string::npos);
        stored("/v1/traces", trace); // the first one goes on
        agent().kill();
        start(); // and nothing of a killed one is in the way
        stored("/v1/traces", trace);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DatabaseTest);

} // namespace octagent::test
