#pragma once

// The database file as a test sees it: by plain SQLite, from another process than the agent's.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct sqlite3;

namespace octagent::test {

// By column name; NULL is empty.
using Row = std::map<std::string, std::optional<std::string>>;

// For one thread. Throws std::runtime_error with SQLite's message.
class Database {
public:
    enum class Mode { ReadOnly, ReadWrite };
    // Read-write creates the file.
    explicit Database(const std::string& path, Mode mode = Mode::ReadOnly);

    std::vector<Row> query(const std::string& sql) const;
    Row only(const std::string& sql) const; // exactly one row
    std::int64_t number(const std::string& sql) const;
    std::string text(const std::string& sql) const;
    void execute(const std::string& sql) const; // several statements

    sqlite3* handle() const { return _handle.get(); }

private:
    struct Close {
        void operator()(sqlite3* handle) const;
    };
    std::unique_ptr<sqlite3, Close> _handle;
};

// Rows of both of the agent's tables.
std::int64_t countRows(const std::string& path);
// Whether the row with this id can be seen now.
bool hasRow(const std::string& path, const std::string& table, const std::string& traceId);
// Waits for it.
Row awaitRow(const std::string& path, const std::string& table, const std::string& traceId);

// A database as the existing system left it: its four tables, with UNIQUE trace_id and indexes on
// (synced, created_at), user_version 0, and `rows` rows in each, half of them synced.
void makeExistingDatabase(const std::string& path, int rows);

} // namespace octagent::test
