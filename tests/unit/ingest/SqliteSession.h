#pragma once

// The SDK's SqlSession over plain SQLite calls, on a database in memory.

#include "octagent/Sql.h"

#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>

class SqliteSession : public octagent::SqlSession {
public:
    SqliteSession();

    std::unique_ptr<octagent::Statement> prepare(std::string_view sql) override;
    void execute(const std::string& sql) override;

    // The first column of the first row, as text; "NULL" for that and "none" without a row.
    std::string value(const std::string& sql);

private:
    struct Close {
        void operator()(sqlite3* database) const noexcept { sqlite3_close(database); }
    };
    std::unique_ptr<sqlite3, Close> _database;
};
