// The parser: from the bytes of a body to an event.

#include "TraceBodies.h"
#include "TraceReader.h"

#include "octagent/Http.h"

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace octagent::ingest {

namespace {

void readTrace(benchmark::State& state) {
    bench::TraceBodies generator(static_cast<std::size_t>(state.range(0)));
    std::vector<std::string> bodies; // with the padding behind them that the agent's requests have
    std::size_t bytes = 0;
    for (int i = 0; i < 100; ++i) {
        bodies.push_back(generator.next().json);
        bytes += bodies.back().size();
        bodies.back().append(HttpRequest::bodyPadding, ' ');
    }
    std::size_t next = 0;
    for ([[maybe_unused]] auto _ : state) {
        const std::string& body = bodies[next];
        next = (next + 1) % bodies.size();
        // As a request's handler does: a reader of its own.
        TraceReader reader(16384);
        Refusal refusal;
        Event::Ptr event;
        const auto take = [&](JsonValue& root) {
            event = reader.read(root, refusal);
            return !event.isNull();
        };
        if (!readJson(std::string_view(body).substr(0, body.size() - HttpRequest::bodyPadding), refusal, take)) {
            state.SkipWithError(refusal.message().c_str());
            break;
        }
        benchmark::DoNotOptimize(event);
    }
    state.SetItemsProcessed(state.iterations());
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes / bodies.size()));
}
BENCHMARK(readTrace)->Arg(1024)->Arg(16384);

} // namespace

} // namespace octagent::ingest
