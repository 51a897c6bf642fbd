#include "http/Poller.h"

#include <Poco/Exception.h>
#include <Poco/Net/DatagramSocket.h>
#include <Poco/Net/SocketAddress.h>

#include <array>

#if defined(_WIN32)
#include <winsock2.h>
#else
#include <cerrno>
#include <poll.h>
#endif

namespace octagent {

namespace {

#if defined(_WIN32)
using PollEntry = WSAPOLLFD;
int pollSockets(PollEntry* entries, std::size_t count, int milliseconds) noexcept {
    return WSAPoll(entries, static_cast<ULONG>(count), milliseconds);
}
int pollError() noexcept { return WSAGetLastError(); }
#else
using PollEntry = pollfd;
int pollSockets(PollEntry* entries, std::size_t count, int milliseconds) noexcept {
    return ::poll(entries, static_cast<nfds_t>(count), milliseconds);
}
int pollError() noexcept { return errno; }
#endif

short eventsOf(unsigned interest) noexcept {
    return static_cast<short>(((interest & Poller::Read) != 0 ? POLLIN : 0) |
                              ((interest & Poller::Write) != 0 ? POLLOUT : 0));
}

} // namespace

// Entry 0 is a datagram socket that wake() sends to.
class Poller::State {
public:
    State() : _wake(Poco::Net::SocketAddress("127.0.0.1", 0)) {
        _wake.connect(_wake.address()); // takes nobody else's datagrams
        _wake.setBlocking(false);
        add(_wake, Read, nullptr);
    }

    void add(const Poco::Net::Socket& socket, unsigned interest, void* tag) {
        PollEntry entry{};
        entry.fd = socket.impl()->sockfd();
        entry.events = eventsOf(interest);
        _entries.push_back(entry);
        _tags.push_back(tag);
    }

    void change(const Poco::Net::Socket& socket, unsigned interest, void* tag) {
        const std::size_t at = indexOf(socket);
        if (at == _entries.size())
            throw Poco::NotFoundException("socket is not polled");
        _entries[at].events = eventsOf(interest);
        _tags[at] = tag;
    }

    void remove(const Poco::Net::Socket& socket) noexcept {
        const std::size_t at = indexOf(socket);
        if (at == _entries.size())
            return;
        _entries[at] = _entries.back();
        _tags[at] = _tags.back();
        _entries.pop_back();
        _tags.pop_back();
    }

    void wait(int milliseconds, std::vector<Ready>& ready) {
        const int count = pollSockets(_entries.data(), _entries.size(), milliseconds);
        if (count <= 0) {
            const int error = count < 0 ? pollError() : POCO_EINTR;
            if (error != POCO_EINTR)
                throw Poco::SystemException("poll", error);
            return;
        }
        for (std::size_t i = 0; i < _entries.size(); ++i) {
            const int events = _entries[i].revents;
            if (events == 0)
                continue;
            if (_tags[i] == nullptr) {
                std::array<char, 16> calls;
                while (_wake.receiveBytes(calls.data(), static_cast<int>(calls.size())) > 0) {
                }
                continue;
            }
            constexpr int broken = POLLHUP | POLLERR | POLLNVAL;
            ready.push_back({_tags[i], (events & (POLLIN | broken)) != 0, (events & (POLLOUT | broken)) != 0});
        }
    }

    void wake() noexcept {
        try {
            const char one = 1;
            _wake.sendBytes(&one, 1);
        } catch (const std::exception&) {
            return; // the socket's buffer is full: a wake-up is due anyway
        }
    }

private:
    std::size_t indexOf(const Poco::Net::Socket& socket) const noexcept {
        std::size_t at = 0;
        while (at < _entries.size() && _entries[at].fd != socket.impl()->sockfd())
            ++at;
        return at;
    }

    Poco::Net::DatagramSocket _wake;
    std::vector<PollEntry> _entries;
    std::vector<void*> _tags; // of the entry at the same index; null for the first
};

Poller::Poller() : _state(std::make_unique<State>()) {}
Poller::~Poller() = default;

void Poller::add(const Poco::Net::Socket& socket, unsigned interest, void* tag) { _state->add(socket, interest, tag); }

void Poller::change(const Poco::Net::Socket& socket, unsigned interest, void* tag) {
    _state->change(socket, interest, tag);
}

void Poller::remove(const Poco::Net::Socket& socket) noexcept { _state->remove(socket); }

const std::vector<Poller::Ready>& Poller::wait(int milliseconds) {
    _ready.clear();
    _state->wait(milliseconds, _ready);
    return _ready;
}

void Poller::wake() noexcept { _state->wake(); }

} // namespace octagent
