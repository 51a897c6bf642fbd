#include "logging/LogPlatform.h"
#include "logging/Logging.h"
#include "logging/StandardOutputChannel.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace octagent {

// With a pipe as standard output.
class StandardOutputPosixTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(StandardOutputPosixTest);
    CPPUNIT_TEST(testLine);
    CPPUNIT_TEST(testLinesOfManyThreadsAreWhole);
    CPPUNIT_TEST(testClosed);
    CPPUNIT_TEST(testReaderGone);
    CPPUNIT_TEST(testStuckReader);
    CPPUNIT_TEST(testNonBlockingPipe);
    CPPUNIT_TEST(testClosedStreamsAreOpened);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        std::signal(SIGPIPE, SIG_IGN); // as the agent does
        std::fflush(stdout);
        _saved = ::dup(STDOUT_FILENO);
        CPPUNIT_ASSERT(_saved > STDERR_FILENO);
        CPPUNIT_ASSERT_EQUAL(0, ::pipe(_pipe.data()));
        ::dup2(_pipe[1], STDOUT_FILENO);
        ::close(_pipe[1]);
        _channel = new StandardOutputChannel(makeJsonFormatter());
    }

    void tearDown() override {
        ::dup2(_saved, STDOUT_FILENO);
        ::close(_saved);
        closeReader();
    }

    void testLine() {
        say("hello");
        const auto text = readAll();
        CPPUNIT_ASSERT_MESSAGE(text, text.starts_with('{') && text.ends_with("\"message\":\"hello\"}\n"));
    }

    void testLinesOfManyThreadsAreWhole() {
        std::string all;
        std::thread reader([this, &all] { all = readToEnd(); });
        std::vector<std::thread> writers;
        writers.reserve(4);
        for (int thread = 0; thread < 4; ++thread)
            writers.emplace_back([this] {
                for (int i = 0; i < 500; ++i)
                    say(std::string(static_cast<std::size_t>(i) * 10, 'x'));
            });
        for (auto& writer : writers)
            writer.join();
        closeOutput();
        reader.join();
        CPPUNIT_ASSERT_EQUAL(std::ptrdiff_t{2000}, std::count(all.begin(), all.end(), '\n'));
        for (std::size_t start = 0; start < all.size();) {
            const auto end = all.find('\n', start);
            CPPUNIT_ASSERT_EQUAL('{', all[start]);
            CPPUNIT_ASSERT_EQUAL('}', all[end - 1]);
            CPPUNIT_ASSERT(all.substr(start + 1, end - start - 1).find('{') == std::string::npos);
            start = end + 1;
        }
    }

    void testClosed() {
        ::close(STDOUT_FILENO);
        say("nowhere");
        CPPUNIT_ASSERT(!writeStandardOutput("x", std::chrono::milliseconds{0}));
    }

    void testReaderGone() {
        closeReader();
        say("nobody");
        CPPUNIT_ASSERT(!writeStandardOutput("x", std::chrono::milliseconds{0}));
    }

    // The agent goes on, and tells how much was lost once somebody reads again.
    void testStuckReader() {
        const auto begin = std::chrono::steady_clock::now();
        constexpr int lines = 1000;
        for (int i = 0; i < lines; ++i)
            say(std::string(1000, 'x'));
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
        const auto first = readAll();
        CPPUNIT_ASSERT(!first.empty());
        say("back");
        const auto second = readAll();
        CPPUNIT_ASSERT_MESSAGE(second, second.find("lines of the log were lost") != std::string::npos);
        const auto whole = std::count(first.begin(), first.end(), '\n');
        const std::string lost = R"("lines":")" + std::to_string(lines - whole) + '"';
        CPPUNIT_ASSERT_MESSAGE(second, second.find(lost) != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(second, second.ends_with("\"message\":\"back\"}\n"));
        say("again");
        CPPUNIT_ASSERT(readAll().find("lost") == std::string::npos);
    }

    void testNonBlockingPipe() {
        ::fcntl(STDOUT_FILENO, F_SETFL, O_NONBLOCK);
        for (int i = 0; i < 200; ++i)
            say(std::string(1000, 'x'));
        readAll();
        say("back");
        CPPUNIT_ASSERT(readAll().ends_with("\"message\":\"back\"}\n"));
    }

    void testClosedStreamsAreOpened() {
        closeOutput();
        keepStandardStreamsOpen();
        CPPUNIT_ASSERT(::fcntl(STDOUT_FILENO, F_GETFD) >= 0);
        CPPUNIT_ASSERT(writeStandardOutput("to nowhere\n", std::chrono::milliseconds{0}));
    }

private:
    void say(const std::string& text) { _channel->log(Poco::Message("test", text, Poco::Message::PRIO_INFORMATION)); }

    // What is in the pipe now.
    std::string readAll() const {
        ::fcntl(_pipe[0], F_SETFL, O_NONBLOCK);
        auto text = readToEnd();
        ::fcntl(_pipe[0], F_SETFL, 0);
        return text;
    }

    std::string readToEnd() const {
        std::string text;
        std::array<char, 4096> buffer{};
        for (;;) {
            const auto got = ::read(_pipe[0], buffer.data(), buffer.size());
            if (got <= 0)
                return text;
            text.append(buffer.data(), static_cast<std::size_t>(got));
        }
    }

    static void closeOutput() { ::close(STDOUT_FILENO); }

    void closeReader() {
        if (_pipe[0] >= 0)
            ::close(_pipe[0]);
        _pipe[0] = -1;
    }

    int _saved = -1;
    std::array<int, 2> _pipe{-1, -1};
    Poco::AutoPtr<Poco::Channel> _channel;
};

CPPUNIT_TEST_SUITE_REGISTRATION(StandardOutputPosixTest);

} // namespace octagent
