#pragma once

// One batch, one transaction: all of it or nothing.
//
// An event whose writer throws is taken out of the batch, and the others are written anew; so every event is
// stored once or lost with a reason, whatever its writer did before it threw.

#include "octagent/Event.h"
#include "queue/Ledger.h"
#include "storage/Catalog.h"
#include "storage/Database.h"
#include "storage/RetentionClock.h"
#include "storage/StateRow.h"

#include <cstdint>
#include <string>
#include <vector>

namespace octagent {

// What is to be written, and what became of each event so far. Kept over all attempts.
struct Batch {
    struct Lost {
        std::size_t index; // in events
        LossReason reason;
        std::string why;
    };

    std::vector<Event::Ptr> events;
    std::vector<bool> isLost; // for each event
    std::vector<Lost> lost;   // in the order in which they were found
    std::int64_t token = 0;   // never the same for two batches
    int attempts = 0;
    // Whether a statement that does not run is its event's fault already: else the database is opened anew
    // once, for its schema may have changed under us.
    bool blamesStatements = false;

    bool empty() const noexcept { return events.empty(); }
    std::size_t pending() const noexcept { return events.size() - lost.size(); }
    void begin(std::int64_t newToken); // once the events are in
    void lose(std::size_t index, LossReason reason, std::string why);
    std::string whyLost(std::size_t index) const;
    void clear();
};

// Owned by the persister, used on its thread.
class BatchWriter {
public:
    BatchWriter(Database& database, const Catalog& catalog, StateRow& state);

    // One attempt. When it returns, the batch is stored but for what it lists as lost; an exception says why
    // it is not (SqliteError). No transaction is open then, unless the session is of no use any more.
    // `values` is what stands in the state's row, and changes with the commit.
    void write(Batch& batch, StateRow::Values& values, const RetentionClock& clock);

private:
    bool tryOnce(Batch& batch, StateRow::Values& values, const RetentionClock& clock);
    bool writeEvents(Batch& batch, std::int64_t& unsynced);
    bool writeEvent(Batch& batch, std::size_t index, std::int64_t& unsynced);
    void blame(Batch& batch, std::size_t index, int code, const std::string& why);

    Database& _database;
    const Catalog& _catalog;
    StateRow& _state;
};

} // namespace octagent
