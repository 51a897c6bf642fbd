#include "config/Configuration.h"
#include "config/Help.h"

#include <Poco/Exception.h>
#include <Poco/FileStream.h>
#include <Poco/Path.h>
#include <Poco/TemporaryFile.h>

#include <cppunit/extensions/HelperMacros.h>

#include <sstream>

namespace octagent {

class ConfigurationTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ConfigurationTest);
    CPPUNIT_TEST(testDefaults);
    CPPUNIT_TEST(testLaterSourcesWin);
    CPPUNIT_TEST(testUnknownKey);
    CPPUNIT_TEST(testUnknownKeySuggestsNearest);
    CPPUNIT_TEST(testToleratedGroup);
    CPPUNIT_TEST(testDuplicateKey);
    CPPUNIT_TEST(testAllErrorsAtOnce);
    CPPUNIT_TEST(testIntegers);
    CPPUNIT_TEST(testBooleans);
    CPPUNIT_TEST(testChoices);
    CPPUNIT_TEST(testEmptyValues);
    CPPUNIT_TEST(testControlCharacters);
    CPPUNIT_TEST(testInvalidUtf8InVariable);
    CPPUNIT_TEST(testVariables);
    CPPUNIT_TEST(testVariableOfTwoKeys);
    CPPUNIT_TEST(testMissingFile);
    CPPUNIT_TEST(testPaths);
    CPPUNIT_TEST(testEmptyPathIsTheDefault);
    CPPUNIT_TEST(testSecretsAreNowhereShown);
    CPPUNIT_TEST(testOptions);
    CPPUNIT_TEST(testOptionsOutliveConfiguration);
    CPPUNIT_TEST(testMisusedOptionsThrow);
    CPPUNIT_TEST(testPrintKeys);
    CPPUNIT_TEST(testPrintResolvedLoadsAgain);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        _registry = OptionRegistry();
        _registry.add("http", {{.key = "port",
                                .type = OptionType::Integer,
                                .defaultValue = "9090",
                                .description = "port of the listener",
                                .minimum = 0,
                                .maximum = 65535,
                                .environment = "OCT_PORT"},
                               {.key = "address", .defaultValue = "127.0.0.1"},
                               {.key = "token", .environment = "OCT_TOKEN", .secret = true},
                               {.key = "pin",
                                .type = OptionType::Integer,
                                .defaultValue = "0",
                                .environment = "OCT_PIN",
                                .secret = true}});
        _registry.add("log", {{.key = "level",
                               .type = OptionType::Choice,
                               .defaultValue = "info",
                               .choices = {"info", "debug"},
                               .environment = "OCT_LOG_LEVEL"},
                              {.key = "colour", .type = OptionType::Boolean, .defaultValue = "false"},
                              {.key = "file", .type = OptionType::Path}});
        _registry.tolerate("push");
        _sources = {};
    }

    void testDefaults() {
        const auto configuration = resolved();
        CPPUNIT_ASSERT_EQUAL(std::size_t{7}, configuration.values().size());
        expectValue(configuration, "http.port", "9090", "default");
        expectValue(configuration, "http.token", "", "default");
    }

    void testLaterSourcesWin() {
        setFile("http.port = 1\nhttp.address = a\nlog.level = debug\nlog.colour = true\n");
        _sources.environment = {{"OCT_PORT", "2"}, {"OCT_LOG_LEVEL", "info"}};
        _sources.commandLine = {{"http.port", "3"}};
        const auto configuration = resolved();
        expectValue(configuration, "http.port", "3", "command line");
        expectValue(configuration, "http.address", "a", _file.path() + ":2");
        expectValue(configuration, "log.level", "info", "OCT_LOG_LEVEL");
        expectValue(configuration, "log.colour", "true", _file.path() + ":4");
    }

    void testUnknownKey() {
        setFile("\nfoo.bar = secretly\n");
        _sources.commandLine = {{"zzz.yyy", "1"}};
        expectErrors({"foo.bar (" + _file.path() + ":2) is not a key of the agent",
                      "zzz.yyy (command line) is not a key of the agent"});
    }

    void testUnknownKeySuggestsNearest() {
        const auto suggestion = [this](const std::string& key) {
            _sources.commandLine = {{key, "1"}};
            const auto errors = Configuration::resolve(_registry, _sources).errors();
            CPPUNIT_ASSERT_EQUAL(std::size_t{1}, errors.size());
            const std::string mean = "did you mean ";
            const auto at = errors[0].find(mean);
            return at == std::string::npos ? "" : errors[0].substr(at + mean.size());
        };
        CPPUNIT_ASSERT_EQUAL(std::string("http.port?"), suggestion("http.prot"));
        CPPUNIT_ASSERT_EQUAL(std::string("http.port?"), suggestion("HTTP.Port"));
        CPPUNIT_ASSERT_EQUAL(std::string("http.port?"), suggestion("port"));
        CPPUNIT_ASSERT_EQUAL(std::string("log.level?"), suggestion("logs.level"));
        CPPUNIT_ASSERT_EQUAL(std::string(), suggestion("metrics.interval"));
        CPPUNIT_ASSERT_EQUAL(std::string(), suggestion(std::string(100000, 'x')));
    }

    void testToleratedGroup() {
        setFile("push.url = http://x\npushy.url = 1\n");
        const auto configuration = Configuration::resolve(_registry, _sources);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, configuration.errors().size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, configuration.warnings().size());
        CPPUNIT_ASSERT_EQUAL("push.url (" + _file.path() + ":1) belongs to a plugin that is not loaded",
                             configuration.warnings()[0]);
    }

    void testDuplicateKey() {
        setFile("http.port = 1\nlog.level = debug\nhttp.port = 1\n");
        expectErrors({"http.port (" + _file.path() + ":3) stands twice, first in line 1: remove one of them"});
    }

    void testAllErrorsAtOnce() {
        setFile("http.port = x\nnonsense\nhtp.port = 1\nlog.colour = maybe\n");
        _sources.environment = {{"OCT_LOG_LEVEL", "loud"}};
        _sources.commandLine = {{"http.port", "65536"}};
        expectErrors({_file.path() + ", line 2: has no '='",
                      "http.port (" + _file.path() + ":1) must be an integer from 0 to 65535",
                      "htp.port (" + _file.path() + ":3) is not a key of the agent; did you mean http.port?",
                      "log.colour (" + _file.path() + ":4) must be true or false",
                      "log.level (OCT_LOG_LEVEL) must be one of info, debug",
                      "http.port (command line) must be an integer from 0 to 65535"});
    }

    void testIntegers() {
        for (const auto* good : {"0", "65535", "  80 ", "0080"}) {
            _sources.commandLine = {{"http.port", good}};
            CPPUNIT_ASSERT_MESSAGE(good, Configuration::resolve(_registry, _sources).errors().empty());
        }
        for (const auto* bad : {"-1", "65536", "80 # web", "80x", "0x50", "8e1", "80.0", "+80", "", " ", "1 2",
                                "99999999999999999999", "eighty"}) {
            _sources.commandLine = {{"http.port", bad}};
            CPPUNIT_ASSERT_EQUAL_MESSAGE(bad, std::size_t{1},
                                         Configuration::resolve(_registry, _sources).errors().size());
        }
    }

    void testBooleans() {
        const auto value = [this](const std::string& text) {
            _sources.commandLine = {{"log.colour", text}};
            const auto configuration = Configuration::resolve(_registry, _sources);
            return configuration.errors().empty() ? configuration.values().at("log.colour").text : "error";
        };
        CPPUNIT_ASSERT_EQUAL(std::string("true"), value("true"));
        CPPUNIT_ASSERT_EQUAL(std::string("true"), value("TRUE"));
        CPPUNIT_ASSERT_EQUAL(std::string("false"), value("False"));
        CPPUNIT_ASSERT_EQUAL(std::string("error"), value("1"));
        CPPUNIT_ASSERT_EQUAL(std::string("error"), value("yes"));
    }

    void testChoices() {
        _sources.environment = {{"OCT_LOG_LEVEL", "DEBUG"}};
        CPPUNIT_ASSERT_EQUAL(std::string("debug"), resolved().options("log")->text("level"));
    }

    void testEmptyValues() {
        setFile("http.address =\nhttp.port =\nlog.colour =\nlog.level = \n");
        expectErrors({"http.port (" + _file.path() + ":2) is empty, and must be an integer from 0 to 65535",
                      "log.colour (" + _file.path() + ":3) is empty, and must be true or false",
                      "log.level (" + _file.path() + ":4) is empty, and must be one of info, debug"});
        CPPUNIT_ASSERT_EQUAL(std::string(),
                             Configuration::resolve(_registry, _sources).values().at("http.address").text);
    }

    void testControlCharacters() {
        setFile("http.address = C:\\temp\n");
        _sources.commandLine = {{"http.token", "a\nhttp.port = 1"}};
        const std::string wrong =
            "holds a control character (a backslash escapes in a properties file: write / or \\\\)";
        expectErrors({"http.address (" + _file.path() + ":1) " + wrong, "http.token (command line) " + wrong});
    }

    void testInvalidUtf8InVariable() {
        _sources.environment = {{"OCT_TOKEN", "\xFF"}};
        expectErrors({"http.token (OCT_TOKEN) is not valid UTF-8"});
    }

    void testVariables() {
        _sources.environment = {{"PATH", "/bin"},  {"OCT_PROT", "1"},     {"OCT_PUSH_URL", "x"}, {"OCT_PORT", "  "},
                                {"oct_port", "x"}, {"OCT_LOG_LEVEL", ""}, {"OCT_TOKEN", "abc"},  {"OCTOPUS", "eight"}};
        const auto configuration = resolved();
        expectValue(configuration, "http.port", "9090", "default");
        expectValue(configuration, "log.level", "info", "default");
        expectValue(configuration, "http.token", "abc", "OCT_TOKEN");
        const std::vector<std::string> warnings = {
            "the environment variable OCT_PROT is not known to the agent; did you mean OCT_PORT?",
            "the environment variable OCT_PUSH_URL is not known to the agent"};
        CPPUNIT_ASSERT(warnings == configuration.warnings());
    }

    void testVariableOfTwoKeys() {
        _registry.add("other", {{.key = "port",
                                 .type = OptionType::Integer,
                                 .defaultValue = "1",
                                 .minimum = 0,
                                 .maximum = 65535,
                                 .environment = "OCT_PORT"}});
        _sources.environment = {{"OCT_PORT", "2"}};
        const auto configuration = resolved();
        expectValue(configuration, "http.port", "2", "OCT_PORT");
        expectValue(configuration, "other.port", "2", "OCT_PORT");
        CPPUNIT_ASSERT(configuration.warnings().empty());
    }

    void testMissingFile() {
        _sources.file = "/nonexistent/octagent.properties";
        expectErrors({"cannot read the configuration file /nonexistent/octagent.properties: it does not exist"});
    }

    void testPaths() {
        _sources.baseDirectory = "/srv/here";
        _sources.commandLine = {{"log.file", "logs/a.log"}};
        CPPUNIT_ASSERT_EQUAL(native("/srv/here/logs/a.log"), resolved().options("log")->text("file"));
        _sources.baseDirectory = "/srv/here/";
        _sources.commandLine = {{"log.file", "../a.log"}};
        CPPUNIT_ASSERT_EQUAL(native("/srv/a.log"), resolved().options("log")->text("file"));
        _sources.commandLine = {{"log.file", "/var/log/a.log"}};
        CPPUNIT_ASSERT_EQUAL(native("/var/log/a.log"), resolved().options("log")->text("file"));
        _sources.commandLine = {{"log.file", ""}};
        CPPUNIT_ASSERT_EQUAL(std::string(), resolved().options("log")->text("file"));
    }

    void testEmptyPathIsTheDefault() {
        _registry.add(
            "storage",
            {{.key = "path", .type = OptionType::Path, .defaultValue = "/var/lib/x.db", .environment = "OCT_DB_PATH"}});
        setFile("storage.path =\n");
        expectValue(resolved(), "storage.path", native("/var/lib/x.db"), "default");
        _sources.environment = {{"OCT_DB_PATH", "/y.db"}};
        expectValue(resolved(), "storage.path", native("/y.db"), "OCT_DB_PATH");
        _sources.commandLine = {{"storage.path", ""}};
        expectValue(resolved(), "storage.path", native("/var/lib/x.db"), "default");
    }

    void testSecretsAreNowhereShown() {
        const std::string secret = "hunter2";
        setFile("http.token = " + secret + "\nhttp.token = " + secret + "\n" + secret + "\nhttp.tokn = " + secret +
                "\nhttp.pin = " + secret + "\n");
        _sources.environment = {{"OCT_PIN", secret}, {"OCT_TOKENS", secret}};
        _sources.commandLine = {{"http.token", "\x01" + secret}};
        const auto configuration = Configuration::resolve(_registry, _sources);
        CPPUNIT_ASSERT_EQUAL(std::size_t{6}, configuration.errors().size());
        std::ostringstream all;
        for (const auto& error : configuration.errors())
            all << error << '\n';
        for (const auto& warning : configuration.warnings())
            all << warning << '\n';
        printResolved(all, _registry, configuration);
        CPPUNIT_ASSERT_MESSAGE(all.str(), all.str().find(secret) == std::string::npos);
        CPPUNIT_ASSERT_EQUAL(secret, configuration.options("http")->text("token"));
        CPPUNIT_ASSERT_EQUAL(std::string("********"), Configuration::shown(configuration.values().at("http.token")));
    }

    void testOptions() {
        _sources.commandLine = {{"http.port", "0080"}, {"log.colour", "true"}};
        const auto configuration = resolved();
        const auto http = configuration.options("http");
        const auto log = configuration.options("log");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{80}, http->integer("port"));
        CPPUNIT_ASSERT_EQUAL(std::string("127.0.0.1"), http->text("address"));
        CPPUNIT_ASSERT_EQUAL(true, log->boolean("colour"));
        CPPUNIT_ASSERT_EQUAL(std::string("info"), log->text("level"));
    }

    void testOptionsOutliveConfiguration() {
        std::unique_ptr<Options> options;
        {
            OptionRegistry registry;
            registry.add("a", {{.key = "b", .defaultValue = "c"}});
            options = Configuration::resolve(registry, {}).options("a");
        }
        CPPUNIT_ASSERT_EQUAL(std::string("c"), options->text("b"));
    }

    void testMisusedOptionsThrow() {
        const auto configuration = resolved();
        const auto http = configuration.options("http");
        CPPUNIT_ASSERT_THROW(http->text("port"), Poco::InvalidArgumentException);
        CPPUNIT_ASSERT_THROW(http->integer("address"), Poco::InvalidArgumentException);
        CPPUNIT_ASSERT_THROW(http->boolean("port"), Poco::InvalidArgumentException);
        CPPUNIT_ASSERT_THROW(http->text("level"), Poco::NotFoundException);
        CPPUNIT_ASSERT_THROW(configuration.options("none")->text("a"), Poco::NotFoundException);
    }

    void testPrintKeys() {
        std::ostringstream out;
        printKeys(out, _registry);
        const std::string first = "  http.port (an integer from 0 to 65535, default 9090, variable OCT_PORT)\n"
                                  "      port of the listener\n";
        CPPUNIT_ASSERT_EQUAL(first, out.str().substr(0, first.size()));
        for (const auto& entry : _registry.entries())
            CPPUNIT_ASSERT_MESSAGE(entry.key, out.str().find("  " + entry.key + " (") != std::string::npos);
    }

    void testPrintResolvedLoadsAgain() {
        _sources.environment = {{"OCT_TOKEN", "hunter2"}, {"OCT_PIN", "7"}};
        _sources.commandLine = {{"http.address", "C:\\new\\\\x = #!: ${y} \\"}, {"log.file", "/a b"}};
        const auto before = resolved();
        std::ostringstream out;
        printResolved(out, _registry, before);
        CPPUNIT_ASSERT_MESSAGE(out.str(), out.str().find("# from OCT_TOKEN, not shown\n") != std::string::npos);

        _sources = {};
        setFile(out.str());
        const auto after = resolved();
        for (const auto& [key, value] : before.values()) {
            const std::string expected = value.secret ? _registry.find(key)->option.defaultValue : value.text;
            CPPUNIT_ASSERT_EQUAL_MESSAGE(key, expected, after.values().at(key).text);
        }
    }

