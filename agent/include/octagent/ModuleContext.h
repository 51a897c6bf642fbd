#pragma once

// All that a module may touch.

#include "octagent/EventSink.h"
#include "octagent/EventWriter.h"
#include "octagent/Health.h"
#include "octagent/Http.h"
#include "octagent/Metric.h"
#include "octagent/Option.h"
#include "octagent/Sql.h"

#include <Poco/Logger.h>

#include <chrono>
#include <memory>
#include <string>

namespace octagent {
inline namespace v1 {

// Made by the agent for one module; lives from before initialize() until the process ends. What it hands out
// by reference lives as long. Unless said otherwise: callable in initialize() only, from its thread.
class OCTAGENT_SDK_TYPE ModuleContext {
public:
    virtual ~ModuleContext() = default;

    virtual const Options& options() const = 0; // any thread, any time
    virtual Poco::Logger& logger() = 0;         // any thread, any time
    virtual EventSink& events() = 0;            // any thread; offers are taken from start() on
    virtual HealthLine& health() = 0;           // any thread, any time

    // Routes on the agent's own listener.
    virtual Router& routes() = 0;

    // A listener of the module's own at `address` ("127.0.0.1:4318"), behind the same guards as the agent's.
    // It is opened after every module has started. `refusals` is null for those of the agent's own listener.
    // Throws Poco::InvalidArgumentException on an address that does not parse, or is not loopback while no token
    // is configured.
    virtual Router& listen(const std::string& name, const std::string& address, RefusalFormat refusals) = 0;

    virtual TableRegistry& tables() = 0;
    virtual WriterRegistry& writers() = 0;

    // Names in Prometheus' manner; the agent puts "octagent_<module>_" before them. The same name again is the
    // same metric.
    virtual Counter& counter(const std::string& name, const std::string& help) = 0;
    virtual Gauge& gauge(const std::string& name, const std::string& help) = 0;

    // A read-only view of the database, for the calling thread alone; from start() on. Each statement is
    // interrupted once `limit` has passed since the last call of prepare() or since its first step().
    // Close it soon, and never keep a query half read: an open read keeps the log of the database growing.
    // Throws Poco::Exception when the database cannot be opened just now.
    virtual std::unique_ptr<SqlSession> openReadSession(std::chrono::milliseconds limit) = 0;
};

} // namespace v1
} // namespace octagent
