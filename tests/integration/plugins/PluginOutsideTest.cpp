#include "PluginBench.h"

#include "harness/Database.h"
#include "harness/HttpClient.h"

#include <Poco/File.h>
#include <Poco/Pipe.h>
#include <Poco/PipeStream.h>
#include <Poco/Process.h>
#include <Poco/StreamCopier.h>

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

using namespace octagent::test;

// An author's way: the SDK installed into a prefix, the plugin's sources in a directory of their own.
class PluginOutsideTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PluginOutsideTest);
    CPPUNIT_TEST(testPluginBuildsFromTheInstalledSdkAlone);
    CPPUNIT_TEST_SUITE_END();

public:
    void testPluginBuildsFromTheInstalledSdkAlone() {
        PluginBench bench;
        const auto prefix = bench.directory() / "prefix";
        const auto sources = bench.directory() / "author";
        const auto build = bench.directory() / "author-build";
        Poco::File(OCTAGENT_SOURCES "/plugins/template").copyTo(sources);
        run({"--install", OCTAGENT_BUILD, "--prefix", prefix, "--component", "dev"});
        run({"-S", sources, "-B", build, "-G", "Ninja", "-DCMAKE_PREFIX_PATH=" + prefix});
        run({"--build", build});

        bench.addFile(build + "/octagent-feedback.so");
        AgentProcess agent(bench.setup());
        agent.awaitListening();
        const auto reply = post(agent.port(), "/v1/feedback", R"({"trace_id":"t-1","score":1})");
        CPPUNIT_ASSERT_EQUAL(202, reply.status);
        awaitRow(agent.databasePath(), "feedback", reply.text("trace_id"));
        CPPUNIT_ASSERT_EQUAL(0, agent.stop());
    }

private:
    static void run(const Poco::Process::Args& arguments) {
        Poco::Pipe output;
        auto process = Poco::Process::launch("cmake", arguments, nullptr, &output, &output);
        std::string text;
        Poco::PipeInputStream stream(output);
        Poco::StreamCopier::copyToString(stream, text);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(text, 0, process.wait());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PluginOutsideTest);
