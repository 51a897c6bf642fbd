#include "http/Guard.h"
#include "http/Text.h"

#include <Poco/Exception.h>
#include <Poco/Net/IPAddress.h>

#include <algorithm>
#include <charconv>

namespace octagent {

namespace {

// A host with an optional port (RFC 9110, section 7.2).
struct HostPort {
    std::string_view host; // without brackets
    std::string_view port; // empty when absent
    bool isValid = false;
};

HostPort splitHostPort(std::string_view text) noexcept {
    HostPort result;
    std::string_view rest;
    if (!text.empty() && text.front() == '[') {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos)
            return result;
        result.host = text.substr(1, end - 1);
        rest = text.substr(end + 1);
    } else {
        const std::size_t colon = text.find(':');
        result.host = text.substr(0, colon);
        rest = colon == std::string_view::npos ? std::string_view() : text.substr(colon);
    }
    if (!rest.empty()) {
        if (rest.front() != ':')
            return result;
        result.port = rest.substr(1);
    }
    constexpr std::size_t maxPortDigits = 5;
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    const auto isHostChar = [](char c) { return c > 0x20 && c < 0x7F && c != '/' && c != '@' && c != ','; };
    result.isValid = !result.host.empty() && result.port.size() <= maxPortDigits &&
                     std::all_of(result.port.begin(), result.port.end(), isDigit) &&
                     std::all_of(result.host.begin(), result.host.end(), isHostChar);
    return result;
}

std::uint32_t portOf(std::string_view digits, std::uint32_t otherwise) noexcept {
    std::from_chars(digits.data(), digits.data() + digits.size(), otherwise);
    return otherwise;
}

std::string_view unquote(std::string_view text) noexcept {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
        return text.substr(1, text.size() - 2);
    return text;
}

bool equalsIgnoringCase(std::string_view left, std::string_view right) noexcept {
    return left.size() == right.size() && std::equal(left.begin(), left.end(), right.begin(),
                                                     [](char a, char b) { return toLowerAscii(a) == toLowerAscii(b); });
}

bool isAmong(std::string_view text, const std::vector<std::string>& list) noexcept {
    return std::any_of(list.begin(), list.end(),
                       [text](const std::string& one) { return equalsIgnoringCase(text, one); });
}

} // namespace

bool isLoopbackHost(std::string_view host) noexcept {
    if (host == "127.0.0.1" || equalsLower(host, "localhost"))
        return true;
    if (host.empty() || (host.front() != '1' && host.front() != ':' && host.front() != '0'))
        return false;
    try {
        Poco::Net::IPAddress address;
        return Poco::Net::IPAddress::tryParse(std::string(host), address) && address.isLoopback();
    } catch (const std::exception&) {
        return false; // out of memory: nobody is let in
    }
}

bool equalsSecret(std::string_view given, std::string_view secret) noexcept {
    volatile unsigned difference = given.size() == secret.size() ? 0U : 1U;
    if (secret.empty())
        return given.empty();
    std::size_t at = 0;
    for (const char c : given) {
        difference =
            difference | static_cast<unsigned>(static_cast<unsigned char>(c) ^ static_cast<unsigned char>(secret[at]));
        at = at + 1 == secret.size() ? 0 : at + 1;
    }
    return difference == 0;
}

Guard::Guard(const HttpSettings& settings, bool isLocal, const Poco::Net::SocketAddress& address)
    : _hosts(settings.hosts), _token(settings.token), _isLocal(isLocal) {
    if (!isLocal) {
        _address = address.host().toString();
        _port = address.port();
    }
}

Guard Guard::forUnixSocket(const HttpSettings& settings) { return {settings, true, {}}; }

Guard Guard::forAddress(const HttpSettings& settings, const Poco::Net::SocketAddress& address) {
    return {settings, false, address};
}

bool Guard::isOwnHost(std::string_view host, const Poco::Net::StreamSocket& socket) const noexcept {
    if (isLoopbackHost(host) || equalsIgnoringCase(host, _address) || isAmong(host, _hosts))
        return true;
    try {
        // Listening on all addresses, the one that the client has reached is as good as a configured one: it is
        // a number, and so cannot have been pointed here by anybody.
        Poco::Net::IPAddress address;
        return Poco::Net::IPAddress::tryParse(std::string(host), address) && address == socket.address().host();
    } catch (const std::exception&) {
        return false;
    }
}

bool Guard::isOwnOrigin(std::string_view origin, const Poco::Net::StreamSocket& socket) const noexcept {
    constexpr std::string_view scheme = "http://";
    constexpr std::uint32_t defaultPort = 80;
    if (!startsWithLower(origin, scheme))
        return false;
    const HostPort parts = splitHostPort(origin.substr(scheme.size()));
    return parts.isValid && portOf(parts.port, defaultPort) == _port && isOwnHost(parts.host, socket);
}

Refusal Guard::checkSender(const RequestHead& head, const Poco::Net::StreamSocket& socket) const noexcept {
    if (_isLocal)
        return {};
    if (head.hasHost()) {
        const HostPort host = splitHostPort(head.host());
        if (!host.isValid && !head.host().empty())
            return {400, "malformed Host"};
        if (!isOwnHost(host.host, socket))
            return {403, "the Host is not one of this agent's; http.hosts names more"};
    }
    if (!head.authority().empty()) {
        const HostPort host = splitHostPort(head.authority());
        if (!host.isValid)
            return {400, "malformed request target"};
        if (!isOwnHost(host.host, socket))
            return {403, "the request is for another host"};
    }
    if (head.hasOrigin() && !isOwnOrigin(head.origin(), socket))
        return {403, "requests from other origins are not served"};
    // Following a link to here is fine.
    if (equalsLower(head.fetchSite(), "cross-site") &&
        !(head.method() == "GET" && equalsLower(head.fetchMode(), "navigate")))
        return {403, "requests from other sites are not served"};
    return {};
}

Refusal Guard::checkToken(const RequestHead& head, Access access) const noexcept {
    if (_token.empty() || access == Access::Open)
        return {};
    constexpr std::string_view scheme = "bearer ";
    const std::string_view given = head.authorization();
    if (startsWithLower(given, scheme) && equalsSecret(trimBlanks(given.substr(scheme.size())), _token))
        return {};
    return {401, given.empty() ? "a bearer token is needed" : "the bearer token is not the right one"};
}

Refusal Guard::checkContent(const RequestHead& head, const Route& route) noexcept {
    if (!head.announcesBody())
        return {};
    if (!route.contentTypes.empty()) {
        std::string_view rest = head.contentType();
        if (!isAmong(trimBlanks(takeUntil(rest, ';')), route.contentTypes))
            return {415, head.contentType().empty() ? "no Content-Type" : "this Content-Type is not taken here"};
        while (!rest.empty()) {
            std::string_view value = trimBlanks(takeUntil(rest, ';'));
            const std::string_view name = trimBlanks(takeUntil(value, '='));
            if (equalsLower(name, "charset") && !equalsLower(unquote(trimBlanks(value)), "utf-8"))
                return {415, "only the charset utf-8 is taken"};
        }
    }
    const std::string_view coding = head.contentEncoding();
    if (!coding.empty() && !equalsLower(coding, "identity") && !isAmong(coding, route.contentEncodings))
        return {415, "this Content-Encoding is not taken here"};
    return {};
}

} // namespace octagent
