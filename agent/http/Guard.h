#pragma once

// Who may speak to a listener: checks that need no more than the head of a request.
//
// A browser can be made to send requests to a local port by any page. It cannot be made to lie in Host and
// Origin: a name that an attacker has pointed at 127.0.0.1 shows in Host (DNS rebinding), a foreign page in
// Origin. So both must be the agent's own. The token is for everybody else.

#include "http/HttpSettings.h"
#include "http/RequestHead.h"
#include "octagent/Http.h"

#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>

#include <string>
#include <string_view>

namespace octagent {

// One per listening socket, constant, for its listener's thread. Nothing here throws.
class Guard {
public:
    // A Unix-domain socket: its file's mode says who may use it, and no browser reaches it.
    static Guard forUnixSocket(const HttpSettings& settings);
    // `address`: as bound, with the real port.
    static Guard forAddress(const HttpSettings& settings, const Poco::Net::SocketAddress& address);

    // Host and Origin. `socket` is asked for its own address when a name is not known otherwise.
    Refusal checkSender(const RequestHead& head, const Poco::Net::StreamSocket& socket) const noexcept;

    // The token, compared in a time that tells nothing of it, not even its length.
    Refusal checkToken(const RequestHead& head, Access access) const noexcept;

    // Content-Type and Content-Encoding of a body, where one is announced.
    static Refusal checkContent(const RequestHead& head, const Route& route) noexcept;

private:
    Guard(const HttpSettings& settings, bool isLocal, const Poco::Net::SocketAddress& address);

    bool isOwnHost(std::string_view host, const Poco::Net::StreamSocket& socket) const noexcept;
    bool isOwnOrigin(std::string_view origin, const Poco::Net::StreamSocket& socket) const noexcept;

    std::vector<std::string> _hosts;
    std::string _token;
    bool _isLocal;
    std::string _address;
    std::uint16_t _port = 0;
};

// Whether the whole range 127.0.0.0/8, ::1, or "localhost" is meant. `host` without port and brackets.
bool isLoopbackHost(std::string_view host) noexcept;

// Equal, found out in a time that depends on `given` alone.
bool equalsSecret(std::string_view given, std::string_view secret) noexcept;

} // namespace octagent
