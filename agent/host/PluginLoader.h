#pragma once

// From a file to a module: trust, then identity, then Poco's ClassLoader.

#include "octagent/Module.h"

#include <Poco/ClassLoader.h>

#include <memory>
#include <string>
#include <vector>

namespace octagent {

// The shared libraries of a directory, absolute and sorted by name: the order in which they are loaded. Empty
// when the directory does not exist.
std::vector<std::string> pluginFiles(const std::string& directory);

// What a plugin is called before it was loaded: its file's name without ending and without "octagent-".
std::string pluginNameOf(const std::string& path);

// One loaded library. It stays in the process until the end: its code may run on threads that nobody knows.
class LoadedPlugin {
public:
    // Throws Poco::Exception with the reason: not trustworthy, not a library, no SDK symbol, another SDK, not
    // exactly one module.
    explicit LoadedPlugin(const std::string& path);

    std::unique_ptr<Module> takeModule() { return std::move(_module); }
    const std::string& sdkVersion() const { return _sdkVersion; }

private:
    // A class loader of its own, so that two libraries may have a class of the same name.
    Poco::ClassLoader<Module> _classes;
    std::string _sdkVersion;
    std::unique_ptr<Module> _module;
};

} // namespace octagent
