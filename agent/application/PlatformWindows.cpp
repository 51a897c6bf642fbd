#include "application/Platform.h"

#include <Poco/File.h>
#include <Poco/Path.h>
#include <Poco/UnWindows.h>
#include <Poco/UnicodeConverter.h>

#include <array>
#include <cstdlib>
#include <shlobj.h>

namespace octagent {

namespace {

// Asked from the shell and not from the environment: a service's environment is not a user's.
Poco::Path programData() {
    std::array<wchar_t, MAX_PATH> folder{};
    if (SHGetFolderPathW(nullptr, CSIDL_COMMON_APPDATA, nullptr, SHGFP_TYPE_CURRENT, folder.data()) != S_OK)
        return Poco::Path("C:\\ProgramData").makeDirectory();
    std::string path;
    Poco::UnicodeConverter::toUTF8(std::wstring(folder.data()), path);
    return Poco::Path(path).makeDirectory();
}

} // namespace

DefaultPaths defaultPaths(const std::string& applicationDirectory, bool /*isService*/) {
    const auto folder = programData().pushDirectory("octagent");
    DefaultPaths paths;
    paths.database = Poco::Path(folder, "octagent.db").toString();
    const auto file = Poco::Path(folder, "octagent.properties").toString();
    if (Poco::File(file).exists())
        paths.configuration = file;
    paths.plugins = Poco::Path(applicationDirectory).makeDirectory().pushDirectory("plugins").toString();
    return paths;
}

std::map<std::string, std::string> environment() {
    std::map<std::string, std::string> variables;
    wchar_t* block = GetEnvironmentStringsW();
    for (const wchar_t* entry = block; entry != nullptr && *entry != 0; entry += std::wcslen(entry) + 1) {
        std::string text;
        Poco::UnicodeConverter::toUTF8(std::wstring(entry), text);
        const auto equals = text.find('=', 1); // "=C:=..." are the shell's own
        if (equals != std::string::npos)
            variables[text.substr(0, equals)] = text.substr(equals + 1);
    }
    FreeEnvironmentStringsW(block);
    return variables;
}

void restrictNewFiles() {} // the access list of the directory is inherited

bool isDaemonArgument(const std::string& /*argument*/) { return false; }

void releaseStartPages() noexcept {} // the system trims what is not used

void endProcess(int exitCode) {
    TerminateProcess(GetCurrentProcess(), static_cast<UINT>(exitCode));
    std::abort();
}

} // namespace octagent
