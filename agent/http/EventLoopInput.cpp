// Bytes in and out of a client's socket.

#include "http/EventLoop.h"
#include "octagent/Log.h"

#include <Poco/Exception.h>
#include <Poco/Net/SocketDefs.h>

#include <algorithm>
#include <limits>

namespace octagent {

namespace {

constexpr std::size_t firstInputSize = 4 * 1024;
// Buffers beyond this count against the budget of large ones.
constexpr std::size_t largeInputSize = 64 * 1024;
// An answer that is larger must make this much progress within each deadline.
constexpr std::size_t outputProgress = 64 * 1024;
constexpr std::size_t keptOutputCapacity = 256 * 1024;

constexpr int wouldBlock = -1;
constexpr int isBroken = -2;

#if defined(MSG_NOSIGNAL)
constexpr int sendFlags = MSG_NOSIGNAL;
#else
constexpr int sendFlags = 0; // Poco's threads block SIGPIPE
#endif

int clampSize(std::size_t size) noexcept {
    return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

// Number of bytes, 0 at the end, wouldBlock, or isBroken.
int receiveSome(Poco::Net::StreamSocket& socket, char* bytes, std::size_t size) noexcept {
    try {
        const int count = socket.receiveBytes(bytes, clampSize(size));
        return count < 0 ? wouldBlock : count;
    } catch (const std::exception&) {
        return isBroken;
    }
}

int sendSome(Poco::Net::StreamSocket& socket, const char* bytes, std::size_t size) noexcept {
    try {
        const int count = socket.sendBytes(bytes, clampSize(size), sendFlags);
        return count < 0 ? wouldBlock : count;
    } catch (const Poco::Exception& error) {
        return error.code() == POCO_EWOULDBLOCK || error.code() == POCO_EAGAIN ? wouldBlock : isBroken;
    } catch (const std::exception&) {
        return isBroken;
    }
}

} // namespace

InputBuffer& EventLoop::inputOf(Connection& connection) noexcept {
    return connection.input.hasMemory() ? connection.input : _scratch;
}

// Gives the connection a buffer of its own, with what is left of its input at the front, and room for
// `capacity` bytes. False when there is not enough memory for that many large requests.
bool EventLoop::own(Connection& connection, std::size_t capacity) {
    InputBuffer& current = inputOf(connection);
    capacity = std::max(capacity, current.size());
    if (capacity > largeInputSize && capacity > connection.charged) {
        if (!_shared->largeBuffers.take(capacity - connection.charged))
            return false;
        connection.charged = capacity;
    }
    connection.input.reserve(capacity);
    if (&current == &_scratch)
        connection.input.take(_scratch);
    return true;
}

void EventLoop::releaseInput(Connection& connection) noexcept {
    connection.input.release();
    if (connection.charged > 0)
        _shared->largeBuffers.give(connection.charged);
    connection.charged = 0;
}

void EventLoop::serve(Connection& connection, bool readable, bool writable) {
    using Phase = Connection::Phase;
    try {
        if (!connection.output.empty()) {
            if (writable)
                resumeOutput(connection);
        } else if (connection.phase == Phase::Busy) {
            // More came, or the client has gone, while a worker handles: seen to after the answer.
            _poller.remove(connection.socket);
            connection.isPolled = false;
        } else if (connection.phase == Phase::Lingering) {
            drain(connection);
        } else if (readable) {
            if (_shared->pace && !_stopping)
                _shared->pace(_now + HttpShared::pacePatience);
            receive(connection);
        }
    } catch (const std::exception& error) {
        logError(_logger, "a client's connection is closed after an error", {{"error", error.what()}});
        _out.clear();
        close(connection);
    }
}

void EventLoop::receive(Connection& connection) {
    _scratch.clear();
    if (connection.input.hasMemory() && connection.input.room() == 0 && !own(connection, connection.input.size() * 2)) {
        refuseAtOnce(connection, {503, "too many large requests at once"});
        return;
    }
    InputBuffer& input = inputOf(connection);
    const int count = receiveSome(connection.socket, input.tail(), input.room());
    if (count == wouldBlock)
        return;
    if (count == isBroken) {
        close(connection);
    } else if (count == 0) {
        onEndOfInput(connection);
    } else {
        input.added(static_cast<std::size_t>(count));
        advance(connection);
    }
}

void EventLoop::onEndOfInput(Connection& connection) {
    connection.peerEnded = true;
    if (connection.phase == Connection::Phase::Head && connection.input.isEmpty())
        close(connection);
    else
        refuseAtOnce(connection, {400, "the request ended early"});
}

void EventLoop::drain(Connection& connection) {
    _scratch.clear();
    const int count = receiveSome(connection.socket, _scratch.tail(), _scratch.room());
    if (count == wouldBlock)
        return;
    if (count <= 0 || static_cast<std::size_t>(count) > connection.lingerBudget)
        close(connection);
    else
        connection.lingerBudget -= static_cast<std::size_t>(count);
}

// As far as the input goes: a client may have sent many requests at once.
void EventLoop::advance(Connection& connection) {
    using Phase = Connection::Phase;
    Step step = Step::Next;
    while (step == Step::Next) {
        step = connection.phase == Phase::Head ? readHead(connection) : readBody(connection);
        if (step == Step::Next && _out.size() > keptOutputCapacity) {
            flush(connection);
            if (connection.isClosed || !connection.output.empty())
                step = Step::Wait;
        }
    }
    if (connection.isClosed)
        return;
    if (connection.ending != Connection::Ending::None) {
        if (!inputOf(connection).isEmpty())
            connection.ending = Connection::Ending::Linger; // closing now would destroy the answer
        _scratch.clear();
        releaseInput(connection);
    } else if (connection.phase != Phase::Busy) {
        if (inputOf(connection).isEmpty())
            releaseInput(connection);
        else
            own(connection, firstInputSize);
    }
    flush(connection);
    settle(connection);
}

void EventLoop::flush(Connection& connection) {
    if (connection.isClosed) {
        _out.clear();
        return;
    }
    if (_out.empty())
        return;
    if (!connection.output.empty()) {
        connection.output.append(_out);
        _out.clear();
        return;
    }
    const int count = sendSome(connection.socket, _out.data(), _out.size());
    const std::size_t sent = count > 0 ? static_cast<std::size_t>(count) : 0;
    if (count == isBroken) {
        close(connection);
    } else if (sent == _out.size()) {
        end(connection);
    } else {
        connection.output.assign(_out, sent);
        connection.outputAt = 0;
        connection.outputMark = outputProgress;
    }
    _out.clear();
    if (_out.capacity() > keptOutputCapacity)
        _out.shrink_to_fit();
}

void EventLoop::resumeOutput(Connection& connection) {
    const std::string& output = connection.output;
    const int count =
        sendSome(connection.socket, output.data() + connection.outputAt, output.size() - connection.outputAt);
    if (count == wouldBlock)
        return;
    if (count == isBroken) {
        close(connection);
        return;
    }
    connection.outputAt += static_cast<std::size_t>(count);
    if (connection.outputAt < output.size()) {
        if (connection.outputAt >= connection.outputMark) {
            connection.outputMark = connection.outputAt + outputProgress;
            _writing.append(connection, _now + _settings.requestTimeout);
        }
        return;
    }
    std::string().swap(connection.output);
    end(connection);
    if (connection.isClosed)
        return;
    if (connection.phase == Connection::Phase::Head || connection.phase == Connection::Phase::Body) {
        _scratch.clear();
        advance(connection); // what it sent meanwhile
    } else {
        settle(connection);
    }
}

// After an answer was sent: the end of the connection, where it is due.
void EventLoop::end(Connection& connection) {
    using Ending = Connection::Ending;
    if (connection.ending == Ending::None)
        return;
    if (connection.ending == Ending::Close || connection.peerEnded) {
        close(connection);
        return;
    }
    try {
        connection.socket.shutdownSend();
    } catch (const std::exception&) {
        close(connection); // the client has gone
        return;
    }
    connection.phase = Connection::Phase::Lingering;
    // A body at the limit still fits; who sends more than twice that does not read answers.
    connection.lingerBudget = 2 * _settings.maxBodyBytes + largeInputSize;
}

} // namespace octagent
