#include "PluginBench.h"

#include "harness/HttpClient.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <sys/stat.h>
#include <unistd.h>

using namespace octagent::test;

class PluginLoadingTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PluginLoadingTest);
    CPPUNIT_TEST(testOtherSdkIsRefusedNamingBothVersions);
    CPPUNIT_TEST(testLibraryWithoutSymbolIsRefused);
    CPPUNIT_TEST(testFileThatIsNoLibraryIsRefused);
    CPPUNIT_TEST(testWritableFileIsRefused);
    CPPUNIT_TEST(testWritableDirectoryIsRefused);
    CPPUNIT_TEST(testSymbolicLinkIsRefused);
    CPPUNIT_TEST(testForeignOwnerIsRefused);
    CPPUNIT_TEST(testEnabledAndDisabledLists);
    CPPUNIT_TEST(testEnabledPluginThatIsMissingIsTold);
    CPPUNIT_TEST(testSameClassNameInTwoPlugins);
    CPPUNIT_TEST(testOptionsAreListedCheckedAndMasked);
    CPPUNIT_TEST(testKeysOfAPluginThatIsNotLoadedAreAWarning);
    CPPUNIT_TEST_SUITE_END();

public:
    void testOtherSdkIsRefusedNamingBothVersions() {
        PluginBench bench;
        bench.add("wrong-sdk");
        assertRefused(bench, "built for SDK 0.7");
        CPPUNIT_ASSERT(bench.list().find("this agent has SDK 1.0") != std::string::npos);
    }

    void testLibraryWithoutSymbolIsRefused() {
        PluginBench bench;
        bench.add("no-symbol");
        assertRefused(bench, "no symbol octagentSdkIdentity");
    }

    void testFileThatIsNoLibraryIsRefused() {
        PluginBench bench;
        const auto path = bench.directory().write("plugins/octagent-text.so", "this is no library");
        ::chmod(path.c_str(), 0600);
        assertRefused(bench, "octagent-text.so");
    }

    void testWritableFileIsRefused() {
        PluginBench bench;
        ::chmod(bench.add("same-a").c_str(), 0620);
        assertRefused(bench, "is writable by group or others");
    }

    void testWritableDirectoryIsRefused() {
        PluginBench bench;
        bench.add("same-a");
        ::chmod(bench.pluginDirectory().c_str(), 0777);
        assertRefused(bench, "plugins is writable by group or others");
    }

    void testSymbolicLinkIsRefused() {
        PluginBench bench;
        const auto real = bench.add("same-a");
        const auto link = bench.pluginDirectory() + "/octagent-link.so";
        CPPUNIT_ASSERT_EQUAL(0, ::symlink(real.c_str(), link.c_str()));
        assertRefused(bench, "is a symbolic link");
    }

    void testForeignOwnerIsRefused() {
        if (::geteuid() != 0) {
            std::cerr << "SKIPPED: only root can give a file away\n";
            return;
        }
        PluginBench bench;
        CPPUNIT_ASSERT_EQUAL(0, ::chown(bench.add("same-a").c_str(), 12345, 12345));
        assertRefused(bench, "is owned by neither root nor the agent's user");
    }

    void testEnabledAndDisabledLists() {
        PluginBench bench;
        bench.add("same-a");
        bench.add("same-b");
        bench.setup().keys["plugins.disabled"] = "same-b";
        const auto list = bench.list();
        CPPUNIT_ASSERT(list.find("disabled: named in plugins.disabled") != std::string::npos);
        AgentProcess agent(bench.setup());
        agent.awaitListening();
        CPPUNIT_ASSERT_EQUAL(200, get(agent.port(), "/fixture/same-a").status);
        CPPUNIT_ASSERT_EQUAL(404, get(agent.port(), "/fixture/same-b").status);
        agent.stop();

        bench.setup().keys.erase("plugins.disabled");
        bench.setup().keys["plugins.enabled"] = "same-b";
        AgentProcess second(bench.setup());
        second.awaitListening();
        CPPUNIT_ASSERT_EQUAL(404, get(second.port(), "/fixture/same-a").status);
        CPPUNIT_ASSERT_EQUAL(200, get(second.port(), "/fixture/same-b").status);
        CPPUNIT_ASSERT_EQUAL(0, second.stop());
    }

    void testEnabledPluginThatIsMissingIsTold() {
        PluginBench bench;
        bench.setup().keys["plugins.enabled"] = "nowhere";
        assertRefused(bench, "there is no such file in plugins.path");
    }

    void testSameClassNameInTwoPlugins() {
        PluginBench bench;
        bench.add("same-a");
        bench.add("same-b");
        AgentProcess agent(bench.setup());
        agent.awaitListening();
        CPPUNIT_ASSERT_EQUAL(std::string("same-a"), get(agent.port(), "/fixture/same-a").text("i_am"));
        CPPUNIT_ASSERT_EQUAL(std::string("same-b"), get(agent.port(), "/fixture/same-b").text("i_am"));
        CPPUNIT_ASSERT_EQUAL(0, agent.stop());
    }

    void testOptionsAreListedCheckedAndMasked() {
        PluginBench bench;
        bench.add("faulty");
        bench.setup().keys["faulty.password"] = "hunter2";
        const auto list = bench.list();
        for (const auto* part : {"faulty 1.0", "SDK:     1.0", "octagent-faulty.so", "state:   loaded", "faulty.fault",
                                 "ingest", "built in"})
            CPPUNIT_ASSERT_MESSAGE(std::string(part) + " in\n" + list, list.find(part) != std::string::npos);

        AgentSetup help = bench.setup();
        help.arguments.emplace_back("--help");
        CPPUNIT_ASSERT(runAgent(help).output.find("faulty.fault") != std::string::npos);

        AgentSetup bad = bench.setup();
        bad.keys["faulty.fault"] = "everything";
        const auto outcome = runAgent(bad);
        CPPUNIT_ASSERT_EQUAL(78, outcome.code);
        CPPUNIT_ASSERT_MESSAGE(outcome.errors, outcome.errors.find("faulty.fault") != std::string::npos);

        AgentProcess agent(bench.setup());
        agent.awaitListening();
        CPPUNIT_ASSERT_EQUAL(0, agent.stop());
        CPPUNIT_ASSERT(agent.output().find("hunter2") == std::string::npos);
        CPPUNIT_ASSERT(agent.output().find("faulty.password") != std::string::npos);
    }

    void testKeysOfAPluginThatIsNotLoadedAreAWarning() {
        PluginBench bench;
        bench.setup().keys["push.host"] = "example";
        AgentProcess agent(bench.setup());
        agent.awaitListening();
        loggedLine(agent, "belongs to a plugin that is not loaded");
        CPPUNIT_ASSERT_EQUAL(0, agent.stop());
    }

private:
    // The plugin is left out with this reason, told in the log and by --list-plugins; the agent runs.
    static void assertRefused(PluginBench& bench, const std::string& reason) {
        const auto list = bench.list();
        CPPUNIT_ASSERT_MESSAGE(list, list.find("state:   refused: ") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(list, list.find(reason) != std::string::npos);
        AgentProcess agent(bench.setup());
        agent.awaitListening();
        CPPUNIT_ASSERT(loggedLine(agent, "the plugin is left out").find(reason) != std::string::npos);
        assertIngestWorks(agent);
        CPPUNIT_ASSERT_EQUAL(std::string("degraded"), get(agent.port(), "/health").text("status"));
        CPPUNIT_ASSERT_EQUAL(0, agent.stop());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PluginLoadingTest);
