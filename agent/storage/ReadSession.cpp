#include "storage/ReadSession.h"

#include "storage/StorageErrors.h"

#include <sqlite3.h>

#include <algorithm>
#include <utility>

namespace octagent {

namespace {

constexpr int busyMilliseconds = 250; // only met while the log is recovered after a crash

// About every half millisecond of a scan.
constexpr int stepsBetweenChecks = 10000;

} // namespace

ReadSession::ReadSession(const std::string& path, std::chrono::milliseconds limit, std::shared_ptr<const ReadGate> gate)
    : _gate(std::move(gate)) {
    if (_gate->isClosed)
        throw Poco::IllegalStateException("the database is closed: the agent stops");
    constexpr int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
    const int result = sqlite3_open_v2(path.c_str(), &_handle, flags, nullptr);
    if (result != SQLITE_OK) {
        const std::string reason = sqlite3_errstr(result);
        sqlite3_close(_handle);
        throw SqliteError("cannot open " + path + " for reading: " + reason, result);
    }
    sqlite3_extended_result_codes(_handle, 1);
    sqlite3_busy_timeout(_handle, busyMilliseconds);
    sqlite3_db_config(_handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    _session = std::make_unique<SqliteSession>(_handle);
    try {
        _session->execute("PRAGMA wal_autocheckpoint=0; PRAGMA query_only=1");
    } catch (...) {
        _session.reset();
        sqlite3_close(_handle);
        throw;
    }
    _session->limit(std::max(limit, std::chrono::milliseconds(1)));
    sqlite3_progress_handler(_handle, stepsBetweenChecks, &ReadSession::onProgress, this);
}

ReadSession::~ReadSession() {
    _session.reset();
    sqlite3_close(_handle);
}

std::unique_ptr<Statement> ReadSession::prepare(std::string_view sql) { return _session->prepare(sql); }

void ReadSession::execute(const std::string& sql) { _session->execute(sql); }

int ReadSession::onProgress(void* self) {
    const auto* session = static_cast<const ReadSession*>(self);
    return session->_gate->isClosed.load(std::memory_order_relaxed) || session->_session->isOverdue() ? 1 : 0;
}

} // namespace octagent
