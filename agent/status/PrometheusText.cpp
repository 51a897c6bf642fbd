#include "status/PrometheusText.h"

#include <array>
#include <charconv>
#include <cmath>

namespace octagent {

namespace {

std::string shown(double value) {
    if (std::isnan(value))
        return "NaN";
    if (std::isinf(value))
        return value > 0 ? "+Inf" : "-Inf";
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::general).ptr;
    return {digits.data(), end};
}

// Of a help text, where a quotation mark stands for itself, and of a label's value, where it does not.
void appendEscaped(std::string& out, std::string_view text, bool escapesQuotes) {
    for (const char c : text) {
        if (c == '\n')
            out += "\\n";
        else if (c == '\\')
            out += "\\\\";
        else if (c == '"' && escapesQuotes)
            out += "\\\"";
        else
            out += c;
    }
}

std::string_view typeName(PrometheusText::Type type) {
    switch (type) {
    case PrometheusText::Type::Counter:
        return "counter";
    case PrometheusText::Type::Gauge:
        return "gauge";
    case PrometheusText::Type::Histogram:
        break;
    }
    return "histogram";
}

} // namespace

bool PrometheusText::family(const std::string& name, std::string_view help, Type type) {
    if (!_names.insert(name).second)
        return false;
    _name = name;
    _text.append("# HELP ").append(name).append(" ");
    appendEscaped(_text, help, false);
    _text.append("\n# TYPE ").append(name).append(" ").append(typeName(type)).append("\n");
    return true;
}

void PrometheusText::sample(std::uint64_t value, Labels labels) { line("", labels, std::to_string(value)); }

void PrometheusText::sample(std::int64_t value, Labels labels) { line("", labels, std::to_string(value)); }

void PrometheusText::sample(double value, Labels labels) { line("", labels, shown(value)); }

void PrometheusText::histogram(const HistogramView& view) {
    std::uint64_t cumulated = 0;
    for (std::size_t i = 0; i < view.bounds.size(); ++i) {
        cumulated += view.counts[i];
        line("_bucket", {{"le", shown(view.bounds[i])}}, std::to_string(cumulated));
    }
    line("_bucket", {{"le", "+Inf"}}, std::to_string(view.count));
    line("_sum", {}, shown(view.sum));
    line("_count", {}, std::to_string(view.count));
}

void PrometheusText::line(std::string_view suffix, Labels labels, std::string_view value) {
    _text.append(_name).append(suffix);
    char separator = '{';
    for (const auto& [name, labelled] : labels) {
        _text += separator;
        _text.append(name).append("=\"");
        appendEscaped(_text, labelled, true);
        _text += '"';
        separator = ',';
    }
    if (separator == ',')
        _text += '}';
    _text += ' ';
    _text.append(value).append("\n");
}

} // namespace octagent
