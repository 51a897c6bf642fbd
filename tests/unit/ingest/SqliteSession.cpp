#include "SqliteSession.h"

#include <Poco/Exception.h>

namespace {

class SqliteStatement : public octagent::Statement {
public:
    SqliteStatement(sqlite3* database, std::string_view sql) : _database(database) {
        sqlite3_stmt* statement = nullptr;
        check(sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &statement, nullptr));
        _statement.reset(statement);
    }

    void bind(int index, std::int64_t value) override { check(sqlite3_bind_int64(_statement.get(), index, value)); }
    void bind(int index, double value) override { check(sqlite3_bind_double(_statement.get(), index, value)); }
    void bind(int index, std::string_view value) override {
        // Not null for an empty text, which would bind NULL.
        const char* text = value.data() == nullptr ? "" : value.data();
        check(sqlite3_bind_text(_statement.get(), index, text, static_cast<int>(value.size()), nullptr));
    }
    void bindNull(int index) override { check(sqlite3_bind_null(_statement.get(), index)); }

    std::int64_t execute() override {
        while (step())
            continue;
        return sqlite3_changes(_database);
    }

    bool step() override {
        const int result = sqlite3_step(_statement.get());
        if (result == SQLITE_ROW)
            return true;
        sqlite3_reset(_statement.get());
        if (result != SQLITE_DONE)
            check(result);
        return false;
    }
    void reset() override { sqlite3_reset(_statement.get()); }

    bool isNull(int column) const override { return sqlite3_column_type(_statement.get(), column) == SQLITE_NULL; }
    std::int64_t integer(int column) const override { return sqlite3_column_int64(_statement.get(), column); }
    double real(int column) const override { return sqlite3_column_double(_statement.get(), column); }
    std::string_view text(int column) const override {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(_statement.get(), column));
        return {text, static_cast<std::size_t>(sqlite3_column_bytes(_statement.get(), column))};
    }

private:
    void check(int result) const {
        if (result != SQLITE_OK)
            throw Poco::Exception(sqlite3_errmsg(_database), result);
    }

    struct Finalize {
        void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
    };
    sqlite3* _database;
    std::unique_ptr<sqlite3_stmt, Finalize> _statement;
};

} // namespace

SqliteSession::SqliteSession() {
    sqlite3* database = nullptr;
    const int result = sqlite3_open(":memory:", &database);
    _database.reset(database);
    if (result != SQLITE_OK)
        throw Poco::Exception("cannot open a database in memory", result);
}

std::unique_ptr<octagent::Statement> SqliteSession::prepare(std::string_view sql) {
    return std::make_unique<SqliteStatement>(_database.get(), sql);
}

void SqliteSession::execute(const std::string& sql) {
    if (sqlite3_exec(_database.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        throw Poco::Exception(sqlite3_errmsg(_database.get()));
}

std::string SqliteSession::value(const std::string& sql) {
    const auto statement = prepare(sql);
    if (!statement->step())
        return "none";
    return statement->isNull(0) ? "NULL" : std::string(statement->text(0));
}
