#include "host/HostedContext.h"

#include <utility>

namespace octagent {

HostedContext::HostedContext(const std::string& module, const HostServices& services, Persister::Owner storageOwner,
                             HttpServer::Owner httpOwner)
    : _module(module), _services(services), _storageOwner(std::move(storageOwner)), _httpOwner(std::move(httpOwner)),
      _options(services.configuration.options(module)), _logger(Poco::Logger::get(module)) {}

Router& HostedContext::listen(const std::string& name, const std::string& address, RefusalFormat refusals) {
    return _services.http.listen(_httpOwner, name, address, std::move(refusals));
}

Counter& HostedContext::counter(const std::string& name, const std::string& help) {
    return _services.metrics.counter(_module, name, help);
}

Gauge& HostedContext::gauge(const std::string& name, const std::string& help) {
    return _services.metrics.gauge(_module, name, help);
}

std::unique_ptr<SqlSession> HostedContext::openReadSession(std::chrono::milliseconds limit) {
    return _services.persister.openReadSession(limit);
}

void HostedContext::add(std::unique_ptr<Schema> schema) {
    _services.persister.addSchema(_storageOwner, std::move(schema));
}

void HostedContext::add(std::unique_ptr<EventWriter> writer) {
    _services.persister.addWriter(_storageOwner, std::move(writer));
}

} // namespace octagent
