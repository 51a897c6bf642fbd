#include "http/ThreadName.h"

#include <pthread.h>

namespace octagent {

void nameThread(const char* name) noexcept {
#if defined(__linux__)
    pthread_setname_np(pthread_self(), name);
#else
    static_cast<void>(name);
#endif
}

} // namespace octagent
