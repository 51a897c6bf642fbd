#pragma once

// Loads, initialises, starts and stops the modules, and keeps their failures to themselves.
//
// A built-in module that fails keeps the agent from starting; a plugin that fails is left out. All calls come
// from the main thread, in the order of declaration, unless said otherwise.

#include "config/OptionRegistry.h"
#include "host/HostedContext.h"
#include "host/HostedModule.h"

#include <Poco/Logger.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace octagent {

// The keys of the group "plugins".
std::vector<Option> pluginOptions(const std::string& defaultPath);

class ModuleHost {
public:
    ModuleHost();
    ~ModuleHost();

    // Makes the built-in modules and loads the plugins that `options` (the group "plugins") allow. A plugin that
    // cannot be loaded is recorded as refused.
    void load(std::vector<std::unique_ptr<Module>> builtins, const Options& options);

    // Adds what the modules declare; tolerates the keys of plugins that are known but not loaded.
    void declareOptions(OptionRegistry& registry) const;

    void initialize(const HostServices& services);
    // Leaves out a plugin after all: the database refused it, say. Its routes and writers are taken back.
    void refuse(const std::string& name, const std::string& reason);
    void start();

    // In reverse order. Every plugin gets until the deadline, and a moment when that has passed already; one
    // that does not return is logged and left behind. False when one was: the process must then end without
    // destroying anything that a left thread may still use.
    bool stop(std::chrono::steady_clock::time_point deadline);

    std::vector<ModuleRecord> records() const;

    // Of the modules that are neither disabled nor refused.
    std::vector<SelfTest> selfTests() const;

    // After initialize(): whether one of the active modules marks rows as pushed.
    bool pushesRows() const;

private:
    void loadPlugin(const std::string& path);
    void leaveOut(HostedModule& hosted, const std::string& reason);
    void fail(HostedModule& hosted, const std::string& reason); // any thread
    Persister::Owner storageOwner(HostedModule& hosted);
    HttpServer::Owner httpOwner(HostedModule& hosted);

    Poco::Logger& _logger;
    std::vector<std::unique_ptr<HostedModule>> _modules;
    std::unique_ptr<HostServices> _services;
};

} // namespace octagent
