#pragma once

// The ModuleContext that one module gets: the agent's services, with the module's name on everything.

#include "config/Configuration.h"
#include "http/HttpServer.h"
#include "octagent/ModuleContext.h"
#include "status/HealthBoard.h"
#include "status/MetricRegistry.h"
#include "storage/Persister.h"

#include <memory>
#include <string>

namespace octagent {

// What the host hands on. Everything outlives the modules.
struct HostServices {
    const Configuration& configuration;
    EventSink& events;
    Persister& persister;
    HttpServer& http;
    MetricRegistry& metrics;
    HealthBoard& health;
};

class HostedContext final : public ModuleContext, private TableRegistry, private WriterRegistry {
public:
    HostedContext(const std::string& module, const HostServices& services, Persister::Owner storageOwner,
                  HttpServer::Owner httpOwner);

    const Options& options() const override { return *_options; }
    Poco::Logger& logger() override { return _logger; }
    EventSink& events() override { return _services.events; }
    HealthLine& health() override { return _services.health.line(_module); }
    Router& routes() override { return _services.http.routes(_httpOwner); }
    Router& listen(const std::string& name, const std::string& address, RefusalFormat refusals) override;
    TableRegistry& tables() override { return *this; }
    WriterRegistry& writers() override { return *this; }
    Counter& counter(const std::string& name, const std::string& help) override;
    Gauge& gauge(const std::string& name, const std::string& help) override;
    std::unique_ptr<SqlSession> openReadSession(std::chrono::milliseconds limit) override;

private:
    void add(std::unique_ptr<Schema> schema) override;
    void add(std::unique_ptr<EventWriter> writer) override;

    const std::string _module;
    const HostServices _services;
    const Persister::Owner _storageOwner;
    const HttpServer::Owner _httpOwner;
    const std::unique_ptr<Options> _options;
    Poco::Logger& _logger;
};

} // namespace octagent
