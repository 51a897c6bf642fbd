#pragma once

// The SDK's session and statement over SQLite's own interface.
//
// Poco::Data's Statement costs three times what the plain calls cost a row and cannot be used again after an
// error; a statement here is reset after every error and may simply be executed again.

#include "octagent/Sql.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace octagent {

class SqliteStatement;

// A view of an open connection that somebody else owns and closes, after release(). One thread at a time.
// Throws SqliteError; Poco::TimeoutException where a statement was interrupted.
class SqliteSession final : public SqlSession {
public:
    explicit SqliteSession(sqlite3* handle) noexcept : _handle(handle) {}
    ~SqliteSession() override { release(); }
    SqliteSession(const SqliteSession&) = delete;
    SqliteSession& operator=(const SqliteSession&) = delete;

    std::unique_ptr<Statement> prepare(std::string_view sql) override;
    void execute(const std::string& sql) override;

    // As prepare(), for callers of the agent: calls need no dispatch.
    std::unique_ptr<SqliteStatement> compile(std::string_view sql);

    // The first column of the first row; 0 when there is none or it is NULL.
    std::int64_t integerOf(std::string_view sql);
    std::string textOf(std::string_view sql);

    // Ends every statement, whoever holds it: they throw from now on. The connection can be closed then.
    void release() noexcept;

    sqlite3* handle() const noexcept { return _handle; }

    // From now on the clock starts anew with every prepare() and first step(); isOverdue() says that it ran
    // out, for a progress handler to ask.
    void limit(std::chrono::milliseconds limit) noexcept;
    bool isOverdue() const noexcept { return std::chrono::steady_clock::now() >= _deadline; }

private:
    friend class SqliteStatement;
    void restartLimit() noexcept;

    sqlite3* _handle;
    SqliteStatement* _statements = nullptr; // intrusive list of those that live
    std::chrono::milliseconds _limit{0};    // 0: none
    std::chrono::steady_clock::time_point _deadline = std::chrono::steady_clock::time_point::max();
};

class SqliteStatement final : public Statement {
public:
    SqliteStatement(SqliteSession& session, sqlite3_stmt* statement) noexcept;
    ~SqliteStatement() override;
    SqliteStatement(const SqliteStatement&) = delete;
    SqliteStatement& operator=(const SqliteStatement&) = delete;

    void bind(int index, std::int64_t value) override;
    void bind(int index, double value) override;
    void bind(int index, std::string_view value) override;
    void bindNull(int index) override;
    std::int64_t execute() override;
    bool step() override;
    void reset() override;
    bool isNull(int column) const override;
    std::int64_t integer(int column) const override;
    double real(int column) const override;
    std::string_view text(int column) const override;

private:
    friend class SqliteSession;
    void check(int result);
    sqlite3_stmt* living() const;
    [[noreturn]] void fail();

    SqliteSession* _session; // null once the session released this statement
    sqlite3_stmt* _statement;
    SqliteStatement* _next = nullptr;
    SqliteStatement* _previous = nullptr;
    bool _running = false;
};

} // namespace octagent
