#pragma once

// Numbers about storage, and what happened to it last: written by the persister, read by everybody.

#include "storage/StorageStatus.h"

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace octagent {

// Safe from every thread; the lock is held for a copy.
class StorageStatistics {
public:
    void batchStored(std::size_t rows, std::chrono::duration<double> took, std::int64_t unsynced);
    void attemptFailed(const std::string& error);
    void attemptSucceeded();
    void errorSeen(const std::string& error); // one that kept no batch from being stored
    void unsyncedIs(std::int64_t rows);
    void reopened();
    void quarantined();
    void checkpointed();
    void walIsHeld(bool isHeld);
    void deleted(const DeletedRows& rows, std::int64_t unsynced);

    // All but the sizes of the files.
    StorageStatus snapshot() const;

private:
    using Time = std::chrono::steady_clock::time_point;

    mutable std::mutex _mutex;
    StorageStatus _status;
    Time _lastErrorAt;
    Time _quarantinedAt;
};

} // namespace octagent
