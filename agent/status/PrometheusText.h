#pragma once

// Writes numbers in Prometheus' text format, version 0.0.4.
//
//     PrometheusText text;
//     if (text.family("octagent_events_lost_total", "Events lost.", PrometheusText::Type::Counter))
//         text.sample(std::uint64_t{3}, {{"reason", "refused"}});

#include <cstdint>
#include <initializer_list>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace octagent {

// One observation fell into counts[i] when it was at most bounds[i] and above the bound before; the last count is
// of those above every bound. What it looks at belongs to the caller.
struct HistogramView {
    std::span<const double> bounds;
    std::span<const std::uint64_t> counts;
    double sum = 0;
    std::uint64_t count = 0;
};

// For one thread.
class PrometheusText {
public:
    enum class Type { Counter, Gauge, Histogram };
    using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

    static constexpr const char* contentType = "text/plain; version=0.0.4; charset=utf-8";

    // Begins a metric. False, and without effect, when it stands there already: twice, it would spoil the whole.
    bool family(const std::string& name, std::string_view help, Type type);

    // One line of the metric begun last.
    void sample(std::uint64_t value, Labels labels = {});
    void sample(std::int64_t value, Labels labels = {});
    void sample(double value, Labels labels = {});
    void histogram(const HistogramView& view);

    const std::string& text() const { return _text; }

private:
    void line(std::string_view suffix, Labels labels, std::string_view value);

    std::string _text;
    std::string _name;
    std::set<std::string> _names;
};

} // namespace octagent
