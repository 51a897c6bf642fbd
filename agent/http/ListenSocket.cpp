#include "http/ListenSocket.h"

#include <Poco/Exception.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/StreamSocket.h>

#include <filesystem>

namespace octagent {

namespace {

constexpr int backlog = 511;

// Restarting right away needs the option on POSIX systems. On Windows it would let another process listen on
// the same port. A shared port (SO_REUSEPORT) lets two agents start side by side: never.
#if defined(_WIN32)
constexpr bool reuseAddress = false;
#else
constexpr bool reuseAddress = true;
#endif
constexpr bool reusePort = false;

} // namespace

Poco::Net::ServerSocket openListenSocket(const Poco::Net::SocketAddress& address) {
    Poco::Net::ServerSocket socket;
    try {
        if (address.family() == Poco::Net::SocketAddress::IPv6)
            socket.bind6(address, reuseAddress, reusePort, true);
        else
            socket.bind(address, reuseAddress, reusePort);
        socket.listen(backlog);
        socket.setBlocking(false);
    } catch (const Poco::Exception& error) {
        throw Poco::Net::NetException("cannot listen on " + address.toString() + " (http.address, http.port)", error,
                                      error.code());
    }
    return socket;
}

#if defined(_WIN32)

Poco::Net::ServerSocket openUnixListenSocket(const std::string& path) {
    throw Poco::InvalidArgumentException("http.unixSocket: not on this system", path);
}

#else

namespace {

// Removes a socket file that was left by a process that has ended.
void removeStale(const std::string& path, const Poco::Net::SocketAddress& address) {
    namespace fs = std::filesystem;
    std::error_code error;
    const fs::file_status status = fs::symlink_status(path, error);
    if (!fs::exists(status))
        return;
    if (!fs::is_socket(status))
        throw Poco::InvalidArgumentException("http.unixSocket: something else than a socket is there", path);
    try {
        const Poco::Net::StreamSocket probe(address);
    } catch (const Poco::Net::ConnectionRefusedException&) {
        fs::remove(path, error);
        return;
    }
    throw Poco::Net::NetException("http.unixSocket: another process listens there", path);
}

} // namespace

Poco::Net::ServerSocket openUnixListenSocket(const std::string& path) {
    namespace fs = std::filesystem;
    constexpr std::size_t longest = 100; // sun_path holds 104 to 108
    if (path.size() > longest)
        throw Poco::InvalidArgumentException("http.unixSocket: longer than 100 bytes", path);
    const Poco::Net::SocketAddress address(Poco::Net::SocketAddress::UNIX_LOCAL, path);
    removeStale(path, address);
    Poco::Net::ServerSocket socket;
    try {
        socket.bind(address, false, false);
        // Nobody can connect before listen(), so there is no moment in which others could.
        fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
        socket.listen(backlog);
        socket.setBlocking(false);
    } catch (const Poco::Exception& error) {
        throw Poco::Net::NetException("http.unixSocket: cannot listen on " + path, error, error.code());
    } catch (const fs::filesystem_error& error) {
        throw Poco::Net::NetException("http.unixSocket: cannot listen on " + path, error.what());
    }
    return socket;
}

#endif

} // namespace octagent
