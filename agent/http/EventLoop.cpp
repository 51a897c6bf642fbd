// The loop itself: waiting, deadlines, stopping.

#include "http/EventLoop.h"
#include "http/ListenSocket.h"
#include "http/ThreadName.h"
#include "octagent/Log.h"

#include <Poco/Exception.h>
#include <Poco/Thread.h>

#include <algorithm>
#include <filesystem>
#include <limits>

namespace octagent {

namespace {

// Holds what one wait brings from one client: most requests whole, and a share of a large one.
constexpr std::size_t scratchSize = 64 * 1024;

// Refused clients get less time to read why while the agent stops.
constexpr std::chrono::milliseconds lingerWhileStopping{250};

template <class Function> void forEachNow(const std::vector<std::unique_ptr<Connection>>& all, Function function) {
    std::vector<Connection*> connections; // the list changes under the function
    connections.reserve(all.size());
    for (const auto& connection : all)
        connections.push_back(connection.get());
    for (Connection* connection : connections)
        if (!connection->isClosed)
            function(*connection);
}

} // namespace

EventLoop::EventLoop(std::shared_ptr<HttpShared> shared)
    : _shared(std::move(shared)), _settings(_shared->settings), _logger(Poco::Logger::get("http")),
      _routes(_settings.maxBodyBytes), _now(Clock::now()) {
    _done.reserve(_settings.maxConnections + 1);
    _finished.reserve(_settings.maxConnections + 1);
}

EventLoop::~EventLoop() {
    for (const auto& path : _socketFiles) {
        std::error_code error; // nothing can be done about it here; the next start removes it
        std::filesystem::remove(path, error);
    }
}

const std::string& EventLoop::listenOn(const Poco::Net::SocketAddress& address) {
    const Poco::Net::ServerSocket socket = openListenSocket(address);
    const Poco::Net::SocketAddress bound = socket.address();
    _listeners.push_back(
        std::make_unique<Listener>(socket, Guard::forAddress(_settings, bound), true, bound.toString()));
    return _listeners.back()->address;
}

const std::string& EventLoop::listenOnUnixSocket(const std::string& path) {
    const Poco::Net::ServerSocket socket = openUnixListenSocket(path);
    _socketFiles.push_back(path);
    _listeners.push_back(std::make_unique<Listener>(socket, Guard::forUnixSocket(_settings), false, path));
    return _listeners.back()->address;
}

void EventLoop::run() {
    nameThread("http");
    try {
        _scratch.reserve(scratchSize);
        // So that closing and handing back need no memory.
        _connections.reserve(_settings.maxConnections + 1);
        _graveyard.reserve(_settings.maxConnections + 1);
        for (const auto& listener : _listeners)
            _poller.add(listener->socket, Poller::Read, static_cast<PollSource*>(listener.get()));
    } catch (const std::exception& error) {
        logError(_logger, "cannot serve", {{"error", error.what()}});
        _quitRequested = true;
    }
    while (!_quitRequested) {
        try {
            const auto& ready = _poller.wait(millisecondsToWait());
            _now = Clock::now();
            for (const auto& event : ready) {
                auto* const source = static_cast<PollSource*>(event.tag);
                if (source->isListener)
                    accept(static_cast<Listener&>(*source));
                else if (!static_cast<Connection&>(*source).isClosed)
                    serve(static_cast<Connection&>(*source), event.readable, event.writable);
            }
            finishJobs();
            if (_stopRequested && !_stopping)
                onStop();
            expire();
            _graveyard.clear();
            if (_stopping && _connections.empty())
                _drained.set();
        } catch (const std::exception& error) {
            // Out of memory or descriptors: what it hit was a single client, or passes. Not in a tight circle.
            logError(_logger, "the HTTP loop goes on after an error", {{"error", error.what()}});
            Poco::Thread::sleep(100);
        }
    }
    forEachNow(_connections, [this](Connection& connection) { close(connection); });
    _graveyard.clear();
    _listeners.clear();
    _drained.set(); // what is left waits for its worker, not for this
    _ended.set();
}

int EventLoop::millisecondsToWait() noexcept {
    bool isSet = false;
    Monotonic first;
    const auto consider = [&](Monotonic deadline) {
        if (!isSet || deadline < first)
            first = deadline;
        isSet = true;
    };
    for (DeadlineList* list : {&_idle, &_reading, &_writing, &_lingering})
        if (const DeadlineEntry* front = list->front())
            consider(front->deadline());
    if (!_accepting && !_stopping)
        consider(_acceptAgainAt);
    if (!isSet)
        return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(first - _now).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, std::numeric_limits<int>::max()));
}

void EventLoop::expire() {
    const auto nextOf = [this](DeadlineList& list) -> Connection* {
        DeadlineEntry* const front = list.front();
        return front != nullptr && front->deadline() <= _now ? static_cast<Connection*>(front) : nullptr;
    };
    while (Connection* connection = nextOf(_idle))
        close(*connection);
    while (Connection* connection = nextOf(_lingering))
        close(*connection);
    while (Connection* connection = nextOf(_writing)) {
        logDebug(_logger, "a client did not read its answer in time");
        close(*connection);
    }
    while (Connection* connection = nextOf(_reading))
        refuseAtOnce(*connection, {408, "the request did not come in whole in time"});
    if (!_accepting && !_stopping && _now >= _acceptAgainAt)
        setAccepting(true);
}

void EventLoop::beginStop() noexcept {
    _stopRequested = true;
    _poller.wake();
}

void EventLoop::onStop() {
    _stopping = true;
    setAccepting(false);
    for (const auto& listener : _listeners)
        listener->socket.close();
    forEachNow(_connections, [this](Connection& connection) {
        if (connection.isIn(_lingering)) {
            _lingering.append(connection, std::min(connection.deadline(), _now + lingerWhileStopping));
        } else if (connection.isIn(_idle)) {
            receive(connection); // a request that is there already is answered
            if (!connection.isClosed && connection.isIn(_idle))
                close(connection);
        }
        if (!connection.isClosed && connection.isIn(_reading))
            refuseAtOnce(connection, {503, "the agent stops"});
    });
}

bool EventLoop::waitUntilDrained(std::chrono::steady_clock::time_point deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    return _drained.tryWait(static_cast<long>(std::max<std::int64_t>(left, 0)));
}

bool EventLoop::quit(std::chrono::steady_clock::time_point deadline) {
    _quitRequested = true;
    _poller.wake();
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    return _ended.tryWait(static_cast<long>(std::max<std::int64_t>(left, 0)));
}

} // namespace octagent
