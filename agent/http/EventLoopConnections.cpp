// Clients that come, go, and are too many.

#include "http/EventLoop.h"
#include "octagent/Log.h"

#include <Poco/Exception.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SocketDefs.h>

#include <algorithm>
#include <cerrno>

namespace octagent {

namespace {

// How long no client is accepted when there is no place for one. Those that wait stay in the system's queue.
constexpr std::chrono::milliseconds acceptPause{200};

// The log tells at most once in this time that descriptors have run out.
constexpr std::chrono::seconds exhaustionLogInterval{60};

bool isExhaustion(int error) noexcept {
    if (error == POCO_EMFILE || error == POCO_ENOBUFS)
        return true;
#if defined(ENFILE)
    if (error == ENFILE || error == ENOMEM)
        return true;
#endif
    return false;
}

} // namespace

void EventLoop::accept(Listener& listener) {
    if (!_accepting)
        return;
    if (_connections.size() >= _settings.maxConnections && !evict()) {
        pauseAccepting();
        return;
    }
    try {
        // One for each round: the poller tells again when more wait, and clients that are here get their turn.
        takeClient(listener, listener.socket.acceptConnection());
    } catch (const Poco::Exception& error) {
        if (isExhaustion(error.code()))
            onExhausted();
        // else the client has gone already
    }
}

void EventLoop::takeClient(Listener& listener, const Poco::Net::StreamSocket& accepted) {
    auto connection = std::make_unique<Connection>(accepted, listener);
    connection->socket.setBlocking(false);
    if (listener.tcp)
        connection->socket.setNoDelay(true);
    _poller.add(connection->socket, Poller::Read, static_cast<PollSource*>(connection.get()));
    connection->isPolled = true;
    connection->interest = Poller::Read;
    connection->index = _connections.size();
    _idle.append(*connection, _now + _settings.keepAliveTimeout);
    _connections.push_back(std::move(connection));
    _shared->statistics.addConnection();
    if (_isExhausted) {
        _isExhausted = false;
        logInfo(_logger, "connections are accepted again");
    }
}

// Those first who are of least use: answered for good, then idle for longest, then nearest to their deadline.
bool EventLoop::evict() {
    for (DeadlineList* list : {&_lingering, &_idle}) {
        if (DeadlineEntry* front = list->front()) {
            close(static_cast<Connection&>(*front));
            return true;
        }
    }
    DeadlineEntry* const reading = _reading.front();
    DeadlineEntry* const writing = _writing.front();
    DeadlineEntry* victim = reading == nullptr ? writing : reading;
    if (reading != nullptr && writing != nullptr && writing->deadline() < reading->deadline())
        victim = writing;
    if (victim == nullptr)
        return false;
    logDebug(_logger, "a slow client made room for another");
    close(static_cast<Connection&>(*victim));
    return true;
}

void EventLoop::onExhausted() {
    if (!_isExhausted && (_exhaustionLoggedAt == Monotonic() || _now - _exhaustionLoggedAt > exhaustionLogInterval)) {
        _exhaustionLoggedAt = _now;
        logWarning(_logger,
                   "no descriptors left for clients: the one that is idle longest is closed for each new one; raise "
                   "the limit of open files or lower http.maxConnections");
    }
    const bool wasExhausted = _isExhausted;
    _isExhausted = true;
    // Making room helps only where the limit is this process's own and nobody else takes the place.
    if (wasExhausted || !evict())
        pauseAccepting();
}

void EventLoop::pauseAccepting() {
    _acceptAgainAt = _now + acceptPause;
    setAccepting(false);
}

void EventLoop::setAccepting(bool accepting) {
    if (_accepting == accepting)
        return;
    _accepting = accepting;
    for (const auto& listener : _listeners) {
        if (accepting)
            _poller.add(listener->socket, Poller::Read, static_cast<PollSource*>(listener.get()));
        else
            _poller.remove(listener->socket);
    }
}

void EventLoop::close(Connection& connection) noexcept {
    if (connection.isClosed)
        return;
    connection.unlink();
    if (connection.isPolled)
        _poller.remove(connection.socket);
    connection.isPolled = false;
    if (connection.phase == Connection::Phase::Busy) { // the worker still reads from it
        connection.isAbandoned = true;
        std::string().swap(connection.output);
        return;
    }
    connection.isClosed = true;
    connection.socket.close();
    releaseInput(connection);
    _shared->statistics.removeConnection();

    auto& place = _connections[connection.index];
    std::swap(place, _connections.back());
    place->index = connection.index;
    _graveyard.push_back(std::move(_connections.back()));
    _connections.pop_back();
}

// After each step: the deadline that fits what the connection waits for, and the poller told of it.
void EventLoop::settle(Connection& connection) {
    if (connection.isClosed)
        return;
    using Phase = Connection::Phase;
    unsigned interest = Poller::Read;
    if (!connection.output.empty()) {
        interest = Poller::Write;
        if (!connection.isIn(_writing))
            _writing.append(connection, _now + _settings.requestTimeout);
    } else if (connection.phase == Phase::Busy) {
        connection.unlink();
        interest = connection.interest; // as it is: mostly nothing comes before the answer
    } else if (connection.phase == Phase::Lingering) {
        if (!connection.isIn(_lingering))
            _lingering.append(connection, _now + _settings.lingerTimeout);
    } else if (connection.phase == Phase::Head && connection.input.isEmpty()) {
        _idle.append(connection, _now + _settings.keepAliveTimeout);
        connection.isNewRequest = true;
    } else if (connection.isNewRequest || !connection.isIn(_reading)) {
        _reading.append(connection, _now + _settings.requestTimeout);
        connection.isNewRequest = false;
    }
    if (connection.isPolled && interest != connection.interest) {
        _poller.change(connection.socket, interest, static_cast<PollSource*>(&connection));
        connection.interest = interest;
    }
}

} // namespace octagent
