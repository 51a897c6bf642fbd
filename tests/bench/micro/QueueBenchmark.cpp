// The queue: from the handler's hands to the open batch.

#include "queue/EventQueue.h"

#include <benchmark/benchmark.h>

namespace octagent {

namespace {

class NullEvent final : public Event {
public:
    NullEvent() : Event("null") {}
};

// One thread on both sides: a batch is offered, drained and settled. Per event.
void offerAndDrain(benchmark::State& state) {
    EventQueue queue;
    std::vector<Event::Ptr> events;
    for (std::size_t i = 0; i < EventQueue::batchSize; ++i)
        events.emplace_back(new NullEvent);
    std::vector<Event::Ptr> batch;
    for ([[maybe_unused]] auto _ : state) {
        for (const auto& event : events)
            benchmark::DoNotOptimize(queue.offer(event));
        queue.settlePersisted(queue.drain(batch));
        batch.clear();
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(EventQueue::batchSize));
}
BENCHMARK(offerAndDrain);

// A full queue, which is when a handler must not be slowed down.
void offerToFullQueue(benchmark::State& state) {
    EventQueue queue;
    const Event::Ptr event(new NullEvent);
    while (queue.offer(event) == Offer::Accepted)
        continue;
    for ([[maybe_unused]] auto _ : state)
        benchmark::DoNotOptimize(queue.offer(event));
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(offerToFullQueue);

// An event's envelope: the allocation and its random id.
void makeEvent(benchmark::State& state) {
    for ([[maybe_unused]] auto _ : state)
        benchmark::DoNotOptimize(Event::Ptr(new NullEvent));
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(makeEvent);

} // namespace

} // namespace octagent
