#include "application/AgentApplication.h"

#include "application/Agent.h"
#include "application/Platform.h"
#include "application/SelfTest.h"
#include "application/Signals.h"
#include "application/Subsystems.h"
#include "config/Help.h"
#include "host/BuiltinModules.h"
#include "logging/Logging.h"
#include "octagent/Log.h"

#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/FileStream.h>
#include <Poco/Path.h>
#include <Poco/Process.h>
#include <Poco/String.h>
#include <Poco/Util/HelpFormatter.h>

#include <algorithm>
#include <iostream>

namespace octagent {

namespace {

std::string absolutePath(const std::string& path) { return Poco::Path(path).makeAbsolute().toString(); }

} // namespace

AgentApplication::AgentApplication() = default;
AgentApplication::~AgentApplication() = default;

int AgentApplication::checkBeforeDetaching(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (std::none_of(arguments.begin(), arguments.end(), isDaemonArgument))
        return 0;
    Poco::Process::Args checked{"--check-config", "--quiet"};
    std::copy_if(arguments.begin(), arguments.end(), std::back_inserter(checked),
                 [](const std::string& argument) { return !isDaemonArgument(argument); });
    return Poco::Process::launch("/proc/self/exe", checked).wait();
}

int AgentApplication::checkBeforeDetaching(int /*argc*/, wchar_t** /*argv*/) { return 0; }

void AgentApplication::defineOptions(Poco::Util::OptionSet& options) {
    using Poco::Util::Option;
    ServerApplication::defineOptions(options);
    // A daemon changes its directory after the options were read, a service starts in the system's.
    _startDirectory = isInteractive() ? Poco::Path::current() : config().getString("application.dir");
    options.addOption(Option("help", "h", "show the options, keys and variables, and exit"));
    options.addOption(Option("version", "V", "show the version, and exit"));
    options.addOption(Option("config", "c", "read this .properties or .ini file").argument("FILE"));
    options.addOption(
        Option("define", "D", "set one key, whatever file and environment say").repeatable(true).argument("KEY=VALUE"));
    options.addOption(
        Option("check-config", "", "check the configuration, show where each value comes from, and exit"));
    options.addOption(Option("quiet", "q", "with --check-config: show nothing but errors"));
    options.addOption(
        Option("self-test", "", "post an event to the agent that runs with this configuration, follow it, and exit"));
    options.addOption(Option("list-plugins", "", "show the modules and plugins, and exit"));
}

void AgentApplication::handleOption(const std::string& name, const std::string& value) {
    if (name == "pidfile") { // the agent's own: Poco's would leave a stale file when run as a daemon
        _pidFile = absolutePath(value);
        return;
    }
    ServerApplication::handleOption(name, value);
    if (name == "help") {
        _task = Task::Help;
        stopOptionsProcessing();
    } else if (name == "version") {
        _task = Task::Version;
        stopOptionsProcessing();
    } else if (name == "check-config") {
        _task = Task::CheckConfiguration;
    } else if (name == "quiet") {
        _isQuiet = true;
    } else if (name == "list-plugins") {
        _task = Task::ListPlugins;
    } else if (name == "self-test") {
        _task = Task::SelfTest;
    } else if (name == "daemon") {
        _isDaemon = true;
    } else if (name == "config") {
        _configurationFile = absolutePath(value);
    } else if (name == "define") {
        const auto equals = value.find('=');
        if (equals == std::string::npos)
            throw Poco::InvalidArgumentException("--define takes KEY=VALUE, not " + value);
        _definitions[Poco::trim(value.substr(0, equals))] = value.substr(equals + 1);
    }
}

void AgentApplication::initialize(Poco::Util::Application& /*self*/) {}

int AgentApplication::main(const std::vector<std::string>& arguments) {
    if (!arguments.empty()) {
        std::cerr << "octagent: unexpected argument " << arguments.front() << " (see --help)\n";
        return EXIT_USAGE;
    }
    if (_task == Task::Version) {
        std::cout << "octagent " << OCTAGENT_VERSION << " (SDK " << OCTAGENT_SDK_VERSION << ")\n";
        return EXIT_OK;
    }
    restrictNewFiles();
    resolveConfiguration();
    switch (_task) {
    case Task::Help:
        printHelp();
        return EXIT_OK;
    case Task::ListPlugins:
        printPlugins();
        return EXIT_OK;
    case Task::CheckConfiguration:
        if (!_isQuiet)
            printResolved(std::cout, _registry, _configuration);
        for (const auto& warning : _configuration.warnings())
            std::cerr << "octagent: warning: " << warning << '\n';
        return reportErrors();
    default:
        break;
    }
    const int verdict = reportErrors();
    if (verdict != EXIT_OK) {
        if (isDetached())
            logErrors();
        return verdict;
    }
    if (_task == Task::SelfTest)
        return testRunningAgent(*_configuration.options("http"), _host.selfTests(), std::cout) ? EXIT_OK
                                                                                               : EXIT_UNAVAILABLE;
    return runAgent();
}

void AgentApplication::resolveConfiguration() {
    const auto paths = defaultPaths(config().getString("application.dir"), isDetached());
    ConfigurationSources sources;
    if (_configurationFile.empty())
        _configurationFile = paths.configuration;
    sources.file = _configurationFile;
    sources.environment = environment();
    sources.commandLine = _definitions;
    sources.baseDirectory = _startDirectory;

    _registry.add("http", httpOptions());
    _registry.add("storage", storageOptions(paths.database));
    _registry.add("plugins", pluginOptions(paths.plugins));

    // Where the database and the plugins are must be known before it is known what else can be told.
    const auto preliminary = Configuration::resolve(_registry, sources);
    _databasePath = preliminary.options("storage")->text("path");
    auto log = logOptions();
    if (isDetached()) { // nobody reads the standard output
        for (auto& option : log) {
            if (option.key == "file")
                option.defaultValue = Poco::Path(_databasePath).setFileName("octagent.log").toString();
        }
    }
    _registry.add("log", log);
    _host.load(makeBuiltinModules(), *preliminary.options("plugins"));
    _host.declareOptions(_registry);
    _configuration = Configuration::resolve(_registry, sources);
    checkTogether();
}

void AgentApplication::checkTogether() {
    if (!_configuration.errors().empty())
        return;
    try {
        const HttpServer server(*_configuration.options("http"));
    } catch (const Poco::Exception& error) {
        _errors.push_back(error.message());
    }
}

int AgentApplication::reportErrors() const {
    for (const auto& error : _configuration.errors())
        std::cerr << "octagent: " << error << '\n';
    for (const auto& error : _errors)
        std::cerr << "octagent: " << error << '\n';
    return _configuration.errors().empty() && _errors.empty() ? int{EXIT_OK} : exitConfiguration;
}

void AgentApplication::logErrors() {
    openLog();
    for (const auto& error : _configuration.errors())
        logError(Poco::Logger::get("agent"), "configuration: " + error);
    for (const auto& error : _errors)
        logError(Poco::Logger::get("agent"), "configuration: " + error);
}

void AgentApplication::openLog() {
    if (isDetached()) // its log lies there before there is a database
        Poco::File(Poco::Path(_databasePath).makeParent()).createDirectories();
    setUpLogging(*_configuration.options("log"));
}

int AgentApplication::runAgent() {
    try {
        openLog();
        announce();
        Agent agent(_configuration, _host);
        addSubsystem(new PersisterSubsystem(agent));
        addSubsystem(new ModuleSubsystem(agent));
        addSubsystem(new HttpSubsystem(agent));
        int exitCode = EXIT_SOFTWARE;
        if (startAgent(agent)) {
            if (!_pidFile.empty())
                writePidFile();
            releaseStartPages();
            const auto signal = waitForStop([this] { waitForTerminationRequest(); });
            logInfo(Poco::Logger::get("agent"), "stopping", {{"signal", signal}});
            ServerApplication::uninitialize();
            exitCode = agent.exitCode();
            if (!_pidFile.empty())
                Poco::File(_pidFile).remove();
        }
        if (agent.hasLeftThreads())
            endProcess(exitCode);
        return exitCode;
    } catch (const Poco::Exception& error) {
        logError(Poco::Logger::get("agent"), "cannot run", {{"error", error.displayText()}});
    }
    return EXIT_SOFTWARE;
}

bool AgentApplication::startAgent(Agent& agent) {
    std::string reason;
    try {
        ServerApplication::initialize(*this);
        return true;
    } catch (const Poco::Exception& error) {
        reason = error.displayText();
    } catch (const std::exception& error) {
        reason = error.what();
    }
    logError(Poco::Logger::get("agent"), "cannot start", {{"error", reason}});
    agent.stopHttp();
    agent.stopModules();
    agent.stopStorage();
    return false;
}

void AgentApplication::announce() const {
    Poco::Logger& log = Poco::Logger::get("agent");
    logInfo(log, "octagent starts", {{"version", OCTAGENT_VERSION}, {"pid", std::to_string(Poco::Process::id())}});
    for (const auto& warning : _configuration.warnings())
        logWarning(log, "configuration: " + warning);
    std::vector<std::pair<std::string, std::string>> values{{"file", _configurationFile}};
    for (const auto& [key, value] : _configuration.values())
        values.emplace_back(key, Configuration::shown(value));
    Poco::Message resolved(log.name(), "configuration", Poco::Message::PRIO_INFORMATION);
    setLogFields(resolved, values);
    log.log(resolved);
}

void AgentApplication::printHelp() const {
    Poco::Util::HelpFormatter formatter(options());
    formatter.setUnixStyle(true);
    formatter.setWidth(100);
    formatter.setCommand("octagent");
    formatter.setUsage("[OPTION...]");
    formatter.setHeader("octagent " OCTAGENT_VERSION
                        ": takes traces and errors of LLM applications over HTTP and stores them in SQLite.");
    formatter.format(std::cout);
    std::cout << "\nKeys of the configuration file, and of --define:\n\n";
    printKeys(std::cout, _registry);
}

void AgentApplication::printPlugins() const {
    for (const auto& record : _host.records()) {
        std::cout << record.name << (record.version.empty() ? "" : " " + record.version) << '\n'
                  << "  SDK:     " << (record.sdkVersion.empty() ? "unknown" : record.sdkVersion) << '\n'
                  << "  path:    " << (record.isPlugin() ? record.path : "built in") << '\n'
                  << "  state:   " << toString(record.state) << (record.reason.empty() ? "" : ": " + record.reason)
                  << '\n';
        for (const auto& option : record.options)
            std::cout << "  option:  " << record.name << '.' << option.key << " = "
                      << (option.defaultValue.empty() ? "\"\"" : option.defaultValue) << "  " << option.description
                      << '\n';
    }
}

void AgentApplication::writePidFile() const {
    Poco::FileOutputStream file(_pidFile);
    file << Poco::Process::id() << '\n';
    file.close();
}

} // namespace octagent
