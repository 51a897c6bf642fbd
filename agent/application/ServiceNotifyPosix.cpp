#include "application/ServiceNotify.h"

#include <Poco/Environment.h>
#include <Poco/NumberParser.h>

#include <cstddef>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace octagent {

// A datagram socket and the manager's address.
class ServiceNotify::Socket {
public:
    // Null when `path` is no address that can be used.
    static std::unique_ptr<Socket> open(const std::string& path) {
        sockaddr_un address{};
        if (path.size() < 2 || path.size() > sizeof address.sun_path || (path[0] != '/' && path[0] != '@'))
            return nullptr;
        const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (descriptor < 0)
            return nullptr;
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path.data(), path.size());
        if (path[0] == '@') // the abstract namespace: no file, and no zero at the end
            address.sun_path[0] = '\0';
        const auto length = offsetof(sockaddr_un, sun_path) + path.size();
        return std::unique_ptr<Socket>(new Socket(descriptor, address, static_cast<socklen_t>(length)));
    }

    ~Socket() { ::close(_descriptor); }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    void send(const std::string& message) const {
        ::sendto(_descriptor, message.data(), message.size(), MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr*>(&_address), _length);
    }

private:
    Socket(int descriptor, const sockaddr_un& address, socklen_t length)
        : _descriptor(descriptor), _address(address), _length(length) {}

    int _descriptor;
    sockaddr_un _address;
    socklen_t _length;
};

ServiceNotify::ServiceNotify() : _socket(Socket::open(Poco::Environment::get("NOTIFY_SOCKET", ""))) {
    Poco::UInt64 interval = 0;
    Poco::UInt64 process = 0;
    const bool isMeant = !Poco::NumberParser::tryParseUnsigned64(Poco::Environment::get("WATCHDOG_PID", ""), process) ||
                         process == static_cast<Poco::UInt64>(::getpid());
    if (_socket && isMeant &&
        Poco::NumberParser::tryParseUnsigned64(Poco::Environment::get("WATCHDOG_USEC", ""), interval))
        _watchdogInterval = std::chrono::microseconds(interval);
}

ServiceNotify::~ServiceNotify() = default;

void ServiceNotify::ready() { send("READY=1"); }

void ServiceNotify::stopping() { send("STOPPING=1"); }

void ServiceNotify::status(const std::string& text) { send("STATUS=" + text.substr(0, text.find('\n'))); }

void ServiceNotify::watchdog() {
    if (_watchdogInterval.count() == 0)
        return;
    const auto sinceEpoch = std::chrono::steady_clock::now().time_since_epoch();
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(sinceEpoch).count();
    auto next = _nextWatchdog.load(std::memory_order_relaxed);
    if (now < next)
        return;
    if (_nextWatchdog.compare_exchange_strong(next, now + _watchdogInterval.count() / 4, std::memory_order_relaxed))
        send("WATCHDOG=1");
}

void ServiceNotify::send(const std::string& message) const {
    if (_socket)
        _socket->send(message);
}

} // namespace octagent
