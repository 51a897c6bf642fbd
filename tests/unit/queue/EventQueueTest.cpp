#include "queue/EventQueue.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <future>
#include <thread>

using namespace octagent;
using namespace std::chrono_literals;

namespace {

// Long enough for the slowest machine; nothing waits for it when all is well.
constexpr auto patience = 20s;

class TestEvent : public Event {
public:
    explicit TestEvent(int newNumber) : Event("test"), number(newNumber) {}
    const int number;
};

Event::Ptr event(int number = 0) { return Event::Ptr(new TestEvent(number)); }

int numberOf(const Event::Ptr& one) { return static_cast<const TestEvent&>(*one).number; }

// Stands still until a test moves it.
class TestClock final : public Clock {
public:
    Monotonic monotonic() const noexcept override { return Monotonic(std::chrono::milliseconds(_monotonic)); }
    std::int64_t unixMilliseconds() const noexcept override { return _calendar; }
    void move(std::chrono::milliseconds by) {
        _monotonic += by.count();
        _calendar += by.count();
    }
    void setCalendar(std::int64_t to) { _calendar = to; }

private:
    std::atomic<std::int64_t> _monotonic{1000000};
    std::atomic<std::int64_t> _calendar{1700000000000};
};

bool eventually(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        std::this_thread::sleep_for(1ms);
    }
    return true;
}

bool isBalanced(const Ledger& books) {
    return books.received == books.persisted + books.lostTotal() + books.queued + books.open;
}

void fill(EventQueue& queue, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
        CPPUNIT_ASSERT(queue.offer(event(static_cast<int>(i))) == Offer::Accepted);
}

} // namespace

class EventQueueTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(EventQueueTest);
    CPPUNIT_TEST(testFullDropsAndCounts);
    CPPUNIT_TEST(testKeepsOrder);
    CPPUNIT_TEST(testDrainTakesAtMostABatch);
    CPPUNIT_TEST(testBatchByCount);
    CPPUNIT_TEST(testBatchByTime);
    CPPUNIT_TEST(testClockSetBackOrForwardChangesNoBatch);
    CPPUNIT_TEST(testWaiterWakesForCount);
    CPPUNIT_TEST(testWaiterWakesForTime);
    CPPUNIT_TEST(testWaiterWakesForStop);
    CPPUNIT_TEST(testWaiterWakesForWake);
    CPPUNIT_TEST(testWaitWithoutEventsEnds);
    CPPUNIT_TEST(testStopRefusesAndMakesTheRestDue);
    CPPUNIT_TEST(testWaitOfferLeavesTheReserve);
    CPPUNIT_TEST(testWaitOfferGoesOnWhenDrained);
    CPPUNIT_TEST(testWaitOfferEndsWithStop);
    CPPUNIT_TEST(testRoomIsAwaitedUntilDrained);
    CPPUNIT_TEST(testRoomIsNotAwaitedWithoutNeed);
    CPPUNIT_TEST(testAwaitingRoomEndsWithStop);
    CPPUNIT_TEST(testStampsAcceptance);
    CPPUNIT_TEST(testLedgerTellsWaitsAndLosses);
    CPPUNIT_TEST(testDrainedEventsAreReleased);
    CPPUNIT_TEST(testLedgerBalancesUnderLoad);
    CPPUNIT_TEST_SUITE_END();

