#pragma once

// The real binary, as a child process of the test.

#include <Poco/JSON/Object.h>

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace octagent::test {

// How to start it. The defaults give an agent that has nothing in common with any other: its files, database and
// plugin directory are in `directory`, its port is one that the system chooses, its environment is empty but for
// PATH, HOME (the directory) and what the sanitizers read.
struct AgentSetup {
    std::string directory;                          // exists; outlives the process
    std::map<std::string, std::string> keys;        // of the configuration file
    std::map<std::string, std::string> environment; // on top of the empty one
    std::vector<std::string> arguments;             // of the command line
    std::vector<std::string> wrapper;               // a command in front: {"prlimit", "--nofile=40"}
    std::string binary;                             // default: the one that was built
    bool isBare = false; // true: no configuration file, no variables, just `arguments` and `environment`

    std::string databasePath() const { return directory + "/octagent.db"; }
};

// How a process ended: an exit code, or a signal as 128 + its number (as a shell tells it).
using ExitCode = int;

// Use from one thread, and from one that lives as long as the agent: it is killed when its starter's thread ends,
// so that no agent outlives a test that crashed.
class AgentProcess {
public:
    // Starts it and does not wait for anything.
    explicit AgentProcess(AgentSetup setup);
    ~AgentProcess(); // kills it when it still runs
    AgentProcess(const AgentProcess&) = delete;
    AgentProcess& operator=(const AgentProcess&) = delete;

    // Until it listens. Fails the test, with its output, when it ends first or the time is up.
    AgentProcess& awaitListening();

    pid_t pid() const { return _pid; }
    bool isRunning();
    const AgentSetup& setup() const { return _setup; }
    const std::string& databasePath() const { return _databasePath; }

    // Of the agent's own listener; after awaitListening().
    std::string address() const; // "127.0.0.1:12345"
    std::uint16_t port() const;
    // Of a listener by the name that the log gives it, "http" for the agent's own. 0 when it does not listen.
    std::uint16_t portOf(const std::string& listener) const;

    void signal(int number) const;
    // Until it has ended. Fails the test, and kills it, when the time is up.
    ExitCode wait(std::chrono::milliseconds deadline = std::chrono::seconds(60));
    // SIGTERM, then wait().
    ExitCode stop();
    void kill(); // SIGKILL, and waits

    // What it wrote so far.
    std::string output() const; // standard output: the log
    std::string errors() const; // standard error

    // Every line of the log, parsed; fails the test when one is not a JSON object.
    std::vector<Poco::JSON::Object::Ptr> log() const;
    // The first line with this message; null when there is none.
    Poco::JSON::Object::Ptr logged(const std::string& message) const;

private:
    std::optional<ExitCode> poll();

    AgentSetup _setup;
    std::string _databasePath;
    std::string _outputPath;
    std::string _errorPath;
    pid_t _pid = -1;
    std::optional<ExitCode> _exitCode;
};

// A run to its end.
struct Outcome {
    ExitCode code = -1;
    std::string output;
    std::string errors;
};
Outcome runAgent(AgentSetup setup);

} // namespace octagent::test
