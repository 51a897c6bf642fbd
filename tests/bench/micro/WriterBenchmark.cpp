// The writer: from an event to a row, in transactions of 50 as the persister makes them.

#include "IngestSchema.h"
#include "TraceBodies.h"
#include "TraceWriter.h"
#include "octagent/ingest/TraceEvent.h"
#include "queue/EventQueue.h"
#include "storage/Database.h"

#include <Poco/File.h>
#include <Poco/TemporaryFile.h>

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <vector>

namespace octagent::ingest {

namespace {

Event::Ptr makeTrace(bench::TraceBodies& bodies) {
    const bench::TraceBody body = bodies.next();
    TraceEvent::Ptr event(new TraceEvent);
    event->stampAccepted(1767225600000);
    event->provider = body.provider;
    event->model = body.model;
    event->inputText = body.inputText;
    event->outputText = body.outputText;
    event->promptTokens = static_cast<std::int64_t>(body.promptTokens);
    event->completionTokens = static_cast<std::int64_t>(body.completionTokens);
    event->totalTokens = *event->promptTokens + *event->completionTokens;
    event->costUsd = body.costUsd;
    event->latencyMs = static_cast<std::int64_t>(body.latencyMs);
    event->status = body.status;
    if (body.errorType)
        event->errorType = *body.errorType;
    event->metadata = body.metadata;
    return event;
}

void writeTrace(benchmark::State& state) {
    Poco::TemporaryFile directory;
    directory.createDirectory();
    Database database({.path = directory.path() + "/octagent.db"});
    IngestSchema schema;
    database.open({"llm_traces"});
    database.begin();
    schema.migrate(database.session(), 0);
    database.commit();
    TraceWriter writer;
    writer.prepare(database.session());

    bench::TraceBodies bodies(static_cast<std::size_t>(state.range(0)));
    std::vector<Event::Ptr> events;
    for (std::size_t i = 0; i < 4 * EventQueue::batchSize; ++i)
        events.push_back(makeTrace(bodies));
    std::size_t next = 0;
    for ([[maybe_unused]] auto _ : state) {
        database.begin();
        for (std::size_t i = 0; i < EventQueue::batchSize; ++i) {
            writer.write(*events[next]);
            next = (next + 1) % events.size();
        }
        database.commit();
        constexpr int framesBetweenCheckpoints = 4000; // as the persister does
        if (database.walFrames() >= framesBetweenCheckpoints)
            database.checkpoint();
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(EventQueue::batchSize));
    database.close();
}
BENCHMARK(writeTrace)->Arg(1024)->Arg(16384)->UseRealTime();

} // namespace

} // namespace octagent::ingest
