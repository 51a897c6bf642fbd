#pragma once

// The one connection that writes: opened, checked, prepared for speed, and watched.
//
// The database is a Poco::Data::Session; statements go to its SQLite handle. No other connection of the agent
// writes or checkpoints: SQLite up to 3.51.2 can corrupt a file when two do at once.

#include "storage/SqliteSession.h"
#include "storage/StorageFiles.h"

#include <Poco/Data/Session.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace octagent {

// Owned by the persister, used on one thread at a time.
class Database {
public:
    // "OCT1": how a database made by the agent says whose it is.
    static constexpr std::int64_t applicationId = 0x4F435431;
    // PRAGMA user_version: the version of the tables that the core keeps for itself.
    static constexpr std::int64_t coreVersion = 1;

    struct Settings {
        std::string path;         // canonical
        bool isPowerSafe = false; // PRAGMA synchronous=FULL: a commit outlives a power cut
        std::chrono::milliseconds busyTimeout{500};
    };

    explicit Database(Settings settings);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    // Opens the database, after creating an empty one where there is none. Reads its header, schema and first
    // page, no more. Throws DatabaseRefused when it is another application's or a newer agent's (ours holds one
    // of `tables`), Poco::FileException when it cannot be reached, SqliteError otherwise: Fault::Damaged when it
    // is no sound database. It is closed then.
    void open(const std::vector<std::string>& tables);
    bool isOpen() const noexcept { return _session != nullptr; }

    // Ends every statement and the connection. Does not throw.
    void close() noexcept;
    // The same, but leaves the file and its log exactly as they are: after an error.
    void abandon() noexcept;

    SqliteSession& session() noexcept { return *_session; }
    const std::string& path() const noexcept { return _settings.path; }
    std::string walPath() const { return _settings.path + "-wal"; }

    // One transaction at a time; BEGIN IMMEDIATE.
    void begin();
    bool tryBegin(); // does not wait: false when somebody else writes
    void commit();
    void rollback() noexcept; // without effect outside of a transaction
    bool isInTransaction() const noexcept;

    // Savepoints within it, for what may fail alone.
    void savepoint();
    void releaseSavepoint();
    void rollbackToSavepoint();

    // False when the file was removed, renamed, replaced or emptied behind our back, or its log was: what is
    // written goes nowhere then. Three calls of stat().
    bool isInPlace() const noexcept;
    // Brings everything into the file that is open, wherever it went, closes it, and removes what it left
    // behind at its path: the log of one file must never meet another.
    void leaveMovedFile() noexcept;

    // Frames in the log after the last commit.
    int walFrames() const noexcept { return _walFrames; }
    struct Checkpoint {
        bool complete = false; // everything was moved: the log starts over
        int frames = 0;        // in the log
        int moved = 0;
    };
    // Moves what no reader holds back; never waits. Throws SqliteError.
    Checkpoint checkpoint();
    // Moves everything and empties the log's file, without waiting: false when somebody reads just now. Throws
    // SqliteError.
    bool truncateWal();

private:
    static int onCommit(void* self, sqlite3* handle, const char* name, int frames);
    static int authorize(void* self, int action, const char* first, const char* second, const char* database,
                         const char* trigger);

    void connect();
    void identify(const std::vector<std::string>& tables);
    void configure(bool isNew);
    template <class Action> void speak(Action action);
    void waitForOthers(bool wait) noexcept;

    Settings _settings;
    std::unique_ptr<Poco::Data::Session> _poco;
    std::unique_ptr<SqliteSession> _session;
    std::unique_ptr<SqliteStatement> _begin;
    std::unique_ptr<SqliteStatement> _commit;
    std::unique_ptr<SqliteStatement> _rollback;
    std::optional<files::Identity> _file;
    std::optional<files::Identity> _wal;
    int _walFrames = 0;
    bool _coreSpeaks = true; // transactions are the core's: writers may not begin or end one
};

} // namespace octagent
