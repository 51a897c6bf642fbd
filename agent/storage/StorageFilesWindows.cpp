#if defined(_WIN32)

#include "storage/StorageErrors.h"
#include "storage/StorageFiles.h"

#include <Poco/File.h>
#include <Poco/Path.h>
#include <Poco/UnicodeConverter.h>

#include <windows.h>

namespace octagent {

namespace {

std::wstring wide(const std::string& path) {
    std::wstring result;
    Poco::UnicodeConverter::toUTF16(path, result);
    return result;
}

} // namespace

namespace files {

// A file in use cannot be removed or replaced on Windows.
std::optional<Identity> identityOf(const std::string& /*path*/) noexcept { return std::nullopt; }

bool canIdentify() noexcept { return false; }

std::uint64_t sizeOf(const std::string& path) noexcept {
    try {
        WIN32_FILE_ATTRIBUTE_DATA data{};
        if (!::GetFileAttributesExW(wide(path).c_str(), GetFileExInfoStandard, &data))
            return 0;
        return (static_cast<std::uint64_t>(data.nFileSizeHigh) << 32U) | data.nFileSizeLow;
    } catch (...) {
        return 0;
    }
}

std::string canonical(const std::string& path) { return Poco::Path(path).makeAbsolute().toString(); }

// Access follows from the directory's inheritable rights, which the installer sets.
void createPrivateDirectory(const std::string& path) {
    try {
        Poco::File(path).createDirectories();
    } catch (const Poco::Exception& error) {
        throw Poco::FileException("cannot create the directory " + path + ": " + error.displayText() +
                                  ". Give the agent's user write access there, or set storage.path (OCT_DB_PATH)");
    }
}

void createPrivateFile(const std::string& path) {
    try {
        Poco::File(path).createFile();
    } catch (const Poco::Exception& error) {
        throw Poco::FileException("cannot create the database " + path + ": " + error.displayText() +
                                  ". Give the agent's user write access there, or set storage.path (OCT_DB_PATH)");
    }
}

} // namespace files

// Opening without sharing is the lock.
void InstanceLock::acquire(const std::string& database) {
    if (_handle != -1)
        return;
    const std::string path = database + ".lock";
    HANDLE file = ::CreateFileW(wide(path).c_str(), GENERIC_READ | GENERIC_WRITE, 0, nullptr, OPEN_ALWAYS,
                                FILE_ATTRIBUTE_NORMAL, nullptr);
    if (file == INVALID_HANDLE_VALUE) {
        const DWORD error = ::GetLastError();
        if (error == ERROR_SHARING_VIOLATION)
            throw DatabaseRefused("another agent uses the database " + database +
                                  ". Stop it first, or give this one its own storage.path (OCT_DB_PATH)");
        throw Poco::FileException("cannot create the lock file " + path + ": error " + std::to_string(error) +
                                  ". Give the agent's user write access there, or set storage.path (OCT_DB_PATH)");
    }
    _handle = reinterpret_cast<std::intptr_t>(file);
    _path = path;
}

void InstanceLock::release() noexcept {
    if (_handle != -1)
        ::CloseHandle(reinterpret_cast<HANDLE>(_handle));
    _handle = -1;
}

} // namespace octagent

#endif
