#include "storage/Migrations.h"

#include "storage/StorageErrors.h"

#include <algorithm>

namespace octagent {

namespace {

// What a module may be blamed for, as opposed to the disk.
bool isTheModulesFault(const Poco::Exception& error) {
    const auto* sqlite = dynamic_cast<const SqliteError*>(&error);
    if (sqlite == nullptr)
        return true;
    const Fault fault = classify(sqlite->code());
    return fault == Fault::Statement || fault == Fault::Row;
}

} // namespace

std::vector<Migrations::Refused> Migrations::run(std::int64_t now) {
    std::vector<Refused> refused;
    if (!isNeeded())
        return refused;
    _database.begin();
    try {
        createCore(now);
        for (const auto& module : _catalog.modules()) {
            if (!module->schema || module->isFailed)
                continue;
            _database.savepoint();
            const std::string reason = tryToMigrate(*module);
            if (!_database.isInTransaction())
                throw SqliteError("the transaction of the migration ended before its end", 0);
            if (!reason.empty()) {
                _database.rollbackToSavepoint();
                refused.push_back({module.get(), reason});
            }
            _database.releaseSavepoint();
        }
        _database.commit();
    } catch (...) {
        _database.rollback();
        throw;
    }
    return refused;
}

bool Migrations::isThere(const std::string& table) {
    const auto find =
        _database.session().compile("SELECT 1 FROM sqlite_schema WHERE type='table' AND name=?1 COLLATE NOCASE");
    find->bind(1, std::string_view(table));
    return find->step();
}

std::int64_t Migrations::recordedVersion(const CatalogModule& module) {
    const auto find = _database.session().compile("SELECT version FROM octagent_schema WHERE module=?1");
    find->bind(1, std::string_view(module.name));
    return find->step() ? find->integer(0) : 0;
}

bool Migrations::isNeeded() {
    if (_database.session().integerOf("PRAGMA user_version") != Database::coreVersion)
        return true;
    if (!isThere("octagent_schema") || !isThere("octagent_state") || !isThere("octagent_counted"))
        return true;
    for (const auto& module : _catalog.modules()) {
        if (!module->schema || module->isFailed)
            continue;
        if (recordedVersion(*module) != module->schema->version())
            return true;
        for (const auto& table : module->tables)
            if (!isThere(table.name))
                return true;
        if (!isCounted(*module))
            return true;
    }
    return false;
}

void Migrations::createCore(std::int64_t now) {
    SqliteSession& session = _database.session();
    session.execute("CREATE TABLE IF NOT EXISTS octagent_schema("
                    "module TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID");
    // Tables whose rows are part of octagent_state.unsynced.
    session.execute("CREATE TABLE IF NOT EXISTS octagent_counted(name TEXT PRIMARY KEY) WITHOUT ROWID");
    if (!isThere("octagent_state")) {
        StateRow::Values values;
        const std::int64_t newest = newestRow();
        values.clock = newest > 0 ? std::min(newest, now) : now;
        StateRow::create(session, values);
        session.execute("DELETE FROM octagent_counted");
    }
    session.execute("PRAGMA user_version=" + std::to_string(Database::coreVersion));
}

// Empty when it worked; why not, when a plugin is to blame. Throws all else.
std::string Migrations::tryToMigrate(CatalogModule& module) {
    std::string reason;
    try {
        migrate(module);
        return {};
    } catch (const DatabaseRefused& error) {
        reason = error.message();
    } catch (const Poco::Exception& error) {
        if (!isTheModulesFault(error))
            throw;
        reason = "the tables of module " + module.name + " cannot be made in " + _database.path() + ": " +
                 error.displayText();
    } catch (const std::exception& error) {
        reason = "the tables of module " + module.name + " cannot be made in " + _database.path() + ": " + error.what();
    }
    if (!module.isPlugin)
        throw DatabaseRefused(reason);
    return reason;
}

void Migrations::migrate(CatalogModule& module) {
    SqliteSession& session = _database.session();
    const std::int64_t wanted = module.schema->version();
    std::int64_t recorded = recordedVersion(module);
    if (recorded > wanted)
        throw DatabaseRefused("the tables of module " + module.name + " in " + _database.path() +
                              " were written by a newer version of it (" + std::to_string(recorded) +
                              ", this one knows " + std::to_string(wanted) +
                              "). Update it, or set storage.path (OCT_DB_PATH) to another file");
    // A table that somebody dropped is made again.
    const auto isMissing = [this](const Table& table) { return !isThere(table.name); };
    if (std::any_of(module.tables.begin(), module.tables.end(), isMissing))
        recorded = 0;
    if (recorded < wanted) {
        module.schema->migrate(session, static_cast<int>(recorded));
        const auto record = session.compile("INSERT INTO octagent_schema(module,version) VALUES(?1,?2) "
                                            "ON CONFLICT(module) DO UPDATE SET version=?2");
        record->bind(1, std::string_view(module.name));
        record->bind(2, wanted);
        record->execute();
    }
    verify(module);
    for (const auto& table : module.tables)
        if (table.hasSynced && !isCounted(table))
            countUnsynced(table);
}

// The columns that the declaration speaks of, and a rowid, for retention.
void Migrations::verify(const CatalogModule& module) {
    for (const auto& table : module.tables) {
        const std::string synced = table.hasSynced ? ",synced,pushed_at" : "";
        _database.session().compile("SELECT rowid," + quoted(table.timeColumn) + synced + " FROM " +
                                    quoted(table.name) + " LIMIT 0");
    }
}

bool Migrations::isCounted(const CatalogModule& module) {
    const auto isMarked = [this](const Table& table) { return !table.hasSynced || isCounted(table); };
    return std::all_of(module.tables.begin(), module.tables.end(), isMarked);
}

bool Migrations::isCounted(const Table& table) {
    const auto find = _database.session().compile("SELECT 1 FROM octagent_counted WHERE name=?1");
    find->bind(1, std::string_view(table.name));
    return find->step();
}

// From now on the writers' changes keep the sum right.
void Migrations::countUnsynced(const Table& table) {
    SqliteSession& session = _database.session();
    const auto add = session.compile("UPDATE octagent_state SET unsynced=unsynced+(SELECT count(*) FROM " +
                                     quoted(table.name) + " WHERE synced=0)");
    add->execute();
    const auto mark = session.compile("INSERT INTO octagent_counted VALUES(?1)");
    mark->bind(1, std::string_view(table.name));
    mark->execute();
}

// The time of the last row of all declared tables that are there; 0 without rows.
std::int64_t Migrations::newestRow() {
    std::int64_t newest = 0;
    for (const auto& module : _catalog.modules())
        for (const auto& table : module->tables)
            if (isThere(table.name))
                newest = std::max(newest, newestRow(table));
    return newest;
}

std::int64_t Migrations::newestRow(const Table& table) {
    try {
        return _database.session().integerOf("SELECT " + quoted(table.timeColumn) + " FROM " + quoted(table.name) +
                                             " ORDER BY rowid DESC LIMIT 1");
    } catch (const SqliteError& error) {
        if (!isTheModulesFault(error))
            throw;
        return 0; // verify() will blame the module for its table
    }
}

} // namespace octagent
