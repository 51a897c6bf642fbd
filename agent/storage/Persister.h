#pragma once

// The persister: the one Activity that writes to the database, for every kind of event.
//
// It takes batches from the queue and writes each in one transaction through the writer of each event's kind.
// A batch that storage refuses is kept and tried again as a whole; a row that can never be stored is isolated,
// counted and left out.

#include "octagent/EventWriter.h"
#include "octagent/Option.h"
#include "octagent/Sql.h"
#include "queue/Clock.h"
#include "queue/EventQueue.h"
#include "storage/StorageStatus.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace octagent {

// The keys of the group "storage".
std::vector<Option> storageOptions(const std::string& defaultPath);

// Owned by the application. Lifecycle calls come from the main thread; status() and openReadSession() from any.
class Persister {
public:
    // `queue`, `options` and `clock` outlive the persister. Throws nothing but std::bad_alloc: see open().
    Persister(EventQueue& queue, const Options& options, const Clock& clock = Clock::system());
    // Stops at once when stop() was not called: what is queued is lost (shutdown).
    ~Persister();
    Persister(const Persister&) = delete;
    Persister& operator=(const Persister&) = delete;

    // Registration, before open(). `module` names the owner; plugins fail alone, built-in modules do not.
    // `onFailed` is called once, on the persister's thread, after ten failures of its writers in a row.
    struct Owner {
        std::string module;
        bool isPlugin = false;
        std::function<void(const std::string& reason)> onFailed;
    };
    // Throw Poco::ExistsException when a table or a kind is taken.
    void addSchema(const Owner& owner, std::unique_ptr<Schema> schema);
    void addWriter(const Owner& owner, std::unique_ptr<EventWriter> writer);
    // Takes back what a plugin registered before it was refused. At any time before stop(); once started, it waits
    // for the persister's thread to let go, some milliseconds as a rule. Events of its kinds are lost from then
    // on (no_writer); its tables and rows stay.
    void remove(const std::string& module);

    // Creates or opens the database, checks and migrates it. Throws Poco::Exception, with a message that says
    // what to do, when the agent must not start on it: a second agent, a newer agent's database, no access.
    // Modules whose own tables are too new, or whose migration failed, are returned with the reason when they
    // are plugins, and thrown when not.
    struct RefusedModule {
        std::string module;
        std::string reason;
    };
    std::vector<RefusedModule> open();

    void start();

    // Before start(). Called on the persister's thread at every turn of its loop, at least every two seconds
    // while it works, failed attempts included: for a watchdog. Must not block or throw.
    void onTurn(std::function<void()> hook);

    // Before start(): a push plugin is loaded, so retention takes pushed rows before all others.
    void preferPushed(bool prefer);

    // Stops the queue, drains it, checkpoints and closes. What storage does not take by `deadline` is settled as
    // lost (shutdown) and logged. True when nothing was lost for it. Returns at most two seconds after the
    // deadline, even when a disk hangs: the persister's thread is left behind then, and the process should end
    // soon. Read sessions that still run are interrupted.
    bool stop(std::chrono::steady_clock::time_point deadline);

    // Cheap: a lock for a copy, two calls of stat(), no query.
    StorageStatus status() const;

    // For the calling thread alone. See ModuleContext::openReadSession.
    std::unique_ptr<SqlSession> openReadSession(std::chrono::milliseconds limit) const;

private:
    class Implementation;
    std::unique_ptr<Implementation> _implementation;
};

} // namespace octagent
