#pragma once

// A client that sends exactly the bytes it is told to, and reads answers as they come.

#include <Poco/Exception.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Timespan.h>

#include <array>
#include <cctype>
#include <cstddef>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>

namespace octagent {

class RawClient {
public:
    struct Answer {
        int status = 0;
        std::map<std::string, std::string> fields; // names in lower case
        std::string body;
        bool closes() const { return fields.contains("connection") && fields.at("connection") == "close"; }
    };

    explicit RawClient(const Poco::Net::SocketAddress& address) : _socket(address) {
        _socket.setReceiveTimeout(Poco::Timespan(20, 0));
        _socket.setSendTimeout(Poco::Timespan(20, 0));
        if (address.family() == Poco::Net::SocketAddress::IPv4 || address.family() == Poco::Net::SocketAddress::IPv6)
            _socket.setNoDelay(true);
    }

    void send(const std::string& bytes) {
        std::size_t sent = 0;
        while (sent < bytes.size())
            sent +=
                static_cast<std::size_t>(_socket.sendBytes(bytes.data() + sent, static_cast<int>(bytes.size() - sent)));
    }

    // For a server that closes while the client sends.
    bool trySend(const std::string& bytes) {
        try {
            send(bytes);
            return true;
        } catch (const Poco::Exception&) {
            return false;
        }
    }

    void endSending() { _socket.shutdownSend(); }

    // Reads one whole answer; `toHead` for an answer to HEAD, which has no body. Throws when none comes.
    Answer read(bool toHead = false) {
        while (_input.find("\r\n\r\n") == std::string::npos)
            if (!receive())
                throw std::runtime_error("connection closed instead of an answer, after: " + _input);
        const std::size_t end = _input.find("\r\n\r\n");
        Answer answer;
        answer.status = std::stoi(_input.substr(9, 3));
        std::size_t at = _input.find("\r\n") + 2;
        while (at < end + 2) {
            const std::size_t lineEnd = _input.find("\r\n", at);
            const std::string line = _input.substr(at, lineEnd - at);
            std::string name = line.substr(0, line.find(':'));
            for (char& c : name)
                c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
            answer.fields[name] = line.substr(line.find(':') + 2);
            at = lineEnd + 2;
        }
        _input.erase(0, end + 4);
        const std::size_t length =
            answer.fields.contains("content-length") && !toHead ? std::stoul(answer.fields["content-length"]) : 0;
        while (_input.size() < length)
            if (!receive())
                throw std::runtime_error("answer cut short: " + _input);
        answer.body = _input.substr(0, length);
        _input.erase(0, length);
        return answer;
    }

    Answer ask(const std::string& bytes) {
        send(bytes);
        return read();
    }

    // Waits for the end of the connection; what came before it. A reset shows as an exception.
    std::string readToEnd() {
        while (receive()) {
        }
        return std::exchange(_input, {});
    }

    // Whether the connection ends, with nothing more before that.
    bool isClosed() {
        try {
            return readToEnd().empty();
        } catch (const Poco::TimeoutException&) {
            return false;
        } catch (const Poco::Exception&) {
            return true; // reset
        }
    }

    Poco::Net::StreamSocket& socket() { return _socket; }

private:
    bool receive() {
        std::array<char, 65536> bytes;
        const int count = _socket.receiveBytes(bytes.data(), static_cast<int>(bytes.size()));
        if (count > 0)
            _input.append(bytes.data(), static_cast<std::size_t>(count));
        return count > 0;
    }

    Poco::Net::StreamSocket _socket;
    std::string _input;
};

} // namespace octagent