private:
    // With the separators of the system.
    static std::string native(const std::string& path) { return Poco::Path(path).toString(); }

    void setFile(const std::string& text) {
        Poco::FileOutputStream stream(_file.path());
        stream << text;
        _sources.file = _file.path();
    }

    Configuration resolved() const {
        auto configuration = Configuration::resolve(_registry, _sources);
        for (const auto& error : configuration.errors())
            CPPUNIT_FAIL(error);
        return configuration;
    }

    void expectErrors(const std::vector<std::string>& expected) const {
        const auto errors = Configuration::resolve(_registry, _sources).errors();
        for (std::size_t i = 0; i < std::min(expected.size(), errors.size()); ++i)
            CPPUNIT_ASSERT_EQUAL(expected[i], errors[i]);
        CPPUNIT_ASSERT_EQUAL(expected.size(), errors.size());
    }

    static void expectValue(const Configuration& configuration, const std::string& key, const std::string& text,
                            const std::string& origin) {
        CPPUNIT_ASSERT_EQUAL(text, configuration.values().at(key).text);
        CPPUNIT_ASSERT_EQUAL(origin, configuration.values().at(key).origin);
    }

    Poco::TemporaryFile _file;
    OptionRegistry _registry;
    ConfigurationSources _sources;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ConfigurationTest);

} // namespace octagent
