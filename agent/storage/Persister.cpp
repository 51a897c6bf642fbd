#include "storage/Persister.h"

#include "octagent/Log.h"
#include "storage/LossLog.h"
#include "storage/ReadSession.h"
#include "storage/Store.h"

#include <Poco/Activity.h>
#include <Poco/ThreadPool.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <random>
#include <utility>

namespace octagent {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds turn{1000};           // of the loop, when nothing happens
constexpr milliseconds shortestBackoff{50};  // after a failed attempt
constexpr milliseconds longestBackoff{1000}; // after many
constexpr milliseconds busyMaintenance{250}; // between pieces of maintenance while batch follows batch
constexpr std::chrono::seconds failureLogInterval{10};
constexpr std::chrono::seconds stopGrace{2};
constexpr std::chrono::seconds removalPatience{5};
constexpr int failuresOfPlugin = 10;

Store::Settings settingsOf(const Options& options) {
    Store::Settings settings;
    settings.database.path = files::canonical(options.text("path"));
    settings.database.isPowerSafe = options.text("synchronous") == "full";
    settings.retention.keep = std::chrono::hours(24) * options.integer("retentionDays");
    settings.retention.maxBytes = options.integer("maxBytes");
    return settings;
}

// Far from those of any other run, so that a database from elsewhere never seems to hold our batch.
std::int64_t firstToken() {
    std::random_device random;
    constexpr unsigned shift = 30;
    return static_cast<std::int64_t>((std::uint64_t{random()} << shift) ^ random());
}

std::string advice(const Poco::Exception& error) {
    const auto* sqlite = dynamic_cast<const SqliteError*>(&error);
    switch (sqlite != nullptr ? classify(sqlite->code()) : Fault::Unavailable) {
    case Fault::Busy:
        return "another program holds the database locked: end its transaction";
    case Fault::Full:
        return "there is no space left: free some on the disk of the database";
    case Fault::Damaged:
        return "the database is damaged: it is put aside when that is seen again";
    case Fault::Statement:
    case Fault::Row:
        return "the tables have changed: the database is opened anew";
    case Fault::Unavailable:
        break;
    }
    return "look at the disk of the database, its directory and permissions";
}

} // namespace

class Persister::Implementation {
public:
    Implementation(EventQueue& queue, const Options& options, const Clock& clock)
        : _queue(queue), _store(settingsOf(options), _catalog, clock), _gate(std::make_shared<ReadGate>()),
          _token(firstToken()), _pool("persister", 1, 1), _activity(this, &Implementation::run),
          _logger(Poco::Logger::get("storage")) {
        _batch.events.reserve(EventQueue::batchSize);
    }

    Catalog& catalog() { return _catalog; }
    Store& store() { return _store; }
    const std::shared_ptr<ReadGate>& gate() const { return _gate; }
    void onTurn(std::function<void()> hook) { _onTurn = std::move(hook); }

    void start() {
        _isStarted = true;
        _activity.start(_pool);
    }

    void remove(const std::string& module);
    bool stop(steady_clock::time_point deadline);
    bool isLeftBehind() const { return _isLeftBehind; }

private:
    void run();
    bool isDone();
    void runTurn();
    void removeModules();
    void takeBatch();
    void storeBatch();
    void maintain(bool isIdle);
    void settle();
    void judgePlugins();
    void fail(CatalogModule& module, const std::string& why);
    void failed(const Poco::Exception& error);
    void succeeded();
    void backOff();
    void loseRest();
    bool leaveBehind();

    EventQueue& _queue;
    Catalog _catalog;
    Store _store;
    std::shared_ptr<ReadGate> _gate;
    std::function<void()> _onTurn;

    Batch _batch;
    std::int64_t _token;
    LossLog _lossLog;
    bool _mayPluginFail = false; // one has failures in a row
    bool _hasWork = false;       // maintenance has more to do
    steady_clock::time_point _lastMaintenance;
    milliseconds _backoff = shortestBackoff;
    bool _isFailing = false;
    std::uint64_t _failures = 0;
    steady_clock::time_point _failingSince;
    steady_clock::time_point _failureLogged;
    int _failureCode = 0;

    // Between stop() and the persister's thread.
    std::mutex _mutex;
    std::condition_variable _wakeUp;
    std::vector<std::string> _toRemove;
    std::condition_variable _removed;
    bool _isStopping = false;
    steady_clock::time_point _deadline;
    bool _isLeftBehind = false; // the books are closed, whatever the thread does
    std::uint64_t _lostAtStop = 0;

    bool _isStarted = false;
    bool _isStopped = false;
    Poco::ThreadPool _pool;
    Poco::Activity<Implementation> _activity;
    Poco::Logger& _logger;
};

