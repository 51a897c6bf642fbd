#include "storage/WalKeeper.h"

#include "octagent/Log.h"

namespace octagent {

WalKeeper::WalKeeper(Database& database, StorageStatistics& statistics, std::uint64_t alarmAt)
    : _database(database), _statistics(statistics), _alarmAt(alarmAt) {}

void WalKeeper::opened() {
    _frames = 0;
    _next = busyThreshold;
    _last = std::chrono::steady_clock::now();
}

void WalKeeper::afterBatch() {
    const int frames = _database.walFrames();
    if (frames < _frames)
        _next = busyThreshold; // the log has started over
    _frames = frames;
    if (frames >= _next)
        checkpoint();
}

void WalKeeper::whenIdle() {
    const int frames = _database.walFrames();
    if (frames == 0 && !_isHeld)
        return;
    const auto since = std::chrono::steady_clock::now() - _last;
    if (since >= idleInterval || (since >= std::chrono::seconds(1) && (frames >= idleThreshold || _isHeld)))
        checkpoint();
}

void WalKeeper::checkpoint() {
    const auto result = _database.checkpoint();
    _last = std::chrono::steady_clock::now();
    _next = result.frames + busyThreshold; // what a reader holds back is not tried again for every batch
    _statistics.checkpointed();
    const std::uint64_t bytes = files::sizeOf(_database.walPath());
    if (bytes <= _alarmAt)
        return setHeld(false, bytes);
    setHeld(!result.complete || !_database.truncateWal(), bytes);
}

void WalKeeper::setHeld(bool isHeld, std::uint64_t bytes) {
    if (isHeld == _isHeld)
        return;
    _isHeld = isHeld;
    _statistics.walIsHeld(isHeld);
    auto& logger = Poco::Logger::get("storage");
    if (isHeld)
        logWarning(logger,
                   "the log of the database cannot start over and grows: some program keeps a query or a transaction "
                   "open on it; end that program's query",
                   {{"wal", _database.walPath()}, {"bytes", std::to_string(bytes)}});
    else
        logInfo(logger, "the log of the database starts over again", {{"wal", _database.walPath()}});
}

} // namespace octagent
