#pragma once

// A read-only connection for a module, for one thread, with a limit of time.

#include "storage/SqliteSession.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

namespace octagent {

// Outlives the persister as long as a session does: those are the modules'.
struct ReadGate {
    std::atomic<bool> isClosed{false}; // the agent stops: whatever runs is interrupted
};

// See ModuleContext::openReadSession. Never writes, never checkpoints, never creates a file.
class ReadSession final : public SqlSession {
public:
    // Throws SqliteError, Poco::IllegalStateException when the gate is closed.
    ReadSession(const std::string& path, std::chrono::milliseconds limit, std::shared_ptr<const ReadGate> gate);
    ~ReadSession() override;
    ReadSession(const ReadSession&) = delete;
    ReadSession& operator=(const ReadSession&) = delete;

    std::unique_ptr<Statement> prepare(std::string_view sql) override;
    void execute(const std::string& sql) override;

private:
    static int onProgress(void* self);

    std::shared_ptr<const ReadGate> _gate;
    sqlite3* _handle = nullptr;
    std::unique_ptr<SqliteSession> _session;
};

} // namespace octagent
