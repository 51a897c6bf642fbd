#include "http/ThreadName.h"

namespace octagent {

void nameThread(const char* /*name*/) noexcept {} // SetThreadDescription is missing from older systems

} // namespace octagent
