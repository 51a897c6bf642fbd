#pragma once

// Brings a database to what the core and the modules expect, in one transaction, and writes nothing when it is
// there already.

#include "storage/Catalog.h"
#include "storage/Database.h"
#include "storage/StateRow.h"

#include <cstdint>
#include <string>
#include <vector>

namespace octagent {

class Migrations {
public:
    struct Refused {
        CatalogModule* module;
        std::string reason;
    };

    Migrations(Database& database, Catalog& catalog) : _database(database), _catalog(catalog) {}

    // Plugins that cannot have their tables are returned, and stay without; a built-in module's trouble is
    // thrown: DatabaseRefused, SqliteError, or what its migrate() threw. `now` (Unix milliseconds) starts the
    // retention's clock where no row tells better. Modules already failed are passed over.
    std::vector<Refused> run(std::int64_t now);

private:
    bool isNeeded();
    bool isThere(const std::string& table);
    std::int64_t recordedVersion(const CatalogModule& module);
    void createCore(std::int64_t now);
    std::string tryToMigrate(CatalogModule& module);
    void migrate(CatalogModule& module);
    void verify(const CatalogModule& module);
    bool isCounted(const CatalogModule& module);
    bool isCounted(const Table& table);
    void countUnsynced(const Table& table);
    std::int64_t newestRow();
    std::int64_t newestRow(const Table& table);

    Database& _database;
    Catalog& _catalog;
};

} // namespace octagent
