// What the module declares and registers, its tables and its writers, against SQLite itself.

#include "FakeContext.h"
#include "FakeHttp.h"
#include "IngestModule.h"
#include "SqliteSession.h"

#include "octagent/ingest/ErrorEvent.h"
#include "octagent/ingest/TraceEvent.h"

#include <cppunit/extensions/HelperMacros.h>

#include <memory>
#include <string>

using namespace octagent;

// The name that OCTAGENT_MODULE gives it. NOLINTNEXTLINE(readability-identifier-naming)
octagent::Module* octagentMake_ingest();

namespace {

#define ASSERT_VALUE(expected, sql) CPPUNIT_ASSERT_EQUAL(std::string(expected), _session.value(sql))

// The tables as the existing system makes them.
constexpr const char* existingSystem = R"(
CREATE TABLE llm_traces (id INTEGER PRIMARY KEY AUTOINCREMENT, trace_id TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL, input_text TEXT, output_text TEXT,
    prompt_tokens INTEGER, completion_tokens INTEGER, total_tokens INTEGER, cost_usd REAL, latency_ms INTEGER,
    status TEXT NOT NULL DEFAULT 'ok', error_type TEXT, metadata TEXT, synced INTEGER NOT NULL DEFAULT 0,
    pushed_at INTEGER);
CREATE INDEX idx_traces_sync ON llm_traces(synced, created_at);
CREATE TABLE error_events (id INTEGER PRIMARY KEY AUTOINCREMENT, trace_id TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL, error_type TEXT NOT NULL, message TEXT NOT NULL, stack_trace TEXT,
    severity TEXT NOT NULL DEFAULT 'error', metadata TEXT, synced INTEGER NOT NULL DEFAULT 0, pushed_at INTEGER);
CREATE INDEX idx_errors_sync ON error_events(synced, created_at);
INSERT INTO llm_traces (trace_id, created_at, provider, model) VALUES ('old', 1, 'p', 'm');
)";

} // namespace

class ModuleTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ModuleTest);
    CPPUNIT_TEST(testDeclares);
    CPPUNIT_TEST(testRoutes);
    CPPUNIT_TEST(testRoutesHonourTheLimit);
    CPPUNIT_TEST(testNewTables);
    CPPUNIT_TEST(testQueriesByTimeUseAnIndex);
    CPPUNIT_TEST(testExistingTablesStayAsTheyAre);
    CPPUNIT_TEST(testTraceRow);
    CPPUNIT_TEST(testAbsentIsNull);
    CPPUNIT_TEST(testErrorRow);
    CPPUNIT_TEST(testPrepareAgain);
    CPPUNIT_TEST(testWriteThrows);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        _module.reset(octagentMake_ingest());
        _context.integers["maxTextBytes"] = 8;
        _module->initialize(_context);
    }

    void testDeclares() {
        CPPUNIT_ASSERT_EQUAL(std::string("ingest"), _module->name());
        const auto options = _module->options();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, options.size());
        CPPUNIT_ASSERT_EQUAL(std::string("maxTextBytes"), options[0].key);
        CPPUNIT_ASSERT_EQUAL(std::string("16384"), options[0].defaultValue);
        CPPUNIT_ASSERT_EQUAL(std::string("OCT_MAX_TEXT_BYTES"), options[0].environment);
        CPPUNIT_ASSERT(options[0].type == OptionType::Integer);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{4}, options[0].minimum);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, _context.schemas.size());
        const auto tables = _context.schemas[0]->tables();
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, tables.size());
        for (const auto& table : tables) {
            CPPUNIT_ASSERT(table.name == "llm_traces" || table.name == "error_events");
            CPPUNIT_ASSERT_EQUAL(std::string("created_at"), table.timeColumn);
            CPPUNIT_ASSERT(table.hasSynced);
        }
        CPPUNIT_ASSERT_EQUAL(1, _context.schemas[0]->version());
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, _context.kinds.size());
        CPPUNIT_ASSERT(_context.kinds.count("trace") == 1 && _context.kinds.count("error") == 1);
    }

    void testRoutes() {
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, _context.added.size());
        for (const char* path : {"/v1/traces", "/v1/errors"}) {
            const Route& route = _context.added.at(path).first;
            CPPUNIT_ASSERT_EQUAL(std::string("POST"), route.method);
            CPPUNIT_ASSERT(!route.isPrefix && !route.mayBlock);
            CPPUNIT_ASSERT(route.access == Access::Token);
            CPPUNIT_ASSERT_EQUAL(std::size_t{1}, route.contentTypes.size());
            CPPUNIT_ASSERT_EQUAL(std::string("application/json"), route.contentTypes[0]);
        }
    }

    void testRoutesHonourTheLimit() {
        post("/v1/traces", R"({"provider":"p","model":"0123456789"})");
        post("/v1/errors", R"({"error_type":"e","message":"0123456789"})");
        CPPUNIT_ASSERT_EQUAL(std::string("01234567"), _context.sink.taken.at(0).cast<TraceEvent>()->model);
        CPPUNIT_ASSERT_EQUAL(std::string("01234567"), _context.sink.taken.at(1).cast<ErrorEvent>()->message);
    }

    void testNewTables() {
        migrate();
        for (const char* table : {"llm_traces", "error_events"}) {
            const std::string indexes = "SELECT count(*) FROM pragma_index_list('" + std::string(table) + "')";
            ASSERT_VALUE("2", indexes);
            ASSERT_VALUE("0", indexes + " AS list, pragma_index_info(list.name) AS info WHERE info.name = 'trace_id'");
            ASSERT_VALUE("0", indexes + " WHERE \"unique\" = 1");
        }
        ASSERT_VALUE("id INTEGER 0 NULL 1,trace_id TEXT 1 NULL 0,created_at INTEGER 1 NULL 0,provider TEXT 1 NULL 0,"
                     "model TEXT 1 NULL 0,input_text TEXT 0 NULL 0,output_text TEXT 0 NULL 0,"
                     "prompt_tokens INTEGER 0 NULL 0,completion_tokens INTEGER 0 NULL 0,total_tokens INTEGER 0 NULL 0,"
                     "cost_usd REAL 0 NULL 0,latency_ms INTEGER 0 NULL 0,status TEXT 1 'ok' 0,error_type TEXT 0 NULL 0,"
                     "metadata TEXT 0 NULL 0,synced INTEGER 1 0 0,pushed_at INTEGER 0 NULL 0",
                     columns("llm_traces"));
        ASSERT_VALUE("id INTEGER 0 NULL 1,trace_id TEXT 1 NULL 0,created_at INTEGER 1 NULL 0,error_type TEXT 1 NULL 0,"
                     "message TEXT 1 NULL 0,stack_trace TEXT 0 NULL 0,severity TEXT 1 'error' 0,"
                     "metadata TEXT 0 NULL 0,synced INTEGER 1 0 0,pushed_at INTEGER 0 NULL 0",
                     columns("error_events"));
        ASSERT_VALUE("2", "SELECT count(*) FROM sqlite_master WHERE sql LIKE '%PRIMARY KEY AUTOINCREMENT%'");
        migrate(); // where the version was never recorded, though the tables are there
        ASSERT_VALUE("4", "SELECT count(*) FROM sqlite_master WHERE type = 'index'");
    }

    void testQueriesByTimeUseAnIndex() {
        migrate();
        for (const std::string& table : {std::string("llm_traces"), std::string("error_events")}) {
            for (const std::string& query :
                 {"SELECT * FROM " + table + " WHERE created_at >= 5 ORDER BY created_at",
                  "SELECT * FROM " + table + " WHERE synced = 0 ORDER BY created_at LIMIT 100",
                  "DELETE FROM " + table + " WHERE created_at < 5", "SELECT min(created_at) FROM " + table}) {
                const auto plan = _session.prepare("EXPLAIN QUERY PLAN " + query);
                while (plan->step()) {
                    const std::string step(plan->text(3));
                    CPPUNIT_ASSERT_MESSAGE(query, step.find("INDEX") != std::string::npos);
                }
            }
        }
    }

    void testExistingTablesStayAsTheyAre() {
        _session.execute(existingSystem);
        const std::string before = _session.value(allSql());
        migrate();
        CPPUNIT_ASSERT_EQUAL(before, _session.value(allSql()));
        ASSERT_VALUE("old", "SELECT trace_id FROM llm_traces");
        const auto event = traceOf("provider", "model");
        store(event);
        ASSERT_VALUE(event->traceId().toString(), "SELECT trace_id FROM llm_traces WHERE id = 2 AND synced = 0");
    }

    void testTraceRow() {
        migrate();
        TraceEvent::Ptr event = traceOf("openai", "gpt");
        event->inputText = "in é";
        event->outputText = "";
        event->promptTokens = 9223372036854775807;
        event->completionTokens = 2;
        event->totalTokens = 3;
        event->costUsd = 0.1;
        event->latencyMs = 5;
        event->status = "failed";
        event->errorType = "timeout";
        event->metadata = "{}";
        event->stampAccepted(1700000000123);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, store(event));
        ASSERT_VALUE(event->traceId().toString(), "SELECT trace_id FROM llm_traces");
        ASSERT_VALUE("1|1700000000123|openai|gpt|in é||9223372036854775807|2|3|0.1|5|failed|timeout|{}|0",
                     "SELECT concat FROM (SELECT id || '|' || created_at || '|' || provider || '|' || model || '|' ||"
                     " input_text || '|' || output_text || '|' || prompt_tokens || '|' || completion_tokens || '|' ||"
                     " total_tokens || '|' || cost_usd || '|' || latency_ms || '|' || status || '|' || error_type ||"
                     " '|' || metadata || '|' || synced AS concat FROM llm_traces)");
        ASSERT_VALUE("NULL", "SELECT pushed_at FROM llm_traces");
        ASSERT_VALUE("integer text real text integer",
                     "SELECT typeof(created_at) || ' ' || typeof(output_text) || ' ' || typeof(cost_usd) || ' ' ||"
                     " typeof(metadata) || ' ' || typeof(latency_ms) FROM llm_traces");
    }

    void testAbsentIsNull() {
        migrate();
        TraceEvent::Ptr full = traceOf("p", "m");
        full->inputText = full->outputText = full->errorType = full->metadata = "x";
        full->promptTokens = full->completionTokens = full->totalTokens = full->latencyMs = 1;
        full->costUsd = 1;
        store(full);
        // Behind a full one, for which the statement still has values bound.
        store(traceOf("p", "m"));
        for (const char* column : {"input_text", "output_text", "prompt_tokens", "completion_tokens", "total_tokens",
                                   "cost_usd", "latency_ms", "error_type", "metadata"}) {
            ASSERT_VALUE("NULL", "SELECT " + std::string(column) + " FROM llm_traces WHERE id = 2");
            ASSERT_VALUE("1", "SELECT " + std::string(column) + " IS NOT NULL FROM llm_traces WHERE id = 1");
        }
        ASSERT_VALUE("ok", "SELECT status FROM llm_traces WHERE id = 2");
    }

    void testErrorRow() {
        migrate();
        ErrorEvent::Ptr event(new ErrorEvent);
        event->errorType = "crash";
        event->message = "boom";
        event->stackTrace = "at main";
        event->severity = "fatal";
        event->metadata = "note";
        event->stampAccepted(7);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, store(event));
        ErrorEvent::Ptr bare(new ErrorEvent);
        bare->errorType = "crash";
        bare->message = "boom";
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, store(bare));
        ASSERT_VALUE(event->traceId().toString(), "SELECT trace_id FROM error_events WHERE id = 1");
        ASSERT_VALUE("7|crash|boom|at main|fatal|note|0",
                     "SELECT created_at || '|' || error_type || '|' || message || '|' ||"
                     " stack_trace || '|' || severity || '|' || metadata || '|' || synced FROM error_events");
        ASSERT_VALUE("error", "SELECT severity FROM error_events WHERE id = 2");
        ASSERT_VALUE("1", "SELECT stack_trace IS NULL AND metadata IS NULL FROM error_events WHERE id = 2");
    }

    void testPrepareAgain() {
        migrate();
        store(traceOf("p", "m"));
        store(traceOf("p", "m")); // prepares anew
        ASSERT_VALUE("2", "SELECT count(*) FROM llm_traces");
    }

    void testWriteThrows() {
        migrate();
        auto& writer = *_context.kinds.at("trace");
        writer.prepare(_session);
        _session.execute("DROP TABLE llm_traces");
        CPPUNIT_ASSERT_THROW(writer.write(*traceOf("p", "m")), Poco::Exception);
        CPPUNIT_ASSERT_THROW(writer.prepare(_session), Poco::Exception);
    }

