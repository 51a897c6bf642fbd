#pragma once

// What a module is: built in or loaded, it implements this and nothing else.

#include "octagent/ModuleContext.h"
#include "octagent/Option.h"

#include <chrono>
#include <string>
#include <vector>

namespace octagent {
inline namespace v1 {

// A request that an operator may send to see the module at work: octagent --self-test posts it to the running
// agent and follows the event to the database. It stores one event of the module's own, marked as a test.
struct SelfTest {
    std::string path = {};
    std::string contentType = "application/json";
    std::string body = {};
};

// Calls come from the agent's main thread, in this order: constructor (does nothing that can fail),
// declarations, initialize(), start(), stop(); only stop() comes on a thread of its own, so that a module that
// hangs there can be left behind. A module may own threads between start() and stop().
class OCTAGENT_SDK_TYPE Module {
public:
    virtual ~Module() = default;

    // Declarations: constant, without side effects.
    virtual std::string name() const = 0; // lower-case letters, digits and '-'; prefix of its keys
    virtual std::string version() const = 0;
    virtual std::vector<Option> options() const { return {}; }
    virtual std::vector<SelfTest> selfTests() const { return {}; } // routes on the agent's own listener

    // Whether it marks rows as pushed (synced = 1). Retention then takes pushed rows before all others.
    virtual bool pushesRows() const { return false; }

    // Registers routes, tables, writers and metrics. `context` outlives the module. Throws to refuse: a
    // built-in module then keeps the agent from starting, a plugin is left out.
    virtual void initialize(ModuleContext& context) = 0;

    // The database is open: threads may start, events may be offered. Throws like initialize().
    virtual void start() {}

    // No request of this module runs any more. Ends its threads and returns by `deadline`; one that does not
    // is reported and left behind. Events offered before it returns are still stored.
    virtual void stop(std::chrono::steady_clock::time_point deadline) { static_cast<void>(deadline); }
};

} // namespace v1
} // namespace octagent
