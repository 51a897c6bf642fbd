#include "harness/HttpClient.h"

#include <Poco/JSON/Parser.h>
#include <Poco/Net/NetException.h>
#include <Poco/String.h>

#include <algorithm>
#include <array>

namespace octagent::test {

namespace {

Poco::Timespan toTimespan(std::chrono::milliseconds time) {
    return Poco::Timespan(time.count() / 1000, static_cast<long>(time.count() % 1000 * 1000));
}

HttpReply parseHead(std::string_view head) {
    HttpReply reply;
    std::size_t start = 0;
    for (bool isFirst = true; start < head.size(); isFirst = false) {
        const auto end = std::min(head.find("\r\n", start), head.size());
        const std::string line(head.substr(start, end - start));
        start = end + 2;
        if (isFirst) {
            if (line.rfind("HTTP/1.", 0) != 0 || line.size() < 12)
                throw std::runtime_error("no status line: " + line);
            reply.status = std::stoi(line.substr(9, 3));
            reply.reason = line.size() > 13 ? line.substr(13) : "";
            continue;
        }
        const auto colon = line.find(':');
        if (colon == std::string::npos)
            throw std::runtime_error("no header field: " + line);
        reply.headers[Poco::toLower(line.substr(0, colon))] = Poco::trim(line.substr(colon + 1));
    }
    return reply;
}

} // namespace

bool HttpReply::closes() const {
    const auto found = headers.find("connection");
    return found != headers.end() && Poco::icompare(found->second, "close") == 0;
}

Poco::JSON::Object::Ptr HttpReply::json() const {
    return Poco::JSON::Parser().parse(body).extract<Poco::JSON::Object::Ptr>();
}

std::string HttpReply::error() const { return json()->getValue<std::string>("error"); }

std::string HttpReply::text(const std::string& field) const { return json()->getValue<std::string>(field); }

HttpClient::HttpClient(std::uint16_t port, std::chrono::seconds timeout) : _host("127.0.0.1:" + std::to_string(port)) {
    _socket.connect(Poco::Net::SocketAddress("127.0.0.1", port), toTimespan(timeout));
    _socket.setReceiveTimeout(toTimespan(timeout));
    _socket.setSendTimeout(toTimespan(timeout));
    _socket.setNoDelay(true);
}

void HttpClient::send(std::string_view bytes) {
    try {
        while (!bytes.empty()) {
            const int sent =
                _socket.sendBytes(bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), 1U << 20U)));
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    } catch (const Poco::Net::NetException& error) {
        throw ConnectionClosed("while sending: " + error.displayText());
    } catch (const Poco::IOException& error) {
        throw ConnectionClosed("while sending: " + error.displayText());
    }
}

bool HttpClient::fill() {
    std::array<char, 16384> buffer; // NOLINT(cppcoreguidelines-pro-type-member-init): filled by the socket
    int received = 0;
    try {
        received = _socket.receiveBytes(buffer.data(), static_cast<int>(buffer.size()));
    } catch (const Poco::Net::ConnectionResetException&) {
        return false;
    } catch (const Poco::Net::ConnectionAbortedException&) {
        return false;
    }
    _received.append(buffer.data(), static_cast<std::size_t>(std::max(received, 0)));
    return received > 0;
}

HttpReply HttpClient::read() {
    std::size_t end = 0;
    while ((end = _received.find("\r\n\r\n")) == std::string::npos)
        if (!fill())
            throw ConnectionClosed("closed without an answer");
    HttpReply reply = parseHead(std::string_view(_received).substr(0, end));
    _received.erase(0, end + 4);

    const auto length = reply.headers.find("content-length");
    if (length == reply.headers.end())
        throw std::runtime_error("an answer without Content-Length");
    const auto size = static_cast<std::size_t>(std::stoull(length->second));
    while (_received.size() < size)
        if (!fill())
            throw ConnectionClosed("closed within an answer");
    reply.body = _received.substr(0, size);
    _received.erase(0, size);
    return reply;
}

std::string requestText(const std::string& method, const std::string& path, std::string_view body,
                        const HttpHeaders& headers, const std::string& host) {
    std::string text = method + " " + path + " HTTP/1.1\r\n";
    const auto names = [&headers](const std::string& name) {
        return std::any_of(headers.begin(), headers.end(),
                           [&name](const auto& field) { return Poco::icompare(field.first, name) == 0; });
    };
    if (!names("Host"))
        text += "Host: " + host + "\r\n";
    const bool hasBody = !body.empty() || method == "POST" || method == "PUT";
    if (hasBody && !names("Content-Type"))
        text += "Content-Type: application/json\r\n";
    if (hasBody && !names("Content-Length") && !names("Transfer-Encoding"))
        text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    for (const auto& [name, value] : headers)
        text.append(name).append(": ").append(value).append("\r\n");
    return text.append("\r\n").append(body);
}

HttpReply HttpClient::request(const std::string& method, const std::string& path, std::string_view body,
                              const HttpHeaders& headers) {
    send(requestText(method, path, body, headers, _host));
    return read();
}

HttpReply HttpClient::get(const std::string& path, const HttpHeaders& headers) {
    return request("GET", path, "", headers);
}

HttpReply HttpClient::post(const std::string& path, std::string_view body, const HttpHeaders& headers) {
    return request("POST", path, body, headers);
}

bool HttpClient::isClosed(std::chrono::milliseconds within) {
    if (!_received.empty())
        return false;
    if (!_socket.poll(toTimespan(within), Poco::Net::Socket::SELECT_READ))
        return false;
    return !fill();
}

HttpReply post(std::uint16_t port, const std::string& path, std::string_view body, const HttpHeaders& headers) {
    return HttpClient(port).post(path, body, headers);
}

HttpReply get(std::uint16_t port, const std::string& path, const HttpHeaders& headers) {
    return HttpClient(port).get(path, headers);
}

} // namespace octagent::test
