#include "http/ThreadTraits.h"

#include <windows.h>

namespace octagent {

void nameThread(const char* /*name*/) noexcept {} // SetThreadDescription is missing from older systems

void lowerThreadPriority() noexcept { SetThreadPriority(GetCurrentThread(), THREAD_PRIORITY_BELOW_NORMAL); }

} // namespace octagent
