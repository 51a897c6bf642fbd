// Stands before the C library in a process under test: makes reads, writes and syncs of the database's files fail
// as the test says, moves the calendar clock, and notes how much of the write-ahead log was synced.

#include "Faults.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

using octagent::test::Faults;

Faults* openFaults() {
    const char* path = std::getenv("FAULTS_FILE");
    if (path == nullptr)
        return nullptr;
    const int descriptor = ::open(path, O_RDWR | O_CLOEXEC);
    if (descriptor < 0)
        return nullptr;
    void* memory = ::mmap(nullptr, sizeof(Faults), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    ::close(descriptor);
    return memory == MAP_FAILED ? nullptr : static_cast<Faults*>(memory);
}

Faults* faults() {
    static Faults* shared = openFaults();
    return shared;
}

template <class Function> Function next(const char* name) {
    return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

enum class FileKind { Other, Database, Wal };

FileKind kindOf(int descriptor) {
    char link[64];
    char path[4096];
    std::snprintf(link, sizeof(link), "/proc/self/fd/%d", descriptor);
    const ssize_t length = ::readlink(link, path, sizeof(path) - 1);
    if (length <= 0)
        return FileKind::Other;
    path[length] = 0;
    if (std::strstr(path, ".db") == nullptr || std::strstr(path, ".lock") != nullptr)
        return FileKind::Other;
    return std::strstr(path, "-wal") != nullptr ? FileKind::Wal : FileKind::Database;
}

bool fails(int descriptor, const std::atomic<int> Faults::*which) {
    Faults* shared = faults();
    const int error = shared == nullptr ? 0 : (shared->*which).load();
    if (error == 0 || kindOf(descriptor) == FileKind::Other)
        return false;
    ++shared->failures;
    errno = error;
    return true;
}

void noteSync(int descriptor) {
    Faults* shared = faults();
    struct stat info {};
    if (shared != nullptr && kindOf(descriptor) == FileKind::Wal && ::fstat(descriptor, &info) == 0)
        shared->syncedWalBytes = info.st_size;
}

} // namespace

extern "C" {

// SQLite seeks and reads where it was built without pread.
ssize_t read(int descriptor, void* buffer, size_t size) {
    static const auto real = next<ssize_t (*)(int, void*, size_t)>("read");
    return fails(descriptor, &Faults::readError) ? -1 : real(descriptor, buffer, size);
}

ssize_t write(int descriptor, const void* buffer, size_t size) {
    static const auto real = next<ssize_t (*)(int, const void*, size_t)>("write");
    return fails(descriptor, &Faults::writeError) ? -1 : real(descriptor, buffer, size);
}

ssize_t pread64(int descriptor, void* buffer, size_t size, off64_t offset) {
    static const auto real = next<ssize_t (*)(int, void*, size_t, off64_t)>("pread64");
    return fails(descriptor, &Faults::readError) ? -1 : real(descriptor, buffer, size, offset);
}

ssize_t pwrite64(int descriptor, const void* buffer, size_t size, off64_t offset) {
    static const auto real = next<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
    return fails(descriptor, &Faults::writeError) ? -1 : real(descriptor, buffer, size, offset);
}

ssize_t pread(int descriptor, void* buffer, size_t size, off_t offset) {
    static const auto real = next<ssize_t (*)(int, void*, size_t, off_t)>("pread");
    return fails(descriptor, &Faults::readError) ? -1 : real(descriptor, buffer, size, offset);
}

ssize_t pwrite(int descriptor, const void* buffer, size_t size, off_t offset) {
    static const auto real = next<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
    return fails(descriptor, &Faults::writeError) ? -1 : real(descriptor, buffer, size, offset);
}

int fsync(int descriptor) {
    static const auto real = next<int (*)(int)>("fsync");
    if (fails(descriptor, &Faults::syncError))
        return -1;
    noteSync(descriptor);
    return real(descriptor);
}

int fdatasync(int descriptor) {
    static const auto real = next<int (*)(int)>("fdatasync");
    if (fails(descriptor, &Faults::syncError))
        return -1;
    noteSync(descriptor);
    return real(descriptor);
}

int clock_gettime(clockid_t clock, struct timespec* time) {
    static const auto real = next<int (*)(clockid_t, struct timespec*)>("clock_gettime");
    const int result = real(clock, time);
    if (clock == CLOCK_REALTIME && faults() != nullptr)
        time->tv_sec += faults()->clockOffsetSeconds;
    return result;
}

int gettimeofday(struct timeval* time, void* zone) {
    static const auto real = next<int (*)(struct timeval*, void*)>("gettimeofday");
    const int result = real(time, zone);
    if (faults() != nullptr)
        time->tv_sec += faults()->clockOffsetSeconds;
    return result;
}

} // extern "C"
