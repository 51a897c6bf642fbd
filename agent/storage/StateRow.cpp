#include "storage/StateRow.h"

#include "storage/StorageErrors.h"

#include <sqlite3.h>

namespace octagent {

namespace {

void bindAll(SqliteStatement& statement, const StateRow::Values& values) {
    statement.bind(1, values.unsynced);
    statement.bind(2, values.batch);
    statement.bind(3, values.clock);
    statement.bind(4, values.clockHeld);
}

} // namespace

void StateRow::create(SqliteSession& session, const Values& values) {
    session.execute("CREATE TABLE octagent_state("
                    "id INTEGER PRIMARY KEY CHECK(id=1), "
                    "unsynced INTEGER NOT NULL, "
                    "batch INTEGER NOT NULL, "
                    "clock INTEGER NOT NULL, "
                    "clock_held INTEGER NOT NULL)");
    const auto insert = session.compile("INSERT INTO octagent_state VALUES(1,?1,?2,?3,?4)");
    bindAll(*insert, values);
    insert->execute();
}

void StateRow::prepare(SqliteSession& session) {
    _read = session.compile("SELECT unsynced,batch,clock,clock_held FROM octagent_state WHERE id=1");
    _write = session.compile("UPDATE octagent_state SET unsynced=?1,batch=?2,clock=?3,clock_held=?4 WHERE id=1");
}

StateRow::Values StateRow::read() {
    if (!_read->step())
        throw SqliteError("the agent's row in octagent_state is missing", SQLITE_CORRUPT);
    const Values values{_read->integer(0), _read->integer(1), _read->integer(2), _read->integer(3)};
    _read->reset();
    return values;
}

void StateRow::write(const Values& values) {
    bindAll(*_write, values);
    _write->execute();
}

} // namespace octagent
