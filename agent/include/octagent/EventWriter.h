#pragma once

// How events become rows.

#include "octagent/Event.h"
#include "octagent/Sql.h"

#include <memory>
#include <string>
#include <vector>

namespace octagent {
inline namespace v1 {

// A table that a module owns. From this alone the core does retention and the count of unsynced rows, and
// refuses two modules that claim one table; it knows no table by name.
struct Table {
    std::string name = {};
    std::string timeColumn = {}; // Unix milliseconds; what retention goes by
    bool hasSynced = false;      // has the columns `synced` (0 or 1) and `pushed_at`
};

// A module's tables and their version, one per module. The version is kept in octagent_schema(module, version).
// Owned by the core once added; used on the thread that opens the database.
class OCTAGENT_SDK_TYPE Schema {
public:
    virtual ~Schema() = default;

    virtual int version() const = 0; // from 1 upwards
    virtual std::vector<Table> tables() const = 0;

    // Brings the tables from version `from` to version(), inside the core's transaction, before any prepare().
    // 0 means that none was ever recorded: the tables may yet stand there, made by an older system, and must
    // then be kept as they are (CREATE TABLE IF NOT EXISTS). Not called when the recorded version is
    // version() already. Throws to refuse: a built-in module then keeps the agent from starting, a plugin
    // is refused alone.
    virtual void migrate(SqlSession& session, int from) = 0;
};

// Stores the events of one kind. All calls come on the persister's thread. Owned by the core once added.
class OCTAGENT_SDK_TYPE EventWriter {
public:
    virtual ~EventWriter() = default;

    // The kind that this writer stores. Constant.
    virtual std::string kind() const = 0;

    // After every opening of the database: drop the old statements, prepare new ones. May throw.
    virtual void prepare(SqlSession& session) = 0;

    // Adds one event inside the batch's transaction, which the core opens and ends. Returns by how much the
    // number of rows with synced = 0 has changed: 1 for an insert into a table that has `synced`, minus the
    // changed rows for a statement that marks rows as pushed, 0 for a table without it.
    //
    // May be called again for the same event: when it throws, the batch is rolled back and written anew
    // without that event (which is counted as lost); after a storage error the whole batch is written again.
    // So its only effect is in the database. It must not block or wait: ingest waits with it. Ten failures in
    // a row fail a plugin.
    virtual std::int64_t write(const Event& event) = 0;
};

class OCTAGENT_SDK_TYPE TableRegistry {
public:
    virtual ~TableRegistry() = default;
    // Once per module, in initialize(). Throws Poco::ExistsException when a table is another module's.
    virtual void add(std::unique_ptr<Schema> schema) = 0;
};

class OCTAGENT_SDK_TYPE WriterRegistry {
public:
    virtual ~WriterRegistry() = default;
    // In initialize(). Throws Poco::ExistsException when the kind has a writer already.
    virtual void add(std::unique_ptr<EventWriter> writer) = 0;
};

} // namespace v1
} // namespace octagent
