#include "application/Platform.h"

#include <Poco/Environment.h>
#include <Poco/File.h>
#include <Poco/Path.h>

#include <cstdint>
#include <cstdlib>
#include <sys/stat.h>
#include <unistd.h>
#if defined(__GLIBC__)
#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#endif

extern "C" char** environ; // NOLINT(readability-redundant-declaration): POSIX leaves it to the program

namespace octagent {

namespace {

// systemd says where a unit's state belongs; a daemon of root's has its place by convention (FHS 3.0, 5.8);
// everybody else has a state directory of their own (XDG Base Directory Specification 0.8).
std::string stateDirectory(bool isService) {
    const auto assigned = Poco::Environment::get("STATE_DIRECTORY", "");
    if (!assigned.empty())
        return assigned.substr(0, assigned.find(':'));
    if (isService && ::geteuid() == 0)
        return "/var/lib/octagent";
    auto base = Poco::Environment::get("XDG_STATE_HOME", "");
    if (base.empty() || base.front() != '/')
        base = Poco::Path::home() + ".local/state";
    return base + "/octagent";
}

std::string firstExisting(std::initializer_list<std::string> files) {
    for (const auto& file : files) {
        if (Poco::File(file).exists())
            return file;
    }
    return {};
}

#if defined(__GLIBC__)
// Only segments that were never writable: in them no page can differ from its file.
int releaseSegments(dl_phdr_info* object, std::size_t /*size*/, void* /*context*/) {
    const auto pageSize = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    for (unsigned i = 0; i < object->dlpi_phnum; ++i) {
        const auto& segment = object->dlpi_phdr[i];
        if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0)
            continue;
        const auto begin = (object->dlpi_addr + segment.p_vaddr) / pageSize * pageSize;
        const auto end = object->dlpi_addr + segment.p_vaddr + segment.p_memsz;
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the loader speaks of numbers
        ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
    }
    return 0;
}
#endif

} // namespace

DefaultPaths defaultPaths(const std::string& applicationDirectory, bool isService) {
    // <prefix>/bin/octagent, <prefix>/lib/octagent/plugins, and the configuration in <prefix>/etc, or in /etc
    // for a prefix that is the system's.
    const auto prefix = Poco::Path(applicationDirectory).makeDirectory().parent().toString();
    return {stateDirectory(isService) + "/octagent.db",
            firstExisting({prefix + "etc/octagent/octagent.properties", "/etc/octagent/octagent.properties"}),
            prefix + "lib/octagent/plugins"};
}

std::map<std::string, std::string> environment() {
    std::map<std::string, std::string> variables;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string text = *entry;
        const auto equals = text.find('=');
        if (equals != std::string::npos)
            variables[text.substr(0, equals)] = text.substr(equals + 1);
    }
    return variables;
}

void restrictNewFiles() { ::umask(077); }

bool isDaemonArgument(const std::string& argument) { return argument == "--daemon"; }

// Relocating a dozen libraries touches most of their symbol tables, and the heap keeps what the configuration was
// read with: measured idle and alone on a machine, 13 MB resident became 4.5.
void releaseStartPages() noexcept {
#if defined(__GLIBC__)
    ::dl_iterate_phdr(&releaseSegments, nullptr);
    ::malloc_trim(0);
#endif
}

void endProcess(int exitCode) { ::_exit(exitCode); }

} // namespace octagent
