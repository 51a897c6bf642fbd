#pragma once

// What an operator runs after installing: one event of each module on its way through the running agent.

#include "octagent/Module.h"
#include "octagent/Option.h"

#include <iosfwd>
#include <vector>

namespace octagent {

// Posts to the agent that listens where `http` (the group's options) says, waits until everything accepted up to
// then is settled, and tells what it sees. True when every event was persisted. Blocks for half a minute at most;
// does not throw.
bool testRunningAgent(const Options& http, const std::vector<SelfTest>& tests, std::ostream& out);

} // namespace octagent
