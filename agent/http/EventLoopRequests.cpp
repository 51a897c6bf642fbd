// Requests: from bytes to a handler to an answer.

#include "http/EventLoop.h"
#include "octagent/Log.h"

#include <algorithm>

namespace octagent {

namespace {

constexpr std::size_t firstChunkedSize = 8 * 1024;

} // namespace

EventLoop::Step EventLoop::readHead(Connection& connection) {
    InputBuffer& input = inputOf(connection);
    const std::string_view bytes = input.view();
    if (bytes.empty())
        return Step::Wait;
    // A head that comes in drop by drop is not parsed anew for each drop.
    if (connection.scanned > 0 && !RequestHead::mayBeTooLong(bytes.size()) &&
        bytes.find('\n', connection.scanned) == std::string_view::npos) {
        connection.scanned = bytes.size();
        return Step::Wait;
    }
    switch (_head.parse(bytes)) {
    case RequestHead::Result::Incomplete:
        connection.scanned = bytes.size();
        return Step::Wait;
    case RequestHead::Result::Refused:
        _shared->statistics.addRequest();
        refuse(connection, _head.refusal());
        return Step::Wait;
    case RequestHead::Result::Complete:
        break;
    }
    connection.scanned = 0;
    _shared->statistics.addRequest();
    const Refusal refusal = admit(connection);
    if (refusal) {
        // Only what has no body leaves the connection usable.
        const bool isOver = _head.announcesBody() || _stopping || !_head.keepsAlive() || refusal.status == 400;
        const ResponseWriter::Frame frame{_head.minorVersion(), _head.method() == "HEAD", !isOver};
        if (refusal.status == 405)
            answerError(connection, refusal, frame, "Allow", _routes.allowedMethods(_head.path()));
        else if (refusal.status == 401)
            answerError(connection, refusal, frame, "WWW-Authenticate", "Bearer");
        else
            answerError(connection, refusal, frame);
        input.consume(_head.size());
        return isOver ? Step::Wait : Step::Next;
    }
    connection.headSize = _head.size();
    connection.isChunked = _head.isChunked();
    connection.bodySize = static_cast<std::size_t>(_head.contentLength()); // within the route's limit
    connection.requestSize = connection.headSize + connection.bodySize;
    connection.mayKeepAlive = _head.keepsAlive() && !_stopping;
    if (!connection.isChunked && bytes.size() >= connection.requestSize)
        return dispatch(connection);
    return expectBody(connection);
}

// In the order in which a refusal tells least to those who have no business here.
Refusal EventLoop::admit(Connection& connection) {
    const Guard& guard = connection.listener.guard;
    if (const Refusal refusal = guard.checkSender(_head, connection.socket))
        return refusal;
    if (_stopping)
        return {503, "the agent stops"};
    bool pathExists = false;
    connection.route = _routes.find(_head.method(), _head.path(), pathExists);
    if (connection.route == nullptr)
        return pathExists ? Refusal{405, "this method is not taken here"} : Refusal{404, "no such path"};
    const Route& route = connection.route->route;
    if (const Refusal refusal = guard.checkToken(_head, route.access))
        return refusal;
    if (const Refusal refusal = Guard::checkContent(_head, route))
        return refusal;
    if (_head.contentLength() > route.maxBodyBytes)
        return {413, "body too large"};
    return {};
}

EventLoop::Step EventLoop::expectBody(Connection& connection) {
    const bool nothingCame = inputOf(connection).size() == connection.headSize;
    if (!own(connection, connection.isChunked ? firstChunkedSize : connection.requestSize))
        return refuseForMemory(connection);
    connection.phase = Connection::Phase::Body;
    connection.chunks = ChunkedBody(connection.route->route.maxBodyBytes);
    if (nothingCame && _head.expectsContinue())
        _out.append("HTTP/1.1 100 Continue\r\n\r\n");
    return Step::Next;
}

EventLoop::Step EventLoop::readBody(Connection& connection) {
    if (connection.isChunked)
        return readChunks(connection);
    if (connection.input.size() < connection.requestSize)
        return Step::Wait;
    _head.parse(connection.input.view()); // as before, now where the bytes are
    return dispatch(connection);
}

EventLoop::Step EventLoop::readChunks(Connection& connection) {
    InputBuffer& input = connection.input;
    std::size_t rest = 0;
    const auto result =
        connection.chunks.decode(input.data() + connection.headSize, input.size() - connection.headSize, rest);
    const std::size_t decoded = connection.chunks.decodedSize();
    switch (result) {
    case ChunkedBody::Result::Refused:
        refuse(connection, connection.chunks.refusal());
        return Step::Wait;
    case ChunkedBody::Result::Incomplete:
        input.cut(connection.headSize + decoded, connection.headSize + rest);
        if (input.room() < firstChunkedSize / 2 && !own(connection, input.size() * 2 + firstChunkedSize))
            return refuseForMemory(connection);
        return Step::Wait;
    case ChunkedBody::Result::Complete:
        break;
    }
    connection.bodySize = decoded;
    connection.requestSize = connection.headSize + rest;
    _head.parse(input.view());
    return dispatch(connection);
}

EventLoop::Step EventLoop::dispatch(Connection& connection) {
    InputBuffer& input = inputOf(connection);
    if (_stopping) { // it came in while the agent began to stop
        refuse(connection, {503, "the agent stops"});
        return Step::Wait;
    }
    if (connection.route->route.mayBlock)
        return dispatchToWorker(connection);
    const std::string_view body(input.data() + connection.headSize, connection.bodySize);
    const Exchange::Outcome outcome =
        _exchange.run(*connection.route, _head, body, connection.mayKeepAlive, connection.socket, _out);
    _shared->statistics.addStatus(outcome.status);
    input.consume(connection.requestSize);
    connection.phase = Connection::Phase::Head;
    connection.isNewRequest = true;
    if (outcome.keepAlive)
        return Step::Next;
    connection.ending = Connection::Ending::Close;
    return Step::Wait;
}

EventLoop::Step EventLoop::dispatchToWorker(Connection& connection) {
    if (!own(connection, inputOf(connection).size()))
        return refuseForMemory(connection);
    WorkerPool::Job job = [self = shared_from_this(), &connection](WorkerPool::Tools& tools) {
        self->work(connection, tools);
    };
    connection.phase = Connection::Phase::Busy; // from here on the worker's, until it hands it back
    const bool isTaken = _shared->workers->submit(std::move(job));
    if (isTaken)
        return Step::Wait;
    answerError(connection, {503, "too many requests wait already"},
                {_head.minorVersion(), _head.method() == "HEAD", connection.mayKeepAlive}, "Retry-After", "1");
    connection.input.consume(connection.requestSize);
    connection.phase = Connection::Phase::Head;
    connection.isNewRequest = true;
    return connection.mayKeepAlive ? Step::Next : Step::Wait;
}

// On a worker's thread, which has the connection to itself until it hands it back.
void EventLoop::work(Connection& connection, WorkerPool::Tools& tools) noexcept {
    connection.reply.clear();
    try {
        tools.head.parse(connection.input.view());
        const std::string_view body(connection.input.data() + connection.headSize, connection.bodySize);
        const Exchange::Outcome outcome = tools.exchange.run(
            *connection.route, tools.head, body, connection.mayKeepAlive, connection.socket, connection.reply);
        connection.replyStatus = outcome.status;
        connection.mayKeepAlive = outcome.keepAlive;
    } catch (const std::exception& error) { // out of memory
        logError(_logger, "no answer could be made", {{"error", error.what()}});
        connection.reply.clear();
        connection.mayKeepAlive = false;
    }
    const std::lock_guard lock(_doneMutex);
    _done.push_back(&connection);
    if (_done.size() == 1)
        _poller.wake();
}

void EventLoop::finishJobs() {
    {
        const std::lock_guard lock(_doneMutex);
        _finished.swap(_done);
    }
    for (Connection* connection : _finished)
        finishJob(*connection);
    _finished.clear();
}

void EventLoop::finishJob(Connection& connection) {
    connection.phase = Connection::Phase::Head;
    if (connection.isAbandoned) {
        close(connection);
        return;
    }
    connection.isNewRequest = true;
    connection.input.consume(connection.requestSize);
    _shared->statistics.addStatus(connection.replyStatus);
    if (!connection.mayKeepAlive || _stopping)
        connection.ending = Connection::Ending::Close;
    try {
        if (!connection.isPolled) {
            connection.interest = Poller::Read;
            _poller.add(connection.socket, connection.interest, static_cast<PollSource*>(&connection));
            connection.isPolled = true;
        }
        _out.swap(connection.reply);
        std::string().swap(connection.reply);
        if (connection.ending != Connection::Ending::None || !connection.output.empty()) {
            if (!connection.input.isEmpty() && connection.ending != Connection::Ending::None)
                connection.ending = Connection::Ending::Linger;
            const bool hasAnswer = !_out.empty();
            flush(connection);
            if (!hasAnswer)
                end(connection);
            settle(connection);
        } else {
            _scratch.clear();
            advance(connection); // sends the answer, and goes on with what has come in behind the request
        }
    } catch (const std::exception& error) {
        logError(_logger, "a client's connection is closed after an error", {{"error", error.what()}});
        _out.clear();
        close(connection);
    }
}

// The head of the request stands first in the input until it is answered.
std::string_view EventLoop::requestType(Connection& connection) {
    const bool isRead = _head.parse(inputOf(connection).view()) == RequestHead::Result::Complete;
    return isRead ? _head.contentType() : std::string_view();
}

// A Frame that does not keep the connection alive ends it.
void EventLoop::answerError(Connection& connection, Refusal refusal, ResponseWriter::Frame frame,
                            std::string_view extraName, std::string_view extraValue) {
    _shared->statistics.addStatus(refusal.status);
    logDebug(_logger, "request refused", {{"status", std::to_string(refusal.status)}, {"reason", refusal.reason}});
    const RefusalWording& wording = _routes.wording();
    const std::string_view type = wording.asksForType() ? requestType(connection) : std::string_view();
    _exchange.writer().writeRefusal(_out, refusal.status, wording.body(refusal.status, refusal.reason, type), frame,
                                    extraName, extraValue);
    if (!frame.keepAlive)
        connection.ending = Connection::Ending::Linger;
}

EventLoop::Step EventLoop::refuseForMemory(Connection& connection) {
    answerError(connection, {503, "too many large requests at once"}, {}, "Retry-After", "1");
    return Step::Wait;
}

// Nothing that this client sends is read any more.
void EventLoop::refuse(Connection& connection, Refusal refusal) { answerError(connection, refusal, {}); }

// From outside advance().
void EventLoop::refuseAtOnce(Connection& connection, Refusal refusal) {
    refuse(connection, refusal);
    releaseInput(connection);
    flush(connection);
    settle(connection);
}

} // namespace octagent
