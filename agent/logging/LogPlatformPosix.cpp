#include "logging/LogPlatform.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace octagent {

namespace {

// What a pipe takes without blocking once it is reported writable, and in one piece.
constexpr std::size_t pieceSize = 4096;

bool waitWritable(std::chrono::steady_clock::time_point until) noexcept {
    for (;;) {
        const auto left = until - std::chrono::steady_clock::now();
        const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(left).count();
        pollfd output{STDOUT_FILENO, POLLOUT, 0};
        const int ready = ::poll(&output, 1, static_cast<int>(std::max<std::int64_t>(milliseconds, 0)));
        if (ready >= 0 || errno != EINTR)
            return ready > 0; // an error condition too: write() will tell
    }
}

} // namespace

void keepStandardStreamsOpen() noexcept {
    for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
        if (::fcntl(descriptor, F_GETFD) >= 0)
            continue;
        // The lowest free number is this one.
        if (::open("/dev/null", descriptor == STDIN_FILENO ? O_RDONLY : O_WRONLY) < 0)
            return;
    }
}

bool writeStandardOutput(std::string_view bytes, std::chrono::milliseconds patience) noexcept {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!bytes.empty()) {
        if (!waitWritable(until))
            return false;
        const auto written = ::write(STDOUT_FILENO, bytes.data(), std::min(bytes.size(), pieceSize));
        if (written >= 0)
            bytes.remove_prefix(static_cast<std::size_t>(written));
        else if ((errno != EINTR && errno != EAGAIN) || std::chrono::steady_clock::now() >= until)
            return false;
    }
    return true;
}

void createPrivateFile(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0600);
    if (descriptor >= 0)
        ::close(descriptor);
}

Poco::AutoPtr<Poco::Channel> makeServiceLogChannel(const std::string& /*service*/) { return {}; }

} // namespace octagent
