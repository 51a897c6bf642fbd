#include "application/Platform.h"

#include <Poco/Environment.h>
#include <Poco/File.h>
#include <Poco/Path.h>
#include <Poco/UnWindows.h>
#include <Poco/UnicodeConverter.h>

#include <cstdlib>

namespace octagent {

DefaultPaths defaultPaths(const std::string& applicationDirectory, bool /*isService*/) {
    const auto data = Poco::Path(Poco::Environment::get("ProgramData", "C:\\ProgramData")).makeDirectory();
    const auto folder = Poco::Path(data).pushDirectory("octagent");
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