void Persister::Implementation::run() {
    while (!isDone()) {
        try {
            runTurn();
        } catch (const Poco::Exception& error) {
            failed(error);
            backOff();
        } catch (const std::exception& error) {
            failed(Poco::RuntimeException(error.what()));
            backOff();
        } catch (...) {
            failed(Poco::RuntimeException("an exception of unknown type"));
            backOff();
        }
    }
    loseRest();
    _lossLog.flush(true);
    _store.close();
}

bool Persister::Implementation::isDone() {
    const std::lock_guard lock(_mutex);
    if (!_isStopping)
        return false;
    return (_batch.empty() && !_queue.isBatchDue()) || steady_clock::now() >= _deadline;
}

void Persister::Implementation::runTurn() {
    if (_onTurn)
        _onTurn();
    removeModules();
    const bool wasEmpty = _batch.empty();
    if (wasEmpty)
        takeBatch();
    const auto now = steady_clock::now();
    if (!_batch.empty()) {
        storeBatch();
        if (now - _lastMaintenance >= busyMaintenance)
            maintain(false);
    } else if (!_hasWork || !_queue.isBatchDue()) {
        maintain(true);
    }
    _lossLog.flush();
}

// The catalog is this thread's while it runs.
void Persister::Implementation::remove(const std::string& module) {
    if (!_isStarted || _isStopped) {
        _catalog.remove(module);
        return;
    }
    std::unique_lock lock(_mutex);
    _toRemove.push_back(module);
    _wakeUp.notify_all();
    _queue.wake();
    _removed.wait_for(lock, removalPatience, [this] { return _toRemove.empty(); });
}

void Persister::Implementation::removeModules() {
    const std::lock_guard lock(_mutex);
    for (const auto& module : _toRemove)
        _catalog.remove(module);
    _toRemove.clear();
    _removed.notify_all();
}

void Persister::Implementation::takeBatch() {
    if (!_queue.waitForBatch(_hasWork ? milliseconds(0) : turn))
        return;
    _queue.drain(_batch.events);
    _batch.begin(++_token);
}

void Persister::Implementation::storeBatch() {
    _store.store(_batch);
    succeeded();
    settle();
}

void Persister::Implementation::maintain(bool isIdle) {
    _lastMaintenance = steady_clock::now();
    _hasWork = _store.maintain(isIdle);
    if (isIdle)
        succeeded();
}

void Persister::Implementation::settle() {
    judgePlugins();
    const std::lock_guard lock(_mutex);
    if (!_isLeftBehind) {
        _queue.settlePersisted(_batch.pending());
        for (const auto& lost : _batch.lost) {
            _queue.settleLost(1, lost.reason);
            _lossLog.add(lost.reason, 1, std::string(_batch.events[lost.index]->kind()), lost.why);
        }
    }
    _batch.clear();
}

// Failures in a row are counted in the order in which the events came.
void Persister::Implementation::judgePlugins() {
    if (_batch.lost.empty() && !_mayPluginFail)
        return;
    _mayPluginFail = false;
    for (std::size_t i = 0; i < _batch.events.size(); ++i) {
        const Catalog::Entry* entry = _catalog.find(_batch.events[i]->kind());
        if (entry == nullptr || !entry->module->isPlugin || entry->module->isFailed)
            continue;
        CatalogModule& module = *entry->module;
        module.failuresInRow = _batch.isLost[i] ? module.failuresInRow + 1 : 0;
        _mayPluginFail = _mayPluginFail || module.failuresInRow > 0;
        if (module.failuresInRow >= failuresOfPlugin)
            fail(module, _batch.whyLost(i));
    }
}

void Persister::Implementation::fail(CatalogModule& module, const std::string& why) {
    module.isFailed = true;
    const std::string reason = "its writers failed " + std::to_string(failuresOfPlugin) + " times in a row: " + why;
    logError(_logger, "a plugin has failed: its events are refused from now on",
             {{"module", module.name}, {"reason", reason}});
    if (module.onFailed)
        module.onFailed(reason);
}

void Persister::Implementation::failed(const Poco::Exception& error) {
    const auto now = steady_clock::now();
    _store.statistics().attemptFailed(error.displayText());
    ++_failures;
    if (!_isFailing) {
        _isFailing = true;
        _failingSince = now;
        _failures = 1;
    } else if (error.code() == _failureCode || now - _failureLogged < failureLogInterval) {
        return;
    }
    _failureCode = error.code();
    _failureLogged = now;
    logError(_logger, "storing fails: the batch is kept and tried again",
             {{"database", _store.path()},
              {"error", error.displayText()},
              {"code", std::to_string(error.code())},
              {"events", std::to_string(_batch.events.size())},
              {"advice", advice(error)}});
}

void Persister::Implementation::succeeded() {
    _backoff = shortestBackoff;
    if (!_isFailing)
        return;
    _isFailing = false;
    _store.statistics().attemptSucceeded();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(steady_clock::now() - _failingSince);
    logInfo(_logger, "storing works again",
            {{"after_seconds", std::to_string(seconds.count())}, {"failed_attempts", std::to_string(_failures)}});
}

