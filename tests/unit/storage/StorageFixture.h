#pragma once

// What the storage tests share: a directory of their own, a module with one table, a persister around a real
// database file, and a second connection that looks at it as any other program would.

#include "queue/EventQueue.h"
#include "storage/Persister.h"

#include <Poco/File.h>
#include <Poco/TemporaryFile.h>

#include <sqlite3.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace octagent::test {

using namespace std::chrono_literals;

// Long enough for the slowest machine; nothing waits for it when all is well.
inline constexpr auto patience = 30s;

bool eventually(const std::function<bool()>& condition);

class TempDirectory {
public:
    TempDirectory();
    ~TempDirectory();
    TempDirectory(const TempDirectory&) = delete;
    TempDirectory& operator=(const TempDirectory&) = delete;
    std::string operator/(const std::string& name) const { return _path + "/" + name; }
    const std::string& path() const { return _path; }
    // Names in it that begin so, in order.
    std::vector<std::string> list(const std::string& prefix) const;

private:
    std::string _path;
};

class TestClock final : public Clock {
public:
    Monotonic monotonic() const noexcept override { return Monotonic(std::chrono::milliseconds(_monotonic)); }
    std::int64_t unixMilliseconds() const noexcept override { return _calendar; }
    void run(std::chrono::milliseconds by) {
        _monotonic += by.count();
        _calendar += by.count();
    }
    void leap(std::chrono::milliseconds by) { _calendar += by.count(); }

private:
    std::atomic<std::int64_t> _monotonic{1000000};
    std::atomic<std::int64_t> _calendar{1700000000000};
};

struct TestOptions : Options {
    std::string path;
    std::string synchronous = "normal";
    std::int64_t retentionDays = 0;
    std::int64_t maxBytes = 0;

    std::string text(const std::string& key) const override;
    std::int64_t integer(const std::string& key) const override;
    bool boolean(const std::string& key) const override;
};

// What a note's writer does with it.
enum class Trick {
    None,
    Throw,           // after it has written the row
    ThrowOther,      // something that is no std::exception
    BreakConstraint, // a row that SQLite refuses
    TooBig
};

class Note : public Event {
public:
    static constexpr std::string_view kindName = "note";
    explicit Note(std::string newText, Trick newTrick = Trick::None, std::string_view kind = kindName)
        : Event(kind), text(std::move(newText)), trick(newTrick) {}
    const std::string text;
    const Trick trick;
};

struct TestSchema : Schema {
    explicit TestSchema(std::string newTable = "notes") : table(std::move(newTable)) {}
    std::string table;
    int latest = 1;
    bool hasSynced = true;
    std::string indexed;                             // columns; empty: as in the existing system
    std::function<void(SqlSession&, int)> onMigrate; // in place of creating the table

    int version() const override { return latest; }
    std::vector<Table> tables() const override { return {{table, "created_at", hasSynced}}; }
    void migrate(SqlSession& session, int from) override;
};

struct TestWriter : EventWriter {
    explicit TestWriter(std::string newKind = std::string(Note::kindName), std::string newTable = "notes")
        : kindText(std::move(newKind)), table(std::move(newTable)) {}
    std::string kindText;
    std::string table;
    std::function<void()> onPrepare;
    std::function<void()> onWrite;

    std::string kind() const override { return kindText; }
    void prepare(SqlSession& session) override;
    std::int64_t write(const Event& event) override;

private:
    std::unique_ptr<Statement> _insert;
};

// A queue and a persister with the module "notes".
class Agent {
public:
    explicit Agent(const TestOptions& newOptions, const Clock& clock = Clock::system());

    TestOptions options;
    EventQueue queue;
    Persister persister;

    void addNotes();
    std::vector<Persister::RefusedModule> open() { return persister.open(); }
    void start(); // opens too
    // False when something was lost.
    bool stop(std::chrono::milliseconds within = patience);

    void offer(const std::string& text, Trick trick = Trick::None);
    void offerMany(int count, const std::string& prefix = "n");
    bool waitUntilStored(std::uint64_t events); // since the start
    std::uint64_t lost(LossReason reason) const;
    bool isBalanced() const; // received = persisted + lost + in flight
};

// Another program's connection.
class Probe {
public:
    // `vfs`: null for the one that all others use.
    explicit Probe(const std::string& path, const char* vfs = nullptr);
    ~Probe();
    Probe(const Probe&) = delete;
    Probe& operator=(const Probe&) = delete;
    void run(const std::string& sql); // throws Poco::DataException
    std::int64_t number(const std::string& sql);
    std::string text(const std::string& sql);

private:
    sqlite3* _handle = nullptr;
};

// What a probe of a moment tells.
std::int64_t number(const std::string& path, const std::string& sql);
std::string text(const std::string& path, const std::string& sql);
void run(const std::string& path, const std::string& sql);

// Writes bytes into a file from another process: this one must not open and close a live database, which
// would drop SQLite's locks.
void overwrite(const std::string& path, std::uint64_t offset, std::uint64_t count);
void overwriteWithNothing(const std::string& path);

} // namespace octagent::test
