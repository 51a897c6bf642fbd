#pragma once

// One module under the host's care: what is known of it, how often it failed, and what it may touch.

#include "host/PluginLoader.h"
#include "octagent/Module.h"

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace octagent {

enum class ModuleState { Loaded, Running, Disabled, Refused, Failed };
std::string toString(ModuleState state);

// What --list-plugins shows.
struct ModuleRecord {
    std::string name;
    std::string version;
    std::string sdkVersion;
    std::string path; // empty: built in
    ModuleState state = ModuleState::Loaded;
    std::string reason; // why it is disabled, refused or failed
    std::vector<Option> options;
    bool isPlugin() const { return !path.empty(); }
};

// Counts failures in a row; the tenth is final. Safe from every thread.
class FailureCount {
public:
    static constexpr int limit = 10;

    // True exactly once: when this failure was the last one that is forgiven.
    bool failed() { return _inRow.fetch_add(1) + 1 == limit; }
    void succeeded() {
        if (_inRow.load(std::memory_order_relaxed) != 0)
            _inRow.store(0);
    }

private:
    std::atomic<int> _inRow{0};
};

struct HostedModule {
    ModuleRecord record;
    std::unique_ptr<LoadedPlugin> library;  // null: built in
    std::unique_ptr<ModuleContext> context; // outlives the module
    std::unique_ptr<Module> module;         // null: disabled or refused before it was made
    FailureCount failures;
    std::atomic<bool> hasFailed{false};

    bool isActive() const { return record.state == ModuleState::Loaded || record.state == ModuleState::Running; }
};

} // namespace octagent
