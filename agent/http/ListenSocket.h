#pragma once

// Listening sockets that nobody else can take over.

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>

#include <string>

namespace octagent {

// Throws Poco::Net::NetException naming the address, above all when it is taken. An IPv6 address takes IPv6 only.
Poco::Net::ServerSocket openListenSocket(const Poco::Net::SocketAddress& address);

// A Unix-domain socket at `path`, for this user alone (mode 0600). A socket file that nobody answers on is
// replaced; anything else there is left alone and refused. Throws Poco::Net::NetException or
// Poco::InvalidArgumentException naming the path, also where the system has no such sockets.
Poco::Net::ServerSocket openUnixListenSocket(const std::string& path);

} // namespace octagent
