#pragma once

// One thread that serves all clients of one listener, and the routes that it serves.
//
// Everything that needs a client is a step of a state machine, taken when the client's socket is ready; nobody
// waits for a client. A request is received into the loop's own buffer and handled there when it came in whole,
// as most do: idle connections own no buffer.

#include "http/Connection.h"
#include "http/Exchange.h"
#include "http/Guard.h"
#include "http/HttpSettings.h"
#include "http/HttpStatistics.h"
#include "http/Poller.h"
#include "http/RequestHead.h"
#include "http/RouteTable.h"
#include "http/WorkerPool.h"

#include <Poco/Event.h>
#include <Poco/Logger.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Runnable.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace octagent {

struct Listener : PollSource {
    Listener(const Poco::Net::ServerSocket& listening, Guard checks, bool isTcp, std::string where)
        : PollSource(true), socket(listening), guard(std::move(checks)), tcp(isTcp), address(std::move(where)) {}

    Poco::Net::ServerSocket socket;
    Guard guard;
    bool tcp;
    std::string address; // "127.0.0.1:9090", or a path
};

// What the loops of a server share. Outlives them.
struct HttpShared {
    explicit HttpShared(HttpSettings values)
        : settings(std::move(values)), largeBuffers(settings.maxBodyBytes * largeRequests) {}

    static constexpr std::size_t largeRequests = 8; // of the largest size, held at once
    // How long all clients that are ready at once may be held up by `pace` together.
    static constexpr std::chrono::milliseconds pacePatience{20};

    const HttpSettings settings;
    HttpStatistics statistics;
    MemoryBudget largeBuffers;
    std::unique_ptr<WorkerPool> workers;
    std::function<void(std::chrono::steady_clock::time_point until)> pace; // see HttpServer::pace
};

// Held by shared pointers: a worker whose handler does not end keeps it alive.
class EventLoop final : public Poco::Runnable, public std::enable_shared_from_this<EventLoop> {
public:
    explicit EventLoop(std::shared_ptr<HttpShared> shared);
    ~EventLoop() override;
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    // Before run(), from the owner's thread.
    RouteTable& routes() noexcept { return _routes; }
    // Throw Poco::Net::NetException naming the address when it is taken.
    const std::string& listenOn(const Poco::Net::SocketAddress& address);
    const std::string& listenOnUnixSocket(const std::string& path);

    void run() override;

    // From any thread. No new connections; requests from now on are answered 503.
    void beginStop() noexcept;
    // Until every connection is closed, or run() has ended; false at the deadline.
    bool waitUntilDrained(std::chrono::steady_clock::time_point deadline);
    // Ends run(), dropping what is left; false when it did not end by the deadline.
    bool quit(std::chrono::steady_clock::time_point deadline);

private:
    using Clock = std::chrono::steady_clock;
    enum class Step { Next, Wait }; // try for another request, or wait for an event

    // Time
    int millisecondsToWait() noexcept;
    void expire();

    // Connections
    void accept(Listener& listener);
    void takeClient(Listener& listener, const Poco::Net::StreamSocket& accepted);
    bool evict();
    void pauseAccepting();
    void setAccepting(bool accepting);
    void onExhausted();
    void close(Connection& connection) noexcept;
    void settle(Connection& connection);

    // Input
    void serve(Connection& connection, bool readable, bool writable);
    void receive(Connection& connection);
    void onEndOfInput(Connection& connection);
    void drain(Connection& connection);
    InputBuffer& inputOf(Connection& connection) noexcept;
    bool own(Connection& connection, std::size_t capacity);
    void releaseInput(Connection& connection) noexcept;

    // Requests
    void advance(Connection& connection);
    Step readHead(Connection& connection);
    Step readBody(Connection& connection);
    Step readChunks(Connection& connection);
    Refusal admit(Connection& connection);
    Step expectBody(Connection& connection);
    Step dispatch(Connection& connection);
    Step dispatchToWorker(Connection& connection);
    void work(Connection& connection, WorkerPool::Tools& tools) noexcept;
    void finishJobs();
    void finishJob(Connection& connection);

    // Answers
    std::string_view requestType(Connection& connection);
    void answerError(Connection& connection, Refusal refusal, ResponseWriter::Frame frame,
                     std::string_view extraName = {}, std::string_view extraValue = {});
    Step refuseForMemory(Connection& connection);
    void refuse(Connection& connection, Refusal refusal);
    void refuseAtOnce(Connection& connection, Refusal refusal);
    void flush(Connection& connection);
    void resumeOutput(Connection& connection);
    void end(Connection& connection);

    // Stopping
    void onStop();

    std::shared_ptr<HttpShared> _shared;
    const HttpSettings& _settings;
    Poco::Logger& _logger;
    RouteTable _routes;
    std::vector<std::unique_ptr<Listener>> _listeners;
    std::vector<std::string> _socketFiles;
    Poller _poller;

    // The loop's thread only.
    InputBuffer _scratch; // what was just received, of a connection without a buffer of its own
    std::string _out;     // answers to be sent in one piece
    RequestHead _head;
    Exchange _exchange;
    Monotonic _now;
    DeadlineList _idle;
    DeadlineList _reading;
    DeadlineList _writing;
    DeadlineList _lingering;
    std::vector<std::unique_ptr<Connection>> _connections;
    std::vector<std::unique_ptr<Connection>> _graveyard; // closed, but events of this round may point to them
    std::vector<Connection*> _finished;
    bool _accepting = true;
    Monotonic _acceptAgainAt;
    bool _isExhausted = false;
    Monotonic _exhaustionLoggedAt;
    bool _stopping = false;

    // From other threads.
    std::atomic<bool> _stopRequested{false};
    std::atomic<bool> _quitRequested{false};
    std::mutex _doneMutex;
    std::vector<Connection*> _done; // by workers
    Poco::Event _drained{Poco::Event::EVENT_MANUALRESET};
    Poco::Event _ended{Poco::Event::EVENT_MANUALRESET};
};

} // namespace octagent