private:
    static TraceEvent::Ptr traceOf(const char* provider, const char* model) {
        TraceEvent::Ptr event(new TraceEvent);
        event->provider = provider;
        event->model = model;
        return event;
    }

    static std::string columns(const std::string& table) {
        return "SELECT group_concat(name || ' ' || type || ' ' || \"notnull\" || ' ' || coalesce(dflt_value, 'NULL') ||"
               " ' ' || pk) FROM pragma_table_info('" +
               table + "')";
    }

    static std::string allSql() { return "SELECT group_concat(name || coalesce(sql, '')) FROM sqlite_master"; }

    void migrate() { _context.schemas.at(0)->migrate(_session, 0); }

    std::int64_t store(const Event::Ptr& event) {
        auto& writer = *_context.kinds.at(std::string(event->kind()));
        writer.prepare(_session);
        return writer.write(*event);
    }

    void post(const std::string& path, const std::string& body) {
        FakeResponse response;
        FakeRequest request(body, response);
        const std::unique_ptr<Poco::Net::HTTPRequestHandler> handler(
            _context.added.at(path).second->createRequestHandler(request));
        handler->handleRequest(request, response);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(response.text(), 202, static_cast<int>(response.getStatus()));
    }

    SqliteSession _session; // outlives the writers' statements
    FakeContext _context;
    std::unique_ptr<Module> _module;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ModuleTest);
