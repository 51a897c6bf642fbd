#include "storage/StorageStatistics.h"

namespace octagent {

void StorageStatistics::batchStored(std::size_t rows, std::chrono::duration<double> took, std::int64_t unsynced) {
    const std::lock_guard lock(_mutex);
    if (rows > 0) {
        _status.batchSize.observe(static_cast<double>(rows));
        _status.flushSeconds.observe(took.count());
    }
    _status.unsyncedRows = unsynced;
    _status.lastAttemptFailed = false;
}

void StorageStatistics::attemptFailed(const std::string& error) {
    const std::lock_guard lock(_mutex);
    _status.lastAttemptFailed = true;
    ++_status.failedAttempts;
    _status.lastError = error;
    _lastErrorAt = std::chrono::steady_clock::now();
}

void StorageStatistics::attemptSucceeded() {
    const std::lock_guard lock(_mutex);
    _status.lastAttemptFailed = false;
}

void StorageStatistics::errorSeen(const std::string& error) {
    const std::lock_guard lock(_mutex);
    _status.lastError = error;
    _lastErrorAt = std::chrono::steady_clock::now();
}

void StorageStatistics::unsyncedIs(std::int64_t rows) {
    const std::lock_guard lock(_mutex);
    _status.unsyncedRows = rows;
}

void StorageStatistics::reopened() {
    const std::lock_guard lock(_mutex);
    ++_status.reopened;
}

void StorageStatistics::quarantined() {
    const std::lock_guard lock(_mutex);
    ++_status.quarantined;
    _quarantinedAt = std::chrono::steady_clock::now();
}

void StorageStatistics::checkpointed() {
    const std::lock_guard lock(_mutex);
    ++_status.checkpoints;
}

void StorageStatistics::walIsHeld(bool isHeld) {
    const std::lock_guard lock(_mutex);
    _status.isWalHeld = isHeld;
}

void StorageStatistics::deleted(const DeletedRows& rows, std::int64_t unsynced) {
    const std::lock_guard lock(_mutex);
    _status.deleted.pushed += rows.pushed;
    _status.deleted.unpushed += rows.unpushed;
    _status.deleted.unmarked += rows.unmarked;
    _status.unsyncedRows = unsynced;
}

StorageStatus StorageStatistics::snapshot() const {
    using std::chrono::duration_cast;
    using std::chrono::milliseconds;
    const auto now = std::chrono::steady_clock::now();
    const std::lock_guard lock(_mutex);
    StorageStatus status = _status;
    if (!status.lastError.empty())
        status.sinceLastError = duration_cast<milliseconds>(now - _lastErrorAt);
    if (status.quarantined > 0)
        status.sinceQuarantine = duration_cast<milliseconds>(now - _quarantinedAt);
    return status;
}

} // namespace octagent
