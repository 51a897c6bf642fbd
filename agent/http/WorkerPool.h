#pragma once

// Threads for handlers that may block.

#include "http/Exchange.h"
#include "http/RequestHead.h"

#include <Poco/Runnable.h>
#include <Poco/ThreadPool.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

namespace octagent {

// Threads are taken from the pool when there is work for them, so that an agent without such routes has none.
// submit() from any thread, the rest from the owner's.
class WorkerPool final : public Poco::Runnable {
public:
    // A worker's own, reused from job to job.
    struct Tools {
        Exchange exchange;
        RequestHead head;
    };
    using Job = std::function<void(Tools&)>; // does not throw

    // `threads` has room for `workers` more, and outlives this.
    WorkerPool(Poco::ThreadPool& threads, std::size_t workers);

    // False when as many jobs wait as may. Does not block.
    bool submit(Job job) noexcept;

    // No more jobs are begun, those that wait are dropped. False when one still ran at the deadline: its thread
    // goes on using this object.
    bool stop(std::chrono::steady_clock::time_point deadline);

    void run() override;

private:
    static constexpr std::size_t waitingPerWorker = 16;

    Poco::ThreadPool& _threads;
    const std::size_t _maxWorkers;
    std::mutex _mutex;
    std::condition_variable _work;
    std::condition_variable _ended;
    std::deque<Job> _jobs;
    std::size_t _workers = 0;
    std::size_t _idle = 0;
    bool _stopping = false;
};

} // namespace octagent
