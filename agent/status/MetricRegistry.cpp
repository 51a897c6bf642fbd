#include "status/MetricRegistry.h"

#include <Poco/Ascii.h>
#include <Poco/Exception.h>

namespace octagent {

Counter& MetricRegistry::counter(const std::string& module, const std::string& name, const std::string& help) {
    return entry(module, name, help, true).counter;
}

Gauge& MetricRegistry::gauge(const std::string& module, const std::string& name, const std::string& help) {
    return entry(module, name, help, false).gauge;
}

MetricRegistry::Entry& MetricRegistry::entry(const std::string& module, const std::string& name,
                                             const std::string& help, bool isCounter) {
    std::string full = "octagent_" + module + "_" + name;
    for (auto& character : full) {
        if (!Poco::Ascii::isAlphaNumeric(character))
            character = '_';
    }
    const std::lock_guard lock(_mutex);
    for (auto& known : _entries) {
        if (known.name != full)
            continue;
        if (known.isCounter != isCounter)
            throw Poco::ExistsException("metric of another type: " + full);
        return known;
    }
    Entry& added = _entries.emplace_back();
    added.name = full;
    added.help = help;
    added.isCounter = isCounter;
    return added;
}

void MetricRegistry::forEach(const std::function<void(const Entry&)>& visit) const {
    const std::lock_guard lock(_mutex);
    for (const auto& known : _entries)
        visit(known);
}

} // namespace octagent
