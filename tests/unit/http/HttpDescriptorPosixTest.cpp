// Descriptors that run out. Where the system has a limit of them that a process can lower.

#include "TestServer.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#if !defined(_WIN32)

#include <iostream>
#include <memory>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

namespace octagent {

namespace {

// Leaves this process so many more descriptors, for as long as it lives.
class DescriptorLimit {
public:
    explicit DescriptorLimit(rlim_t more) {
        getrlimit(RLIMIT_NOFILE, &_before);
        // The limit is one of numbers, and inherited descriptors may stand between the free ones.
        std::vector<int> free;
        for (rlim_t i = 0; i < more; ++i)
            free.push_back(dup(0));
        rlimit lowered = _before;
        lowered.rlim_cur = static_cast<rlim_t>(free.back()) + 1;
        for (const int descriptor : free)
            close(descriptor);
        setrlimit(RLIMIT_NOFILE, &lowered);
    }
    ~DescriptorLimit() { setrlimit(RLIMIT_NOFILE, &_before); }
    DescriptorLimit(const DescriptorLimit&) = delete;
    DescriptorLimit& operator=(const DescriptorLimit&) = delete;

private:
    rlimit _before{};
};

} // namespace

class HttpDescriptorTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(HttpDescriptorTest);
    CPPUNIT_TEST(testLongestIdleMakesRoomAndRecovery);
    CPPUNIT_TEST(testNothingToCloseIsWaitedFor);
    CPPUNIT_TEST_SUITE_END();

    using Clients = std::vector<std::unique_ptr<RawClient>>;

    static std::unique_ptr<RawClient> connect(const TestServer& server) {
        return std::make_unique<RawClient>(server.client());
    }

    // UndefinedBehaviorSanitizer needs a descriptor of its own to check the type of an exception, and takes the
    // lack of one for a wrong type. It has no macro; the project's builds use it together with this one.
    static bool isSkipped() {
#if defined(__SANITIZE_ADDRESS__)
        std::cerr << " skipped under UndefinedBehaviorSanitizer";
        return true;
#else
        return false;
#endif
    }

    // Client and server share this process's descriptors: an odd number leaves the last client in the queue.
    static constexpr rlim_t odd = 21;

public:
    void testLongestIdleMakesRoomAndRecovery() {
        if (isSkipped())
            return;
        TestServer server;
        server.start();
        Clients clients;
        {
            const DescriptorLimit limit(odd);
            for (rlim_t i = 0; i < odd / 2; ++i) {
                clients.push_back(connect(server));
                CPPUNIT_ASSERT_EQUAL(200, clients.back()->ask(requestText("GET", "/open")).status);
            }
            clients.push_back(connect(server));
            CPPUNIT_ASSERT_EQUAL(200, clients.back()->ask(requestText("GET", "/open")).status);
            CPPUNIT_ASSERT(clients.front()->isClosed());
            for (int i = 0; i < 100; ++i)
                CPPUNIT_ASSERT_EQUAL(200, clients.back()->ask(requestText("POST", "/echo", "x")).status);
        }
        for (int i = 0; i < 50; ++i) {
            clients.push_back(connect(server));
            CPPUNIT_ASSERT_EQUAL(200, clients.back()->ask(requestText("GET", "/open")).status);
        }
        CPPUNIT_ASSERT_EQUAL(200, clients[1]->ask(requestText("GET", "/open")).status);
    }

    void testNothingToCloseIsWaitedFor() {
        if (isSkipped())
            return;
        HttpSettings settings;
        settings.workers = 1;
        TestServer server(settings);
        server.start();
        auto busy = connect(server);
        busy->send(requestText("GET", "/wait"));
        CPPUNIT_ASSERT(TestServer::eventually([&server] { return server.waiting == 1; }));
        std::unique_ptr<RawClient> waiting;
        {
            const DescriptorLimit limit(1);
            waiting = connect(server);
            waiting->send(requestText("GET", "/open"));
            // The only other connection is busy and stays; the new one is taken as soon as it can be.
            Poco::Event().tryWait(300);
            CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, server.server.counters().connections);
        }
        CPPUNIT_ASSERT_EQUAL(200, waiting->read().status);
        server.release.set();
        CPPUNIT_ASSERT_EQUAL(200, busy->read().status);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HttpDescriptorTest);

} // namespace octagent

#endif
