#pragma once

// Keeps the log of the database short: moves it into the file between batches, and says when a reader does
// not let it.

#include "storage/Database.h"
#include "storage/StorageStatistics.h"

#include <chrono>

namespace octagent {

// Owned by the persister, used on its thread. Throws SqliteError.
class WalKeeper {
public:
    // In frames, each of a page. Moving pages late moves those that change often just once.
    static constexpr int busyThreshold = 4000;
    static constexpr int idleThreshold = 250;
    static constexpr std::chrono::seconds idleInterval{60};
    // From here on a log that cannot start over is worth an alarm.
    static constexpr std::uint64_t alarmBytes = 64ULL * 1024 * 1024;

    WalKeeper(Database& database, StorageStatistics& statistics, std::uint64_t alarmAt = alarmBytes);

    void opened(); // after every opening
    void afterBatch();
    void whenIdle();

private:
    using Time = std::chrono::steady_clock::time_point;
    void checkpoint();
    void setHeld(bool isHeld, std::uint64_t bytes);

    Database& _database;
    StorageStatistics& _statistics;
    std::uint64_t _alarmAt;
    int _frames = 0;           // after the last batch
    int _next = busyThreshold; // frames at which to try again
    Time _last;
    bool _isHeld = false;
};

} // namespace octagent
