#include "logging/RotatingFileChannel.h"

#include "logging/Logging.h"

#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/FileStream.h>
#include <Poco/TemporaryFile.h>

#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>
#include <thread>
#include <vector>

namespace octagent {

class RotatingFileChannelTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(RotatingFileChannelTest);
    CPPUNIT_TEST(testLines);
    CPPUNIT_TEST(testAppends);
    CPPUNIT_TEST(testRotation);
    CPPUNIT_TEST(testRotationNever);
    CPPUNIT_TEST(testRotationOfExistingFile);
    CPPUNIT_TEST(testRotationImpossible);
    CPPUNIT_TEST(testPrivate);
    CPPUNIT_TEST(testDirectoryMissing);
#if defined(POCO_OS_FAMILY_UNIX) // Windows keeps a directory of an open file
    CPPUNIT_TEST(testDirectoryGoneAtRotation);
#endif
    CPPUNIT_TEST(testThreads);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        Poco::File(_directory.path()).createDirectories();
        _path = _directory.path() + "/agent.log";
    }

    void tearDown() override { Poco::File(_directory.path()).remove(true); }

    void testLines() {
        auto channel = open(0, 1);
        say(*channel, "one");
        say(*channel, "two");
        const auto lines = read(_path);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, lines.size());
        CPPUNIT_ASSERT(lines[0].find(R"("message":"one"})") != std::string::npos);
        CPPUNIT_ASSERT(lines[1].find(R"("message":"two"})") != std::string::npos);
    }

    void testAppends() {
        say(*open(0, 1), "one");
        say(*open(0, 1), "two");
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, read(_path).size());
    }

    // The newest files are kept, none is larger than the limit, and no line between them is missing.
    void testRotation() {
        constexpr std::size_t limit = 1000;
        auto channel = open(limit, 3);
        for (int i = 0; i < 200; ++i)
            say(*channel, "line " + std::to_string(i) + ".");
        std::vector<std::string> kept;
        for (const auto* suffix : {".3", ".2", ".1", ""}) {
            const Poco::File file(_path + suffix);
            CPPUNIT_ASSERT_MESSAGE(suffix, file.exists() && file.getSize() <= limit);
            for (const auto& line : read(_path + suffix))
                kept.push_back(line);
        }
        CPPUNIT_ASSERT(!Poco::File(_path + ".4").exists());
        CPPUNIT_ASSERT(!Poco::File(_path + ".0").exists());
        CPPUNIT_ASSERT(kept.size() > 20);
        for (std::size_t i = 0; i < kept.size(); ++i) {
            const std::string expected = "line " + std::to_string(200 - kept.size() + i) + ".";
            CPPUNIT_ASSERT_MESSAGE(kept[i], kept[i].find(expected) != std::string::npos);
        }
    }

    void testRotationNever() {
        auto channel = open(0, 3);
        for (int i = 0; i < 200; ++i)
            say(*channel, "line");
        CPPUNIT_ASSERT_EQUAL(std::size_t{200}, read(_path).size());
        CPPUNIT_ASSERT(!Poco::File(_path + ".1").exists());
    }

    void testRotationOfExistingFile() {
        {
            Poco::FileOutputStream file(_path);
            file << std::string(2000, 'x');
        }
        say(*open(1000, 1), "new");
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, read(_path).size());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{2000}, std::uint64_t{Poco::File(_path + ".1").getSize()});
    }

    // What cannot be renamed goes on being written, and says so once for each time the size is reached.
    void testRotationImpossible() {
        Poco::File(_path + ".1").createDirectories();
        Poco::File(_path + ".1/full").createFile();
        auto channel = open(2000, 1);
        for (int i = 0; i < 30; ++i)
            say(*channel, "line");
        std::size_t told = 0;
        std::size_t said = 0;
        for (const auto& line : read(_path)) {
            told += line.find("cannot be rotated") != std::string::npos ? 1U : 0U;
            said += line.find(R"("message":"line")") != std::string::npos ? 1U : 0U;
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{30}, said);
        CPPUNIT_ASSERT(told >= 1 && told <= 2);
    }

    void testPrivate() {
#if !defined(_WIN32)
        namespace fs = std::filesystem;
        auto channel = open(300, 2);
        for (int i = 0; i < 10; ++i)
            say(*channel, "line");
        for (const auto* suffix : {"", ".1", ".2"}) {
            const auto mode = fs::status(_path + suffix).permissions();
            CPPUNIT_ASSERT_MESSAGE(suffix, mode == (fs::perms::owner_read | fs::perms::owner_write));
        }
#endif
    }

    void testDirectoryMissing() {
        _path = _directory.path() + "/none/agent.log";
        try {
            open(0, 1);
        } catch (const Poco::OpenFileException& error) {
            CPPUNIT_ASSERT(error.message().find(_path) != std::string::npos);
            CPPUNIT_ASSERT(error.message().find("log.file") != std::string::npos);
            return;
        }
        CPPUNIT_FAIL("was opened");
    }

    // Poco's own rotation used its deleted file here. Lines are lost and counted, then it goes on.
    void testDirectoryGoneAtRotation() {
        auto channel = open(300, 2);
        say(*channel, "one");
        Poco::File(_directory.path()).remove(true);
        for (int i = 0; i < 10; ++i)
            say(*channel, "lost");
        Poco::File(_directory.path()).createDirectories();
        say(*channel, "again");
        std::string all;
        for (const auto& line : read(_path))
            all += line;
        CPPUNIT_ASSERT_MESSAGE(all, all.find("lines of the log were lost") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(all, all.find("again") != std::string::npos);
    }

    void testThreads() {
        auto channel = open(20000, 100);
        std::vector<std::thread> threads;
        threads.reserve(4);
        for (int thread = 0; thread < 4; ++thread)
            threads.emplace_back([&channel, thread] {
                for (int i = 0; i < 500; ++i)
                    say(*channel, std::to_string(thread) + "/" + std::to_string(i));
            });
        for (auto& thread : threads)
            thread.join();
        std::size_t lines = read(_path).size();
        for (int i = 1; Poco::File(_path + "." + std::to_string(i)).exists(); ++i) {
            for (const auto& line : read(_path + "." + std::to_string(i))) {
                CPPUNIT_ASSERT_MESSAGE(line, line.starts_with('{') && line.ends_with('}'));
                ++lines;
            }
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{2000}, lines);
    }

private:
    Poco::AutoPtr<Poco::Channel> open(std::uint64_t rotateBytes, int keepFiles) const {
        return new RotatingFileChannel(makeJsonFormatter(), _path, rotateBytes, keepFiles);
    }

    static void say(Poco::Channel& channel, const std::string& text) {
        channel.log(Poco::Message("test", text, Poco::Message::PRIO_INFORMATION));
    }

    static std::vector<std::string> read(const std::string& path) {
        Poco::FileInputStream file(path);
        std::vector<std::string> lines;
        for (std::string line; std::getline(file, line);)
            lines.push_back(line.ends_with('\r') ? line.substr(0, line.size() - 1) : line);
        return lines;
    }

    const Poco::TemporaryFile _directory;
    std::string _path;
};

CPPUNIT_TEST_SUITE_REGISTRATION(RotatingFileChannelTest);

} // namespace octagent
