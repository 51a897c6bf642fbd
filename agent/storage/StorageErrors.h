#pragma once

// What SQLite reports, and what the persister does about it.

#include <Poco/Exception.h>

#include <string>

struct sqlite3;

namespace octagent {

// An error of SQLite: code() is its extended result code.
POCO_DECLARE_EXCEPTION(, SqliteError, Poco::DataException)

// The database is not one that the agent may write to: another application's, or a newer agent's.
POCO_DECLARE_EXCEPTION(, DatabaseRefused, Poco::IllegalStateException)

enum class Fault {
    Busy,        // somebody else holds the lock: the same session tries again
    Full,        // no space: the same session tries again
    Damaged,     // the file is no sound database: quarantine
    Unavailable, // input or output failed, or the file is out of reach: a new session tries again
    Row,         // this row can never be stored, the others can
    Statement    // this statement does not run: a changed schema, or a bug of its author
};

Fault classify(int sqliteCode) noexcept;

// The extended code of the connection's last error. SQLite tells a statement whose read failed (EIO and its like) that
// the file is damaged (SQLITE_IOERR_CORRUPTFS becomes SQLITE_CORRUPT); here it stays an error of input.
int errorCodeOf(sqlite3* handle) noexcept;

} // namespace octagent
