#include "storage/Retention.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace octagent {

namespace {

// Whether SQLite finds these rows without reading others or sorting.
bool isIndexed(SqliteSession& session, const std::string& query) {
    const auto plan = session.compile("EXPLAIN QUERY PLAN " + query);
    bool searches = false;
    while (plan->step()) {
        constexpr int detail = 3;
        const std::string_view text = plan->text(detail);
        if (text.find("TEMP B-TREE") != std::string_view::npos)
            return false;
        searches = searches || text.starts_with("SEARCH");
    }
    return searches;
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
    const std::string inOrder = "(SELECT rowid AS r," + time + " AS t" + (table.hasSynced ? ",synced AS s" : "") +
                                from + " ORDER BY rowid LIMIT ?2) WHERE t<?1";
    if (table.hasSynced && isIndexed(session, "SELECT rowid" + from + " WHERE synced=1 AND " + expired)) {
        target.expirePushed = remove("SELECT rowid" + from + " WHERE synced=1 AND " + expired);
        target.expire = remove("SELECT rowid" + from + " WHERE synced=0 AND " + expired);
    } else if (!table.hasSynced && isIndexed(session, "SELECT rowid" + from + " WHERE " + expired)) {
        target.expire = remove("SELECT rowid" + from + " WHERE " + expired);
    } else {
        target.expire = remove("SELECT r FROM " + inOrder);
        if (table.hasSynced)
            target.expirable = session.compile("SELECT count(*) FROM " + inOrder + " AND s<>0");
    }

    target.oldest = session.compile("SELECT " + time + from + " ORDER BY rowid LIMIT 1");
    target.drop = remove("SELECT rowid" + from + " ORDER BY rowid LIMIT ?1");
    if (table.hasSynced) {
        const std::string pushed = from + " WHERE synced=1 ORDER BY " + time + " LIMIT ";
        target.droppable =
            session.compile("SELECT count(*) FROM (SELECT synced AS s" + from + " ORDER BY rowid LIMIT ?1) WHERE s<>0");
        target.oldestPushed = session.compile("SELECT " + time + pushed + "1");
        target.dropPushed = remove("SELECT rowid" + pushed + "?1");
    }
    return target;
}

void Retention::beginRound() noexcept {
    _at = 0;
    _phase = _settings.keep.count() > 0 ? Phase::Pushed : Phase::Size;
}

void Retention::beginSizeRound() noexcept {
    if (_phase == Phase::Done)
        _phase = Phase::Size;
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
        deleted = _phase == Phase::Size ? shrink() : expire(clock.cutoff());
        if (deleted.total() == 0) {
            _database.rollback();
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

// A chunk of one table; moves on to the next one, and phase, when there is none.
DeletedRows Retention::expire(std::int64_t cutoff) {
    while (_phase == Phase::Pushed || _phase == Phase::Others) {
        if (_at == _targets.size()) {
            _at = 0;
            _phase = _phase == Phase::Pushed ? Phase::Others : Phase::Size;
            continue;
        }
        Target& target = _targets[_at];
        const auto deleted = _phase == Phase::Pushed ? expirePushed(target, cutoff) : expireOthers(target, cutoff);
        if (deleted.total() > 0)
            return deleted;
        ++_at;
    }
    return {};
}

DeletedRows Retention::expirePushed(Target& target, std::int64_t cutoff) {
    DeletedRows deleted;
    if (target.expirePushed) {
        target.expirePushed->bind(1, cutoff);
        target.expirePushed->bind(2, _chunk);
        deleted.pushed = static_cast<std::uint64_t>(target.expirePushed->execute());
    }
    return deleted;
}

DeletedRows Retention::expireOthers(Target& target, std::int64_t cutoff) {
    DeletedRows deleted;
    if (target.expirable) {
        target.expirable->bind(1, cutoff);
        target.expirable->bind(2, _chunk);
        deleted.pushed = count(*target.expirable);
    }
    target.expire->bind(1, cutoff);
    target.expire->bind(2, _chunk);
    const auto rows = static_cast<std::uint64_t>(target.expire->execute());
    (target.table.hasSynced ? deleted.unpushed : deleted.unmarked) = rows - deleted.pushed;
    return deleted;
}

// A chunk of what is oldest, while the database is too large.
DeletedRows Retention::shrink() {
    DeletedRows deleted;
    const std::int64_t used = (value(*_pages) - value(*_freePages)) * _pageSize;
    if (_settings.maxBytes == 0 || used <= _settings.maxBytes) {
        _phase = Phase::Space;
        return deleted;
    }
    // Not more rows than pages: no more goes than must.
    const std::int64_t excess = (used - _settings.maxBytes) / _pageSize + 1;
    const std::int64_t rows = std::clamp(excess, smallestChunk, std::max(smallestChunk, _chunk));
    if (Target* target = _prefersPushed ? oldestTarget(true) : nullptr) {
        target->dropPushed->bind(1, rows);
        deleted.pushed = static_cast<std::uint64_t>(target->dropPushed->execute());
        return deleted;
    }
    Target* target = oldestTarget(false);
    if (target == nullptr) {
        _phase = Phase::Space;
        return deleted;
    }
    if (target->droppable) {
        target->droppable->bind(1, rows);
        deleted.pushed = count(*target->droppable);
    }
    target->drop->bind(1, rows);
    const auto dropped = static_cast<std::uint64_t>(target->drop->execute());
    (target->table.hasSynced ? deleted.unpushed : deleted.unmarked) = dropped - deleted.pushed;
    return deleted;
}

Retention::Target* Retention::oldestTarget(bool pushed) {
    Target* found = nullptr;
    std::int64_t time = std::numeric_limits<std::int64_t>::max();
    for (auto& target : _targets) {
        SqliteStatement* query = pushed ? target.oldestPushed.get() : target.oldest.get();
        if (query == nullptr || !query->step())
            continue;
        if (found == nullptr || query->integer(0) < time) {
            found = &target;
            time = query->integer(0);
        }
        query->reset();
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
