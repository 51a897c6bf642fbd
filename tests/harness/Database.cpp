#include "harness/Database.h"

#include "harness/Poll.h"

#include <sqlite3.h>

#include <stdexcept>

namespace octagent::test {

namespace {

struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

} // namespace

void Database::Close::operator()(sqlite3* handle) const { sqlite3_close(handle); }

Database::Database(const std::string& path, Mode mode) {
    sqlite3* handle = nullptr;
    const int flags = mode == Mode::ReadOnly ? SQLITE_OPEN_READONLY : (SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    const int result = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
    _handle.reset(handle);
    if (result != SQLITE_OK)
        throw std::runtime_error("cannot open " + path + ": " + sqlite3_errstr(result));
    sqlite3_busy_timeout(handle, 60000);
}

std::vector<Row> Database::query(const std::string& sql) const {
    sqlite3_stmt* raw = nullptr;
    if (sqlite3_prepare_v2(_handle.get(), sql.c_str(), -1, &raw, nullptr) != SQLITE_OK)
        throw std::runtime_error(sql + ": " + sqlite3_errmsg(_handle.get()));
    const std::unique_ptr<sqlite3_stmt, Finalize> statement(raw);
    std::vector<Row> rows;
    int result = SQLITE_ROW;
    while ((result = sqlite3_step(raw)) == SQLITE_ROW) {
        Row row;
        for (int column = 0; column < sqlite3_column_count(raw); ++column) {
            const auto* text = static_cast<const char*>(sqlite3_column_blob(raw, column));
            const auto size = static_cast<std::size_t>(sqlite3_column_bytes(raw, column));
            auto& value = row[sqlite3_column_name(raw, column)];
            if (sqlite3_column_type(raw, column) != SQLITE_NULL)
                value = text == nullptr ? std::string() : std::string(text, size);
        }
        rows.push_back(std::move(row));
    }
    if (result != SQLITE_DONE)
        throw std::runtime_error(sql + ": " + sqlite3_errmsg(_handle.get()));
    return rows;
}

Row Database::only(const std::string& sql) const {
    auto rows = query(sql);
    if (rows.size() != 1)
        throw std::runtime_error(sql + ": " + std::to_string(rows.size()) + " rows");
    return std::move(rows.front());
}

std::int64_t Database::number(const std::string& sql) const { return std::stoll(text(sql)); }

std::string Database::text(const std::string& sql) const { return only(sql).begin()->second.value(); }

void Database::execute(const std::string& sql) const {
    if (sqlite3_exec(_handle.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        throw std::runtime_error(sql + ": " + sqlite3_errmsg(_handle.get()));
}

std::int64_t countRows(const std::string& path) {
    return Database(path).number("SELECT (SELECT count(*) FROM llm_traces) + (SELECT count(*) FROM error_events)");
}

bool hasRow(const std::string& path, const std::string& table, const std::string& traceId) {
    return !Database(path).query("SELECT 1 FROM " + table + " WHERE trace_id = '" + traceId + "'").empty();
}

Row awaitRow(const std::string& path, const std::string& table, const std::string& traceId) {
    eventually("row " + traceId + " in " + table, [&] { return hasRow(path, table, traceId); });
    return Database(path).only("SELECT * FROM " + table + " WHERE trace_id = '" + traceId + "'");
}

void makeExistingDatabase(const std::string& path, int rows) {
    const Database database(path, Database::Mode::ReadWrite);
    database.execute(R"(
        PRAGMA journal_mode = WAL;
        CREATE TABLE llm_traces (
            id INTEGER PRIMARY KEY AUTOINCREMENT, trace_id TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL,
            provider TEXT NOT NULL, model TEXT NOT NULL, input_text TEXT, output_text TEXT, prompt_tokens INTEGER,
            completion_tokens INTEGER, total_tokens INTEGER, cost_usd REAL, latency_ms INTEGER,
            status TEXT NOT NULL DEFAULT 'ok', error_type TEXT, metadata TEXT, synced INTEGER NOT NULL DEFAULT 0,
            pushed_at INTEGER);
        CREATE TABLE error_events (
            id INTEGER PRIMARY KEY AUTOINCREMENT, trace_id TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL,
            error_type TEXT NOT NULL, message TEXT NOT NULL, stack_trace TEXT,
            severity TEXT NOT NULL DEFAULT 'error', metadata TEXT, synced INTEGER NOT NULL DEFAULT 0,
            pushed_at INTEGER);
        CREATE TABLE system_metrics (
            id INTEGER PRIMARY KEY AUTOINCREMENT, trace_id TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL,
            cpu_pct REAL, mem_rss_bytes INTEGER, mem_available INTEGER, mem_total INTEGER, disk_used_bytes INTEGER,
            disk_total_bytes INTEGER, disk_free_bytes INTEGER, metadata TEXT, synced INTEGER NOT NULL DEFAULT 0,
            pushed_at INTEGER);
        CREATE TABLE push_log (
            id INTEGER PRIMARY KEY AUTOINCREMENT, created_at INTEGER NOT NULL, status TEXT NOT NULL,
            events_pushed INTEGER NOT NULL DEFAULT 0, error_message TEXT, duration_ms INTEGER);
        CREATE INDEX idx_llm_traces_synced_created ON llm_traces (synced, created_at);
        CREATE INDEX idx_error_events_synced_created ON error_events (synced, created_at);
        CREATE INDEX idx_system_metrics_synced_created ON system_metrics (synced, created_at);)");
    // The time of its rows is now, so that retention leaves them alone.
    const std::string numbers =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + std::to_string(rows) + ") ";
    const std::string now = "CAST(strftime('%s', 'now') AS INTEGER) * 1000";
    database.execute(
        "INSERT INTO llm_traces (trace_id, created_at, provider, model, input_text, total_tokens, synced) " + numbers +
        "SELECT 'old-trace-' || i, " + now + ", 'openai', 'gpt-4o', 'text ' || i, i, i % 2 FROM n;" +
        "INSERT INTO error_events (trace_id, created_at, error_type, message, synced) " + numbers +
        "SELECT 'old-error-' || i, " + now + ", 'crash', 'message ' || i, i % 2 FROM n;" +
        "INSERT INTO system_metrics (trace_id, created_at, cpu_pct, synced) " + numbers +
        "SELECT 'old-metric-' || i, " + now + ", i, i % 2 FROM n;" +
        "INSERT INTO push_log (created_at, status, events_pushed) " + numbers + "SELECT " + now + ", 'ok', i FROM n;");
}

} // namespace octagent::test
