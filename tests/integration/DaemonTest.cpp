// --daemon and --pidfile.

#include "AgentFixture.h"

#include <Poco/Net/ServerSocket.h>

#include <sys/stat.h>

namespace octagent::test {

namespace {

// Kills the daemon that a failed test leaves.
class DaemonGuard {
public:
    explicit DaemonGuard(std::string pidFile) : _pidFile(std::move(pidFile)) {}
    ~DaemonGuard() {
        if (pid() > 0)
            ::kill(pid(), SIGKILL);
    }
    DaemonGuard(const DaemonGuard&) = delete;
    DaemonGuard& operator=(const DaemonGuard&) = delete;

    pid_t pid() const {
        const std::string text = readFile(_pidFile);
        return text.empty() ? 0 : std::stoi(text);
    }

private:
    std::string _pidFile;
};

std::uint16_t freePort() {
    const Poco::Net::ServerSocket socket(Poco::Net::SocketAddress("127.0.0.1", 0));
    return socket.address().port();
}

} // namespace

class DaemonTest : public AgentFixture {
    CPPUNIT_TEST_SUITE(DaemonTest);
    CPPUNIT_TEST(testDaemon);
    CPPUNIT_TEST(testBadConfigurationIsToldBeforeItDetaches);
    CPPUNIT_TEST(testPidFileInForeground);
    CPPUNIT_TEST_SUITE_END();

protected:
    // Started in the test's directory with relative paths, and with a careless umask.
    AgentSetup relative(std::vector<std::string> arguments) const {
        auto how = setup();
        how.isBare = true;
        how.wrapper = {"sh", "-c", "umask 0; cd \"$HOME\"; exec \"$@\"", "sh"};
        how.arguments = std::move(arguments);
        return how;
    }

    static unsigned mode(const std::string& path) {
        struct stat status {};
        CPPUNIT_ASSERT_EQUAL_MESSAGE(path, 0, ::stat(path.c_str(), &status));
        return status.st_mode & 07777U;
    }

    void testDaemon() {
        const auto port = freePort();
        directory().write("relative.properties", "http.port = " + std::to_string(port) +
                                                     "\nstorage.path = data/traces.db\nplugins.path = plugins\n");
        const DaemonGuard daemon(directory() / "agent.pid");
        const auto outcome = runAgent(relative({"--daemon", "--pidfile=agent.pid", "--config=relative.properties"}));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(outcome.errors, 0, outcome.code);
        eventually("the pid file", [&] { return daemon.pid() > 0; });
        const std::string database = directory() / "data/traces.db";
        const auto reply = test::post(port, "/v1/traces", R"({"provider":"p","model":"m"})");
        awaitRow(database, "llm_traces", reply.text("trace_id"));
        CPPUNIT_ASSERT_EQUAL(0600U, mode(database));
        CPPUNIT_ASSERT_EQUAL(0700U, mode(directory() / "data"));
        CPPUNIT_ASSERT_EQUAL(0U, mode(directory() / "agent.pid") & 0077U);

        const auto pid = daemon.pid();
        CPPUNIT_ASSERT_EQUAL(0, ::kill(pid, SIGTERM));
        eventually("the daemon's end", [&] { return ::kill(pid, 0) != 0; });
        CPPUNIT_ASSERT_EQUAL_MESSAGE("the pid file is left", 0, daemon.pid());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, countRows(database));
    }

    void testBadConfigurationIsToldBeforeItDetaches() {
        const auto outcome = runAgent(relative({"--daemon", "--pidfile=agent.pid", "--define=http.port=many"}));
        CPPUNIT_ASSERT_EQUAL(78, outcome.code);
        CPPUNIT_ASSERT_MESSAGE(outcome.errors, outcome.errors.find("http.port") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string(), readFile(directory() / "agent.pid"));
    }

    void testPidFileInForeground() {
        auto how = setup();
        how.arguments = {"--pidfile=" + (directory() / "agent.pid")};
        start(how);
        const DaemonGuard file(directory() / "agent.pid");
        eventually("the pid file", [&] { return file.pid() == agent().pid(); });
        CPPUNIT_ASSERT_EQUAL(0, agent().stop());
        CPPUNIT_ASSERT_EQUAL(std::string(), readFile(directory() / "agent.pid"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DaemonTest);

} // namespace octagent::test
