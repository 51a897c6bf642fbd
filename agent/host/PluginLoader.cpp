#include "host/PluginLoader.h"

#include "host/FileTrust.h"

#include <Poco/DirectoryIterator.h>
#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/NumberFormatter.h>
#include <Poco/Path.h>
#include <Poco/SharedLibrary.h>
#include <Poco/String.h>

#include <algorithm>

namespace octagent {

namespace {

std::string describe(const std::string& sdk, const std::string& compiler, std::uint32_t poco, std::uint32_t abi,
                     std::uint32_t libraryAbi) {
    return "SDK " + sdk + ", " + compiler + ", ABI " + std::to_string(abi) + "/" + std::to_string(libraryAbi) +
           ", Poco " + Poco::NumberFormatter::formatHex(poco, 8);
}

std::string describe(const SdkIdentity& identity) {
    return describe(identity.sdkVersion, identity.compiler, identity.pocoVersion, identity.abiVersion,
                    identity.libraryAbi);
}

// Reads who the library was built for, before Poco runs anything of it. Returns its SDK version.
std::string checkedIdentity(const std::string& path) {
    // Deliberately not unloaded afterwards: ClassLoader opens the same library again.
    Poco::SharedLibrary library(path, Poco::SharedLibrary::SHLIB_LOCAL);
    if (!library.hasSymbol("octagentSdkIdentity"))
        throw Poco::LibraryLoadException("it is no octagent plugin: no symbol octagentSdkIdentity "
                                         "(does a source file end with OCTAGENT_MODULE?)");
    using IdentityFunction = const SdkIdentity* (*)();
    const auto function = reinterpret_cast<IdentityFunction>(library.getSymbol("octagentSdkIdentity"));
    const SdkIdentity* theirs = function();
    const SdkIdentity ours = sdkIdentity();
    if (theirs == nullptr || theirs->size != ours.size)
        throw Poco::LibraryLoadException("its octagentSdkIdentity is not understood by SDK " +
                                         std::string(ours.sdkVersion));
    if (describe(*theirs) != describe(ours))
        throw Poco::LibraryLoadException("built for " + describe(*theirs) + ", this agent has " + describe(ours) +
                                         ": build it anew");
    return theirs->sdkVersion;
}

} // namespace

std::vector<std::string> pluginFiles(const std::string& directory) {
    std::vector<std::string> files;
    if (directory.empty())
        return files;
    const Poco::File folder(directory);
    if (!folder.exists() || !folder.isDirectory())
        return files;
    for (Poco::DirectoryIterator entry(directory), end; entry != end; ++entry) {
        if ("." + Poco::Path(entry.name()).getExtension() == Poco::SharedLibrary::suffix() ||
            Poco::endsWith(entry.name(), std::string(".so")))
            files.push_back(entry.path().toString());
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::string pluginNameOf(const std::string& path) {
    const std::string name = Poco::Path(path).getBaseName();
    static const std::string prefix = "octagent-";
    return Poco::startsWith(name, prefix) ? name.substr(prefix.size()) : name;
}

LoadedPlugin::LoadedPlugin(const std::string& path) {
    const auto distrust = distrustOf(path);
    if (!distrust.empty())
        throw Poco::LibraryLoadException(distrust);
    _sdkVersion = checkedIdentity(path);
    _classes.loadLibrary(path);
    const auto& manifest = *_classes.begin()->second;
    if (manifest.size() != 1)
        throw Poco::LibraryLoadException("it exports " + std::to_string(manifest.size()) +
                                         " modules: a plugin is exactly one");
    _module.reset(manifest.begin()->create());
}

} // namespace octagent
