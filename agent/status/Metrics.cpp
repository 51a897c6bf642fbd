#include "status/Metrics.h"

namespace octagent {

namespace {

using Type = PrometheusText::Type;

double seconds(std::chrono::milliseconds time) { return std::chrono::duration<double>(time).count(); }

template <class Value> void counter(PrometheusText& text, const std::string& name, std::string_view help, Value value) {
    if (text.family(name, help, Type::Counter))
        text.sample(value);
}

template <class Value> void gauge(PrometheusText& text, const std::string& name, std::string_view help, Value value) {
    if (text.family(name, help, Type::Gauge))
        text.sample(value);
}

void flag(PrometheusText& text, const std::string& name, std::string_view help, bool isSet) {
    gauge(text, name, help, std::int64_t{isSet});
}

void histogram(PrometheusText& text, const std::string& name, std::string_view help, const HistogramView& view) {
    if (text.family(name, help, Type::Histogram))
        text.histogram(view);
}

void writeAgent(PrometheusText& text, const MetricsInput& input) {
    if (text.family("octagent_build_info", "Always 1; says which agent this is.", Type::Gauge))
        text.sample(std::uint64_t{1}, {{"version", input.version}});
    gauge(text, "octagent_uptime_seconds", "Time since the agent was started.", input.uptimeSeconds);
}

void writeBooks(PrometheusText& text, const Ledger& ledger) {
    counter(text, "octagent_events_received_total", "Events put into the queue.", ledger.received);
    counter(text, "octagent_events_dropped_total", "Events not put into the queue because it was full.",
            ledger.dropped);
    counter(text, "octagent_events_persisted_total", "Events committed to the database.", ledger.persisted);
    if (text.family("octagent_events_lost_total", "Events that were in the queue and could not be stored.",
                    Type::Counter)) {
        for (std::size_t i = 0; i < lossReasonNames.size(); ++i)
            text.sample(ledger.lost[i], {{"reason", lossReasonNames[i]}});
    }
    gauge(text, "octagent_queue_depth", "Events in the queue.", std::uint64_t{ledger.queued});
    gauge(text, "octagent_open_batch_events", "Events in the batch that is being written.", std::uint64_t{ledger.open});
    gauge(text, "octagent_oldest_event_wait_seconds", "How long the oldest event that is not stored has waited.",
          seconds(ledger.oldestWait));
}

void writeHttp(PrometheusText& text, const HttpMetrics& http) {
    counter(text, "octagent_http_requests_total", "Requests that were read.", http.requests);
    if (text.family("octagent_http_refused_total", "Requests that were refused, by status.", Type::Counter)) {
        for (const auto& [status, count] : http.refused)
            text.sample(count, {{"status", std::to_string(status)}});
    }
    gauge(text, "octagent_http_connections", "Open connections.", http.connections);
}

void writeStorage(PrometheusText& text, const StorageMetrics& storage) {
    histogram(text, "octagent_batch_events", "Events in a committed transaction.", storage.batchSize);
    histogram(text, "octagent_flush_seconds", "How long a committed transaction took.", storage.flushSeconds);
    gauge(text, "octagent_database_bytes", "Size of the database file.", storage.databaseBytes);
    gauge(text, "octagent_wal_bytes", "Size of the database's write-ahead log.", storage.walBytes);
    gauge(text, "octagent_unsynced_rows", "Rows with synced = 0.", storage.unsyncedRows);
    if (text.family("octagent_rows_deleted_total",
                    "Rows that retention deleted: pushed, not yet pushed, or of tables that are never pushed.",
                    Type::Counter)) {
        text.sample(storage.deletedPushed, {{"state", "pushed"}});
        text.sample(storage.deletedUnpushed, {{"state", "unpushed"}});
        text.sample(storage.deletedUnmarked, {{"state", "unmarked"}});
    }
    flag(text, "octagent_storage_failing", "Whether the last attempt to store failed.", storage.lastAttemptFailed);
    counter(text, "octagent_storage_failed_attempts_total", "Attempts to store that failed, and were repeated.",
            storage.failedAttempts);
    counter(text, "octagent_storage_reopened_total", "How often the database was opened anew.", storage.reopened);
    counter(text, "octagent_storage_quarantined_total", "Damaged databases that were put aside.", storage.quarantined);
    counter(text, "octagent_storage_checkpoints_total", "Checkpoints of the write-ahead log.", storage.checkpoints);
    flag(text, "octagent_wal_held", "Whether a reader keeps the write-ahead log from starting over.",
         storage.isWalHeld);
    if (storage.sinceLastError)
        gauge(text, "octagent_storage_last_error_age_seconds",
              "Time since storage failed last; absent if it never did.", seconds(*storage.sinceLastError));
}

void writeModules(PrometheusText& text, const MetricRegistry& modules) {
    modules.forEach([&text](const MetricRegistry::Entry& entry) {
        if (entry.isCounter)
            counter(text, entry.name, entry.help, entry.counter.value());
        else
            gauge(text, entry.name, entry.help, entry.gauge.value());
    });
}

} // namespace

std::string metricsText(const MetricsInput& input, const MetricRegistry& modules) {
    PrometheusText text;
    writeAgent(text, input);
    writeBooks(text, input.ledger);
    writeHttp(text, input.http);
    writeStorage(text, input.storage);
    writeModules(text, modules);
    return text.text();
}

} // namespace octagent
