#include "http/ThreadTraits.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

namespace octagent {

namespace {

// Each step gives about a tenth less of a contended processor. Small, because clients on the same machine
// compete with these threads too.
constexpr int niceSteps = 2;

} // namespace

void nameThread(const char* name) noexcept {
#if defined(__linux__)
    pthread_setname_np(pthread_self(), name);
#else
    static_cast<void>(name);
#endif
}

void lowerThreadPriority() noexcept {
#if defined(__linux__)
    // On Linux a thread has a priority of its own, under its own id; elsewhere this would be the whole process.
    const auto self = static_cast<id_t>(gettid());
    setpriority(PRIO_PROCESS, self, getpriority(PRIO_PROCESS, self) + niceSteps);
#else
    static_cast<void>(niceSteps);
#endif
}

} // namespace octagent
