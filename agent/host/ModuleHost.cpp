#include "host/ModuleHost.h"

#include "octagent/Log.h"

#include <Poco/Exception.h>
#include <Poco/StringTokenizer.h>

#include <algorithm>
#include <array>
#include <future>
#include <set>
#include <string_view>
#include <thread>

namespace octagent {

namespace {

// What stop() grants to a module after the deadline, so that one hanging plugin does not condemn the others.
constexpr std::chrono::milliseconds grace{500};

// The features that the system knows and that this agent leaves to plugins: their keys may stand in a file.
constexpr std::array<const char*, 2> knownPlugins = {"metrics", "push"};

// Groups of keys and of metrics that are the agent's own.
constexpr std::array<std::string_view, 10> reservedNames = {"agent", "database", "events", "http",    "log",
                                                            "open",  "plugins",  "queue",  "storage", "wal"};

void requireProperName(const std::string& name) {
    const bool isSpelledRight =
        !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
    if (!isSpelledRight)
        throw Poco::InvalidArgumentException("a module's name is of lower-case letters, digits and '-'");
    if (std::find(reservedNames.begin(), reservedNames.end(), name) != reservedNames.end())
        throw Poco::InvalidArgumentException("the name " + name + " is the agent's own");
}

std::set<std::string> names(const std::string& list) {
    const Poco::StringTokenizer tokens(list, ",",
                                       Poco::StringTokenizer::TOK_TRIM | Poco::StringTokenizer::TOK_IGNORE_EMPTY);
    return {tokens.begin(), tokens.end()};
}

std::string currentError() {
    try {
        throw;
    } catch (const Poco::Exception& error) {
        return error.displayText();
    } catch (const std::exception& error) {
        return error.what();
    } catch (...) {
        return "an exception of unknown type";
    }
}

} // namespace

std::string toString(ModuleState state) {
    switch (state) {
    case ModuleState::Loaded:
        return "loaded";
    case ModuleState::Running:
        return "running";
    case ModuleState::Disabled:
        return "disabled";
    case ModuleState::Refused:
        return "refused";
    case ModuleState::Failed:
        return "failed";
    }
    return "unknown";
}

std::vector<Option> pluginOptions(const std::string& defaultPath) {
    return {
        {.key = "path",
         .type = OptionType::Path,
         .defaultValue = defaultPath,
         .description = "directory of the plugins"},
        {.key = "enabled", .description = "names of the plugins to load, separated by commas; empty: all"},
        {.key = "disabled", .description = "names of the plugins not to load, separated by commas"},
    };
}

ModuleHost::ModuleHost() : _logger(Poco::Logger::get("host")) {}

ModuleHost::~ModuleHost() = default;

void ModuleHost::load(std::vector<std::unique_ptr<Module>> builtins, const Options& options) {
    for (auto& builtin : builtins) {
        auto hosted = std::make_unique<HostedModule>();
        hosted->record.name = builtin->name();
        hosted->record.version = builtin->version();
        hosted->record.sdkVersion = OCTAGENT_SDK_VERSION;
        hosted->record.options = builtin->options();
        hosted->module = std::move(builtin);
        _modules.push_back(std::move(hosted));
    }
    const auto enabled = names(options.text("enabled"));
    const auto disabled = names(options.text("disabled"));
    std::set<std::string> missing = enabled;
    for (const auto& path : pluginFiles(options.text("path"))) {
        const auto name = pluginNameOf(path);
        missing.erase(name);
        const bool isWanted = (enabled.empty() || enabled.count(name) != 0) && disabled.count(name) == 0;
        if (isWanted) {
            loadPlugin(path);
            continue;
        }
        auto hosted = std::make_unique<HostedModule>();
        hosted->record.name = name;
        hosted->record.path = path;
        hosted->record.state = ModuleState::Disabled;
        hosted->record.reason = disabled.count(name) != 0 ? "named in plugins.disabled" : "not in plugins.enabled";
        _modules.push_back(std::move(hosted));
    }
    for (const auto& name : missing) {
        auto hosted = std::make_unique<HostedModule>();
        hosted->record.name = name;
        hosted->record.path = options.text("path");
        hosted->record.state = ModuleState::Refused;
        hosted->record.reason = "named in plugins.enabled, but there is no such file in plugins.path";
        _modules.push_back(std::move(hosted));
    }
}

void ModuleHost::loadPlugin(const std::string& path) {
    auto hosted = std::make_unique<HostedModule>();
    ModuleRecord& record = hosted->record;
    record.name = pluginNameOf(path);
    record.path = path;
    try {
        hosted->library = std::make_unique<LoadedPlugin>(path);
        hosted->module = hosted->library->takeModule();
        record.sdkVersion = hosted->library->sdkVersion();
        record.name = hosted->module->name();
        record.version = hosted->module->version();
        record.options = hosted->module->options();
        requireProperName(record.name);
        const bool isTaken = std::any_of(_modules.begin(), _modules.end(), [&](const auto& other) {
            return other->isActive() && other->record.name == record.name;
        });
        if (isTaken)
            throw Poco::ExistsException("another module has the name " + record.name);
    } catch (...) {
        record.state = ModuleState::Refused;
        record.reason = currentError();
    }
    _modules.push_back(std::move(hosted));
}

void ModuleHost::declareOptions(OptionRegistry& registry) const {
    for (const auto& hosted : _modules) {
        ModuleRecord& record = hosted->record;
        if (!hosted->isActive())
            continue;
        try {
            registry.add(record.name, record.options);
        } catch (const Poco::Exception&) {
            if (!record.isPlugin())
                throw;
            record.state = ModuleState::Refused;
            record.reason = "its options are refused: " + currentError();
        }
    }
    for (const auto& hosted : _modules) {
        if (!hosted->isActive())
            registry.tolerate(hosted->record.name);
    }
    for (const auto* name : knownPlugins)
        registry.tolerate(name);
}

void ModuleHost::initialize(const HostServices& services) {
    _services = std::make_unique<HostServices>(services);
    for (const auto& hosted : _modules) {
        const ModuleRecord& record = hosted->record;
        if (record.state == ModuleState::Refused)
            leaveOut(*hosted, record.reason);
        if (!hosted->isActive())
            continue;
        try {
            hosted->context =
                std::make_unique<HostedContext>(record.name, *_services, storageOwner(*hosted), httpOwner(*hosted));
            hosted->module->initialize(*hosted->context);
        } catch (...) {
            if (!record.isPlugin())
                throw;
            leaveOut(*hosted, currentError());
        }
    }
}

void ModuleHost::refuse(const std::string& name, const std::string& reason) {
    for (const auto& hosted : _modules) {
        if (hosted->record.name == name && hosted->isActive())
            leaveOut(*hosted, reason);
    }
}

void ModuleHost::leaveOut(HostedModule& hosted, const std::string& reason) {
    const bool isKnownToRooms = hosted.context != nullptr;
    hosted.record.state = ModuleState::Refused;
    hosted.record.reason = reason;
    hosted.hasFailed = true;
    if (isKnownToRooms) {
        _services->http.remove(hosted.record.name);
        _services->persister.remove(hosted.record.name);
    }
    _services->health.line(hosted.record.name).degraded("the plugin is left out: " + reason);
}

void ModuleHost::start() {
    for (const auto& hosted : _modules) {
        if (!hosted->isActive())
            continue;
        try {
            hosted->module->start();
            hosted->record.state = ModuleState::Running;
            if (hosted->record.isPlugin())
                logInfo(_logger, "plugin runs",
                        {{"plugin", hosted->record.name},
                         {"version", hosted->record.version},
                         {"path", hosted->record.path}});
        } catch (...) {
            if (!hosted->record.isPlugin())
                throw;
            leaveOut(*hosted, currentError());
        }
    }
}

bool ModuleHost::stop(std::chrono::steady_clock::time_point deadline) {
    bool allReturned = true;
    for (auto at = _modules.rbegin(); at != _modules.rend(); ++at) {
        HostedModule& hosted = **at;
        if (hosted.record.state != ModuleState::Running)
            continue;
        hosted.record.state = ModuleState::Loaded;
        auto returned = std::make_shared<std::promise<void>>();
        auto hasReturned = returned->get_future();
        // The thread holds nothing of this frame: it may outlive it.
        std::thread([module = hosted.module.get(), name = hosted.record.name, deadline, returned] {
            try {
                module->stop(deadline);
            } catch (...) {
                logError(Poco::Logger::get("host"), "module threw while it stopped",
                         {{"module", name}, {"error", currentError()}});
            }
            returned->set_value();
        }).detach();
        const auto until = std::max(deadline, std::chrono::steady_clock::now() + grace);
        if (hasReturned.wait_until(until) == std::future_status::ready)
            continue;
        logError(_logger, "plugin does not stop: it is left behind, the drain goes on",
                 {{"plugin", hosted.record.name}});
        allReturned = false;
    }
    return allReturned;
}

std::vector<ModuleRecord> ModuleHost::records() const {
    std::vector<ModuleRecord> records;
    for (const auto& hosted : _modules) {
        ModuleRecord record = hosted->record;
        if (record.state == ModuleState::Running && hosted->hasFailed)
            record.state = ModuleState::Failed;
        records.push_back(record);
    }
    return records;
}

std::vector<SelfTest> ModuleHost::selfTests() const {
    std::vector<SelfTest> all;
    for (const auto& hosted : _modules) {
        if (!hosted->isActive())
            continue;
        const auto tests = hosted->module->selfTests();
        all.insert(all.end(), tests.begin(), tests.end());
    }
    return all;
}

bool ModuleHost::pushesRows() const {
    return std::any_of(_modules.begin(), _modules.end(),
                       [](const auto& hosted) { return hosted->isActive() && hosted->module->pushesRows(); });
}

void ModuleHost::fail(HostedModule& hosted, const std::string& reason) {
    if (!hosted.hasFailed.exchange(true))
        _services->health.fail(hosted.record.name, reason);
}

Persister::Owner ModuleHost::storageOwner(HostedModule& hosted) {
    return {hosted.record.name, hosted.record.isPlugin(),
            [this, &hosted](const std::string& reason) { fail(hosted, reason); }};
}

HttpServer::Owner ModuleHost::httpOwner(HostedModule& hosted) {
    return {hosted.record.name, [&hosted] { return hosted.hasFailed.load(std::memory_order_relaxed); },
            [this, &hosted](bool threw, const std::string& what) {
                if (!threw)
                    hosted.failures.succeeded();
                else if (hosted.failures.failed() && hosted.record.isPlugin())
                    fail(hosted, "ten requests in a row failed, the last one with: " + what);
            },
            [this, &hosted](const std::string& why) {
                if (hosted.record.isPlugin())
                    fail(hosted, "its listener cannot be opened: " + why);
                return hosted.record.isPlugin();
            }};
}

} // namespace octagent
