#include "http/Poller.h"

#include <Poco/Exception.h>

#include <array>
#include <cerrno>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace octagent {

namespace {

[[noreturn]] void fail(const char* call) { throw Poco::SystemException(call, errno); }

std::uint32_t eventsOf(unsigned interest) noexcept {
    return ((interest & Poller::Read) != 0 ? EPOLLIN : 0U) | ((interest & Poller::Write) != 0 ? EPOLLOUT : 0U);
}

} // namespace

class Poller::State {
public:
    State() : _epoll(epoll_create1(EPOLL_CLOEXEC)), _wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
        if (_epoll < 0 || _wake < 0) {
            const int error = errno;
            closeAll();
            throw Poco::SystemException("cannot wait for sockets", error);
        }
        control(EPOLL_CTL_ADD, _wake, EPOLLIN, nullptr);
    }
    ~State() { closeAll(); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    void control(int operation, int descriptor, std::uint32_t events, void* tag) const {
        epoll_event event{};
        event.events = events;
        event.data.ptr = tag;
        if (epoll_ctl(_epoll, operation, descriptor, &event) != 0)
            fail("epoll_ctl");
    }

    void remove(int descriptor) const noexcept { epoll_ctl(_epoll, EPOLL_CTL_DEL, descriptor, nullptr); }

    void wait(int milliseconds, std::vector<Ready>& ready) {
        const int count = epoll_wait(_epoll, _events.data(), static_cast<int>(_events.size()), milliseconds);
        if (count < 0 && errno != EINTR)
            fail("epoll_wait");
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = _events[static_cast<std::size_t>(i)];
            if (event.data.ptr == nullptr) {
                std::uint64_t calls = 0;
                if (read(_wake, &calls, sizeof calls) < 0 && errno != EAGAIN)
                    fail("read");
                continue;
            }
            ready.push_back({event.data.ptr, (event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0,
                             (event.events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0});
        }
    }

    void wake() const noexcept {
        const std::uint64_t one = 1;
        // Fails only when the counter is full, and then a wake-up is due anyway.
        [[maybe_unused]] const auto written = write(_wake, &one, sizeof one);
    }

private:
    void closeAll() const noexcept {
        if (_epoll >= 0)
            close(_epoll);
        if (_wake >= 0)
            close(_wake);
    }

    int _epoll;
    int _wake;
    std::array<epoll_event, 256> _events;
};

Poller::Poller() : _state(std::make_unique<State>()) {}
Poller::~Poller() = default;

void Poller::add(const Poco::Net::Socket& socket, unsigned interest, void* tag) {
    _state->control(EPOLL_CTL_ADD, socket.impl()->sockfd(), eventsOf(interest), tag);
}

void Poller::change(const Poco::Net::Socket& socket, unsigned interest, void* tag) {
    _state->control(EPOLL_CTL_MOD, socket.impl()->sockfd(), eventsOf(interest), tag);
}

void Poller::remove(const Poco::Net::Socket& socket) noexcept { _state->remove(socket.impl()->sockfd()); }

const std::vector<Poller::Ready>& Poller::wait(int milliseconds) {
    _ready.clear();
    _state->wait(milliseconds, _ready);
    return _ready;
}

void Poller::wake() noexcept { _state->wake(); }

} // namespace octagent
