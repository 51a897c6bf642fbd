// What a service manager receives: this test is the manager, with a real socket.

#include "application/ServiceNotify.h"

#include <Poco/Environment.h>
#include <Poco/TemporaryFile.h>

#include <array>
#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using octagent::ServiceNotify;

namespace {

class Manager {
public:
    // "@name" for the abstract namespace.
    explicit Manager(const std::string& path) : _descriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path.data(), path.size());
        if (path[0] == '@')
            address.sun_path[0] = '\0';
        CPPUNIT_ASSERT_EQUAL(0, ::bind(_descriptor, reinterpret_cast<const sockaddr*>(&address),
                                       static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size())));
        Poco::Environment::set("NOTIFY_SOCKET", path);
    }
    ~Manager() {
        ::unsetenv("NOTIFY_SOCKET");
        ::unsetenv("WATCHDOG_USEC");
        ::unsetenv("WATCHDOG_PID");
        ::close(_descriptor);
    }
    Manager(const Manager&) = delete;
    Manager& operator=(const Manager&) = delete;

    // A datagram on a local socket is there when the sender returns, so nothing is waited for.
    std::string received() const {
        pollfd ready{_descriptor, POLLIN, 0};
        if (::poll(&ready, 1, 0) != 1)
            return "nothing";
        std::array<char, 256> buffer{};
        const auto length = ::recv(_descriptor, buffer.data(), buffer.size(), 0);
        return {buffer.data(), static_cast<std::size_t>(length)};
    }

    // Takes all.
    std::size_t receivedCount() const {
        std::size_t count = 0;
        while (received() != "nothing")
            ++count;
        return count;
    }

private:
    int _descriptor;
};

std::string abstractName() { return "@octagent-test-" + std::to_string(::getpid()); }

} // namespace

class ServiceNotifyTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ServiceNotifyTest);
    CPPUNIT_TEST(testFileSocket);
    CPPUNIT_TEST(testAbstractSocket);
    CPPUNIT_TEST(testStatusIsOneLine);
    CPPUNIT_TEST(testNobodyListens);
    CPPUNIT_TEST(testUnusableAddress);
    CPPUNIT_TEST(testDeafManagerDoesNotBlock);
    CPPUNIT_TEST(testWatchdogIsThinned);
    CPPUNIT_TEST(testNoWatchdogUnlessAsked);
    CPPUNIT_TEST(testWatchdogOfAnotherProcess);
    CPPUNIT_TEST_SUITE_END();

    void testFileSocket() {
        const Poco::TemporaryFile file;
        const Manager manager(file.path());
        ServiceNotify notify;
        notify.ready();
        CPPUNIT_ASSERT_EQUAL(std::string("READY=1"), manager.received());
        notify.stopping();
        CPPUNIT_ASSERT_EQUAL(std::string("STOPPING=1"), manager.received());
    }

    void testAbstractSocket() {
        const Manager manager(abstractName());
        ServiceNotify notify;
        notify.ready();
        CPPUNIT_ASSERT_EQUAL(std::string("READY=1"), manager.received());
    }

    void testStatusIsOneLine() {
        const Manager manager(abstractName());
        ServiceNotify notify;
        notify.status("all well\nMAINPID=1");
        CPPUNIT_ASSERT_EQUAL(std::string("STATUS=all well"), manager.received());
    }

    void testNobodyListens() {
        ServiceNotify notify;
        notify.ready();
        notify.watchdog();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, std::int64_t{notify.watchdogInterval().count()});

        Poco::Environment::set("NOTIFY_SOCKET", "/nonexistent/socket");
        ServiceNotify toNowhere;
        toNowhere.ready();
        ::unsetenv("NOTIFY_SOCKET");
    }

    void testUnusableAddress() {
        for (const std::string& address : {std::string("relative"), std::string("@"), std::string(200, '/')}) {
            Poco::Environment::set("NOTIFY_SOCKET", address);
            ServiceNotify notify;
            notify.ready();
        }
        ::unsetenv("NOTIFY_SOCKET");
    }

    void testDeafManagerDoesNotBlock() {
        const Manager manager(abstractName());
        ServiceNotify notify;
        for (int i = 0; i < 10000; ++i)
            notify.ready();
        CPPUNIT_ASSERT(manager.receivedCount() > 0);
    }

    void testWatchdogIsThinned() {
        const Manager manager(abstractName());
        Poco::Environment::set("WATCHDOG_USEC", "3600000000");
        ServiceNotify notify;
        CPPUNIT_ASSERT(notify.watchdogInterval() == std::chrono::hours(1));
        for (int i = 0; i < 1000; ++i)
            notify.watchdog();
        CPPUNIT_ASSERT_EQUAL(std::string("WATCHDOG=1"), manager.received());
        CPPUNIT_ASSERT_EQUAL(std::string("nothing"), manager.received());
    }

    void testNoWatchdogUnlessAsked() {
        const Manager manager(abstractName());
        ServiceNotify notify;
        notify.watchdog();
        CPPUNIT_ASSERT_EQUAL(std::string("nothing"), manager.received());
    }

    void testWatchdogOfAnotherProcess() {
        const Manager manager(abstractName());
        Poco::Environment::set("WATCHDOG_USEC", "3600000000");
        Poco::Environment::set("WATCHDOG_PID", "1");
        ServiceNotify notify;
        notify.watchdog();
        CPPUNIT_ASSERT_EQUAL(std::string("nothing"), manager.received());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ServiceNotifyTest);
