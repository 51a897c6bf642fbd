#include "storage/Store.h"

#include "octagent/Log.h"
#include "storage/StorageErrors.h"

#include <Poco/Path.h>

#include <sqlite3.h>

#include <utility>

namespace octagent {

namespace {

// Two reports of damage within this time, with a new session in between, are no accident.
constexpr std::chrono::minutes damageMemory{10};
// A statement that does not run is given a freshly opened database so often, and no more.
constexpr std::chrono::minutes statementReopening{1};
constexpr std::chrono::seconds sizeRounds{5};
// Trouble with checkpoints and deleting that comes again and again is told so often.
constexpr std::chrono::minutes houseReminder{10};
constexpr int moveAttempts = 3;

} // namespace

Store::Store(const Settings& settings, Catalog& catalog, const Clock& clock)
    : _catalog(catalog), _clock(clock), _database(settings.database), _retentionClock(settings.retention.keep),
      _retention(_database, _state, settings.retention), _wal(_database, _statistics),
      _writer(_database, _catalog, _state), _quarantine(settings.database.path), _logger(Poco::Logger::get("storage")) {
}

std::vector<Migrations::Refused> Store::open() {
    files::createPrivateDirectory(Poco::Path(path()).parent().toString());
    _lock.acquire(path());
    std::vector<Migrations::Refused> refused;
    try {
        refused = openOnce();
    } catch (const SqliteError& error) {
        const Fault fault = classify(error.code());
        if (fault == Fault::Busy)
            throw Poco::IOException("another program holds the database " + path() +
                                    " locked. End it, then start again");
        if (fault != Fault::Damaged)
            throw;
        if (!putAside(error.displayText())) {
            _statistics.attemptFailed(error.displayText());
            return refused;
        }
        refused = openOnce();
    }
    logInfo(_logger, "database opened",
            {{"path", path()},
             {"bytes", std::to_string(files::sizeOf(path()))},
             {"unsynced_rows", std::to_string(_values.unsynced)}});
    return refused;
}

std::vector<Migrations::Refused> Store::openOnce() {
    std::vector<Migrations::Refused> refused;
    try {
        _database.open(_catalog.tableNames());
        refused = Migrations(_database, _catalog).run(_clock.unixMilliseconds());
        for (const auto& one : refused)
            one.module->isFailed = true;
        _state.prepare(_database.session());
        _values = _state.read();
        prepareWriters(refused);
        _retention.prepare(_catalog);
        _wal.opened();
    } catch (...) {
        _database.abandon();
        throw;
    }
    if (!_wasOpened) {
        _wasOpened = true;
        _retentionClock.restore(_values.clock, _values.clockHeld);
        _clockReadAt = _nextRound = _nextSizeRound = _clock.monotonic();
    }
    _statistics.unsyncedIs(_values.unsynced);
    return refused;
}

void Store::prepareWriters(std::vector<Migrations::Refused>& refused) {
    for (const auto& module : _catalog.modules()) {
        for (const auto& writer : module->writers) {
            if (module->isFailed)
                break;
            std::string reason;
            try {
                writer->prepare(_database.session());
            } catch (const SqliteError& error) {
                if (classify(error.code()) != Fault::Statement)
                    throw;
                reason = error.displayText();
            } catch (const Poco::Exception& error) {
                reason = error.displayText();
            } catch (const std::exception& error) {
                reason = error.what();
            }
            if (reason.empty())
                continue;
            const std::string who = "module " + module->name + " cannot write events of kind " + writer->kind();
            reason.insert(0, who + ": ");
            if (!module->isPlugin)
                throw DatabaseRefused(reason);
            module->isFailed = true;
            refused.push_back({module.get(), reason});
        }
    }
}

void Store::ensureOpen() {
    if (_database.isOpen())
        return;
    files::createPrivateDirectory(Poco::Path(path()).parent().toString());
    _lock.acquire(path());
    const auto refused = openOnce();
    _statistics.reopened();
    for (const auto& one : refused) {
        logError(_logger, "a plugin cannot use the reopened database",
                 {{"module", one.module->name}, {"reason", one.reason}});
        if (one.module->onFailed)
            one.module->onFailed(one.reason);
    }
}

void Store::store(Batch& batch) {
    try {
        for (int i = 0; i < moveAttempts; ++i) {
            ensureOpen();
            batch.blamesStatements =
                _blamesStatements && _clock.monotonic() - _lastStatementReopening < statementReopening;
            const auto start = std::chrono::steady_clock::now();
            _writer.write(batch, _values, _retentionClock);
            if (_database.isInPlace()) {
                _statistics.batchStored(batch.pending(), std::chrono::steady_clock::now() - start, _values.unsynced);
                _isQuarantineRefused = false;
                break;
            }
            leaveMovedFile();
            if (i + 1 == moveAttempts)
                throw SqliteError(path() + " is replaced again and again", SQLITE_CANTOPEN);
        }
    } catch (const SqliteError& error) {
        recover(error);
        throw;
    }
    keepHouse([this] { _wal.afterBatch(); });
}

bool Store::maintain(bool isIdle) {
    try {
        ensureOpen();
        if (!_database.isInPlace()) {
            leaveMovedFile();
            ensureOpen();
        }
    } catch (const SqliteError& error) {
        recover(error);
        throw;
    }
    keepHouse([this, isIdle] {
        trackTime();
        deleteSome();
        if (isIdle)
            _wal.whenIdle();
    });
    return _database.isOpen() && _retention.isInRound();
}

// Trouble with what is no batch is told, and fails none.
template <class Work> void Store::keepHouse(Work work) {
    try {
        work();
    } catch (const SqliteError& error) {
        _retention.endRound();
        _statistics.errorSeen(error.displayText());
        if (_houseQuietUntil <= _clock.monotonic()) {
            _houseQuietUntil = _clock.monotonic() + houseReminder;
            logWarning(_logger,
                       "keeping the database short failed, and is tried again: look at its disk when this stays",
                       {{"database", path()}, {"error", error.displayText()}});
        }
        recover(error);
    }
}

void Store::trackTime() {
    const auto now = _clock.monotonic();
    if (now >= _nextRound) {
        const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - _clockReadAt);
        _clockReadAt = now;
        _retentionClock.advance(_clock.unixMilliseconds(), elapsed);
        _nextRound = now + Retention::interval;
        _retention.beginRound();
        if (_retentionClock.isHeld() && !_isClockHeld)
            logWarning(_logger, "the clock leapt forward: retention goes on by the time before, for a day of running "
                                "or until the clock is set back");
        _isClockHeld = _retentionClock.isHeld();
    }
    if (now >= _nextSizeRound) {
        _nextSizeRound = now + sizeRounds;
        _retention.beginSizeRound();
    }
}

