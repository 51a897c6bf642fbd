#pragma once

// An agent with plugins of the test's choice.

#include "harness/AgentProcess.h"
#include "harness/TemporaryDirectory.h"

#include <string>

namespace octagent::test {

class PluginBench {
public:
    PluginBench();

    // Copies a fixture ("metrics"), or any library, into the agent's plugin directory. Returns where it lies.
    std::string add(const std::string& fixture);
    std::string addFile(const std::string& library);

    // What the agent will be started with; keys may be added.
    AgentSetup& setup() { return _setup; }
    std::string pluginDirectory() const { return _directory / "plugins"; }
    const TemporaryDirectory& directory() const { return _directory; }

    // `octagent --list-plugins` with the same setup.
    std::string list() const;

private:
    TemporaryDirectory _directory;
    AgentSetup _setup;
};

// Posts one trace and waits for its row: ingest works, whatever a plugin does.
void assertIngestWorks(AgentProcess& agent);

// The first line of the log that holds this text anywhere; fails the test when there is none.
std::string loggedLine(const AgentProcess& agent, const std::string& text);

} // namespace octagent::test
