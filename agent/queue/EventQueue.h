#pragma once

// The bounded queue of notifications between the handlers and the persister, and the books of what became of
// each event.
//
// Poco's own NotificationQueue has no bound and takes its lock once per notification; this one has a capacity,
// hands out a batch under one lock, and wakes the persister for a batch rather than for each event: on two
// cores, waking it per event cost more than all its other work.
//
// Many producers, one consumer. Owned by the application, outlives every producer and the persister. Nothing
// here throws but the constructor.

#include "octagent/EventSink.h"
#include "queue/Clock.h"
#include "queue/Ledger.h"

#include <array>
#include <condition_variable>
#include <mutex>
#include <vector>

namespace octagent {

class EventQueue final : public EventSink {
public:
    // Fixed by the system's design.
    static constexpr std::size_t capacity = 512;
    static constexpr std::size_t batchSize = 50;
    static constexpr std::chrono::milliseconds batchWindow{500};
    // What waitOffer() leaves to offer().
    static constexpr std::size_t reserved = capacity / 4;
    // Above this, awaitRoom() waits.
    static constexpr std::size_t comfortable = capacity / 2;

    explicit EventQueue(const Clock& clock = Clock::system());

    // Producers. offer() never blocks: the lock is held for a few instructions.
    Offer offer(Event::Ptr event) noexcept override;
    Offer waitOffer(Event::Ptr event, std::chrono::steady_clock::time_point deadline) noexcept override;

    // For those who let clients in, before they read on: while the queue is more than half full, and not full, waits
    // for the consumer, until `deadline` at most. So a burst that is taken faster than it is stored comes in
    // slowly instead of being dropped, and the consumer gets a processor to itself. A full queue is not waited
    // for: when storage stands still, everything goes on at once, and offer() drops.
    void awaitRoom(std::chrono::steady_clock::time_point deadline) noexcept;

    // From now on every offer is answered Stopping; wakes everybody. What is queued stays for the consumer.
    void stop() noexcept;
    bool isStopping() const noexcept;

    // Consumer. A batch is due when batchSize events wait, or the oldest has waited for batchWindow, or the
    // queue stops and is not empty.
    bool isBatchDue() const noexcept;
    // Blocks until a batch is due, stop() or wake() was called, or `atMost` has passed. True when one is due.
    bool waitForBatch(std::chrono::milliseconds atMost) noexcept;
    void wake() noexcept;

    // Moves up to batchSize events, in the order of their acceptance, to the end of `batch`: the open batch.
    // Only once the last one is settled. Returns how many.
    std::size_t drain(std::vector<Event::Ptr>& batch) noexcept;

    // The fate of events of the open batch.
    void settlePersisted(std::size_t count) noexcept;
    void settleLost(std::size_t count, LossReason reason) noexcept;

    Ledger ledger() const noexcept;

private:
    struct Slot {
        Event::Ptr event;
        Clock::Monotonic acceptedAt;
    };

    void put(Event::Ptr&& event) noexcept;
    bool isBatchDueLocked() const noexcept;

    const Clock& _clock;
    mutable std::mutex _mutex;
    std::condition_variable _consumer;
    std::condition_variable _space;

    // Guarded by _mutex from here on.
    std::array<Slot, capacity> _slots;
    std::size_t _head = 0;
    std::size_t _size = 0;
    std::size_t _wakeAt = 0; // the consumer sleeps until so many are queued; 0: it is awake
    std::size_t _waitingProducers = 0;
    bool _wakeRequested = false;
    bool _stopping = false;
    Ledger _books; // queued, oldestWait and sinceLoss are filled in by ledger()
    Clock::Monotonic _openSince;
    Clock::Monotonic _lastLoss;
    bool _hasLoss = false;
};

} // namespace octagent
