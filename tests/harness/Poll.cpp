#include "harness/Poll.h"

#include <cppunit/TestAssert.h>

#include <thread>

namespace octagent::test {

bool waitUntil(const std::function<bool()>& condition, std::chrono::milliseconds deadline) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= end)
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

void eventually(const std::string& what, const std::function<bool()>& condition, std::chrono::milliseconds deadline) {
    if (!waitUntil(condition, deadline))
        CPPUNIT_FAIL("still not: " + what);
}

} // namespace octagent::test
