#pragma once

// Lets one request in at a time, in the order of their arrival, each waiting no longer than its deadline.
//
// So the memory that requests are decoded into has a bound, and what one of them leaves in the queue is not
// fought over. Any thread.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>

namespace octagent::otlp {

class RequestGate {
public:
    using Deadline = std::chrono::steady_clock::time_point;

    // Held while a request is worked on; lets the next one in when it goes. Empty: the deadline came first.
    class Pass {
    public:
        Pass() = default;
        explicit Pass(RequestGate& gate) noexcept : _gate(&gate) {}
        Pass(Pass&& other) noexcept : _gate(other._gate) { other._gate = nullptr; }
        Pass(const Pass&) = delete;
        Pass& operator=(const Pass&) = delete;
        Pass& operator=(Pass&&) = delete;
        ~Pass() {
            if (_gate != nullptr)
                _gate->leave();
        }
        explicit operator bool() const noexcept { return _gate != nullptr; }

    private:
        RequestGate* _gate = nullptr;
    };

    // Blocks.
    Pass enter(Deadline deadline);
    // How many wait now.
    std::size_t waiting() const;

private:
    void leave() noexcept;

    mutable std::mutex _mutex;
    std::condition_variable _turn;
    std::deque<std::uint64_t> _line; // tickets, the first is the one inside
    std::uint64_t _nextTicket = 0;
};

} // namespace octagent::otlp
