#pragma once

// One connection, byte by byte where a test wants that: what is sent is what the test wrote, and an answer is
// read as it came, with nothing followed, retried or corrected.

#include <Poco/JSON/Object.h>
#include <Poco/Net/StreamSocket.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace octagent::test {

struct HttpReply {
    int status = 0;
    std::string reason;
    std::map<std::string, std::string> headers; // names in lower case
    std::string body;

    bool closes() const; // says "Connection: close"
    Poco::JSON::Object::Ptr json() const;
    std::string error() const; // of a refusal
    std::string text(const std::string& field) const;
};

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// The peer closed or reset the connection.
class ConnectionClosed : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// For one thread. Nothing here waits longer than the time-out; Poco::TimeoutException then.
class HttpClient {
public:
    explicit HttpClient(std::uint16_t port, std::chrono::seconds timeout = std::chrono::seconds(60));

    void send(std::string_view bytes);
    // One answer with its body. Throws ConnectionClosed when there is none, or not all of it.
    HttpReply read();

    HttpReply get(const std::string& path, const HttpHeaders& headers = {});
    // As application/json, unless `headers` name a Content-Type.
    HttpReply post(const std::string& path, std::string_view body, const HttpHeaders& headers = {});
    HttpReply request(const std::string& method, const std::string& path, std::string_view body,
                      const HttpHeaders& headers = {});

    // True once the agent has closed it, false when it is still open after `within` or sends something more.
    bool isClosed(std::chrono::milliseconds within = std::chrono::seconds(30));
    void shutdownSend() { _socket.shutdownSend(); }
    Poco::Net::StreamSocket& socket() { return _socket; }

private:
    bool fill(); // false at the end of the stream

    Poco::Net::StreamSocket _socket;
    std::string _host;
    std::string _received; // read from the socket, not yet handed out
};

// The text of a request, as post() sends it.
std::string requestText(const std::string& method, const std::string& path, std::string_view body,
                        const HttpHeaders& headers, const std::string& host);

// One request on a connection of its own.
HttpReply post(std::uint16_t port, const std::string& path, std::string_view body, const HttpHeaders& headers = {});
HttpReply get(std::uint16_t port, const std::string& path, const HttpHeaders& headers = {});

} // namespace octagent::test
