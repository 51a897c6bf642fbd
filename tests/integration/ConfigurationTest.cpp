// Command line, configuration and variables, as an operator meets them.

#include "AgentFixture.h"

#include <Poco/AutoPtr.h>
#include <Poco/Util/PropertyFileConfiguration.h>

#include <set>
#include <sstream>

namespace octagent::test {

class ConfigurationTest : public AgentFixture {
    CPPUNIT_TEST_SUITE(ConfigurationTest);
    CPPUNIT_TEST(testHelpNamesEveryKeyAndVariable);
    CPPUNIT_TEST(testVersion);
    CPPUNIT_TEST(testAllErrorsAtOnce);
    CPPUNIT_TEST(testUnknownVariableIsAWarning);
    CPPUNIT_TEST(testVariablesOverrideTheFile);
    CPPUNIT_TEST(testCommandLineOverridesVariables);
    CPPUNIT_TEST(testIni);
    CPPUNIT_TEST(testMissingFile);
    CPPUNIT_TEST(testUnknownArguments);
    CPPUNIT_TEST(testCheckConfig);
    CPPUNIT_TEST(testInstalledFileIsComplete);
    CPPUNIT_TEST_SUITE_END();

protected:
    using Keys = std::map<std::string, std::string>;

    AgentSetup bare(std::vector<std::string> arguments) const {
        auto how = setup();
        how.isBare = true;
        how.arguments = std::move(arguments);
        return how;
    }

    static Keys keysOf(const std::string& properties) {
        std::istringstream text(properties);
        const Poco::AutoPtr<Poco::Util::PropertyFileConfiguration> file(
            new Poco::Util::PropertyFileConfiguration(text));
        Keys keys;
        collect(*file, "", keys);
        return keys;
    }

    static void collect(const Poco::Util::AbstractConfiguration& file, const std::string& at, Keys& keys) {
        Poco::Util::AbstractConfiguration::Keys below;
        file.keys(at, below);
        if (!at.empty() && file.hasProperty(at))
            keys[at] = file.getRawString(at);
        for (const auto& name : below)
            collect(file, at.empty() ? name : at + "." + name, keys);
    }

    Keys resolved(AgentSetup how) const {
        const auto outcome = runAgent(std::move(how));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(outcome.errors, 0, outcome.code);
        return keysOf(outcome.output);
    }

    static void assertNames(const std::string& text, const std::string& name) {
        CPPUNIT_ASSERT_MESSAGE(name + " is not in:\n" + text, text.find(name) != std::string::npos);
    }

    void testHelpNamesEveryKeyAndVariable() {
        const auto help = runAgent(bare({"--help"}));
        CPPUNIT_ASSERT_EQUAL(0, help.code);
        for (const auto& [key, value] : resolved(bare({"--check-config"})))
            assertNames(help.output, key);
        for (const char* name : {"OCT_PORT", "OCT_DB_PATH", "OCT_LOG_LEVEL", "OCT_MAX_TEXT_BYTES", "OCT_RETENTION_DAYS",
                                 "--config", "--define", "--check-config", "--list-plugins", "--daemon", "--pidfile",
                                 "--version", "--help", "9090", "16384"})
            assertNames(help.output, name);
    }

    void testVersion() {
        const auto outcome = runAgent(bare({"--version"}));
        CPPUNIT_ASSERT_EQUAL(0, outcome.code);
        assertNames(outcome.output, "octagent ");
        auto& agent = start();
        assertNames(outcome.output, test::get(agent.port(), "/health").text("version"));
    }

    void testAllErrorsAtOnce() {
        const auto file = directory().write("bad.properties", "nonsense = 1\n"
                                                              "http.port = many\n"
                                                              "http.maxBodyBytes = -5\n"
                                                              "log.level = loud\n");
        auto how = bare({"--config=" + file, "--define=storage.synchronous=perhaps"});
        how.environment = {{"OCT_MAX_TEXT_BYTES", "12k"}, {"OCT_RETENTION_DAYS", "-1"}};
        const auto outcome = runAgent(how);
        CPPUNIT_ASSERT_EQUAL(78, outcome.code);
        for (const char* name : {"nonsense", "http.port", "http.maxBodyBytes", "log.level", "storage.synchronous",
                                 "OCT_MAX_TEXT_BYTES", "OCT_RETENTION_DAYS"})
            assertNames(outcome.errors, name);
        CPPUNIT_ASSERT(readFile(databasePath()).empty());
    }

