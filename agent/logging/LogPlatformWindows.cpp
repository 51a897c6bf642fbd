#include "logging/LogPlatform.h"

#include <Poco/EventLogChannel.h>
#include <Poco/FileStream.h>
#include <Poco/UnWindows.h>

namespace octagent {

void keepStandardStreamsOpen() noexcept {} // handles are not numbers that the next file gets

bool writeStandardOutput(std::string_view bytes, std::chrono::milliseconds /*patience*/) noexcept {
    const HANDLE output = ::GetStdHandle(STD_OUTPUT_HANDLE);
    if (output == nullptr || output == INVALID_HANDLE_VALUE)
        return false; // a service has none
    while (!bytes.empty()) {
        DWORD written = 0;
        if (::WriteFile(output, bytes.data(), static_cast<DWORD>(bytes.size()), &written, nullptr) == 0)
            return false;
        bytes.remove_prefix(written);
    }
    return true;
}

// The access list of the directory is inherited. Poco's own file is opened by the first line only: too late to tell.
void createPrivateFile(const std::string& path) { const Poco::FileOutputStream file(path, std::ios::app); }

Poco::AutoPtr<Poco::Channel> makeServiceLogChannel(const std::string& service) {
    return Poco::AutoPtr<Poco::Channel>(new Poco::EventLogChannel(service));
}

} // namespace octagent
