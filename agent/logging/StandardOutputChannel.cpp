#include "logging/StandardOutputChannel.h"

#include "logging/LogPlatform.h"

#include <chrono>

namespace octagent {

StandardOutputChannel::StandardOutputChannel(Poco::AutoPtr<Poco::Formatter> formatter)
    : LineChannel(std::move(formatter)) {}

bool StandardOutputChannel::write(const std::string& lines) {
    constexpr std::chrono::milliseconds patience{200};
    const std::string ended = lines + '\n';
    const bool taken = writeStandardOutput(ended, _isStuck ? std::chrono::milliseconds{0} : patience);
    _isStuck = !taken;
    return taken;
}

} // namespace octagent