public:
    void testFullDropsAndCounts() {
        EventQueue queue;
        fill(queue, EventQueue::capacity);
        CPPUNIT_ASSERT(queue.offer(event()) == Offer::Full);
        CPPUNIT_ASSERT(queue.offer(event()) == Offer::Full);
        const Ledger books = queue.ledger();
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{EventQueue::capacity}, books.received);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, books.dropped);
        CPPUNIT_ASSERT_EQUAL(EventQueue::capacity, books.queued);
        CPPUNIT_ASSERT(isBalanced(books));
    }

    void testKeepsOrder() {
        EventQueue queue;
        std::vector<Event::Ptr> batch;
        int offered = 0;
        int expected = 0;
        // Several times round the ring, in uneven steps.
        for (int round = 0; round < 100; ++round) {
            for (int i = 0; i < 37; ++i)
                CPPUNIT_ASSERT(queue.offer(event(offered++)) == Offer::Accepted);
            batch.clear();
            queue.settlePersisted(queue.drain(batch));
            for (const auto& one : batch)
                CPPUNIT_ASSERT_EQUAL(expected++, numberOf(one));
        }
        CPPUNIT_ASSERT_EQUAL(3700, expected);
    }

    void testDrainTakesAtMostABatch() {
        EventQueue queue;
        fill(queue, EventQueue::batchSize + 7);
        std::vector<Event::Ptr> batch;
        CPPUNIT_ASSERT_EQUAL(EventQueue::batchSize, queue.drain(batch));
        CPPUNIT_ASSERT_EQUAL(EventQueue::batchSize, batch.size());
        CPPUNIT_ASSERT_EQUAL(EventQueue::batchSize, queue.ledger().open);
        CPPUNIT_ASSERT_EQUAL(std::size_t{7}, queue.ledger().queued);
        queue.settlePersisted(batch.size());
        batch.clear();
        CPPUNIT_ASSERT_EQUAL(std::size_t{7}, queue.drain(batch));
        queue.settlePersisted(batch.size());
        batch.clear();
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, queue.drain(batch));
    }

    void testBatchByCount() {
        const TestClock clock;
        EventQueue queue(clock);
        CPPUNIT_ASSERT(!queue.isBatchDue());
        fill(queue, EventQueue::batchSize - 1);
        CPPUNIT_ASSERT(!queue.isBatchDue());
        fill(queue, 1);
        CPPUNIT_ASSERT(queue.isBatchDue());
    }

    void testBatchByTime() {
        TestClock clock;
        EventQueue queue(clock);
        fill(queue, 1);
        clock.move(EventQueue::batchWindow - 1ms);
        fill(queue, 1); // the first one's wait counts
        CPPUNIT_ASSERT(!queue.isBatchDue());
        clock.move(1ms);
        CPPUNIT_ASSERT(queue.isBatchDue());
        std::vector<Event::Ptr> batch;
        queue.settlePersisted(queue.drain(batch));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, batch.size());
        CPPUNIT_ASSERT(!queue.isBatchDue());
    }

    void testClockSetBackOrForwardChangesNoBatch() {
        TestClock clock;
        EventQueue queue(clock);
        fill(queue, 1);
        clock.setCalendar(0);
        CPPUNIT_ASSERT(!queue.isBatchDue());
        clock.setCalendar(4000000000000);
        CPPUNIT_ASSERT(!queue.isBatchDue());
        clock.move(EventQueue::batchWindow);
        clock.setCalendar(0);
        CPPUNIT_ASSERT(queue.isBatchDue());
    }

    void testWaiterWakesForCount() {
        const TestClock clock; // stands still: only the count can wake
        EventQueue queue(clock);
        auto waiter = std::async(std::launch::async, [&] { return queue.waitForBatch(patience); });
        fill(queue, EventQueue::batchSize);
        CPPUNIT_ASSERT(waiter.wait_for(patience / 2) == std::future_status::ready);
        CPPUNIT_ASSERT(waiter.get());
    }

    void testWaiterWakesForTime() {
        EventQueue queue;
        fill(queue, 1);
        const auto start = std::chrono::steady_clock::now();
        CPPUNIT_ASSERT(queue.waitForBatch(patience));
        const auto waited = std::chrono::steady_clock::now() - start;
        CPPUNIT_ASSERT(waited > EventQueue::batchWindow / 2);
        CPPUNIT_ASSERT(waited < 10 * EventQueue::batchWindow);
    }

    void testWaiterWakesForStop() {
        EventQueue queue;
        auto waiter = std::async(std::launch::async, [&] { return queue.waitForBatch(patience); });
        queue.stop();
        CPPUNIT_ASSERT(waiter.wait_for(patience / 2) == std::future_status::ready);
        CPPUNIT_ASSERT(!waiter.get()); // nothing to take
    }

    void testWaiterWakesForWake() {
        EventQueue queue;
        queue.wake(); // before the wait: not lost
        CPPUNIT_ASSERT(!queue.waitForBatch(patience));
        auto waiter = std::async(std::launch::async, [&] { return queue.waitForBatch(patience); });
        queue.wake();
        CPPUNIT_ASSERT(waiter.wait_for(patience / 2) == std::future_status::ready);
    }

    void testWaitWithoutEventsEnds() {
        EventQueue queue;
        const auto start = std::chrono::steady_clock::now();
        CPPUNIT_ASSERT(!queue.waitForBatch(20ms));
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - start >= 20ms);
        CPPUNIT_ASSERT(!queue.waitForBatch(0ms));
    }

    void testStopRefusesAndMakesTheRestDue() {
        const TestClock clock;
        EventQueue queue(clock);
        fill(queue, 1);
        CPPUNIT_ASSERT(!queue.isStopping());
        queue.stop();
        CPPUNIT_ASSERT(queue.isStopping());
        CPPUNIT_ASSERT(queue.offer(event()) == Offer::Stopping);
        CPPUNIT_ASSERT(queue.waitOffer(event(), std::chrono::steady_clock::now() + patience) == Offer::Stopping);
        CPPUNIT_ASSERT(queue.isBatchDue());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, queue.ledger().received);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, queue.ledger().dropped);
    }

    void testWaitOfferLeavesTheReserve() {
        EventQueue queue;
        const auto soon = [] { return std::chrono::steady_clock::now() + 20ms; };
        for (std::size_t i = 0; i < EventQueue::capacity - EventQueue::reserved; ++i)
            CPPUNIT_ASSERT(queue.waitOffer(event(), soon()) == Offer::Accepted);
        CPPUNIT_ASSERT(queue.waitOffer(event(), soon()) == Offer::Full);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, queue.ledger().dropped); // no drop: its producer keeps the data
        fill(queue, EventQueue::reserved);
        CPPUNIT_ASSERT(queue.offer(event()) == Offer::Full);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, queue.ledger().dropped);
    }

    void testWaitOfferGoesOnWhenDrained() {
        EventQueue queue;
        fill(queue, EventQueue::capacity);
        auto producer = std::async(std::launch::async, [&] {
            return queue.waitOffer(event(4711), std::chrono::steady_clock::now() + patience);
        });
        std::vector<Event::Ptr> taken;
        taken.reserve(EventQueue::capacity + 1);
        CPPUNIT_ASSERT(eventually([&] {
            queue.settlePersisted(queue.drain(taken));
            return taken.size() == EventQueue::capacity + 1;
        }));
        CPPUNIT_ASSERT(producer.get() == Offer::Accepted);
        CPPUNIT_ASSERT_EQUAL(4711, numberOf(taken.back()));
    }

    void testWaitOfferEndsWithStop() {
        EventQueue queue;
        fill(queue, EventQueue::capacity);
        auto producer = std::async(
            std::launch::async, [&] { return queue.waitOffer(event(), std::chrono::steady_clock::now() + patience); });
        queue.stop();
        CPPUNIT_ASSERT(producer.wait_for(patience / 2) == std::future_status::ready);
        CPPUNIT_ASSERT(producer.get() == Offer::Stopping);
    }

    void testRoomIsAwaitedUntilDrained() {
        EventQueue queue;
        fill(queue, EventQueue::comfortable + 1);
        std::atomic<bool> isDrained{false};
        auto waiter = std::async(std::launch::async, [&] {
            queue.awaitRoom(std::chrono::steady_clock::now() + patience);
            return isDrained.load();
        });
        CPPUNIT_ASSERT(waiter.wait_for(20ms) == std::future_status::timeout);
        std::vector<Event::Ptr> batch;
        isDrained = true;
        queue.settlePersisted(queue.drain(batch));
        CPPUNIT_ASSERT(waiter.wait_for(patience / 2) == std::future_status::ready);
        CPPUNIT_ASSERT(waiter.get());
    }

    void testRoomIsNotAwaitedWithoutNeed() {
        EventQueue queue;
        const auto start = std::chrono::steady_clock::now();
        fill(queue, EventQueue::comfortable);
        queue.awaitRoom(start + patience); // there is room
        fill(queue, 1);
        queue.awaitRoom(start); // the time has passed
        fill(queue, EventQueue::capacity - EventQueue::comfortable - 1);
        queue.awaitRoom(start + patience); // full: what is offered now is dropped, and nobody waits
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - start < patience / 2);
    }

    void testAwaitingRoomEndsWithStop() {
        EventQueue queue;
        fill(queue, EventQueue::comfortable + 1);
        auto waiter =
            std::async(std::launch::async, [&] { queue.awaitRoom(std::chrono::steady_clock::now() + patience); });
        queue.stop();
        CPPUNIT_ASSERT(waiter.wait_for(patience / 2) == std::future_status::ready);
    }

    void testStampsAcceptance() {
        TestClock clock;
        clock.setCalendar(1234567890123);
        EventQueue queue(clock);
        const auto one = event();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, one->acceptedAt());
        queue.offer(one);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1234567890123}, one->acceptedAt());
    }

    void testLedgerTellsWaitsAndLosses() {
        TestClock clock;
        EventQueue queue(clock);
        CPPUNIT_ASSERT(!queue.ledger().sinceLoss);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, queue.ledger().oldestWait.count());
        fill(queue, EventQueue::batchSize + 1);
        clock.move(70ms);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{70}, queue.ledger().oldestWait.count());
        std::vector<Event::Ptr> batch;
        queue.drain(batch);
        clock.move(30ms);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{100}, queue.ledger().oldestWait.count()); // of the open batch
        queue.settlePersisted(48);
        queue.settleLost(2, LossReason::Unstorable);
        queue.settleLost(0, LossReason::Shutdown);
        clock.move(5ms);
        const Ledger books = queue.ledger();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{105}, books.oldestWait.count()); // of the one that is queued
        CPPUNIT_ASSERT_EQUAL(std::int64_t{5}, books.sinceLoss->count());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{48}, books.persisted);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, books.lost[static_cast<std::size_t>(LossReason::Unstorable)]);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, books.lostTotal());
        CPPUNIT_ASSERT(isBalanced(books));
    }

    void testDrainedEventsAreReleased() {
        EventQueue queue;
        const auto one = event();
        queue.offer(one);
        CPPUNIT_ASSERT_EQUAL(2, one->referenceCount());
        std::vector<Event::Ptr> batch;
        queue.settlePersisted(queue.drain(batch));
        CPPUNIT_ASSERT_EQUAL(2, one->referenceCount());
        batch.clear();
        CPPUNIT_ASSERT_EQUAL(1, one->referenceCount());
    }

    // Four producers, a consumer that stores, loses and keeps batches open, and an auditor that looks at the
    // books at any moment.
    void testLedgerBalancesUnderLoad() {
        constexpr int producers = 4;
        constexpr int perProducer = 20000;
        EventQueue queue;
        std::atomic<std::uint64_t> accepted{0};
        std::atomic<std::uint64_t> full{0};
        std::atomic<bool> producing{true};
        std::atomic<bool> done{false};
        std::atomic<int> imbalances{0};

        std::vector<std::thread> threads;
        for (int p = 0; p < producers; ++p)
            threads.emplace_back([&, p] {
                for (int i = 0; i < perProducer; ++i) {
                    const bool waits = p == 0;
                    const auto offer = waits ? queue.waitOffer(event(i), std::chrono::steady_clock::now() + patience)
                                             : queue.offer(event(i));
                    ++(offer == Offer::Accepted ? accepted : full);
                    if (i % 100 == 0)
                        std::this_thread::yield();
                }
            });
        std::thread auditor([&] {
            while (!done) {
                if (!isBalanced(queue.ledger()))
                    ++imbalances;
                std::this_thread::yield();
            }
        });
        std::uint64_t taken = 0;
        std::thread consumer([&] {
            std::vector<Event::Ptr> batch;
            batch.reserve(EventQueue::batchSize);
            while (producing || queue.ledger().queued > 0) {
                queue.waitForBatch(1ms);
                const std::size_t count = queue.drain(batch);
                taken += count;
                const std::size_t lost = std::min<std::size_t>(count, taken % 3);
                queue.settleLost(lost, LossReason::Refused);
                queue.settlePersisted(count - lost);
                batch.clear();
            }
        });
        for (auto& thread : threads)
            thread.join();
        producing = false;
        consumer.join();
        done = true;
        auditor.join();

        const Ledger books = queue.ledger();
        CPPUNIT_ASSERT_EQUAL(0, imbalances.load());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{producers * perProducer}, accepted + full);
        CPPUNIT_ASSERT_EQUAL(accepted.load(), books.received);
        CPPUNIT_ASSERT_EQUAL(full.load(), books.dropped);
        CPPUNIT_ASSERT_EQUAL(accepted.load(), taken);
        CPPUNIT_ASSERT_EQUAL(accepted.load(), books.persisted + books.lostTotal());
        CPPUNIT_ASSERT(books.lostTotal() > 0);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(EventQueueTest);