void Store::deleteSome() {
    const auto deleted = _retention.step(_values, _retentionClock);
    if (deleted.total() == 0)
        return;
    _statistics.deleted(deleted, _values.unsynced);
    _wal.afterBatch();
}

void Store::leaveMovedFile() {
    logWarning(_logger, "the database was removed, renamed or replaced while it was open: it is opened anew",
               {{"database", path()}});
    _database.leaveMovedFile();
}

// Leaves the session in a state from which the next attempt can succeed.
void Store::recover(const SqliteError& error) {
    switch (classify(error.code())) {
    case Fault::Busy:
    case Fault::Full:
        if (_database.isInTransaction())
            _database.abandon();
        return;
    case Fault::Damaged:
        _database.abandon();
        return damaged(error);
    case Fault::Statement:
        _blamesStatements = true;
        _lastStatementReopening = _clock.monotonic();
        _database.abandon();
        return;
    default:
        _database.abandon();
    }
}

void Store::damaged(const SqliteError& error) {
    const auto now = _clock.monotonic();
    const bool again = _isDamaged && now - _lastDamage < damageMemory;
    _isDamaged = true;
    _lastDamage = now;
    if (again && putAside(error.displayText()))
        _isDamaged = false;
}

bool Store::putAside(const std::string& error) {
    const std::int64_t now = _clock.unixMilliseconds();
    std::string target;
    std::string obstacle;
    if (!_quarantine.isAllowed(now))
        obstacle = "one was put aside less than an hour ago: look at the disk";
    else {
        try {
            target = _quarantine.put(now);
        } catch (const Poco::Exception& failure) {
            obstacle = failure.displayText();
        }
    }
    if (target.empty()) {
        if (!_isQuarantineRefused)
            logError(_logger, "the database is damaged, and is not put aside",
                     {{"database", path()}, {"error", error}, {"reason", obstacle}});
        _isQuarantineRefused = true;
        return false;
    }
    _statistics.quarantined();
    logError(_logger,
             "the database is damaged: it was put aside, and a new one is begun. "
             "Its rows may be saved with sqlite3's command .recover",
             {{"database", path()}, {"error", error}, {"moved_to", target}});
    return true;
}

void Store::close() noexcept {
    try {
        if (_database.isOpen()) {
            rememberTime();
            _database.truncateWal();
        }
    } catch (const std::exception& error) {
        _statistics.errorSeen(error.what());
        _database.abandon(); // the next opening goes on from the log
    }
    _database.close();
    _lock.release();
}

void Store::rememberTime() {
    StateRow::Values next = _values;
    next.clock = _retentionClock.clock();
    next.clockHeld = _retentionClock.held();
    if (next.clock == _values.clock || !_database.tryBegin())
        return;
    _state.write(next);
    _database.commit();
    _values = next;
}

} // namespace octagent
