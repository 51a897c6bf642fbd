#pragma once

// The running agent: its rooms, put together, and the order in which they start and stop.

#include "application/ServiceNotify.h"
#include "config/Configuration.h"
#include "host/ModuleHost.h"
#include "http/HttpServer.h"
#include "queue/EventQueue.h"
#include "status/HealthBoard.h"
#include "status/MetricRegistry.h"
#include "storage/Persister.h"

#include <Poco/Logger.h>

#include <chrono>
#include <memory>
#include <string>

namespace octagent {

// Made on the main thread after logging is set up; every call comes from there. The parts of a stop may be
// called after a start that failed half way.
class Agent {
public:
    // Storage gets what the others leave of it (contract: 10 s in all).
    static constexpr std::chrono::seconds stopDeadline{10};

    // Throws Poco::Exception on settings that do not go together. Both outlive the agent.
    Agent(const Configuration& configuration, ModuleHost& host);

    void openStorage(); // modules are initialised, the database is opened, the persister runs
    void startModules();
    void startHttp();

    void stopHttp();
    void stopModules();
    void stopStorage();

    // After the stop. 0, or 1 when accepted events were lost for it.
    int exitCode() const { return _hasLostAtStop ? 1 : 0; }
    // Whether a thread was left behind that may still use anything.
    bool hasLeftThreads() const { return _hasLeftThreads; }

private:
    std::string health() const;
    std::string metrics() const;
    std::int64_t uptimeSeconds() const;
    std::chrono::steady_clock::time_point stopBy(std::chrono::seconds sinceStop);

    Poco::Logger& _logger;
    const Configuration& _configuration;
    ModuleHost& _host;
    const std::chrono::steady_clock::time_point _startedAt;
    const std::unique_ptr<Options> _storageOptions;
    const std::unique_ptr<Options> _httpOptions;

    // In the order of the data's way, each outliving what is above it.
    ServiceNotify _notify;
    EventQueue _queue;
    HealthBoard _health;
    MetricRegistry _metrics;
    Persister _persister;
    HttpServer _http;

    std::chrono::steady_clock::time_point _stopBegan; // epoch: not yet
    bool _isStorageOpen = false;
    bool _isHttpStarted = false;
    bool _hasLostAtStop = false;
    bool _hasLeftThreads = false;
};

} // namespace octagent
