#pragma once

// The persister: the one Activity that writes to the database, for every kind of event.
//
// It takes batches from the queue and writes each in one transaction through the writer of each event's kind.
// A batch that storage refuses is kept and tried again as a whole; a row that can never be stored is isolated,
// counted and left out.

#include "octagent/EventWriter.h"
#include "octagent/Option.h"
#include "octagent/Sql.h"
#include "queue/EventQueue.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace octagent {

// The keys of the group "storage".
std::vector<Option> storageOptions(const std::string& defaultPath);

struct StorageStatus {
    bool lastAttemptFailed = false;
    std::uint64_t databaseBytes = 0; // by stat(), without a query
    std::uint64_t walBytes = 0;
    std::int64_t unsyncedRows = 0;
};

// Owned by the application. Lifecycle calls come from the main thread; status() and openReadSession() from any.
class Persister {
public:
    // `queue` and `options` outlive the persister.
    Persister(EventQueue& queue, const Options& options);
    ~Persister();

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
    // Takes back what a plugin registered before it was refused.
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

    // Drains the queue, which must have been stopped, checkpoints and closes. What storage does not take by
    // `deadline` is settled as lost (shutdown). True when nothing was lost for it.
    bool stop(std::chrono::steady_clock::time_point deadline);

    StorageStatus status() const;

    // For the calling thread alone. See ModuleContext::openReadSession.
    std::unique_ptr<SqlSession> openReadSession(std::chrono::milliseconds limit) const;

private:
    class Implementation;
    std::unique_ptr<Implementation> _implementation;
};

} // namespace octagent
