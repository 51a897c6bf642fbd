#include "http/WorkerPool.h"
#include "http/ThreadName.h"

#include <Poco/Exception.h>

namespace octagent {

WorkerPool::WorkerPool(Poco::ThreadPool& threads, std::size_t workers) : _threads(threads), _maxWorkers(workers) {}

bool WorkerPool::submit(Job job) noexcept {
    try {
        const std::lock_guard lock(_mutex);
        if (_stopping || _jobs.size() >= _maxWorkers * waitingPerWorker)
            return false;
        if (_idle <= _jobs.size() && _workers < _maxWorkers) {
            ++_workers;
            try {
                _threads.start(*this);
            } catch (const Poco::Exception&) {
                if (--_workers == 0) // no thread at all could be had
                    return false;
            }
        }
        _jobs.push_back(std::move(job));
        _work.notify_one();
        return true;
    } catch (const std::exception&) {
        return false; // out of memory
    }
}

bool WorkerPool::stop(std::chrono::steady_clock::time_point deadline) {
    std::deque<Job> dropped;
    std::unique_lock lock(_mutex);
    _stopping = true;
    dropped.swap(_jobs);
    _work.notify_all();
    return _ended.wait_until(lock, deadline, [this] { return _workers == 0; });
}

void WorkerPool::run() {
    nameThread("http-worker");
    const auto tools = std::make_unique<Tools>();
    std::unique_lock lock(_mutex);
    while (!_stopping) {
        if (_jobs.empty()) {
            ++_idle;
            _work.wait(lock);
            --_idle;
            continue;
        }
        Job job = std::move(_jobs.front());
        _jobs.pop_front();
        lock.unlock();
        job(*tools);
        job = nullptr; // lets go of what it holds before the lock
        lock.lock();
    }
    --_workers;
    _ended.notify_all();
}

} // namespace octagent
