#include "RequestGate.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <thread>
#include <vector>

using namespace octagent::otlp;
using namespace std::chrono_literals;

class RequestGateTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(RequestGateTest);
    CPPUNIT_TEST(testOneAtATime);
    CPPUNIT_TEST(testDeadline);
    CPPUNIT_TEST(testWhoGaveUpLetsOthersIn);
    CPPUNIT_TEST_SUITE_END();

    static RequestGate::Deadline in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

public:
    void testOneAtATime() {
        RequestGate gate;
        std::atomic<int> inside{0};
        std::atomic<int> most{0};
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] {
                for (int round = 0; round < 200; ++round) {
                    const auto pass = gate.enter(in(60s));
                    const int now = ++inside;
                    if (now > most || !pass)
                        most = pass ? now : 99;
                    --inside;
                }
            });
        for (auto& thread : threads)
            thread.join();
        CPPUNIT_ASSERT_EQUAL(1, most.load());
    }

    void testDeadline() {
        RequestGate gate;
        const auto first = gate.enter(in(0s));
        CPPUNIT_ASSERT(first);
        CPPUNIT_ASSERT(!gate.enter(in(20ms)));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, gate.waiting());
    }

    void testWhoGaveUpLetsOthersIn() {
        RequestGate gate;
        std::thread late;
        {
            const auto first = gate.enter(in(0s));
            CPPUNIT_ASSERT(!gate.enter(in(10ms)));
            late = std::thread([&gate] { CPPUNIT_ASSERT(gate.enter(in(60s))); });
            while (gate.waiting() == 0)
                std::this_thread::yield();
        }
        late.join();
        CPPUNIT_ASSERT(gate.enter(in(0s)));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(RequestGateTest);
