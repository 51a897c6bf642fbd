#pragma once

// What Poco's threads do not offer: a name that tools show (ThreadNamePosix.cpp, ThreadNameWindows.cpp).

namespace octagent {

// Of the calling thread, at most 15 characters; without effect where the system has no such thing.
void nameThread(const char* name) noexcept;

} // namespace octagent
