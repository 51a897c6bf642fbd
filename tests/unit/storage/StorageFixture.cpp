#include "StorageFixture.h"

#include <Poco/DirectoryIterator.h>
#include <Poco/Exception.h>
#include <Poco/Process.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <thread>

namespace octagent::test {

bool eventually(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        std::this_thread::sleep_for(2ms);
    }
    return true;
}

TempDirectory::TempDirectory() : _path(Poco::TemporaryFile::tempName()) { Poco::File(_path).createDirectory(); }

TempDirectory::~TempDirectory() {
    try {
        Poco::File(_path).remove(true);
    } catch (const Poco::Exception&) {
        return; // left for the system's cleaning
    }
}

std::vector<std::string> TempDirectory::list(const std::string& prefix) const {
    std::vector<std::string> names;
    for (Poco::DirectoryIterator entry(_path), end; entry != end; ++entry)
        if (entry.name().starts_with(prefix))
            names.push_back(entry.name());
    std::sort(names.begin(), names.end());
    return names;
}

std::string TestOptions::text(const std::string& key) const {
    if (key == "path")
        return path;
    if (key == "synchronous")
        return synchronous;
    throw Poco::NotFoundException(key);
}

std::int64_t TestOptions::integer(const std::string& key) const {
    if (key == "retentionDays")
        return retentionDays;
    if (key == "maxBytes")
        return maxBytes;
    throw Poco::NotFoundException(key);
}

bool TestOptions::boolean(const std::string& key) const { throw Poco::NotFoundException(key); }

void TestSchema::migrate(SqlSession& session, int from) {
    if (onMigrate)
        return onMigrate(session, from);
    session.execute("CREATE TABLE IF NOT EXISTS " + table +
                    "(id INTEGER PRIMARY KEY AUTOINCREMENT, trace_id TEXT NOT NULL, created_at INTEGER NOT NULL, "
                    "text TEXT NOT NULL" +
                    (hasSynced ? ", synced INTEGER NOT NULL DEFAULT 0, pushed_at INTEGER)" : ")"));
    const std::string asBefore = hasSynced ? "synced, created_at" : "created_at";
    session.execute("CREATE INDEX IF NOT EXISTS idx_" + table + " ON " + table + "(" +
                    (indexed.empty() ? asBefore : indexed) + ")");
}

void TestWriter::prepare(SqlSession& session) {
    if (onPrepare)
        onPrepare();
    _insert = session.prepare("INSERT INTO " + table + "(trace_id,created_at,text) VALUES(?1,?2,?3)");
}

std::int64_t TestWriter::write(const Event& event) {
    if (onWrite)
        onWrite();
    const auto& note = static_cast<const Note&>(event);
    _insert->bind(1, note.traceId().view());
    _insert->bind(2, note.acceptedAt());
    _insert->bind(3, std::string_view(note.text));
    if (note.trick == Trick::BreakConstraint)
        _insert->bindNull(3);
    const std::string big(note.trick == Trick::TooBig ? 1000000001U : 0U, 'x');
    if (note.trick == Trick::TooBig)
        _insert->bind(3, std::string_view(big));
    const auto rows = _insert->execute();
    if (note.trick == Trick::Throw)
        throw Poco::RuntimeException("as told");
    if (note.trick == Trick::ThrowOther)
        throw 42;
    return rows;
}

Agent::Agent(const TestOptions& newOptions, const Clock& clock)
    : options(newOptions), queue(clock), persister(queue, options, clock) {}

void Agent::addNotes() {
    const Persister::Owner owner{"notes", false, {}};
    persister.addSchema(owner, std::make_unique<TestSchema>());
    persister.addWriter(owner, std::make_unique<TestWriter>());
}

void Agent::start() {
    persister.open();
    persister.start();
}

bool Agent::stop(std::chrono::milliseconds within) { return persister.stop(std::chrono::steady_clock::now() + within); }

void Agent::offer(const std::string& text, Trick trick) { queue.offer(Event::Ptr(new Note(text, trick))); }

void Agent::offerMany(int count, const std::string& prefix) {
    for (int i = 0; i < count; ++i)
        offer(prefix + std::to_string(i));
}

bool Agent::waitUntilStored(std::uint64_t events) {
    return eventually([this, events] { return queue.ledger().persisted >= events; });
}

std::uint64_t Agent::lost(LossReason reason) const { return queue.ledger().lost[static_cast<std::size_t>(reason)]; }

bool Agent::isBalanced() const {
    const Ledger books = queue.ledger();
    return books.received == books.persisted + books.lostTotal() + books.queued + books.open;
}

Probe::Probe(const std::string& path, const char* vfs) {
    if (sqlite3_open_v2(path.c_str(), &_handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs) != SQLITE_OK)
        throw Poco::DataException("cannot open " + path);
    sqlite3_busy_timeout(_handle, 10000);
    sqlite3_wal_autocheckpoint(_handle, 0);
}

Probe::~Probe() { sqlite3_close(_handle); }

void Probe::run(const std::string& sql) {
    if (sqlite3_exec(_handle, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        throw Poco::DataException(sqlite3_errmsg(_handle), sql);
}

std::string Probe::text(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(_handle, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
        throw Poco::DataException(sqlite3_errmsg(_handle), sql);
    std::string result;
    if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_text(statement, 0) != nullptr)
        result = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    if (sqlite3_finalize(statement) != SQLITE_OK)
        throw Poco::DataException(sqlite3_errmsg(_handle), sql);
    return result;
}

std::int64_t Probe::number(const std::string& sql) {
    const std::string result = text(sql);
    return result.empty() ? 0 : std::stoll(result);
}

std::int64_t number(const std::string& path, const std::string& sql) { return Probe(path).number(sql); }

std::string text(const std::string& path, const std::string& sql) { return Probe(path).text(sql); }

void run(const std::string& path, const std::string& sql) { Probe(path).run(sql); }

#if defined(POCO_OS_FAMILY_UNIX)
// By another process: closing the file in this one would drop SQLite's locks.
namespace {

void shell(const std::string& command) {
    if (Poco::Process::launch("/bin/sh", {"-c", command}).wait() != 0)
        throw Poco::RuntimeException(command);
}

} // namespace

void overwrite(const std::string& path, std::uint64_t offset, std::uint64_t count) {
    shell("head -c " + std::to_string(count) + " /dev/urandom | dd of='" + path +
          "' bs=1 seek=" + std::to_string(offset) + " conv=notrunc status=none");
}

void overwriteWithNothing(const std::string& path) { shell(": > '" + path + "'"); }
#else
// In this process: Windows' locks belong to a handle, and there is no shell.
void overwrite(const std::string& path, std::uint64_t offset, std::uint64_t count) {
    Poco::File(path).createFile();
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(offset));
    std::mt19937 random(std::random_device{}());
    for (std::uint64_t i = 0; i < count; ++i)
        file.put(static_cast<char>(random()));
    file.close();
    if (file.fail())
        throw Poco::WriteFileException(path);
}

void overwriteWithNothing(const std::string& path) { std::ofstream(path, std::ios::trunc).close(); }
#endif

} // namespace octagent::test
