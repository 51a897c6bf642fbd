#pragma once

// Waits for many sockets at once: epoll on Linux, poll elsewhere (PollerEpoll.cpp, PollerPoll.cpp).
//
// Poco's PollSet builds a map of sockets for every wait, cannot be woken from another thread, and on Windows
// reports every writable socket, whether asked for or not, which turns an idle loop into a busy one.
//
// Level-triggered. For one thread, but for wake().

#include <Poco/Net/Socket.h>

#include <memory>
#include <vector>

namespace octagent {

class Poller {
public:
    enum Interest : unsigned { None = 0, Read = 1, Write = 2 };

    struct Ready {
        void* tag;
        bool readable; // or at its end, or broken
        bool writable;
    };

    // Throw Poco::Exception when the system has no descriptors or memory left.
    Poller();
    ~Poller();
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;

    // A socket is in here at most once, and removed before it is closed. `tag` comes back in Ready.
    void add(const Poco::Net::Socket& socket, unsigned interest, void* tag);
    void change(const Poco::Net::Socket& socket, unsigned interest, void* tag);
    void remove(const Poco::Net::Socket& socket) noexcept;

    // Until a socket is ready, wake() was called, or so many milliseconds have passed (-1: for ever). The result
    // is valid until the next call.
    const std::vector<Ready>& wait(int milliseconds);

    // Ends the current or else the next wait(). From any thread.
    void wake() noexcept;

private:
    class State;
    std::unique_ptr<State> _state;
    std::vector<Ready> _ready;
};

} // namespace octagent
