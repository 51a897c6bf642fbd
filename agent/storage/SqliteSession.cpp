#include "storage/SqliteSession.h"

#include "storage/StorageErrors.h"

#include <sqlite3.h>

namespace octagent {

namespace {

[[noreturn]] void raise(sqlite3* handle, std::string_view doing) {
    const int result = errorCodeOf(handle);
    // The connection's own words are those of the code that it has.
    std::string message = result == sqlite3_extended_errcode(handle) ? sqlite3_errmsg(handle) : sqlite3_errstr(result);
    if ((result & 0xFF) == SQLITE_INTERRUPT)
        throw Poco::TimeoutException("the statement was interrupted: it took too long, or the agent stops", result);
    constexpr std::size_t shownSql = 120;
    if (!doing.empty())
        message.append(" in \"").append(doing.substr(0, shownSql)).append("\"");
    throw SqliteError(message, result);
}

} // namespace

std::unique_ptr<SqliteStatement> SqliteSession::compile(std::string_view sql) {
    restartLimit();
    sqlite3_stmt* statement = nullptr;
    const int result = sqlite3_prepare_v3(_handle, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                          &statement, nullptr);
    if (result != SQLITE_OK)
        raise(_handle, sql);
    if (statement == nullptr)
        throw Poco::InvalidArgumentException("an empty SQL statement");
    return std::make_unique<SqliteStatement>(*this, statement);
}

std::unique_ptr<Statement> SqliteSession::prepare(std::string_view sql) { return compile(sql); }

void SqliteSession::execute(const std::string& sql) {
    restartLimit();
    if (sqlite3_exec(_handle, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        raise(_handle, sql);
}

std::int64_t SqliteSession::integerOf(std::string_view sql) {
    const auto query = compile(sql);
    return query->step() ? query->integer(0) : 0;
}

std::string SqliteSession::textOf(std::string_view sql) {
    const auto query = compile(sql);
    return query->step() ? std::string(query->text(0)) : std::string();
}

void SqliteSession::release() noexcept {
    while (_statements != nullptr) {
        SqliteStatement* statement = _statements;
        _statements = statement->_next;
        sqlite3_finalize(statement->_statement);
        statement->_statement = nullptr;
        statement->_session = nullptr;
    }
}

void SqliteSession::limit(std::chrono::milliseconds limit) noexcept {
    _limit = limit;
    restartLimit();
}

void SqliteSession::restartLimit() noexcept {
    if (_limit.count() > 0)
        _deadline = std::chrono::steady_clock::now() + _limit;
}

SqliteStatement::SqliteStatement(SqliteSession& session, sqlite3_stmt* statement) noexcept
    : _session(&session), _statement(statement), _next(session._statements) {
    if (_next != nullptr)
        _next->_previous = this;
    session._statements = this;
}

SqliteStatement::~SqliteStatement() {
    if (_session == nullptr)
        return;
    sqlite3_finalize(_statement);
    (_previous != nullptr ? _previous->_next : _session->_statements) = _next;
    if (_next != nullptr)
        _next->_previous = _previous;
}

sqlite3_stmt* SqliteStatement::living() const {
    if (_statement == nullptr)
        throw Poco::IllegalStateException("the database session of this statement has ended: prepare it anew");
    return _statement;
}

void SqliteStatement::fail() {
    sqlite3* handle = _session->_handle;
    const char* sql = sqlite3_sql(_statement);
    // Resetting may overwrite the connection's message.
    try {
        raise(handle, sql != nullptr ? sql : "");
    } catch (...) {
        sqlite3_reset(_statement);
        _running = false;
        throw;
    }
}

void SqliteStatement::check(int result) {
    if (result != SQLITE_OK)
        fail();
}

void SqliteStatement::bind(int index, std::int64_t value) { check(sqlite3_bind_int64(living(), index, value)); }

void SqliteStatement::bind(int index, double value) { check(sqlite3_bind_double(living(), index, value)); }

void SqliteStatement::bind(int index, std::string_view value) {
    // A null pointer would store NULL, where an empty text was meant.
    const char* data = value.data() != nullptr ? value.data() : "";
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-cstyle-cast,performance-no-int-to-ptr): SQLite's macro
    check(sqlite3_bind_text64(living(), index, data, value.size(), nullptr, SQLITE_UTF8));
}

void SqliteStatement::bindNull(int index) { check(sqlite3_bind_null(living(), index)); }

std::int64_t SqliteStatement::execute() {
    sqlite3_stmt* statement = living();
    sqlite3* handle = _session->_handle;
    const int before = sqlite3_total_changes(handle);
    if (!_running)
        _session->restartLimit();
    _running = true;
    int result = sqlite3_step(statement);
    while (result == SQLITE_ROW)
        result = sqlite3_step(statement);
    if (result != SQLITE_DONE)
        fail();
    _running = false;
    const bool changed = sqlite3_total_changes(handle) != before;
    const int changes = sqlite3_changes(handle);
    check(sqlite3_reset(statement));
    return changed ? changes : 0;
}

bool SqliteStatement::step() {
    sqlite3_stmt* statement = living();
    if (!_running)
        _session->restartLimit();
    _running = true;
    const int result = sqlite3_step(statement);
    if (result == SQLITE_ROW)
        return true;
    if (result != SQLITE_DONE)
        fail();
    sqlite3_reset(statement);
    _running = false;
    return false;
}

void SqliteStatement::reset() {
    sqlite3_reset(living());
    _running = false;
}

bool SqliteStatement::isNull(int column) const { return sqlite3_column_type(living(), column) == SQLITE_NULL; }

std::int64_t SqliteStatement::integer(int column) const { return sqlite3_column_int64(living(), column); }

double SqliteStatement::real(int column) const { return sqlite3_column_double(living(), column); }

std::string_view SqliteStatement::text(int column) const {
    sqlite3_stmt* statement = living();
    const unsigned char* data = sqlite3_column_text(statement, column);
    if (data == nullptr)
        return {};
    return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(sqlite3_column_bytes(statement, column))};
}

} // namespace octagent
