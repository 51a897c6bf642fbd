#include "status/HealthBoard.h"

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>
#include <Poco/Logger.h>
#include <Poco/Message.h>

#include <cppunit/extensions/HelperMacros.h>

#include <thread>
#include <vector>

namespace octagent {

namespace {

class CountingChannel final : public Poco::Channel {
public:
    void log(const Poco::Message& message) override { said.push_back(message.getText()); }
    std::vector<std::string> said;
};

} // namespace

class HealthBoardTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(HealthBoardTest);
    CPPUNIT_TEST(testOneLineForEachModule);
    CPPUNIT_TEST(testDegradedUntilOk);
    CPPUNIT_TEST(testLoggedOncePerChange);
    CPPUNIT_TEST(testFailureIsForGood);
    CPPUNIT_TEST(testLastPush);
    CPPUNIT_TEST(testThreads);
    CPPUNIT_TEST_SUITE_END();

public:
    void testOneLineForEachModule() {
        HealthBoard board;
        CPPUNIT_ASSERT_EQUAL(&board.line("a"), &board.line("a"));
        CPPUNIT_ASSERT(&board.line("a") != &board.line("b"));
    }

    void testDegradedUntilOk() {
        HealthBoard board;
        CPPUNIT_ASSERT(!board.isDegraded());
        board.line("a").degraded("slow");
        board.line("b").degraded("slower");
        board.line("a").ok();
        CPPUNIT_ASSERT(board.isDegraded());
        board.line("b").ok();
        CPPUNIT_ASSERT(!board.isDegraded());
    }

    void testLoggedOncePerChange() {
        Poco::AutoPtr<CountingChannel> channel(new CountingChannel);
        auto& logger = Poco::Logger::get("board-test");
        const auto before = logger.getChannel();
        logger.setChannel(channel);
        logger.setLevel(Poco::Message::PRIO_INFORMATION);
        HealthBoard board;
        auto& line = board.line("board-test");
        line.ok();
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, channel->said.size());
        line.degraded("slow");
        line.degraded("slow");
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, channel->said.size());
        line.degraded("slower");
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, channel->said.size());
        line.ok();
        line.ok();
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, channel->said.size());
        board.fail("board-test", "threw");
        board.fail("board-test", "threw again");
        CPPUNIT_ASSERT_EQUAL(std::size_t{4}, channel->said.size());
        logger.setChannel(before);
    }

    void testFailureIsForGood() {
        HealthBoard board;
        board.fail("a", "threw");
        board.line("a").ok();
        CPPUNIT_ASSERT(board.isDegraded());
    }

    void testLastPush() {
        HealthBoard board;
        CPPUNIT_ASSERT(!board.lastPush().has_value());
        board.line("a").lastPush(5, "ok");
        board.line("b").lastPush(6, "failed");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{6}, board.lastPush()->unixMilliseconds);
        CPPUNIT_ASSERT_EQUAL(std::string("failed"), board.lastPush()->status);
    }

    void testThreads() {
        HealthBoard board;
        std::vector<std::thread> threads;
        threads.reserve(4);
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&board, i] {
                for (int turn = 0; turn < 200; ++turn) {
                    auto& line = board.line("module" + std::to_string(i % 2));
                    line.lastPush(turn, "ok");
                    static_cast<void>(board.isDegraded());
                    static_cast<void>(board.lastPush());
                    line.ok();
                }
            });
        for (auto& thread : threads)
            thread.join();
        CPPUNIT_ASSERT(!board.isDegraded());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{199}, board.lastPush()->unixMilliseconds);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HealthBoardTest);

} // namespace octagent
