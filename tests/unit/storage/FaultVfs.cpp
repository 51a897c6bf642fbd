#include "FaultVfs.h"

#include <cerrno>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>

namespace octagent::test {

namespace {

// One file: ours in front, the original's behind it in the same memory.
struct FaultFile {
    sqlite3_file base;
    FaultVfs* vfs;
    std::string* name;
    int lastError;
    sqlite3_file* real;
};

std::mutex suffixMutex;

FaultFile& self(sqlite3_file* file) { return *reinterpret_cast<FaultFile*>(file); }

int closeFile(sqlite3_file* file) {
    FaultFile& mine = self(file);
    const int result = mine.real->pMethods->xClose(mine.real);
    delete mine.name;
    mine.name = nullptr;
    return result;
}

int readFile(sqlite3_file* file, void* data, int count, sqlite3_int64 offset) {
    FaultFile& mine = self(file);
    if (const int code = mine.vfs->faultOf(FaultVfs::Call::Read, *mine.name)) {
        mine.lastError = EIO;
        return code;
    }
    return mine.real->pMethods->xRead(mine.real, data, count, offset);
}

int writeFile(sqlite3_file* file, const void* data, int count, sqlite3_int64 offset) {
    FaultFile& mine = self(file);
    if (const int code = mine.vfs->faultOf(FaultVfs::Call::Write, *mine.name)) {
        mine.real->pMethods->xWrite(mine.real, data, count / 2, offset);
        return code;
    }
    return mine.real->pMethods->xWrite(mine.real, data, count, offset);
}

int truncateFile(sqlite3_file* file, sqlite3_int64 size) {
    FaultFile& mine = self(file);
    if (const int code = mine.vfs->faultOf(FaultVfs::Call::Truncate, *mine.name))
        return code;
    return mine.real->pMethods->xTruncate(mine.real, size);
}

int syncFile(sqlite3_file* file, int flags) {
    FaultFile& mine = self(file);
    const int result = mine.real->pMethods->xSync(mine.real, flags);
    if (const int code = mine.vfs->faultOf(FaultVfs::Call::Sync, *mine.name))
        return code;
    return result;
}

int sizeFile(sqlite3_file* file, sqlite3_int64* size) {
    return self(file).real->pMethods->xFileSize(self(file).real, size);
}
int lockFile(sqlite3_file* file, int lock) { return self(file).real->pMethods->xLock(self(file).real, lock); }
int unlockFile(sqlite3_file* file, int lock) { return self(file).real->pMethods->xUnlock(self(file).real, lock); }
int checkLock(sqlite3_file* file, int* result) {
    return self(file).real->pMethods->xCheckReservedLock(self(file).real, result);
}
int controlFile(sqlite3_file* file, int operation, void* argument) {
    if (operation == SQLITE_FCNTL_LAST_ERRNO && self(file).lastError != 0) {
        *static_cast<int*>(argument) = self(file).lastError;
        return SQLITE_OK;
    }
    return self(file).real->pMethods->xFileControl(self(file).real, operation, argument);
}
int sectorSize(sqlite3_file* file) { return self(file).real->pMethods->xSectorSize(self(file).real); }
int characteristics(sqlite3_file* file) { return self(file).real->pMethods->xDeviceCharacteristics(self(file).real); }
int mapShm(sqlite3_file* file, int page, int size, int extend, void volatile** result) {
    return self(file).real->pMethods->xShmMap(self(file).real, page, size, extend, result);
}
int lockShm(sqlite3_file* file, int offset, int count, int flags) {
    return self(file).real->pMethods->xShmLock(self(file).real, offset, count, flags);
}
void barrierShm(sqlite3_file* file) { self(file).real->pMethods->xShmBarrier(self(file).real); }
int unmapShm(sqlite3_file* file, int remove) { return self(file).real->pMethods->xShmUnmap(self(file).real, remove); }

const sqlite3_io_methods methods = {2,           closeFile,  readFile,        writeFile,  truncateFile,
                                    syncFile,    sizeFile,   lockFile,        unlockFile, checkLock,
                                    controlFile, sectorSize, characteristics, mapShm,     lockShm,
                                    barrierShm,  unmapShm,   nullptr,         nullptr};

int openFile(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* outFlags) {
    auto* owner = static_cast<FaultVfs*>(vfs->pAppData);
    FaultFile& mine = self(file);
    mine.base.pMethods = nullptr;
    mine.vfs = owner;
    mine.lastError = 0;
    mine.real = reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + sizeof(FaultFile));
    const int result = owner->original()->xOpen(owner->original(), name, mine.real, flags, outFlags);
    if (result != SQLITE_OK) {
        if (mine.real->pMethods != nullptr)
            mine.real->pMethods->xClose(mine.real);
        return result;
    }
    mine.name = new std::string(name != nullptr ? name : "");
    mine.base.pMethods = &methods;
    return SQLITE_OK;
}

} // namespace

FaultVfs::FaultVfs() : _original(sqlite3_vfs_find(nullptr)), _vfs(*_original) {
    _vfs.zName = "octagent-faults";
    _vfs.szOsFile = static_cast<int>(sizeof(FaultFile)) + _original->szOsFile;
    _vfs.pAppData = this;
    _vfs.pNext = nullptr;
    _vfs.xOpen = openFile;
    sqlite3_vfs_register(&_vfs, 1);
}

FaultVfs::~FaultVfs() {
    sqlite3_vfs_unregister(&_vfs);
    sqlite3_vfs_register(_original, 1);
}

void FaultVfs::fail(Call call, const std::string& suffix, int code, int times, int skip) {
    const std::lock_guard lock(suffixMutex);
    _call = call;
    _suffix = suffix;
    _code = code;
    _skip = skip;
    _times = times;
}

int FaultVfs::faultOf(Call call, const std::string& name) {
    if (_times == 0)
        return SQLITE_OK;
    const std::lock_guard lock(suffixMutex);
    if (_times == 0 || call != _call || !name.ends_with(_suffix))
        return SQLITE_OK;
    if (_skip > 0) {
        --_skip;
        return SQLITE_OK;
    }
    --_times;
    return _code;
}

} // namespace octagent::test
