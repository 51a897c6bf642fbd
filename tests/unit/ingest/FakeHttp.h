#pragma once

// A request and a response without a socket, for handlers.

#include "octagent/Http.h"

#include <Poco/Net/HTTPServerParams.h>

#include <sstream>
#include <string>
#include <string_view>
#include <vector>

// Holds a body with exactly the padding that the SDK promises, at the end of its own allocation: a read beyond
// it is seen by AddressSanitizer.
class FakeRequest : public octagent::HttpRequest {
public:
    explicit FakeRequest(std::string_view body, Poco::Net::HTTPServerResponse& response);

    std::string_view body() const noexcept override { return {_body.data(), _size}; }
    std::string_view path() const noexcept override { return "/"; }

    std::istream& stream() override { return _stream; }
    const Poco::Net::SocketAddress& clientAddress() const override { return _address; }
    const Poco::Net::SocketAddress& serverAddress() const override { return _address; }
    const Poco::Net::HTTPServerParams& serverParams() const override { return *_parameters; }
    Poco::Net::HTTPServerResponse& response() const override { return _response; }
    bool secure() const override { return false; }

private:
    std::vector<char> _body;
    std::size_t _size;
    std::istringstream _stream;
    Poco::Net::SocketAddress _address;
    Poco::AutoPtr<Poco::Net::HTTPServerParams> _parameters;
    Poco::Net::HTTPServerResponse& _response;
};

class FakeResponse : public Poco::Net::HTTPServerResponse {
public:
    const std::string& text() const { return _text; }

    void sendContinue() override {}
    std::ostream& send() override { return _stream; }
    void sendFile(const std::string& /*path*/, const std::string& /*mediaType*/) override {}
    void sendBuffer(const void* buffer, std::size_t length) override {
        _text.append(static_cast<const char*>(buffer), length);
        _isSent = true;
    }
    void redirect(const std::string& /*uri*/, HTTPStatus /*status*/) override {}
    void requireAuthentication(const std::string& /*realm*/) override {}
    bool sent() const override { return _isSent; }

private:
    std::string _text;
    std::ostringstream _stream;
    bool _isSent = false;
};
