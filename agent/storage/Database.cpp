#include "storage/Database.h"

#include "storage/StorageErrors.h"

#include <Poco/Data/SQLite/SessionImpl.h>
#include <Poco/Data/SQLite/Utility.h>
#include <Poco/File.h>
#include <Poco/Path.h>

#include <sqlite3.h>

#include <algorithm>
#include <utility>

namespace octagent {

namespace {

// Poco opens with a retry until this has passed; what is not there after a second will not come.
constexpr std::size_t openTimeoutSeconds = 1;

// How far the log's file may grow before it is cut back once it starts over.
constexpr std::int64_t walSizeLimit = 16LL * 1024 * 1024;

void removeQuietly(const std::string& path) noexcept {
    try {
        Poco::File(path).remove();
    } catch (...) {
        return; // it is gone already, or the next opening will say what is wrong with it
    }
}

} // namespace

Database::Database(Settings settings) : _settings(std::move(settings)) {}

Database::~Database() { close(); }

void Database::open(const std::vector<std::string>& tables) {
    close();
    try {
        connect();
        identify(tables);
    } catch (...) {
        abandon();
        throw;
    }
}

void Database::connect() {
    files::createPrivateDirectory(Poco::Path(_settings.path).parent().toString());
    files::createPrivateFile(_settings.path);
    try {
        _poco = std::make_unique<Poco::Data::Session>(Poco::AutoPtr<Poco::Data::SessionImpl>(
            new Poco::Data::SQLite::SessionImpl(_settings.path, openTimeoutSeconds)));
    } catch (const Poco::Exception& error) {
        throw SqliteError("cannot open " + _settings.path + ": " + error.displayText(), SQLITE_CANTOPEN);
    }
    sqlite3* handle = Poco::Data::SQLite::Utility::dbHandle(*_poco);
    _session = std::make_unique<SqliteSession>(handle);
    sqlite3_extended_result_codes(handle, 1);
    waitForOthers(true);
    if (sqlite3_db_readonly(handle, "main") == 1)
        throw Poco::FileReadOnlyException("no permission to write to the database " + _settings.path +
                                          ". Give it to the agent's user, or set storage.path (OCT_DB_PATH)");
}

void Database::identify(const std::vector<std::string>& tables) {
    const std::int64_t owner = _session->integerOf("PRAGMA application_id");
    const std::int64_t version = _session->integerOf("PRAGMA user_version");
    const std::int64_t existing = _session->integerOf("SELECT count(*) FROM sqlite_schema");

    if (owner != 0 && owner != applicationId)
        throw DatabaseRefused(
            _settings.path + " is the database of another application. Set storage.path (OCT_DB_PATH) to another file");
    if (owner == 0 && existing > 0) {
        const auto find = _session->compile("SELECT 1 FROM sqlite_schema WHERE type='table' AND name=?1");
        const auto isThere = [&find](const std::string& table) {
            find->bind(1, std::string_view(table));
            const bool found = find->step();
            find->reset();
            return found;
        };
        if (!isThere("octagent_schema") && std::none_of(tables.begin(), tables.end(), isThere))
            throw DatabaseRefused(_settings.path + " holds none of the agent's tables, but others: it is the database "
                                                   "of another application. Set storage.path (OCT_DB_PATH) to another "
                                                   "file");
    }
    if (version > coreVersion)
        throw DatabaseRefused(_settings.path + " was written by a newer version of the agent (format " +
                              std::to_string(version) + ", this one knows " + std::to_string(coreVersion) +
                              "). Update the agent, or set storage.path (OCT_DB_PATH) to another file");
    configure(existing == 0);
}

void Database::configure(bool isNew) {
    SqliteSession& session = *_session;
    if (isNew)
        session.execute("PRAGMA auto_vacuum=INCREMENTAL"); // only before the first page is written
    if (session.textOf("PRAGMA journal_mode=WAL") != "wal")
        throw SqliteError(_settings.path + " cannot be put into WAL mode: its file system does not offer it, or "
                                           "another program uses the database",
                          SQLITE_CANTOPEN);
    if (isNew)
        session.execute("PRAGMA application_id=" + std::to_string(applicationId));
    session.execute(_settings.isPowerSafe ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
    // Debian's default overwrites every deleted page with zeroes, and so logs it.
    session.execute("PRAGMA secure_delete=FAST");
    session.execute("PRAGMA journal_size_limit=" + std::to_string(walSizeLimit));

    sqlite3* handle = session.handle();
    sqlite3_wal_hook(handle, &Database::onCommit, this); // in place of SQLite's own checkpoints
    _begin = session.compile("BEGIN IMMEDIATE");
    _commit = session.compile("COMMIT");
    _rollback = session.compile("ROLLBACK");
    _coreSpeaks = false;
    sqlite3_set_authorizer(handle, &Database::authorize, this);

    _walFrames = 0;
    session.integerOf("SELECT count(*) FROM sqlite_schema"); // opens the log
    _file = files::identityOf(_settings.path);
    _wal = files::identityOf(walPath());
    if (!files::canIdentify())
        return;
    if (!_file || !_wal)
        throw SqliteError(_settings.path + " was removed while it was opened", SQLITE_CANTOPEN);
}

void Database::close() noexcept {
    if (_session)
        _session->release();
    _begin.reset();
    _commit.reset();
    _rollback.reset();
    _session.reset();
    _poco.reset();
    _coreSpeaks = true;
}

void Database::abandon() noexcept {
    if (_session)
        sqlite3_db_config(_session->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    close();
}

// SQLite asks the authorizer whenever it compiles, which may be again at execution.
template <class Action> void Database::speak(Action action) {
    _coreSpeaks = true;
    try {
        action();
    } catch (...) {
        _coreSpeaks = false;
        throw;
    }
    _coreSpeaks = false;
}

void Database::begin() {
    speak([this] { _begin->execute(); });
}

bool Database::tryBegin() {
    waitForOthers(false);
    try {
        begin();
        waitForOthers(true);
        return true;
    } catch (const SqliteError& error) {
        waitForOthers(true);
        if (classify(error.code()) != Fault::Busy)
            throw;
        return false;
    }
}

void Database::waitForOthers(bool wait) noexcept {
    sqlite3_busy_timeout(_session->handle(), wait ? static_cast<int>(_settings.busyTimeout.count()) : 0);
}

void Database::commit() {
    speak([this] { _commit->execute(); });
}

void Database::rollback() noexcept {
    if (!isInTransaction())
        return;
    try {
        speak([this] { _rollback->execute(); });
    } catch (...) {
        return; // isInTransaction() tells, and the session is given up then
    }
}

bool Database::isInTransaction() const noexcept { return _session && sqlite3_get_autocommit(_session->handle()) == 0; }

void Database::savepoint() {
    speak([this] { _session->execute("SAVEPOINT octagent"); });
}

void Database::releaseSavepoint() {
    speak([this] { _session->execute("RELEASE octagent"); });
}

void Database::rollbackToSavepoint() {
    speak([this] { _session->execute("ROLLBACK TO octagent"); });
}

bool Database::isInPlace() const noexcept {
    if (!files::canIdentify())
        return true;
    return files::identityOf(_settings.path) == _file && files::identityOf(walPath()) == _wal &&
           files::sizeOf(_settings.path) > 0;
}

void Database::leaveMovedFile() noexcept {
    const bool fileIsOurs = _file && files::identityOf(_settings.path) == _file;
    const bool isEmptied = fileIsOurs && files::sizeOf(_settings.path) == 0;
    bool isSaved = false;
    try {
        isSaved = !isEmptied && truncateWal();
    } catch (...) {
        isSaved = false; // nothing more can be done for the file that went
    }
    const bool walIsOurs = _wal && files::identityOf(walPath()) == _wal;
    if (isSaved)
        close();
    else
        abandon();
    if (walIsOurs && (!fileIsOurs || isEmptied)) {
        removeQuietly(walPath());
        removeQuietly(_settings.path + "-shm");
    }
}

Database::Checkpoint Database::checkpoint() {
    Checkpoint result;
    const int code = sqlite3_wal_checkpoint_v2(_session->handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &result.frames,
                                               &result.moved);
    if (code != SQLITE_OK)
        throw SqliteError(sqlite3_errmsg(_session->handle()), errorCodeOf(_session->handle()));
    result.complete = result.frames == result.moved;
    if (result.complete)
        _walFrames = 0; // until the next commit tells better
    return result;
}

bool Database::truncateWal() {
    sqlite3* handle = _session->handle();
    waitForOthers(false);
    const int code = sqlite3_wal_checkpoint_v2(handle, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    const int extended = errorCodeOf(handle);
    const std::string message = sqlite3_errmsg(handle);
    waitForOthers(true);
    if (code == SQLITE_OK) {
        _walFrames = 0;
        return true;
    }
    if (classify(code) == Fault::Busy)
        return false;
    throw SqliteError(message, extended);
}

int Database::onCommit(void* self, sqlite3* /*handle*/, const char* /*name*/, int frames) {
    static_cast<Database*>(self)->_walFrames = frames;
    return SQLITE_OK;
}

int Database::authorize(void* self, int action, const char* /*first*/, const char* /*second*/, const char* /*database*/,
                        const char* /*trigger*/) {
    switch (action) {
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
    case SQLITE_ATTACH:
    case SQLITE_DETACH:
        return static_cast<Database*>(self)->_coreSpeaks ? SQLITE_OK : SQLITE_DENY;
    default:
        return SQLITE_OK;
    }
}

} // namespace octagent
