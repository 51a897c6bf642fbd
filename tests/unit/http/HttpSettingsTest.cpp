#include "http/HttpSettings.h"
#include "http/HttpServer.h"

#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/Path.h>
#include <Poco/TemporaryFile.h>

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace octagent {

namespace {

// The declared defaults, and what a test changes of them.
class FakeOptions final : public Options {
public:
    FakeOptions() {
        for (const Option& option : httpOptions())
            values[option.key] = option.defaultValue;
    }
    std::string text(const std::string& key) const override { return values.at(key); }
    std::int64_t integer(const std::string& key) const override { return std::stoll(values.at(key)); }
    bool boolean(const std::string& key) const override { return values.at(key) == "true"; }

    std::map<std::string, std::string> values;
};

} // namespace

class HttpSettingsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(HttpSettingsTest);
    CPPUNIT_TEST(testDefaults);
    CPPUNIT_TEST(testDefaultsPassTheirDeclarations);
    CPPUNIT_TEST(testHosts);
    CPPUNIT_TEST(testToken);
    CPPUNIT_TEST(testTokenFile);
#if defined(POCO_OS_FAMILY_UNIX) // Windows has access lists
    CPPUNIT_TEST(testTokenFileOfOthersIsRefused);
#endif
    CPPUNIT_TEST(testListeningBeyondLoopbackNeedsToken);
    CPPUNIT_TEST(testModuleListenerBeyondLoopbackNeedsToken);
    CPPUNIT_TEST_SUITE_END();

    FakeOptions _options;

    std::string refusal() const {
        try {
            const HttpServer server(_options);
        } catch (const Poco::InvalidArgumentException& error) {
            return error.displayText();
        }
        return {};
    }

    static void assertContains(const std::string& part, const std::string& text) {
        CPPUNIT_ASSERT_MESSAGE("'" + text + "' does not name " + part, text.find(part) != std::string::npos);
    }

public:
    void setUp() override { _options = {}; }

    void testDefaults() {
        const HttpSettings settings = HttpSettings::from(_options);
        CPPUNIT_ASSERT_EQUAL(std::string("127.0.0.1"), settings.address);
        CPPUNIT_ASSERT_EQUAL(std::uint16_t{9090}, settings.port);
        CPPUNIT_ASSERT_EQUAL(std::size_t{8388608}, settings.maxBodyBytes);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1024}, settings.maxConnections);
        CPPUNIT_ASSERT(settings.requestTimeout == std::chrono::seconds(10));
        CPPUNIT_ASSERT(settings.keepAliveTimeout == std::chrono::seconds(60));
        CPPUNIT_ASSERT(settings.token.empty() && settings.hosts.empty() && settings.unixSocket.empty());
    }

    void testDefaultsPassTheirDeclarations() {
        bool hasPort = false;
        for (const Option& option : httpOptions()) {
            CPPUNIT_ASSERT(!option.description.empty());
            if (option.type == OptionType::Integer) {
                const std::int64_t value = std::stoll(option.defaultValue);
                CPPUNIT_ASSERT(value >= option.minimum && value <= option.maximum);
            }
            if (option.key == "token")
                CPPUNIT_ASSERT(option.secret);
            hasPort = hasPort || (option.key == "port" && option.environment == "OCT_PORT");
        }
        CPPUNIT_ASSERT(hasPort);
    }

    void testHosts() {
        _options.values["hosts"] = " Agent.Example , ,b ";
        const auto hosts = HttpSettings::from(_options).hosts;
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, hosts.size());
        CPPUNIT_ASSERT_EQUAL(std::string("agent.example"), hosts[0]);
        _options.values["hosts"] = "*";
        assertContains("http.hosts", refusal());
    }

    void testToken() {
        _options.values["token"] = "a b";
        assertContains("http.token", refusal());
        _options.values["token"] = "s3cret";
        CPPUNIT_ASSERT_EQUAL(std::string("s3cret"), HttpSettings::from(_options).token);
        _options.values["tokenFile"] = "/somewhere";
        assertContains("http.tokenFile", refusal());
    }

    void testTokenFile() {
        const Poco::TemporaryFile file;
        _options.values["tokenFile"] = file.path();
        assertContains("http.tokenFile", refusal()); // not there
        std::ofstream(file.path()) << "s3cret\r\nmore\n";
        std::filesystem::permissions(file.path(), std::filesystem::perms::owner_read);
        CPPUNIT_ASSERT_EQUAL(std::string("s3cret"), HttpSettings::from(_options).token);
        std::filesystem::permissions(file.path(), std::filesystem::perms::owner_all);
        std::ofstream(file.path()) << "\n";
        assertContains("http.tokenFile", refusal());
        _options.values["tokenFile"] = Poco::Path::temp();
        assertContains("http.tokenFile", refusal());
    }

    void testTokenFileOfOthersIsRefused() {
        const Poco::TemporaryFile file;
        std::ofstream(file.path()) << "s3cret\n";
        _options.values["tokenFile"] = file.path();
        using std::filesystem::perms;
        for (const perms others : {perms::group_read, perms::others_read, perms::group_write}) {
            std::filesystem::permissions(file.path(), perms::owner_read | others);
            assertContains("0600", refusal());
        }
    }

    void testListeningBeyondLoopbackNeedsToken() {
        for (const char* address : {"0.0.0.0", "10.0.0.1", "::"}) {
            _options.values["address"] = address;
            assertContains("http.address", refusal());
        }
        _options.values["token"] = "s3cret";
        CPPUNIT_ASSERT_EQUAL(std::string(), refusal());
        _options.values["token"] = "";
        for (const char* address : {"127.0.0.1", "127.1.2.3", "::1", "localhost"}) {
            _options.values["address"] = address;
            CPPUNIT_ASSERT_EQUAL(std::string(), refusal());
        }
        _options.values["address"] = "no address";
        assertContains("http.address", refusal());
    }

    void testModuleListenerBeyondLoopbackNeedsToken() {
        HttpServer server(_options);
        const HttpServer::Owner owner{"otlp", {}, {}};
        CPPUNIT_ASSERT_THROW(server.listen(owner, "otlp", "0.0.0.0:4318"), Poco::InvalidArgumentException);
        CPPUNIT_ASSERT_THROW(server.listen(owner, "otlp", "nonsense"), Poco::InvalidArgumentException);
        server.listen(owner, "otlp", "127.0.0.1:4318");
        CPPUNIT_ASSERT_THROW(server.listen(owner, "otlp", "127.0.0.1:4319"), Poco::ExistsException);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HttpSettingsTest);

} // namespace octagent
