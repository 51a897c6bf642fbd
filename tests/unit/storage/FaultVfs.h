#pragma once

// SQLite's own view of the file system, with faults that a test asks for. Every database that is opened while
// one lives goes through it.

#include <atomic>
#include <string>

#include <sqlite3.h>

namespace octagent::test {

class FaultVfs {
public:
    enum class Call { Read, Write, Sync, Truncate };

    FaultVfs();
    ~FaultVfs(); // no database may be open
    FaultVfs(const FaultVfs&) = delete;
    FaultVfs& operator=(const FaultVfs&) = delete;

    // From the `skip`-th matching call on, `times` of them fail with `code`. `suffix` of the file's name: "-wal",
    // ".db". A failing sync has synced, a failing write has written half.
    void fail(Call call, const std::string& suffix, int code, int times = 1, int skip = 0);
    void heal() { _times = 0; }
    int remaining() const { return _times; }

    // For the calls, from any thread.
    int faultOf(Call call, const std::string& name);
    sqlite3_vfs* original() const { return _original; }

private:
    sqlite3_vfs* _original;
    sqlite3_vfs _vfs;
    std::atomic<Call> _call{Call::Read};
    std::string _suffix;
    std::atomic<int> _code{0};
    std::atomic<int> _times{0};
    std::atomic<int> _skip{0};
};

} // namespace octagent::test
