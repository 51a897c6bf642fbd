#include "storage/StorageErrors.h"

#include <sqlite3.h>

#include <typeinfo>

namespace octagent {

POCO_IMPLEMENT_EXCEPTION(SqliteError, Poco::DataException, "Database error")
POCO_IMPLEMENT_EXCEPTION(DatabaseRefused, Poco::IllegalStateException, "Database refused")

Fault classify(int sqliteCode) noexcept {
    constexpr int primaryMask = 0xFF;
    switch (sqliteCode & primaryMask) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return Fault::Busy;
    case SQLITE_FULL:
        return Fault::Full;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return Fault::Damaged;
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
        return Fault::Row;
    case SQLITE_ERROR:
    case SQLITE_MISUSE:
    case SQLITE_AUTH:
        return Fault::Statement;
    default:
        return Fault::Unavailable;
    }
}

} // namespace octagent
