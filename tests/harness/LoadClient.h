#pragma once

// Load over several keep-alive connections, with a log of its own: what the agent said about each event.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace octagent::test {

struct LoadPlan {
    std::uint16_t port = 0;
    std::size_t connections = 16;
    std::size_t events = 0;      // in all; 0: until stop()
    std::size_t eachSecond = 0;  // in all; 0: as fast as it goes
    std::size_t textBytes = 900; // of input_text
    bool hasErrors = false;      // every fourth event is an error instead of a trace
    bool reconnects = false;     // after a lost connection, until the events are sent or stop() is called
    std::string idPrefix = "n";  // metadata.client holds this and the event's number
};

// What the client knows. An event is in exactly one of them.
struct ClientLog {
    std::vector<std::string> accepted;  // trace ids of the answers
    std::size_t dropped = 0;            // answered {"dropped":1}
    std::map<int, std::size_t> refused; // by status: the agent took nothing
    std::size_t unanswered = 0;         // sent whole or in part, but the answer never came
    std::size_t answered() const { return accepted.size() + dropped; }
    std::size_t sent() const;
    void add(const ClientLog& other);
};

// Starts at once; a thread for each connection.
class LoadClient {
public:
    explicit LoadClient(LoadPlan plan);
    ~LoadClient(); // as finish()
    LoadClient(const LoadClient&) = delete;
    LoadClient& operator=(const LoadClient&) = delete;

    // No more requests; those on the way are still waited for.
    void stop() { _stopping = true; }
    // Until all events are sent or, after stop(), answered. The log of all connections.
    const ClientLog& finish();

    std::size_t answeredSoFar() const { return _answered; }

private:
    void run(std::size_t connection);
    bool take(std::size_t& number);
    bool mayGoOn() const { return !_stopping; }
    bool exchange(class HttpClient& client, std::size_t number, ClientLog& log);
    void keepPace() const;

    LoadPlan _plan;
    std::atomic<bool> _stopping{false};
    std::atomic<std::size_t> _next{0};
    std::atomic<std::size_t> _answered{0};
    std::int64_t _startedAt = 0; // of the steady clock, nanoseconds
    std::vector<ClientLog> _logs;
    std::vector<std::thread> _threads;
    ClientLog _log;
};

} // namespace octagent::test
