#pragma once

// The database as the persister knows it: stores batches, keeps house between them, and gets back on its feet
// after whatever happened to the file.

#include "octagent/Option.h"
#include "queue/Clock.h"
#include "storage/BatchWriter.h"
#include "storage/Catalog.h"
#include "storage/Database.h"
#include "storage/Migrations.h"
#include "storage/Quarantine.h"
#include "storage/Retention.h"
#include "storage/RetentionClock.h"
#include "storage/StateRow.h"
#include "storage/StorageErrors.h"
#include "storage/StorageFiles.h"
#include "storage/StorageStatistics.h"
#include "storage/WalKeeper.h"

#include <Poco/Logger.h>

#include <chrono>
#include <string>
#include <vector>

namespace octagent {

// Opened on the main thread, then used on the persister's alone; statistics() from any.
class Store {
public:
    struct Settings {
        Database::Settings database;
        Retention::Settings retention;
    };

    // `catalog` and `clock` outlive the store.
    Store(const Settings& settings, Catalog& catalog, const Clock& clock);

    // See Persister::open(). A database that is damaged twice within an hour stays closed: store() tries on.
    std::vector<Migrations::Refused> open();
    bool isOpen() const noexcept { return _database.isOpen(); }

    // Writes the batch; reopens the database before, where needed. An exception says why it could not; the
    // batch is whole, and the same call may succeed later.
    void store(Batch& batch);

    // One short piece of work when no batch is due. True when there is more. Throws like store(): then only
    // when the database cannot be opened, so that the next batch will fail too.
    // `isIdle`: no batch has come for a while.
    bool maintain(bool isIdle);

    // Empties the log and closes. Does not throw.
    void close() noexcept;

    void preferPushed(bool prefer) noexcept { _retention.preferPushed(prefer); }
    StorageStatistics& statistics() noexcept { return _statistics; }
    const std::string& path() const noexcept { return _database.path(); }
    std::string walPath() const { return _database.walPath(); }

private:
    using Time = std::chrono::steady_clock::time_point;

    std::vector<Migrations::Refused> openOnce();
    void prepareWriters(std::vector<Migrations::Refused>& refused);
    void ensureOpen();
    void leaveMovedFile();
    void recover(const SqliteError& error);
    void damaged(const SqliteError& error);
    bool putAside(const std::string& error);
    template <class Work> void keepHouse(Work work);
    void trackTime();
    void deleteSome();
    void rememberTime();

    Catalog& _catalog;
    const Clock& _clock;
    InstanceLock _lock;
    Database _database;
    StateRow _state;
    StateRow::Values _values;
    RetentionClock _retentionClock;
    Retention _retention;
    StorageStatistics _statistics;
    WalKeeper _wal;
    BatchWriter _writer;
    Quarantine _quarantine;
    Poco::Logger& _logger;

    Time _nextRound;
    Time _nextSizeRound;
    Time _clockReadAt;
    Time _lastDamage;
    Time _lastStatementReopening;
    Time _houseQuietUntil;
    bool _wasOpened = false;
    bool _isDamaged = false;           // since _lastDamage
    bool _blamesStatements = false;    // since _lastStatementReopening
    bool _isQuarantineRefused = false; // and logged
    bool _isClockHeld = false;         // and logged
};

} // namespace octagent
