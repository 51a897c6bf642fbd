#pragma once

// Tells the service manager how the agent is: systemd's notification protocol (sd_notify(3)), without its
// library. Without effect where nobody listens: no NOTIFY_SOCKET, or Windows, whose service control Poco serves.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace octagent {

// Made once on the main thread, before the agent starts. Every call may come from any thread, and none blocks,
// throws or allocates without bound: a manager that does not listen must not stop the agent.
class ServiceNotify {
public:
    // Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
    ServiceNotify();
    ~ServiceNotify();
    ServiceNotify(const ServiceNotify&) = delete;
    ServiceNotify& operator=(const ServiceNotify&) = delete;

    void ready();                         // every listener is up
    void stopping();                      // the stop has begun
    void status(const std::string& text); // one line, as `systemctl status` shows it

    // To be called by each turn of the loop that must not hang, however often: it is told four times in the
    // interval that the manager asked for, and never when it asked for none.
    void watchdog();

    // What the manager asked for; zero: no watchdog. A loop's turn must end well within it.
    std::chrono::microseconds watchdogInterval() const { return _watchdogInterval; }

private:
    void send(const std::string& message) const;

    class Socket;
    std::unique_ptr<Socket> _socket;
    std::chrono::microseconds _watchdogInterval{0};
    std::atomic<std::int64_t> _nextWatchdog{0}; // microseconds of the steady clock
};

} // namespace octagent
