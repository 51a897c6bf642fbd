#pragma once

// Numbers shared by the listeners' threads.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace octagent {

// Safe from every thread, nothing blocks or throws.
class HttpStatistics {
public:
    static constexpr int firstRefusal = 400;
    static constexpr int lastRefusal = 599;

    void addRequest() noexcept { _requests.fetch_add(1, std::memory_order_relaxed); }
    void addStatus(int status) noexcept {
        if (status >= firstRefusal && status <= lastRefusal)
            _refused[static_cast<std::size_t>(status - firstRefusal)].fetch_add(1, std::memory_order_relaxed);
    }
    void addConnection() noexcept { _connections.fetch_add(1, std::memory_order_relaxed); }
    void removeConnection() noexcept { _connections.fetch_sub(1, std::memory_order_relaxed); }

    std::uint64_t requests() const noexcept { return _requests.load(std::memory_order_relaxed); }
    std::uint64_t connections() const noexcept { return _connections.load(std::memory_order_relaxed); }
    std::uint64_t refused(int status) const noexcept {
        return _refused[static_cast<std::size_t>(status - firstRefusal)].load(std::memory_order_relaxed);
    }

private:
    std::array<std::atomic<std::uint64_t>, lastRefusal - firstRefusal + 1> _refused{};
    std::atomic<std::uint64_t> _requests{0};
    std::atomic<std::uint64_t> _connections{0};
};

// Bounds what many large requests at once may hold in memory.
class MemoryBudget {
public:
    explicit MemoryBudget(std::size_t bytes) noexcept : _limit(bytes) {}

    bool take(std::size_t bytes) noexcept {
        if (_taken.fetch_add(bytes, std::memory_order_relaxed) + bytes <= _limit)
            return true;
        give(bytes);
        return false;
    }
    void give(std::size_t bytes) noexcept { _taken.fetch_sub(bytes, std::memory_order_relaxed); }

private:
    const std::size_t _limit;
    std::atomic<std::size_t> _taken{0};
};

} // namespace octagent
