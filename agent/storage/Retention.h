#pragma once

// Deletes what is too old or too much, a chunk at a time, and gives the space back.
//
// It works by the modules' declarations alone. A step looks at a bounded number of rows and takes some
// milliseconds: the persister makes one when no batch is due. Rows are found by an index on (synced, time) or
// (time) where the table has one, by the order of their ids where not: those ascend with time.

#include "storage/Catalog.h"
#include "storage/Database.h"
#include "storage/RetentionClock.h"
#include "storage/StateRow.h"
#include "storage/StorageStatus.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

namespace octagent {

// Owned by the persister, used on its thread. Throws SqliteError; no transaction is open then.
class Retention {
public:
    struct Settings {
        std::chrono::milliseconds keep{0}; // 0: no bound by time
        std::int64_t maxBytes = 0;         // 0: no bound by size
    };

    static constexpr std::chrono::seconds interval{60}; // between two rounds
    static constexpr std::int64_t firstChunk = 100;     // rows; then as many as fit into the aim below
    static constexpr std::int64_t smallestChunk = 20;
    static constexpr std::int64_t largestChunk = 500;
    static constexpr std::chrono::milliseconds stepAim{10};
    static constexpr std::int64_t vacuumPages = 128; // given back in one step

    Retention(Database& database, StateRow& state, const Settings& settings);

    // A push plugin is loaded: pushed rows go before all others.
    void preferPushed(bool prefer) noexcept { _prefersPushed = prefer; }

    // After every opening.
    void prepare(const Catalog& catalog);

    // Starts a round: the next step is its first. One of size alone is cheap enough for every few seconds.
    void beginRound() noexcept;
    void beginSizeRound() noexcept; // no more than that, unless a round goes on
    void endRound() noexcept { _phase = Phase::Done; }
    bool isInRound() const noexcept { return _phase != Phase::Done; }

    // Returns what it deleted, which may be nothing. Gives the round up when somebody else writes just now.
    DeletedRows step(StateRow::Values& values, const RetentionClock& clock);

private:
    struct Target {
        Table table;
        // Where an index begins with synced and the time.
        std::unique_ptr<SqliteStatement> expirePushed;   // (cutoff, rows)
        std::unique_ptr<SqliteStatement> expireUnpushed; // (cutoff, rows)
        // Where none does.
        std::unique_ptr<SqliteStatement> expire;    // (cutoff, rows)
        std::unique_ptr<SqliteStatement> expirable; // (cutoff, rows): how many of those are pushed
        // By the size.
        std::unique_ptr<SqliteStatement> oldest;    // time of the oldest row
        std::unique_ptr<SqliteStatement> drop;      // (rows): the oldest
        std::unique_ptr<SqliteStatement> droppable; // (rows): how many of those are pushed
        // The search for pushed rows, from the oldest on.
        std::unique_ptr<SqliteStatement> window; // (id, rows): id, time and synced of those behind it
        std::unique_ptr<SqliteStatement> remove; // (id)
        std::int64_t searchedTo = 0;
        bool isSearched = true;
    };

    enum class Phase { Pushed, Others, Size, Space, Done };

    Target makeTarget(const Table& table);
    void beginSearch() noexcept;
    DeletedRows expirePushed(std::int64_t cutoff);
    DeletedRows expireOthers(std::int64_t cutoff);
    DeletedRows expire(Target& target, std::int64_t cutoff);
    DeletedRows removePushed(Target& target, std::int64_t cutoff, std::int64_t rows);
    DeletedRows shrink();
    DeletedRows drop(Target& target, std::int64_t rows);
    Target* oldestTarget(bool toSearch);
    void giveBack();
    void adapt(std::chrono::steady_clock::duration took) noexcept;

    Database& _database;
    StateRow& _state;
    Settings _settings;
    bool _prefersPushed = false;
    std::vector<Target> _targets;
    std::vector<std::int64_t> _found; // ids of pushed rows
    std::unique_ptr<SqliteStatement> _pages;
    std::unique_ptr<SqliteStatement> _freePages;
    std::int64_t _pageSize = 0;
    bool _canGiveBack = false; // databases of the existing system reuse space, but keep it
    std::size_t _at = 0;       // in _targets, while rows expire
    Phase _phase = Phase::Done;
    std::int64_t _chunk = firstChunk;
};

} // namespace octagent
