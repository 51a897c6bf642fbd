#pragma once

// Where the platform keeps things, and how it starts programs.

#include <map>
#include <string>

namespace octagent {

struct DefaultPaths {
    std::string database;      // file
    std::string configuration; // file; empty when there is none
    std::string plugins;       // directory
};

// `applicationDirectory` is where the executable lies, `isService` whether it runs detached from a user.
DefaultPaths defaultPaths(const std::string& applicationDirectory, bool isService);

std::map<std::string, std::string> environment();

// New files and directories are the user's alone.
void restrictNewFiles();

// Whether `argument` asks to run detached.
bool isDaemonArgument(const std::string& argument);

// After the start: gives back what only the start has needed of the heap, and of code, symbols and constants. What is
// needed again of those comes back at the first touch, from the system's cache.
void releaseStartPages() noexcept;

// Ends the process at once, without destroying anything that a thread left behind may still use.
[[noreturn]] void endProcess(int exitCode);

} // namespace octagent