    void testUnknownVariableIsAWarning() {
        auto how = setup();
        how.environment["OCT_SOMETHING_ELSE"] = "1";
        start(how);
        assertNames(agent().output() + agent().errors(), "OCT_SOMETHING_ELSE");
    }

    void testVariablesOverrideTheFile() {
        auto how = setup();
        how.keys["ingest.maxTextBytes"] = "32";
        how.environment["OCT_MAX_TEXT_BYTES"] = "16";
        start(how);
        const Row row =
            stored("/v1/traces", R"({"provider":"p","model":"m","input_text":"0123456789abcdefghijklmnop"})");
        ASSERT_COLUMN(row, "input_text", "0123456789abcdef");
    }

    void testCommandLineOverridesVariables() {
        auto how = bare({"--check-config", "--define=http.port=9191", "-D", "log.level=debug"});
        how.environment = {{"OCT_PORT", "9292"}, {"OCT_LOG_LEVEL", "error"}};
        const auto keys = resolved(how);
        CPPUNIT_ASSERT_EQUAL(std::string("9191"), keys.at("http.port"));
        CPPUNIT_ASSERT_EQUAL(std::string("debug"), keys.at("log.level"));
    }

    void testIni() {
        const auto file = directory().write("agent.ini", "[http]\nport = 9393\n[log]\nlevel = warning\n");
        const auto keys = resolved(bare({"--check-config", "--config=" + file}));
        CPPUNIT_ASSERT_EQUAL(std::string("9393"), keys.at("http.port"));
        CPPUNIT_ASSERT_EQUAL(std::string("warning"), keys.at("log.level"));
    }

    void testMissingFile() {
        const auto outcome = runAgent(bare({"--config=" + (directory() / "nowhere.properties")}));
        CPPUNIT_ASSERT_EQUAL(78, outcome.code);
        assertNames(outcome.errors, "nowhere.properties");
    }

    void testUnknownArguments() {
        for (const char* argument : {"--nonsense", "stray"}) {
            const auto outcome = runAgent(bare({argument}));
            CPPUNIT_ASSERT(outcome.code != 0);
            assertNames(outcome.output + outcome.errors, Poco::trimLeft(std::string(argument)).substr(2, 3));
        }
    }

    void testCheckConfig() {
        auto how = bare({"--check-config", "--define=http.token=very-secret-token"});
        how.environment["OCT_PORT"] = "9494";
        const auto outcome = runAgent(how);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(outcome.errors, 0, outcome.code);
        assertNames(outcome.output, "9494");
        assertNames(outcome.output, "OCT_PORT");
        assertNames(outcome.output, "http.token");
        CPPUNIT_ASSERT(outcome.output.find("very-secret-token") == std::string::npos);
        CPPUNIT_ASSERT_EQUAL(78, runAgent(bare({"--check-config", "--define=http.port=x"})).code);
    }

    // etc/octagent.properties holds every key with its default, and no other.
    void testInstalledFileIsComplete() {
        const std::string file = OCTAGENT_SOURCES "/etc/octagent.properties";
        const auto declared = resolved(bare({"--check-config"}));
        const auto installed = keysOf(readFile(file));
        for (const auto& [key, value] : declared)
            CPPUNIT_ASSERT_MESSAGE("etc/octagent.properties has no " + key, installed.count(key) == 1);
        for (const auto& [key, value] : installed)
            CPPUNIT_ASSERT_MESSAGE("etc/octagent.properties has a " + key, declared.count(key) == 1);
        // With it, everything is as without.
        CPPUNIT_ASSERT(declared == resolved(bare({"--check-config", "--config=" + file})));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ConfigurationTest);

} // namespace octagent::test
