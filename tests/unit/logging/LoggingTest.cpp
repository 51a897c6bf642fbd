#include "logging/Logging.h"

#include "logging/ErrorsOnlyChannel.h"
#include "logging/LineChannel.h"
#include "octagent/Log.h"

#include <Poco/Exception.h>
#include <Poco/FileStream.h>
#include <Poco/TemporaryFile.h>

#include <cppunit/extensions/HelperMacros.h>

#include <map>
#include <sstream>

namespace octagent {

namespace {

class FakeOptions final : public Options {
public:
    std::map<std::string, std::string> values;

    std::string text(const std::string& key) const override { return values.at(key); }
    std::int64_t integer(const std::string& key) const override { return std::stoll(values.at(key)); }
    bool boolean(const std::string& key) const override { return values.at(key) == "true"; }
};

// Takes lines, or not.
class FlakyChannel final : public LineChannel {
public:
    FlakyChannel() : LineChannel(makeJsonFormatter()) {}
    std::string taken;
    bool isBroken = false;
    bool throws = false;

protected:
    bool write(const std::string& lines) override {
        if (throws)
            throw Poco::WriteFileException("disk full");
        if (!isBroken)
            taken += lines + '\n';
        return !isBroken;
    }
};

} // namespace

class LoggingTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(LoggingTest);
    CPPUNIT_TEST(testEveryLoggerWritesTheFile);
    CPPUNIT_TEST(testLevels);
    CPPUNIT_TEST(testEveryDeclaredLevelIsTaken);
    CPPUNIT_TEST(testAgain);
    CPPUNIT_TEST(testFileThatCannotBeOpened);
    CPPUNIT_TEST(testLostLinesAreCounted);
    CPPUNIT_TEST(testErrorsOnly);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        for (const auto& option : logOptions())
            _options.values[option.key] = option.defaultValue;
        _options.values["file"] = _file.path();
    }

    void tearDown() override {
        _options.values["file"] = "";
        setUpLogging(_options);
    }

    void testEveryLoggerWritesTheFile() {
        auto& before = Poco::Logger::get("before");
        setUpLogging(_options);
        auto& after = Poco::Logger::get("after");
        logInfo(before, "one", {{"a", "b"}});
        logInfo(after, "two");
        logInfo(Poco::Logger::get("after.child"), "three");
        const auto text = written();
        for (const auto* part :
             {R"("source":"before","message":"one","a":"b"})", R"("source":"after","message":"two"})",
              R"("source":"after.child","message":"three"})"})
            CPPUNIT_ASSERT_MESSAGE(text, text.find(part) != std::string::npos);
    }

    void testLevels() {
        auto& logger = Poco::Logger::get("levels");
        _options.values["level"] = "warn";
        setUpLogging(_options);
        logInfo(logger, "hidden");
        logWarning(logger, "shown");
        const auto text = written();
        CPPUNIT_ASSERT(text.find("hidden") == std::string::npos);
        CPPUNIT_ASSERT(text.find(R"("level":"warning")") != std::string::npos);
    }

    void testEveryDeclaredLevelIsTaken() {
        const auto options = logOptions();
        for (const auto& level : options.front().choices) {
            _options.values["level"] = level;
            setUpLogging(_options);
        }
        CPPUNIT_ASSERT_EQUAL(int{Poco::Message::PRIO_TRACE}, Poco::Logger::root().getLevel());
    }

    void testAgain() {
        setUpLogging(_options);
        auto& logger = Poco::Logger::get("again");
        const Poco::TemporaryFile other;
        _options.values["file"] = other.path();
        setUpLogging(_options);
        logInfo(logger, "elsewhere");
        CPPUNIT_ASSERT_EQUAL(std::string(), written());
    }

    void testFileThatCannotBeOpened() {
        _options.values["file"] = "/nonexistent/agent.log";
        CPPUNIT_ASSERT_THROW(setUpLogging(_options), Poco::OpenFileException);
    }

    void testLostLinesAreCounted() {
        Poco::AutoPtr<FlakyChannel> channel(new FlakyChannel);
        const auto say = [&channel](const std::string& text) {
            channel->log(Poco::Message("test", text, Poco::Message::PRIO_INFORMATION));
        };
        channel->isBroken = true;
        say("a");
        channel->throws = true;
        say("b");
        channel->isBroken = channel->throws = false;
        say("c");
        say("d");
        std::istringstream lines(channel->taken);
        const auto next = [&lines] {
            std::string line;
            std::getline(lines, line);
            return line;
        };
        CPPUNIT_ASSERT_EQUAL(std::string(), next()); // ends what may have been cut
        CPPUNIT_ASSERT(next().find(R"("lines":"2"})") != std::string::npos);
        CPPUNIT_ASSERT(next().find(R"("message":"c"})") != std::string::npos);
        CPPUNIT_ASSERT(next().find(R"("message":"d"})") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string(), next());
        CPPUNIT_ASSERT(lines.eof());
    }

    void testErrorsOnly() {
        Poco::AutoPtr<FlakyChannel> target(new FlakyChannel);
        Poco::AutoPtr<Poco::Channel> errors(new ErrorsOnlyChannel(makeJsonFormatter(), target));
        errors->log(Poco::Message("test", "fine", Poco::Message::PRIO_WARNING));
        CPPUNIT_ASSERT_EQUAL(std::string(), target->taken);
        errors->log(Poco::Message("test", "bad", Poco::Message::PRIO_ERROR));
        errors->log(Poco::Message("test", "worse", Poco::Message::PRIO_FATAL));
        CPPUNIT_ASSERT(target->taken.find("bad") != std::string::npos);
        CPPUNIT_ASSERT(target->taken.find("worse") != std::string::npos);
    }

private:
    std::string written() const {
        Poco::FileInputStream file(_file.path());
        std::ostringstream text;
        text << file.rdbuf();
        return text.str();
    }

    const Poco::TemporaryFile _file;
    FakeOptions _options;
};

CPPUNIT_TEST_SUITE_REGISTRATION(LoggingTest);

} // namespace octagent
