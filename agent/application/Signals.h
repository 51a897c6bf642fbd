#pragma once

// What stops the agent from outside.

#include <functional>
#include <string>

namespace octagent {

// First thing in main(), before any thread: SIGTERM, SIGINT and SIGQUIT wait until waitForStop() takes them,
// so that one that comes during the start leads to an orderly stop, and a second one does not kill the drain.
// SIGHUP, SIGPIPE and SIGXFSZ are ignored: a write that fails says so itself. Without effect on Windows, where
// Poco handles the console and the service control.
void blockSignals();

// Blocks until a stop is requested; returns what requested it ("SIGTERM"). `pocoWait` is the application's own
// wait, which Windows needs.
std::string waitForStop(const std::function<void()>& pocoWait);

} // namespace octagent
