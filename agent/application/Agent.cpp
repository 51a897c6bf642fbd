#include "application/Agent.h"

#include "application/StatusHandlers.h"
#include "octagent/Log.h"
#include "status/Health.h"
#include "status/Metrics.h"

namespace octagent {

namespace {

// How much of the stop is gone at most when each part ends; the rest is storage's.
constexpr std::chrono::seconds httpEnds{2};
constexpr std::chrono::seconds modulesEnd{4};

template <std::size_t Size> HistogramView view(const Histogram<Size>& histogram) {
    return {histogram.bounds, histogram.counts, histogram.sum, histogram.count};
}

} // namespace

Agent::Agent(const Configuration& configuration, ModuleHost& host)
    : _logger(Poco::Logger::get("agent")), _configuration(configuration), _host(host),
      _startedAt(std::chrono::steady_clock::now()), _storageOptions(configuration.options("storage")),
      _httpOptions(configuration.options("http")), _persister(_queue, *_storageOptions), _http(*_httpOptions) {}

void Agent::openStorage() {
    const HttpServer::Owner self{"agent", [] { return false; }, [](bool, const std::string&) {}};
    Router& routes = _http.routes(self);
    addStatusRoute(routes, "/health", Access::Open, "application/json", [this] { return health(); });
    addStatusRoute(routes, "/metrics", Access::Token, PrometheusText::contentType, [this] { return metrics(); });

    _host.initialize({_configuration, _queue, _persister, _http, _metrics, _health});
    for (const auto& refused : _persister.open())
        _host.refuse(refused.module, refused.reason);
    _isStorageOpen = true;
    _persister.preferPushed(_host.pushesRows());
    _persister.onTurn([this] { _notify.watchdog(); });
    _persister.start();
}

void Agent::startModules() { _host.start(); }

void Agent::startHttp() {
    _http.pace([this](std::chrono::steady_clock::time_point until) { _queue.awaitRoom(until); });
    _http.start();
    _isHttpStarted = true;
    for (const auto& [name, address] : _http.addresses())
        logInfo(_logger, "listening", {{"address", address}, {"listener", name}});
    _notify.ready();
}

void Agent::stopHttp() {
    const auto deadline = stopBy(httpEnds);
    _notify.stopping();
    if (!_isHttpStarted)
        return;
    _http.beginStop();
    if (!_http.stop(deadline)) {
        logError(_logger, "a request does not end: its handler is left behind");
        _hasLeftThreads = true;
    }
}

void Agent::stopModules() {
    if (!_host.stop(stopBy(modulesEnd)))
        _hasLeftThreads = true;
}

void Agent::stopStorage() {
    const auto deadline = stopBy(stopDeadline);
    const Ledger before = _queue.ledger();
    _queue.stop();
    if (_isStorageOpen) {
        logInfo(_logger, "draining", {{"events", std::to_string(before.queued + before.open)}});
        _hasLostAtStop = !_persister.stop(deadline);
        _hasLeftThreads = _hasLeftThreads || _hasLostAtStop; // the persister's own may hang in the disk
    }
    const Ledger total = _queue.ledger();
    logInfo(_logger, "stopped",
            {{"received", std::to_string(total.received)},
             {"persisted", std::to_string(total.persisted)},
             {"lost", std::to_string(total.lostTotal())},
             {"dropped", std::to_string(total.dropped)}});
}

std::chrono::steady_clock::time_point Agent::stopBy(std::chrono::seconds sinceStop) {
    if (_stopBegan == std::chrono::steady_clock::time_point{})
        _stopBegan = std::chrono::steady_clock::now();
    return _stopBegan + sinceStop;
}

std::string Agent::health() const {
    const StorageStatus storage = _persister.status();
    HealthInput input;
    input.ledger = _queue.ledger();
    input.storage = {storage.lastAttemptFailed, storage.databaseBytes, storage.walBytes, storage.unsyncedRows};
    input.isModuleDegraded = _health.isDegraded() || storage.isDegraded();
    input.lastPush = _health.lastPush();
    input.uptimeSeconds = uptimeSeconds();
    input.version = OCTAGENT_VERSION;
    return healthJson(input);
}

std::string Agent::metrics() const {
    const StorageStatus storage = _persister.status();
    HttpServer::Counters http = _http.counters();
    MetricsInput input;
    input.ledger = _queue.ledger();
    input.storage = {.lastAttemptFailed = storage.lastAttemptFailed,
                     .sinceLastError = storage.sinceLastError,
                     .failedAttempts = storage.failedAttempts,
                     .reopened = storage.reopened,
                     .quarantined = storage.quarantined,
                     .checkpoints = storage.checkpoints,
                     .isWalHeld = storage.isWalHeld,
                     .databaseBytes = storage.databaseBytes,
                     .walBytes = storage.walBytes,
                     .unsyncedRows = storage.unsyncedRows,
                     .deletedPushed = storage.deleted.pushed,
                     .deletedUnpushed = storage.deleted.unpushed,
                     .deletedUnmarked = storage.deleted.unmarked,
                     .batchSize = view(storage.batchSize),
                     .flushSeconds = view(storage.flushSeconds)};
    input.http = {http.requests, std::move(http.refused), http.connections};
    input.uptimeSeconds = uptimeSeconds();
    input.version = OCTAGENT_VERSION;
    return metricsText(input, _metrics);
}

std::int64_t Agent::uptimeSeconds() const {
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - _startedAt).count();
}

} // namespace octagent
