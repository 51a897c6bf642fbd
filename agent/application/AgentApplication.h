#pragma once

// The process: command line, configuration, logging, then the agent until it is told to stop.

#include "config/Configuration.h"
#include "config/OptionRegistry.h"
#include "host/ModuleHost.h"

#include <Poco/Util/ServerApplication.h>

#include <map>
#include <string>
#include <vector>

namespace octagent {

class Agent;

class AgentApplication : public Poco::Util::ServerApplication {
public:
    // Exit codes beside Poco's (which are those of sysexits.h): configuration that must be mended.
    static constexpr int exitConfiguration = 78;

    AgentApplication();
    ~AgentApplication() override;

    // When the arguments ask for a daemon: lets a copy of this program check the configuration while there is
    // still a terminal to tell what is wrong. Returns its exit code, 0 when all is well.
    static int checkBeforeDetaching(int argc, char** argv);
    static int checkBeforeDetaching(int argc, wchar_t** argv);

protected:
    void defineOptions(Poco::Util::OptionSet& options) override;
    void handleOption(const std::string& name, const std::string& value) override;
    // Without effect: the agent's subsystems are started by main(), which knows what to do when one fails.
    void initialize(Poco::Util::Application& self) override;
    int main(const std::vector<std::string>& arguments) override;

private:
    enum class Task { Run, Help, Version, CheckConfiguration, ListPlugins, SelfTest };

    void resolveConfiguration();
    void checkTogether();
    int reportErrors() const;
    void logErrors(); // for the service of Windows, whose standard error nobody reads
    void openLog();
    bool isDetached() const { return _isDaemon || !isInteractive(); }
    int runAgent();
    void announce() const;
    bool startAgent(Agent& agent);
    void printHelp() const;
    void printPlugins() const;
    void writePidFile() const;

    Task _task = Task::Run;
    bool _isQuiet = false;
    bool _isDaemon = false;
    std::string _startDirectory;
    std::string _pidFile;
    std::string _configurationFile;
    std::string _databasePath;
    std::map<std::string, std::string> _definitions;
    std::vector<std::string> _errors; // of values that are fine alone and wrong together

    OptionRegistry _registry;
    ModuleHost _host;
    Configuration _configuration;
};

} // namespace octagent
