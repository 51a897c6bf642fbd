#pragma once

// What the database needs of the file system beyond SQLite, and where systems differ.
//
// The live database file is never opened here: closing it would drop SQLite's locks. Paths are UTF-8.

#include <cstdint>
#include <optional>
#include <string>

namespace octagent {

namespace files {

// Which file stands at a path, whatever its name.
struct Identity {
    std::uint64_t device = 0;
    std::uint64_t node = 0;
    bool operator==(const Identity&) const = default;
};

// Empty when nothing stands there, or when the system does not tell (Windows, where an open file cannot be
// removed anyway). By stat(), from any thread.
std::optional<Identity> identityOf(const std::string& path) noexcept;
bool canIdentify() noexcept;

// In bytes, 0 when there is no such file. By stat(), from any thread.
std::uint64_t sizeOf(const std::string& path) noexcept;

// Absolute, and with symbolic links resolved where the system has them and the file exists.
std::string canonical(const std::string& path);

// Creates the directory with those above it, for the owner alone (0700 for what is new). Throws
// Poco::FileException naming the directory and what to do.
void createPrivateDirectory(const std::string& path);

// Creates an empty file for the owner alone (0600, whatever the umask); does nothing when it stands there.
// Throws Poco::FileException.
void createPrivateFile(const std::string& path);

} // namespace files

// Held for as long as an agent uses a database, through the file "<database>.lock" beside it, which stays.
// One thread.
class InstanceLock {
public:
    InstanceLock() = default;
    ~InstanceLock() { release(); }
    InstanceLock(const InstanceLock&) = delete;
    InstanceLock& operator=(const InstanceLock&) = delete;

    // Does nothing when the lock at this path is held already; takes a new one when the file was removed or
    // replaced since. Throws DatabaseRefused when another process, or another lock of this one, holds it,
    // Poco::FileException when the file cannot be made.
    void acquire(const std::string& database);
    void release() noexcept;

private:
    std::intptr_t _handle = -1;
    std::string _path;
};

} // namespace octagent
