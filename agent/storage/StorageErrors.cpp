#include "storage/StorageErrors.h"

#include <sqlite3.h>

#include <typeinfo>

namespace octagent {

POCO_IMPLEMENT_EXCEPTION(SqliteError, Poco::DataException, "Database error")
POCO_IMPLEMENT_EXCEPTION(DatabaseRefused, Poco::IllegalStateException, "Database refused")

namespace {

// What the system last told the file; 0 as long as all went well since it was opened.
int systemErrorOf(sqlite3_file* file) noexcept {
    int error = 0;
    if (file != nullptr && file->pMethods != nullptr)
        file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &error);
    return error;
}

bool hasFailedReading(sqlite3* handle) noexcept {
    for (const int which : {SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_JOURNAL_POINTER}) {
        sqlite3_file* file = nullptr;
        if (sqlite3_file_control(handle, "main", which, &file) == SQLITE_OK && systemErrorOf(file) != 0)
            return true;
    }
    return false;
}

} // namespace

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

int errorCodeOf(sqlite3* handle) noexcept {
    const int code = sqlite3_extended_errcode(handle);
    return classify(code) == Fault::Damaged && hasFailedReading(handle) ? SQLITE_IOERR_CORRUPTFS : code;
}

} // namespace octagent
