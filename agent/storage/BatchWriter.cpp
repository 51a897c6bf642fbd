#include "storage/BatchWriter.h"

#include "storage/StorageErrors.h"

#include <sqlite3.h>

#include <algorithm>
#include <utility>

namespace octagent {

void Batch::begin(std::int64_t newToken) {
    isLost.assign(events.size(), false);
    token = newToken;
    attempts = 0;
    blamesStatements = false;
}

void Batch::lose(std::size_t index, LossReason reason, std::string why) {
    isLost[index] = true;
    lost.push_back({index, reason, std::move(why)});
}

std::string Batch::whyLost(std::size_t index) const {
    const auto isIt = [index](const Lost& one) { return one.index == index; };
    const auto found = std::find_if(lost.begin(), lost.end(), isIt);
    return found != lost.end() ? found->why : std::string();
}

void Batch::clear() {
    events.clear();
    isLost.clear();
    lost.clear();
}

BatchWriter::BatchWriter(Database& database, const Catalog& catalog, StateRow& state)
    : _database(database), _catalog(catalog), _state(state) {}

void BatchWriter::write(Batch& batch, StateRow::Values& values, const RetentionClock& clock) {
    try {
        while (!tryOnce(batch, values, clock))
            _database.rollback();
    } catch (...) {
        _database.rollback();
        throw;
    }
}

// False when an event was found that cannot be stored: again without it.
bool BatchWriter::tryOnce(Batch& batch, StateRow::Values& values, const RetentionClock& clock) {
    _database.begin();
    if (batch.attempts++ > 0) {
        // An error at the commit leaves open whether it was one: the disk may have it all the same.
        values = _state.read();
        if (values.batch == batch.token) {
            _database.rollback();
            return true;
        }
    }
    std::int64_t unsynced = 0;
    if (!writeEvents(batch, unsynced))
        return false;
    if (batch.pending() == 0) {
        _database.rollback();
        return true;
    }
    const StateRow::Values next{values.unsynced + unsynced, batch.token, clock.clock(), clock.held()};
    _state.write(next);
    _database.commit();
    values = next;
    return true;
}

bool BatchWriter::writeEvents(Batch& batch, std::int64_t& unsynced) {
    for (std::size_t i = 0; i < batch.events.size(); ++i)
        if (!batch.isLost[i] && !writeEvent(batch, i, unsynced))
            return false;
    return true;
}

bool BatchWriter::writeEvent(Batch& batch, std::size_t index, std::int64_t& unsynced) {
    const Event& event = *batch.events[index];
    const Catalog::Entry* entry = _catalog.find(event.kind());
    if (entry == nullptr) {
        batch.lose(index, LossReason::NoWriter, "no module stores this kind");
        return true;
    }
    if (entry->module->isFailed) {
        batch.lose(index, LossReason::Refused, "module " + entry->module->name + " has failed");
        return true;
    }
    std::string why;
    int code = SQLITE_OK;
    try {
        unsynced += entry->writer->write(event);
        if (_database.isInTransaction())
            return true;
        why = "the transaction ended while an event was written";
    } catch (const SqliteError& error) {
        why = error.displayText();
        code = error.code();
    } catch (const Poco::Exception& error) {
        why = error.displayText();
    } catch (const std::exception& error) {
        why = error.what();
    } catch (...) {
        why = "an exception of unknown type";
    }
    blame(batch, index, code, why);
    return false;
}

// Finds out whether the event or the storage is to blame, and throws for storage.
void BatchWriter::blame(Batch& batch, std::size_t index, int code, const std::string& why) {
    // SQLite ends the transaction itself after some errors of storage, whatever the writer made of them.
    if (!_database.isInTransaction())
        throw SqliteError(why, code != SQLITE_OK ? code : SQLITE_ABORT);
    if (code == SQLITE_OK) {
        batch.lose(index, LossReason::Refused, why);
        return;
    }
    const Fault fault = classify(code);
    if (fault == Fault::Row)
        batch.lose(index, LossReason::Unstorable, why);
    else if (fault == Fault::Statement && batch.blamesStatements)
        batch.lose(index, LossReason::Refused, why);
    else
        throw SqliteError(why, code);
}

} // namespace octagent
