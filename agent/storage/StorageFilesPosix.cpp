#if !defined(_WIN32)

#include "storage/StorageErrors.h"
#include "storage/StorageFiles.h"

#include <Poco/Path.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace octagent {

namespace {

std::string reason(int error) { return std::generic_category().message(error); }

[[noreturn]] void cannot(const std::string& what, const std::string& path, int error) {
    throw Poco::FileException("cannot " + what + " " + path + ": " + reason(error) +
                              ". Give the agent's user write access there, or set storage.path (OCT_DB_PATH)");
}

} // namespace

namespace files {

std::optional<Identity> identityOf(const std::string& path) noexcept {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0)
        return std::nullopt;
    return Identity{status.st_dev, status.st_ino};
}

bool canIdentify() noexcept { return true; }

std::uint64_t sizeOf(const std::string& path) noexcept {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

std::string canonical(const std::string& path) {
    std::array<char, PATH_MAX> resolved{};
    if (::realpath(path.c_str(), resolved.data()) != nullptr)
        return resolved.data();
    Poco::Path parent(path);
    parent.makeAbsolute();
    const std::string name = parent.getFileName();
    if (::realpath(parent.parent().toString().c_str(), resolved.data()) != nullptr)
        return std::string(resolved.data()) + "/" + name;
    return parent.toString();
}

void createPrivateDirectory(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode))
        return;
    Poco::Path parent(path);
    parent.makeDirectory();
    if (parent.depth() > 0) {
        parent.popDirectory();
        createPrivateDirectory(parent.toString());
    }
    if (::mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST)
        cannot("create the directory", path, errno);
    if (::stat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode))
        cannot("use as the database's directory", path, ENOTDIR);
}

void createPrivateFile(const std::string& path) {
    constexpr mode_t ownerOnly = S_IRUSR | S_IWUSR;
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, ownerOnly);
    if (file < 0) {
        if (errno == EEXIST)
            return;
        cannot("create the database", path, errno);
    }
    const bool done = ::fchmod(file, ownerOnly) == 0;
    const int error = errno;
    ::close(file);
    if (!done)
        cannot("restrict access to the database", path, error);
}

} // namespace files

void InstanceLock::acquire(const std::string& database) {
    const std::string path = database + ".lock";
    if (_handle >= 0) {
        struct stat held {};
        if (path == _path && ::fstat(static_cast<int>(_handle), &held) == 0 &&
            files::identityOf(path) == files::Identity{held.st_dev, held.st_ino})
            return;
        release();
    }
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    if (file < 0)
        cannot("create the lock file", path, errno);
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
        const int error = errno;
        std::array<char, 32> pid{};
        const auto length = ::pread(file, pid.data(), pid.size() - 1, 0);
        ::close(file);
        if (error != EWOULDBLOCK)
            cannot("lock", path, error);
        const std::string who = length > 0 ? " (process " + std::to_string(std::atol(pid.data())) + ")" : "";
        throw DatabaseRefused("another agent" + who + " uses the database " + database +
                              ". Stop it first, or give this one its own storage.path (OCT_DB_PATH)");
    }
    // For the message above, in the other agent; nothing depends on it.
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(file, 0) != 0 || ::pwrite(file, pid.data(), pid.size(), 0) < 0)
        errno = 0;
    _handle = file;
    _path = path;
}

void InstanceLock::release() noexcept {
    if (_handle >= 0)
        ::close(static_cast<int>(_handle));
    _handle = -1;
}

} // namespace octagent

#endif
