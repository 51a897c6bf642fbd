#pragma once

// What a test and the interposed library share: a page of memory in a file, which both map. The library is loaded
// into the agent with LD_PRELOAD and finds the file by the variable FAULTS_FILE.

#include <atomic>
#include <cstdint>

namespace octagent::test {

// Errors are errno values, 0 for none. They concern the database's files alone: those whose names hold ".db".
struct Faults {
    std::atomic<int> readError;
    std::atomic<int> writeError;
    std::atomic<int> syncError;
    std::atomic<std::int64_t> clockOffsetSeconds; // added to the calendar clock
    std::atomic<std::int64_t> syncedWalBytes;     // size of the write-ahead log when it was last synced
    std::atomic<std::int64_t> failures;           // calls that were made to fail
};

} // namespace octagent::test
