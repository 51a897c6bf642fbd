#pragma once

// One request handed to a handler, and its answer collected.
//
// Poco's request and response objects are costly to make (a dozen strings each), so every thread that runs
// handlers keeps one Exchange and reuses it: a client's next request mostly has the same header fields, and
// then nothing is allocated for them.

#include "http/RequestHead.h"
#include "http/RouteTable.h"
#include "octagent/Http.h"

#include <Poco/MemoryStream.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>

#include <ctime>
#include <optional>
#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>

namespace octagent {

// The answer as the handler makes it: status, fields, and the whole body in memory. Framing is not the
// handler's: what it says of length, encoding or connection is taken as a wish or ignored.
class CollectedResponse final : public Poco::Net::HTTPServerResponse {
public:
    CollectedResponse();

    void sendContinue() override {} // done by the server
    std::ostream& send() override;
    // Reads the whole file at once: for files of a size that fits into memory, in handlers that may block.
    void sendFile(const std::string& path, const std::string& mediaType) override;
    void sendBuffer(const void* buffer, std::size_t length) override;
    void redirect(const std::string& uri, HTTPStatus status = HTTP_FOUND) override;
    void requireAuthentication(const std::string& realm) override;
    bool sent() const override { return _sent; }

    // As new, with the body's memory kept unless it has grown large.
    void reset();
    const std::string& body() const noexcept { return _body; }

private:
    void claim();

    class Appender final : public std::streambuf {
    public:
        explicit Appender(std::string& text) : _text(text) {}

    protected:
        int_type overflow(int_type character) override;
        std::streamsize xsputn(const char* bytes, std::streamsize count) override;

    private:
        std::string& _text;
    };

    std::string _body;
    Appender _appender;
    std::ostream _stream;
    bool _sent = false;
};

// A complete request.
class CompleteRequest final : public HttpRequest {
public:
    CompleteRequest(CollectedResponse& response, const Poco::Net::HTTPServerParams& params);

    void assign(const RequestHead& head, std::string_view body, const Poco::Net::StreamSocket& socket);
    // Lets go of what belongs to the connection.
    void release() noexcept;

    std::string_view body() const noexcept override { return _body; }
    std::string_view path() const noexcept override { return _path; }
    std::istream& stream() override;
    const Poco::Net::SocketAddress& clientAddress() const override;
    const Poco::Net::SocketAddress& serverAddress() const override;
    const Poco::Net::HTTPServerParams& serverParams() const override { return _params; }
    Poco::Net::HTTPServerResponse& response() const override { return _response; }
    bool secure() const override { return false; }

private:
    void assignFields(std::span<const HeaderField> fields);

    CollectedResponse& _response;
    const Poco::Net::HTTPServerParams& _params;
    std::string _scratch;
    std::string_view _body;
    std::string_view _path;
    std::optional<Poco::MemoryInputStream> _stream;
    // Asked of the system only when a handler wants to know.
    const Poco::Net::StreamSocket* _socket = nullptr;
    mutable std::optional<Poco::Net::SocketAddress> _clientAddress;
    mutable std::optional<Poco::Net::SocketAddress> _serverAddress;
};

// Writes answers as bytes. Keeps the date's text, which changes once a second.
class ResponseWriter {
public:
    struct Frame {
        int minorVersion = 1;
        bool isHead = false;    // the answer to HEAD has no body
        bool keepAlive = false; // the connection stays open
    };

    void write(std::string& out, const CollectedResponse& response, Frame frame);
    // With one more field if `extraName` is not empty.
    void writeRefusal(std::string& out, int status, const RefusalBody& body, Frame frame,
                      std::string_view extraName = {}, std::string_view extraValue = {});

private:
    void writeStart(std::string& out, int status, std::string_view reason);
    static void writeFraming(std::string& out, std::size_t length, Frame frame);

    std::time_t _second = 0;
    std::string _date;
};

class Exchange {
public:
    Exchange();
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    struct Outcome {
        int status = 0;
        bool keepAlive = false;
    };

    // Runs the route's handler and appends its answer to `out`. Whatever the handler throws is logged, told to
    // the owner, and answered 500. `body` is followed by HttpRequest::bodyPadding readable bytes.
    Outcome run(RouteEntry& entry, const RequestHead& head, std::string_view body, bool mayKeepAlive,
                const Poco::Net::StreamSocket& socket, std::string& out);

    ResponseWriter& writer() noexcept { return _writer; }

private:
    // What went wrong, if anything.
    std::optional<std::string> handle(RouteEntry& entry);

    Poco::Net::HTTPServerParams::Ptr _params;
    CollectedResponse _response;
    CompleteRequest _request;
    ResponseWriter _writer;
};

} // namespace octagent
