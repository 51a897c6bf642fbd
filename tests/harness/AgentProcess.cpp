#include "harness/AgentProcess.h"

#include "harness/Poll.h"
#include "harness/TemporaryDirectory.h"

#include <Poco/JSON/Parser.h>

#include <cppunit/TestAssert.h>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <sstream>
#include <stdexcept>

namespace octagent::test {

namespace {

std::string builtBinary() {
    if (const char* path = std::getenv("OCTAGENT_BINARY"))
        return path;
#ifdef OCTAGENT_BINARY
    return OCTAGENT_BINARY;
#else
    throw std::runtime_error("the agent was not built: set OCTAGENT_BINARY to its path");
#endif
}

std::map<std::string, std::string> baseEnvironment(const AgentSetup& setup) {
    std::map<std::string, std::string> result{{"HOME", setup.directory}, {"TZ", "UTC"}};
    for (const char* name :
         {"PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS", "LD_LIBRARY_PATH"})
        if (const char* value = std::getenv(name))
            result[name] = value;
    return result;
}

// A file number that no other process of this test has.
std::string nextNumber() {
    static std::atomic<int> count{0}; // names files, nothing depends on its value
    return std::to_string(++count);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    for (auto& text : texts)
        result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

// Between fork and exec: only calls that are safe there.
[[noreturn]] void becomeAgent(pid_t parent, const char* outputPath, const char* errorPath, char* const* arguments,
                              char* const* environment) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent)
        ::_exit(127);
    const int input = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    const int output = ::open(outputPath, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    const int errors = ::open(errorPath, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    ::dup2(input, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(errors, STDERR_FILENO);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execvpe(arguments[0], arguments, environment);
    ::_exit(127);
}

} // namespace

AgentProcess::AgentProcess(AgentSetup setup) : _setup(std::move(setup)), _databasePath(_setup.databasePath()) {
    if (_setup.binary.empty())
        _setup.binary = builtBinary();
    const std::string number = nextNumber();
    _outputPath = _setup.directory + "/stdout." + number;
    _errorPath = _setup.directory + "/stderr." + number;

    auto environment = baseEnvironment(_setup);
    std::vector<std::string> arguments = _setup.wrapper;
    arguments.push_back(_setup.binary);
    if (!_setup.isBare) {
        std::map<std::string, std::string> keys{{"http.port", "0"}, {"plugins.path", _setup.directory + "/plugins"}};
        for (const auto& [key, value] : _setup.keys)
            keys[key] = value;
        std::ostringstream file;
        for (const auto& [key, value] : keys)
            file << key << " = " << value << '\n';
        const std::string path = _setup.directory + "/agent." + number + ".properties";
        const int descriptor = ::open(path.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
        const std::string text = file.str();
        if (descriptor < 0 || ::write(descriptor, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
            throw std::runtime_error("cannot write " + path);
        ::close(descriptor);
        ::mkdir((_setup.directory + "/plugins").c_str(), 0700);
        arguments.push_back("--config=" + path);
        environment["OCT_DB_PATH"] = _databasePath;
    }
    for (const auto& [name, value] : _setup.environment)
        environment[name] = value;
    arguments.insert(arguments.end(), _setup.arguments.begin(), _setup.arguments.end());

    std::vector<std::string> variables;
    variables.reserve(environment.size());
    for (const auto& [name, value] : environment)
        variables.push_back(std::string(name).append("=").append(value));
    const auto argumentPointers = pointers(arguments);
    const auto variablePointers = pointers(variables);

    const pid_t parent = ::getpid();
    _pid = ::fork();
    if (_pid < 0)
        throw std::runtime_error("cannot fork");
    if (_pid == 0)
        becomeAgent(parent, _outputPath.c_str(), _errorPath.c_str(), argumentPointers.data(), variablePointers.data());
}

AgentProcess::~AgentProcess() {
    if (poll())
        return;
    ::kill(_pid, SIGKILL);
    ::waitpid(_pid, nullptr, 0);
}

AgentProcess& AgentProcess::awaitListening() {
    const bool listens = waitUntil([this] { return portOf("http") != 0 || poll(); }) && portOf("http") != 0;
    if (!listens)
        CPPUNIT_FAIL("the agent does not listen (exit code " + (_exitCode ? std::to_string(*_exitCode) : "none") +
                     "):\n" + output() + errors());
    return *this;
}

bool AgentProcess::isRunning() { return !poll(); }

std::string AgentProcess::address() const { return "127.0.0.1:" + std::to_string(port()); }

std::uint16_t AgentProcess::port() const { return portOf("http"); }

std::uint16_t AgentProcess::portOf(const std::string& listener) const {
    std::istringstream lines(output());
    for (std::string line; std::getline(lines, line) && !lines.eof();) {
        if (line.find("\"listening\"") == std::string::npos)
            continue;
        const auto entry = Poco::JSON::Parser().parse(line).extract<Poco::JSON::Object::Ptr>();
        if (entry->optValue<std::string>("message", "") != "listening")
            continue;
        if (entry->optValue<std::string>("listener", "http") != listener)
            continue;
        const auto address = entry->getValue<std::string>("address");
        return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
    }
    return 0;
}

void AgentProcess::signal(int number) const { ::kill(_pid, number); }

std::optional<ExitCode> AgentProcess::poll() {
    int status = 0;
    if (!_exitCode && ::waitpid(_pid, &status, WNOHANG) == _pid)
        _exitCode = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return _exitCode;
}

ExitCode AgentProcess::wait(std::chrono::milliseconds deadline) {
    if (!waitUntil([this] { return poll().has_value(); }, deadline)) {
        kill();
        CPPUNIT_FAIL("the agent does not end:\n" + output() + errors());
    }
    return *_exitCode;
}

ExitCode AgentProcess::stop() {
    signal(SIGTERM);
    return wait();
}

void AgentProcess::kill() {
    signal(SIGKILL);
    waitUntil([this] { return poll().has_value(); });
}

std::string AgentProcess::output() const { return readFile(_outputPath); }

std::string AgentProcess::errors() const { return readFile(_errorPath); }

std::vector<Poco::JSON::Object::Ptr> AgentProcess::log() const {
    std::vector<Poco::JSON::Object::Ptr> entries;
    std::istringstream lines(output());
    for (std::string line; std::getline(lines, line) && !lines.eof();) {
        try {
            entries.push_back(Poco::JSON::Parser().parse(line).extract<Poco::JSON::Object::Ptr>());
        } catch (const Poco::Exception& error) {
            CPPUNIT_FAIL("not a JSON object (" + error.displayText() + "): " + line);
        }
    }
    return entries;
}

Poco::JSON::Object::Ptr AgentProcess::logged(const std::string& message) const {
    for (const auto& entry : log())
        if (entry->optValue<std::string>("message", "") == message)
            return entry;
    return {};
}

Outcome runAgent(AgentSetup setup) {
    AgentProcess process(std::move(setup));
    Outcome outcome;
    outcome.code = process.wait();
    outcome.output = process.output();
    outcome.errors = process.errors();
    return outcome;
}

} // namespace octagent::test
