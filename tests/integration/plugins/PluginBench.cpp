#include "PluginBench.h"

#include "harness/Database.h"
#include "harness/HttpClient.h"

#include <Poco/File.h>
#include <Poco/Path.h>
#include <Poco/StringTokenizer.h>

#include <cppunit/TestAssert.h>

#include <sys/stat.h>

namespace octagent::test {

PluginBench::PluginBench() {
    _setup.directory = _directory.path();
    ::mkdir(pluginDirectory().c_str(), 0700);
}

std::string PluginBench::add(const std::string& fixture) {
    return addFile(OCTAGENT_FIXTURES "/" + fixture + "/octagent-" + fixture + ".so");
}

std::string PluginBench::addFile(const std::string& library) {
    auto target = pluginDirectory() + "/" + Poco::Path(library).getFileName();
    Poco::File(library).copyTo(target);
    ::chmod(target.c_str(), 0600);
    return target;
}

std::string PluginBench::list() const {
    AgentSetup setup = _setup;
    setup.arguments.emplace_back("--list-plugins");
    return runAgent(setup).output;
}

void assertIngestWorks(AgentProcess& agent) {
    const auto reply = post(agent.port(), "/v1/traces", R"({"provider":"p","model":"m"})");
    CPPUNIT_ASSERT_EQUAL(202, reply.status);
    awaitRow(agent.databasePath(), "llm_traces", reply.text("trace_id"));
}

std::string loggedLine(const AgentProcess& agent, const std::string& text) {
    const auto output = agent.output();
    const Poco::StringTokenizer lines(output, "\n");
    for (const auto& line : lines) {
        if (line.find(text) != std::string::npos)
            return line;
    }
    CPPUNIT_FAIL("no line of the log holds \"" + text + "\":\n" + output);
    return {};
}

} // namespace octagent::test