void Persister::Implementation::backOff() {
    std::unique_lock lock(_mutex);
    if (_isStopping) {
        _wakeUp.wait_until(lock, std::min(_deadline, steady_clock::now() + shortestBackoff));
        return;
    }
    _wakeUp.wait_for(lock, _backoff, [this] { return _isStopping || !_toRemove.empty(); });
    _backoff = std::min(longestBackoff, 2 * _backoff);
}

// Whatever is left now, nobody will store.
void Persister::Implementation::loseRest() {
    const std::lock_guard lock(_mutex);
    if (_isLeftBehind)
        return;
    // Those that no writer took have their own reason.
    for (const auto& lost : _batch.lost) {
        _queue.settleLost(1, lost.reason);
        _lossLog.add(lost.reason, 1, std::string(_batch.events[lost.index]->kind()), lost.why);
    }
    _lostAtStop = _batch.pending();
    _queue.settleLost(_lostAtStop, LossReason::Shutdown);
    _batch.clear();
    while (const std::size_t count = _queue.drain(_batch.events)) {
        _queue.settleLost(count, LossReason::Shutdown);
        _lostAtStop += count;
        _batch.clear();
    }
    _lossLog.add(LossReason::Shutdown, _lostAtStop, "any", "the agent stopped before storage took them");
}

bool Persister::Implementation::stop(steady_clock::time_point deadline) {
    if (_isStopped)
        return _lostAtStop == 0;
    _isStopped = true;
    _gate->isClosed = true;
    _queue.stop(); // first: what waits for its batch to fill is due from now on
    {
        const std::lock_guard lock(_mutex);
        _isStopping = true;
        _deadline = deadline;
        _wakeUp.notify_all();
    }
    if (!_isStarted) {
        run();
        return _lostAtStop == 0;
    }
    _activity.stop();
    const auto patience = std::max(deadline, steady_clock::now()) + stopGrace - steady_clock::now();
    try {
        _activity.wait(static_cast<long>(std::chrono::duration_cast<milliseconds>(patience).count()));
        _pool.joinAll(); // an Activity says that it ended a moment before it has let go of itself
        return _lostAtStop == 0;
    } catch (const Poco::TimeoutException&) {
        return leaveBehind();
    }
}

// The thread hangs in the system: its events are given up, and it may not touch the books again.
bool Persister::Implementation::leaveBehind() {
    const std::lock_guard lock(_mutex);
    _isLeftBehind = true;
    std::uint64_t lost = _queue.ledger().open;
    _queue.settleLost(lost, LossReason::Shutdown);
    std::vector<Event::Ptr> rest;
    rest.reserve(EventQueue::batchSize);
    while (const std::size_t count = _queue.drain(rest)) {
        _queue.settleLost(count, LossReason::Shutdown);
        lost += count;
        rest.clear();
    }
    logError(_logger, "storage hangs and is left behind",
             {{"database", _store.path()}, {"events_lost", std::to_string(lost)}});
    return false;
}

Persister::Persister(EventQueue& queue, const Options& options, const Clock& clock)
    : _implementation(std::make_unique<Implementation>(queue, options, clock)) {}

Persister::~Persister() {
    _implementation->stop(std::chrono::steady_clock::now());
    if (_implementation->isLeftBehind())
        static_cast<void>(_implementation.release()); // its thread still uses it
}

void Persister::addSchema(const Owner& owner, std::unique_ptr<Schema> schema) {
    Catalog& catalog = _implementation->catalog();
    catalog.add(catalog.module(owner.module, owner.isPlugin, owner.onFailed), std::move(schema));
}

void Persister::addWriter(const Owner& owner, std::unique_ptr<EventWriter> writer) {
    Catalog& catalog = _implementation->catalog();
    catalog.add(catalog.module(owner.module, owner.isPlugin, owner.onFailed), std::move(writer));
}

void Persister::remove(const std::string& module) { _implementation->remove(module); }

std::vector<Persister::RefusedModule> Persister::open() {
    std::vector<RefusedModule> result;
    for (const auto& refused : _implementation->store().open())
        result.push_back({refused.module->name, refused.reason});
    return result;
}

void Persister::onTurn(std::function<void()> hook) { _implementation->onTurn(std::move(hook)); }

void Persister::preferPushed(bool prefer) { _implementation->store().preferPushed(prefer); }

void Persister::start() { _implementation->start(); }

bool Persister::stop(std::chrono::steady_clock::time_point deadline) { return _implementation->stop(deadline); }

StorageStatus Persister::status() const {
    Store& store = _implementation->store();
    StorageStatus status = store.statistics().snapshot();
    status.databaseBytes = files::sizeOf(store.path());
    status.walBytes = files::sizeOf(store.walPath());
    return status;
}

std::unique_ptr<SqlSession> Persister::openReadSession(milliseconds limit) const {
    return std::make_unique<ReadSession>(_implementation->store().path(), limit, _implementation->gate());
}

} // namespace octagent
