// Posts events at a constant rate and tells how long each took.
//
//     bench-rate PORT BODIES SECONDS [RATE] [CONNECTIONS] [IDLE]
//
// Open loop: request number n is due at start + n / RATE whatever became of those before it, and its latency
// counts from then, so that a stall is not hidden by the requests that could not be sent meanwhile. RATE (1000)
// requests a second go over CONNECTIONS (16) keep-alive connections, whichever is free, beside IDLE (0) ones
// that each made one request and then say nothing. BODIES is a directory of bench-bodies. Only 202 counts as an
// answer; idle connections that were closed meanwhile are told.

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using Clock = std::chrono::steady_clock;

class Connection {
public:
    explicit Connection(int port) : _socket(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (_socket < 0 || connect(_socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
            throw std::runtime_error(std::string("cannot connect: ") + std::strerror(errno));
        const int on = 1;
        setsockopt(_socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    }
    Connection(Connection&& other) noexcept
        : due(other.due), _socket(other._socket), _answer(std::move(other._answer)) {
        other._socket = -1;
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    Connection& operator=(Connection&&) = delete;
    ~Connection() {
        if (_socket >= 0)
            close(_socket);
    }

    int descriptor() const { return _socket; }

    // Blocking, since a body of some KiB always fits the socket's buffer of a server that reads.
    void sendAll(std::string_view bytes) const {
        while (!bytes.empty()) {
            const auto sent = send(_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0)
                throw std::runtime_error(std::string("cannot send: ") + std::strerror(errno));
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    // Reads what is there; the status once the answer is complete, else 0.
    int receive() {
        std::array<char, 4096> buffer{};
        const auto count = recv(_socket, buffer.data(), buffer.size(), 0);
        if (count <= 0)
            throw std::runtime_error("the server closed a connection");
        _answer.append(buffer.data(), static_cast<std::size_t>(count));
        const auto head = _answer.find("\r\n\r\n");
        if (head == std::string::npos)
            return 0;
        std::size_t bodyBytes = 0;
        const auto length = _answer.find("Content-Length: ");
        if (length < head)
            bodyBytes = std::strtoul(_answer.c_str() + length + 16, nullptr, 10);
        if (_answer.size() < head + 4 + bodyBytes)
            return 0;
        const int status = std::atoi(_answer.c_str() + 9);
        _answer.clear();
        return status;
    }

    bool isClosedByPeer() const {
        pollfd item{_socket, POLLIN, 0};
        return poll(&item, 1, 0) > 0;
    }

    Clock::time_point due; // of the request that is under way

private:
    int _socket;
    std::string _answer;
};

std::vector<std::string> loadRequests(const std::string& directory) {
    std::vector<std::string> requests;
    while (true) {
        std::array<char, 16> name{};
        std::snprintf(name.data(), name.size(), "/%04zu.json", requests.size() + 1);
        std::ifstream in(directory + name.data(), std::ios::binary);
        if (!in)
            break;
        std::ostringstream body;
        body << in.rdbuf();
        requests.push_back("POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                           "Content-Length: " +
                           std::to_string(body.str().size()) + "\r\n\r\n" + body.str());
    }
    if (requests.empty())
        throw std::runtime_error("no bodies in " + directory);
    return requests;
}

std::vector<Connection> openIdle(int port, int count) {
    std::vector<Connection> connections;
    for (int i = 0; i < count; ++i) {
        connections.emplace_back(port);
        connections.back().sendAll("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
        while (connections.back().receive() == 0)
            continue;
    }
    return connections;
}

class Generator {
public:
    Generator(int port, const std::string& directory, double seconds, double rate, int connections)
        : _requests(loadRequests(directory)), _interval(std::chrono::nanoseconds(static_cast<long>(1e9 / rate))),
          _total(static_cast<std::size_t>(seconds * rate)) {
        for (int i = 0; i < connections; ++i)
            _connections.emplace_back(port);
        for (auto& connection : _connections)
            _free.push_back(&connection);
        _latencies.reserve(_total);
    }

    void run() {
        _start = Clock::now();
        while (_answered < _total) {
            sendDue();
            waitForAnswers();
        }
    }

    void report(std::size_t idleOpen) {
        std::sort(_latencies.begin(), _latencies.end());
        const auto at = [this](double share) {
            const auto index = static_cast<std::size_t>(share * static_cast<double>(_latencies.size()));
            return _latencies[std::min(index, _latencies.size() - 1)];
        };
        const double elapsed = std::chrono::duration<double>(Clock::now() - _start).count();
        std::printf("sent=%zu accepted=%zu seconds=%.3f p50_us=%.0f p90_us=%.0f p99_us=%.0f p999_us=%.0f max_us=%.0f "
                    "idle_open=%zu\n",
                    _total, _latencies.size() - _otherStatus, elapsed, at(0.5), at(0.9), at(0.99), at(0.999),
                    _latencies.back(), idleOpen);
    }

private:
    Clock::time_point dueOf(std::size_t number) const { return _start + _interval * static_cast<long>(number); }

    void sendDue() {
        while (_sent < _total && !_free.empty() && Clock::now() >= dueOf(_sent)) {
            Connection& connection = *_free.front();
            _free.pop_front();
            connection.due = dueOf(_sent);
            connection.sendAll(_requests[_sent % _requests.size()]);
            ++_sent;
        }
    }

    void waitForAnswers() {
        _polled.clear();
        for (auto& connection : _connections)
            _polled.push_back({connection.descriptor(), POLLIN, 0});
        timespec wait{1, 0};
        if (_sent < _total && !_free.empty()) {
            const auto left = std::max(dueOf(_sent) - Clock::now(), Clock::duration::zero());
            const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(left).count();
            wait = {nanoseconds / 1000000000, nanoseconds % 1000000000};
        }
        if (ppoll(_polled.data(), _polled.size(), &wait, nullptr) <= 0)
            return;
        for (std::size_t i = 0; i < _polled.size(); ++i) {
            if (_polled[i].revents == 0)
                continue;
            const int status = _connections[i].receive();
            if (status == 0)
                continue;
            const std::chrono::duration<double, std::micro> latency = Clock::now() - _connections[i].due;
            _latencies.push_back(latency.count());
            _otherStatus += status == 202 ? 0 : 1;
            ++_answered;
            _free.push_back(&_connections[i]);
        }
    }

    std::vector<std::string> _requests;
    std::chrono::nanoseconds _interval;
    std::size_t _total;
    std::vector<Connection> _connections;
    std::deque<Connection*> _free;
    std::vector<pollfd> _polled;
    Clock::time_point _start;
    std::size_t _sent = 0;
    std::size_t _answered = 0;
    std::size_t _otherStatus = 0;
    std::vector<double> _latencies;
};

} // namespace

int main(int argc, char** argv) {
    try {
        if (argc < 4)
            throw std::invalid_argument("usage: bench-rate PORT BODIES SECONDS [RATE] [CONNECTIONS] [IDLE]");
        const auto argument = [&](int index, double other) { return argc > index ? std::stod(argv[index]) : other; };
        const int port = std::stoi(argv[1]);
        // Wake when it is due, not when the kernel finds it convenient (50 microseconds later).
        prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
        const auto idle = openIdle(port, static_cast<int>(argument(6, 0)));
        Generator generator(port, argv[2], std::stod(argv[3]), argument(4, 1000), static_cast<int>(argument(5, 16)));
        generator.run();
        const auto open = std::count_if(idle.begin(), idle.end(),
                                        [](const auto& connection) { return !connection.isClosedByPeer(); });
        generator.report(static_cast<std::size_t>(open));
        return EXIT_SUCCESS;
    } catch (const std::exception& e) {
        std::cerr << "bench-rate: " << e.what() << '\n';
        return EXIT_FAILURE;
    }
}
