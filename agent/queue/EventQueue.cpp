#include "queue/EventQueue.h"

#include <algorithm>

namespace octagent {

EventQueue::EventQueue(const Clock& clock) : _clock(clock) {}

Offer EventQueue::offer(Event::Ptr event) noexcept {
    const std::lock_guard lock(_mutex);
    if (_stopping)
        return Offer::Stopping;
    if (_size == capacity) {
        ++_books.dropped;
        _lastLoss = _clock.monotonic();
        _hasLoss = true;
        return Offer::Full;
    }
    put(std::move(event));
    return Offer::Accepted;
}

Offer EventQueue::waitOffer(Event::Ptr event, std::chrono::steady_clock::time_point deadline) noexcept {
    std::unique_lock lock(_mutex);
    ++_waitingProducers;
    const bool ready = _space.wait_until(lock, deadline, [this] { return _stopping || _size < capacity - reserved; });
    --_waitingProducers;
    if (_stopping)
        return Offer::Stopping;
    if (!ready)
        return Offer::Full;
    put(std::move(event));
    return Offer::Accepted;
}

void EventQueue::awaitRoom(std::chrono::steady_clock::time_point deadline) noexcept {
    std::unique_lock lock(_mutex);
    const auto mayGoOn = [this] { return _stopping || _size <= comfortable || _size == capacity; };
    if (mayGoOn())
        return;
    ++_waitingProducers;
    _space.wait_until(lock, deadline, mayGoOn);
    --_waitingProducers;
}

void EventQueue::put(Event::Ptr&& event) noexcept {
    event->stampAccepted(_clock.unixMilliseconds());
    Slot& slot = _slots[(_head + _size) % capacity];
    slot.event = std::move(event);
    slot.acceptedAt = _clock.monotonic();
    ++_size;
    ++_books.received;
    if (_wakeAt != 0 && _size >= _wakeAt) {
        _wakeAt = 0;
        _consumer.notify_one();
    }
}

void EventQueue::stop() noexcept {
    const std::lock_guard lock(_mutex);
    _stopping = true;
    _consumer.notify_all();
    _space.notify_all();
}

bool EventQueue::isStopping() const noexcept {
    const std::lock_guard lock(_mutex);
    return _stopping;
}

bool EventQueue::isBatchDue() const noexcept {
    const std::lock_guard lock(_mutex);
    return isBatchDueLocked();
}

bool EventQueue::isBatchDueLocked() const noexcept {
    if (_size == 0)
        return false;
    return _size >= batchSize || _stopping || _clock.monotonic() - _slots[_head].acceptedAt >= batchWindow;
}

bool EventQueue::waitForBatch(std::chrono::milliseconds atMost) noexcept {
    const auto end = std::chrono::steady_clock::now() + atMost;
    std::unique_lock lock(_mutex);
    while (!isBatchDueLocked() && !_stopping && !_wakeRequested) {
        auto until = end;
        _wakeAt = 1;
        if (_size > 0) {
            const auto waited = _clock.monotonic() - _slots[_head].acceptedAt;
            until = std::min(end, std::chrono::steady_clock::now() + (batchWindow - waited));
            _wakeAt = batchSize;
        }
        const bool timedOut = _consumer.wait_until(lock, until) == std::cv_status::timeout;
        if (timedOut && std::chrono::steady_clock::now() >= end)
            break;
    }
    _wakeAt = 0;
    _wakeRequested = false;
    return isBatchDueLocked();
}

void EventQueue::wake() noexcept {
    const std::lock_guard lock(_mutex);
    _wakeRequested = true;
    _consumer.notify_all();
}

std::size_t EventQueue::drain(std::vector<Event::Ptr>& batch) noexcept {
    const std::lock_guard lock(_mutex);
    const std::size_t count = std::min(_size, batchSize);
    if (count == 0)
        return 0;
    _openSince = _slots[_head].acceptedAt;
    for (std::size_t i = 0; i < count; ++i) {
        batch.push_back(std::move(_slots[_head].event));
        _slots[_head].event.reset();
        _head = (_head + 1) % capacity;
    }
    _size -= count;
    _books.open += count;
    if (_waitingProducers > 0)
        _space.notify_all();
    return count;
}

void EventQueue::settlePersisted(std::size_t count) noexcept {
    const std::lock_guard lock(_mutex);
    _books.open -= count;
    _books.persisted += count;
}

void EventQueue::settleLost(std::size_t count, LossReason reason) noexcept {
    if (count == 0)
        return;
    const std::lock_guard lock(_mutex);
    _books.open -= count;
    _books.lost[static_cast<std::size_t>(reason)] += count;
    _lastLoss = _clock.monotonic();
    _hasLoss = true;
}

Ledger EventQueue::ledger() const noexcept {
    using std::chrono::duration_cast;
    using std::chrono::milliseconds;
    const std::lock_guard lock(_mutex);
    const auto now = _clock.monotonic();
    Ledger books = _books;
    books.queued = _size;
    if (_books.open > 0)
        books.oldestWait = duration_cast<milliseconds>(now - _openSince);
    else if (_size > 0)
        books.oldestWait = duration_cast<milliseconds>(now - _slots[_head].acceptedAt);
    if (_hasLoss)
        books.sinceLoss = duration_cast<milliseconds>(now - _lastLoss);
    return books;
}

} // namespace octagent
