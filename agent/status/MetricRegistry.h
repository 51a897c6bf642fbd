#pragma once

// The counters and gauges of modules, by name.

#include "octagent/Metric.h"

#include <deque>
#include <functional>
#include <mutex>
#include <string>

namespace octagent {

// Owned by the application; what it hands out lives as long as it does. Safe from every thread.
class MetricRegistry {
public:
    // The full name becomes "octagent_<module>_<name>", with '_' for what Prometheus does not take. The same
    // name again is the same metric; throws Poco::ExistsException when it is of the other type.
    Counter& counter(const std::string& module, const std::string& name, const std::string& help);
    Gauge& gauge(const std::string& module, const std::string& name, const std::string& help);

    struct Entry {
        std::string name;
        std::string help;
        bool isCounter = true;
        Counter counter;
        Gauge gauge;
    };
    void forEach(const std::function<void(const Entry&)>& visit) const;

private:
    Entry& entry(const std::string& module, const std::string& name, const std::string& help, bool isCounter);

    mutable std::mutex _mutex;
    std::deque<Entry> _entries; // never moves what it holds
};

} // namespace octagent
