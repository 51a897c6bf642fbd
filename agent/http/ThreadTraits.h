#pragma once

// What Poco's threads do not offer: a name that tools show, and a priority that needs no rights to lower
// (ThreadTraitsPosix.cpp, ThreadTraitsWindows.cpp). For the calling thread; without effect where the system
// has no such thing.

namespace octagent {

// At most 15 characters.
void nameThread(const char* name) noexcept;

// Below the persister's: when clients ask for more than the machine can do, events are to be stored before more
// of them are taken.
void lowerThreadPriority() noexcept;

} // namespace octagent
