#include "storage/Retention.h"

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <string_view>
#include <utility>

namespace octagent {

namespace {

// Whether SQLite comes to these rows by an index that holds all of `terms`, and without sorting.
bool isIndexed(SqliteSession& session, const std::string& query, std::initializer_list<std::string_view> terms) {
    constexpr int detail = 3;
    const auto plan = session.compile("EXPLAIN QUERY PLAN " + query);
    bool isFound = false;
    while (plan->step()) {
        const std::string_view text = plan->text(detail);
        if (text.find("TEMP B-TREE") != std::string_view::npos)
            return false;
        const auto holds = [text](std::string_view term) { return text.find(term) != std::string_view::npos; };
        isFound = isFound || (text.starts_with("SEARCH") && std::all_of(terms.begin(), terms.end(), holds));
    }
    return isFound;
}

std::int64_t value(SqliteStatement& query) {
    const std::int64_t result = query.step() ? query.integer(0) : 0;
    query.reset();
    return result;
}

std::uint64_t count(SqliteStatement& query) { return static_cast<std::uint64_t>(value(query)); }

} // namespace

Retention::Retention(Database& database, StateRow& state, const Settings& settings)
    : _database(database), _state(state), _settings(settings) {}

void Retention::prepare(const Catalog& catalog) {
    constexpr std::int64_t incremental = 2;
    SqliteSession& session = _database.session();
    _phase = Phase::Done;
    _targets.clear();
    for (const auto& module : catalog.modules())
        if (!module->isFailed)
            for (const auto& table : module->tables)
                _targets.push_back(makeTarget(table));
    _pages = session.compile("PRAGMA page_count");
    _freePages = session.compile("PRAGMA freelist_count");
    _pageSize = session.integerOf("PRAGMA page_size");
    _canGiveBack = session.integerOf("PRAGMA auto_vacuum") == incremental;
}

Retention::Target Retention::makeTarget(const Table& table) {
    SqliteSession& session = _database.session();
    const std::string from = " FROM " + quoted(table.name);
    const std::string time = quoted(table.timeColumn);
    const auto remove = [&from, &session](const std::string& rows) {
        return session.compile("DELETE" + from + " WHERE rowid IN (" + rows + ")");
    };
    Target target;
    target.table = table;

    const std::string expired = time + "<?1 ORDER BY " + time + " LIMIT ?2";
    const std::string pushed = "SELECT rowid" + from + " WHERE synced=1 AND " + expired;
    if (table.hasSynced && isIndexed(session, pushed, {"synced=?", table.timeColumn + "<?"})) {
        target.expirePushed = remove(pushed);
        target.expireUnpushed = remove("SELECT rowid" + from + " WHERE synced=0 AND " + expired);
    } else {
        const std::string columns =
            "SELECT rowid AS r," + time + " AS t" + (table.hasSynced ? ",synced AS s" : "") + from;
        const bool isByTime = isIndexed(session, columns + " WHERE " + expired, {table.timeColumn + "<?"});
        const std::string rows = isByTime ? "(" + columns + " WHERE " + expired + ") WHERE true"
                                          : "(" + columns + " ORDER BY rowid LIMIT ?2) WHERE t<?1";
        target.expire = remove("SELECT r FROM " + rows);
        if (table.hasSynced)
            target.expirable = session.compile("SELECT count(*) FROM " + rows + " AND s<>0");
    }

    target.oldest = session.compile("SELECT " + time + from + " ORDER BY rowid LIMIT 1");
    target.drop = remove("SELECT rowid" + from + " ORDER BY rowid LIMIT ?1");
    if (table.hasSynced) {
        target.droppable =
            session.compile("SELECT count(*) FROM (SELECT synced AS s" + from + " ORDER BY rowid LIMIT ?1) WHERE s<>0");
        target.window =
            session.compile("SELECT rowid," + time + ",synced" + from + " WHERE rowid>?1 ORDER BY rowid LIMIT ?2");
        target.remove = session.compile("DELETE" + from + " WHERE rowid=?1");
    }
    return target;
}

void Retention::beginRound() noexcept {
    _at = 0;
    beginSearch();
    if (_settings.keep.count() == 0)
        _phase = Phase::Size;
    else
        _phase = _prefersPushed ? Phase::Pushed : Phase::Others;
}

void Retention::beginSizeRound() noexcept {
    if (_phase == Phase::Done) {
        beginSearch();
        _phase = Phase::Size;
    }
}

void Retention::beginSearch() noexcept {
    for (auto& target : _targets) {
        target.searchedTo = 0;
        target.isSearched = !_prefersPushed || !target.table.hasSynced;
    }
}

DeletedRows Retention::step(StateRow::Values& values, const RetentionClock& clock) {
    if (_phase == Phase::Done)
        return {};
    if (_phase == Phase::Space) {
        giveBack();
        return {};
    }
    const auto start = std::chrono::steady_clock::now();
    DeletedRows deleted;
    if (!_database.tryBegin()) {
        endRound();
        return deleted;
    }
    try {
        if (_phase == Phase::Pushed)
            deleted = expirePushed(clock.cutoff());
        else if (_phase == Phase::Others)
            deleted = expireOthers(clock.cutoff());
        else
            deleted = shrink();
        if (deleted.total() == 0) {
            _database.rollback();
            adapt(std::chrono::steady_clock::now() - start);
            return deleted;
        }
        StateRow::Values next = values;
        next.unsynced -= static_cast<std::int64_t>(deleted.unpushed);
        next.clock = clock.clock();
        next.clockHeld = clock.held();
        _state.write(next);
        _database.commit();
        values = next;
    } catch (...) {
        _database.rollback();
        throw;
    }
    adapt(std::chrono::steady_clock::now() - start);
    return deleted;
}

// A chunk of one table, or a look at so many rows.
DeletedRows Retention::expirePushed(std::int64_t cutoff) {
    while (_at < _targets.size() && _targets[_at].isSearched)
        ++_at;
    if (_at < _targets.size())
        return removePushed(_targets[_at], cutoff, _chunk);
    _at = 0;
    beginSearch();
    _phase = Phase::Others;
    return {};
}

// A chunk of the first table that has one.
DeletedRows Retention::expireOthers(std::int64_t cutoff) {
    for (; _at < _targets.size(); ++_at) {
        const DeletedRows deleted = expire(_targets[_at], cutoff);
        if (deleted.total() > 0)
            return deleted;
    }
    _phase = Phase::Size;
    return {};
}

DeletedRows Retention::expire(Target& target, std::int64_t cutoff) {
    const auto run = [this, cutoff](SqliteStatement& statement) {
        statement.bind(1, cutoff);
        statement.bind(2, _chunk);
    };
    DeletedRows deleted;
    if (target.expirePushed) {
        run(*target.expirePushed);
        deleted.pushed = static_cast<std::uint64_t>(target.expirePushed->execute());
        if (deleted.pushed > 0)
            return deleted;
        run(*target.expireUnpushed);
        deleted.unpushed = static_cast<std::uint64_t>(target.expireUnpushed->execute());
        return deleted;
    }
    if (target.expirable) {
        run(*target.expirable);
        deleted.pushed = count(*target.expirable);
    }
    run(*target.expire);
    const auto rows = static_cast<std::uint64_t>(target.expire->execute());
    (target.table.hasSynced ? deleted.unpushed : deleted.unmarked) = rows - deleted.pushed;
    return deleted;
}

// Pushed rows before `cutoff` among the next rows. The search ends behind the last row, or where rows are young.
DeletedRows Retention::removePushed(Target& target, std::int64_t cutoff, std::int64_t rows) {
    DeletedRows deleted;
    std::int64_t seen = 0;
    bool sawOld = false;
    _found.clear();
    target.window->bind(1, target.searchedTo);
    target.window->bind(2, rows);
    while (target.window->step()) {
        ++seen;
        target.searchedTo = target.window->integer(0);
        if (target.window->integer(1) >= cutoff)
            continue;
        sawOld = true;
        if (target.window->integer(2) != 0)
            _found.push_back(target.searchedTo);
    }
    target.isSearched = seen < rows || !sawOld;
    for (const auto id : _found) {
        target.remove->bind(1, id);
        deleted.pushed += static_cast<std::uint64_t>(target.remove->execute());
    }
    return deleted;
}

// A chunk of what is oldest, while the database is too large.
DeletedRows Retention::shrink() {
    const std::int64_t used = (value(*_pages) - value(*_freePages)) * _pageSize;
    if (_settings.maxBytes > 0 && used > _settings.maxBytes) {
        // Not more rows than pages: no more goes than must.
        const std::int64_t excess = (used - _settings.maxBytes) / _pageSize + 1;
        const std::int64_t rows = std::clamp(excess, smallestChunk, std::max(smallestChunk, _chunk));
        if (Target* target = oldestTarget(true))
            return removePushed(*target, std::numeric_limits<std::int64_t>::max(), rows);
        if (Target* target = oldestTarget(false))
            return drop(*target, rows);
    }
    _phase = Phase::Space;
    return {};
}

DeletedRows Retention::drop(Target& target, std::int64_t rows) {
    DeletedRows deleted;
    if (target.droppable) {
        target.droppable->bind(1, rows);
        deleted.pushed = count(*target.droppable);
    }
    target.drop->bind(1, rows);
    const auto dropped = static_cast<std::uint64_t>(target.drop->execute());
    (target.table.hasSynced ? deleted.unpushed : deleted.unmarked) = dropped - deleted.pushed;
    return deleted;
}

// Null when all are empty, or none is left to search.
Retention::Target* Retention::oldestTarget(bool toSearch) {
    Target* found = nullptr;
    std::int64_t time = 0;
    for (auto& target : _targets) {
        if ((toSearch && target.isSearched) || !target.oldest->step())
            continue;
        if (found == nullptr || target.oldest->integer(0) < time) {
            found = &target;
            time = target.oldest->integer(0);
        }
        target.oldest->reset();
    }
    return found;
}

// Some free pages, to the file system. A tenth of the file is kept for the rows to come.
void Retention::giveBack() {
    constexpr std::int64_t keptShare = 10;
    constexpr std::int64_t keptPages = 256;
    const std::int64_t pages = value(*_pages);
    const std::int64_t free = value(*_freePages);
    const bool isTooLarge = _settings.maxBytes > 0 && pages * _pageSize > _settings.maxBytes;
    const std::int64_t kept = isTooLarge ? 0 : std::max(keptPages, pages / keptShare);
    if (!_canGiveBack || free <= kept) {
        _phase = Phase::Done;
        return;
    }
    const std::int64_t count = std::min<std::int64_t>(vacuumPages, free - kept);
    _database.session().execute("PRAGMA incremental_vacuum(" + std::to_string(count) + ")");
}

void Retention::adapt(std::chrono::steady_clock::duration took) noexcept {
    if (took > 2 * stepAim)
        _chunk = std::max(smallestChunk, _chunk / 2);
    else if (took < stepAim / 2)
        _chunk = std::min(largestChunk, _chunk * 2);
}

} // namespace octagent
