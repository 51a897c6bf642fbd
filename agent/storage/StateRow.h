#pragma once

// The core's own row in the database: what must change together with the rows of a batch.

#include "storage/SqliteSession.h"

#include <cstdint>
#include <memory>

namespace octagent {

// Table octagent_state, one row. One thread. Throws SqliteError.
class StateRow {
public:
    struct Values {
        std::int64_t unsynced = 0;  // rows with synced = 0 over all tables that ever were declared
        std::int64_t batch = 0;     // token of the last batch that was committed
        std::int64_t clock = 0;     // see RetentionClock
        std::int64_t clockHeld = 0; // see RetentionClock
    };

    static void create(SqliteSession& session, const Values& values);

    // After every opening.
    void prepare(SqliteSession& session);
    Values read();
    void write(const Values& values); // within a transaction

private:
    std::unique_ptr<SqliteStatement> _read;
    std::unique_ptr<SqliteStatement> _write;
};

} // namespace octagent
