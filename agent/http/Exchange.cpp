#include "http/Exchange.h"
#include "http/Text.h"
#include "octagent/Log.h"

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/FileStream.h>
#include <Poco/StreamCopier.h>
#include <Poco/Timestamp.h>

#include <algorithm>
#include <charconv>
#include <memory>

namespace octagent {

namespace {

// Bodies beyond this give their memory back after they were sent.
constexpr std::size_t keptBodyCapacity = 64 * 1024;

constexpr std::streamsize defaultPrecision = 6;

void appendNumber(std::string& out, std::uint64_t number) {
    std::array<char, 20> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    out.append(digits.data(), end.ptr);
}

// A handler's text may come from anywhere: what would end a line becomes a blank.
void appendHeaderText(std::string& out, std::string_view text) {
    const std::size_t start = out.size();
    out.append(text);
    std::replace_if(
        out.begin() + static_cast<std::ptrdiff_t>(start), out.end(),
        [](char c) {
            const auto byte = static_cast<unsigned char>(c);
            return (byte < 0x20 && byte != '\t') || byte == 0x7F;
        },
        ' ');
}

// Fields that only the server can know.
bool isFraming(std::string_view name) noexcept {
    return equalsLower(name, "content-length") || equalsLower(name, "transfer-encoding") ||
           equalsLower(name, "connection") || equalsLower(name, "keep-alive") || equalsLower(name, "date");
}

bool hasBody(int status) noexcept { return status >= 200 && status != 204 && status != 304; }

} // namespace

CollectedResponse::CollectedResponse() : _appender(_body), _stream(&_appender) {}

CollectedResponse::Appender::int_type CollectedResponse::Appender::overflow(int_type character) {
    if (!traits_type::eq_int_type(character, traits_type::eof()))
        _text.push_back(traits_type::to_char_type(character));
    return traits_type::not_eof(character);
}

std::streamsize CollectedResponse::Appender::xsputn(const char* bytes, std::streamsize count) {
    _text.append(bytes, static_cast<std::size_t>(count));
    return count;
}

void CollectedResponse::claim() {
    if (_sent)
        throw Poco::IllegalStateException("the answer was sent already");
    _sent = true;
}

std::ostream& CollectedResponse::send() {
    claim();
    return _stream;
}

void CollectedResponse::sendFile(const std::string& path, const std::string& mediaType) {
    const Poco::File file(path);
    const Poco::Timestamp modified = file.getLastModified(); // throws when there is none
    Poco::FileInputStream content(path);
    claim();
    set("Last-Modified", Poco::DateTimeFormatter::format(modified, Poco::DateTimeFormat::HTTP_FORMAT));
    setContentType(mediaType);
    Poco::StreamCopier::copyStream(content, _stream);
}

void CollectedResponse::sendBuffer(const void* buffer, std::size_t length) {
    claim();
    _body.assign(static_cast<const char*>(buffer), length);
}

void CollectedResponse::redirect(const std::string& uri, HTTPStatus status) {
    claim();
    setStatusAndReason(status);
    set("Location", uri);
}

void CollectedResponse::requireAuthentication(const std::string& realm) {
    setStatusAndReason(HTTP_UNAUTHORIZED);
    set("WWW-Authenticate", "Basic realm=\"" + realm + "\"");
}

void CollectedResponse::reset() {
    clear();
    setStatusAndReason(HTTP_OK);
    _body.clear();
    if (_body.capacity() > keptBodyCapacity)
        _body.shrink_to_fit();
    // The stream is reused: nothing of how another handler left it may show.
    _stream.clear();
    _stream.exceptions(std::ios_base::goodbit);
    _stream.flags(std::ios_base::dec | std::ios_base::skipws);
    _stream.precision(defaultPrecision);
    _stream.width(0);
    _stream.fill(' ');
    _sent = false;
}

CompleteRequest::CompleteRequest(CollectedResponse& response, const Poco::Net::HTTPServerParams& params)
    : _response(response), _params(params) {}

void CompleteRequest::assign(const RequestHead& head, std::string_view body, const Poco::Net::StreamSocket& socket) {
    if (getMethod() != head.method())
        setMethod(_scratch.assign(head.method()));
    if (getURI() != head.target())
        setURI(_scratch.assign(head.target()));
    const std::string& version = head.minorVersion() == 0 ? HTTP_1_0 : HTTP_1_1;
    if (getVersion() != version)
        setVersion(version);
    assignFields(head.fields());
    _path = head.path();
    _body = body;
    _socket = &socket;
}

void CompleteRequest::assignFields(std::span<const HeaderField> fields) {
    // Poco offers no way to overwrite a value in place that does not look it up by name. The elements are not
    // const themselves; only the way to them is.
    if (size() == fields.size()) {
        auto field = fields.begin();
        auto known = begin();
        for (; field != fields.end() && known->first == field->name; ++field, ++known)
            if (known->second != field->value)
                const_cast<std::string&>(known->second).assign(field->value);
        if (field == fields.end())
            return;
    }
    clear();
    for (const HeaderField& field : fields)
        add(std::string(field.name), std::string(field.value));
}

void CompleteRequest::release() noexcept {
    _body = _path = std::string_view();
    _socket = nullptr;
    _stream.reset();
    _clientAddress.reset();
    _serverAddress.reset();
}

std::istream& CompleteRequest::stream() {
    if (!_stream)
        _stream.emplace(_body.data(), static_cast<std::streamsize>(_body.size()));
    return *_stream;
}

const Poco::Net::SocketAddress& CompleteRequest::clientAddress() const {
    if (!_clientAddress)
        _clientAddress = _socket->peerAddress();
    return *_clientAddress;
}

const Poco::Net::SocketAddress& CompleteRequest::serverAddress() const {
    if (!_serverAddress)
        _serverAddress = _socket->address();
    return *_serverAddress;
}

void ResponseWriter::writeStart(std::string& out, int status, std::string_view reason) {
    const std::time_t now = std::time(nullptr);
    if (now != _second) {
        _second = now;
        _date = "\r\nDate: " +
                Poco::DateTimeFormatter::format(Poco::Timestamp::fromEpochTime(now), Poco::DateTimeFormat::HTTP_FORMAT);
    }
    out.append("HTTP/1.1 ");
    appendNumber(out, static_cast<std::uint64_t>(std::clamp(status, 200, 599)));
    out.push_back(' ');
    appendHeaderText(out, reason);
    out.append(_date);
}

void ResponseWriter::writeFraming(std::string& out, std::size_t length, Frame frame) {
    out.append("\r\nContent-Length: ");
    appendNumber(out, length);
    if (!frame.keepAlive)
        out.append("\r\nConnection: close");
    else if (frame.minorVersion == 0)
        out.append("\r\nConnection: keep-alive");
    out.append("\r\n\r\n");
}

void ResponseWriter::write(std::string& out, const CollectedResponse& response, Frame frame) {
    writeStart(out, response.getStatus(), response.getReason());
    for (const auto& [name, value] : response) {
        if (isFraming(name))
            continue;
        out.append("\r\n");
        appendHeaderText(out, name);
        out.append(": ");
        appendHeaderText(out, value);
    }
    if (hasBody(response.getStatus())) {
        writeFraming(out, response.body().size(), frame);
        if (!frame.isHead)
            out.append(response.body());
    } else {
        out.append(frame.keepAlive ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n");
    }
}

void ResponseWriter::writeRefusal(std::string& out, int status, const RefusalBody& body, Frame frame,
                                  std::string_view extraName, std::string_view extraValue) {
    using Poco::Net::HTTPResponse;
    writeStart(out, status, HTTPResponse::getReasonForStatus(static_cast<HTTPResponse::HTTPStatus>(status)));
    out.append("\r\nContent-Type: ");
    appendHeaderText(out, body.contentType);
    if (!extraName.empty())
        out.append("\r\n").append(extraName).append(": ").append(extraValue);
    writeFraming(out, body.text.size(), frame);
    if (!frame.isHead)
        out.append(body.text);
}

Exchange::Exchange() : _params(new Poco::Net::HTTPServerParams), _request(_response, *_params) {}

Exchange::Outcome Exchange::run(RouteEntry& entry, const RequestHead& head, std::string_view body, bool mayKeepAlive,
                                const Poco::Net::StreamSocket& socket, std::string& out) {
    ResponseWriter::Frame frame{head.minorVersion(), head.method() == "HEAD", mayKeepAlive};
    const auto refuse = [&](int status, const std::string& message) {
        _writer.writeRefusal(out, status, entry.wording.body(status, message, head.contentType()), frame);
        return Outcome{status, frame.keepAlive};
    };
    const RouteOwner::Visit visit(*entry.owner);
    if (!visit.isAdmitted() || entry.owner->hasFailed())
        return refuse(503, "module " + entry.owner->module() + " does not serve");
    _response.reset();
    _request.assign(head, body, socket);
    const std::optional<std::string> failure = handle(entry);
    _request.release();
    entry.owner->onHandled(failure.has_value(), failure.value_or(std::string()));
    if (failure) {
        logError(Poco::Logger::get("http"), "a handler has failed",
                 {{"module", entry.owner->module()}, {"path", std::string(head.path())}, {"error", *failure}});
        return refuse(500, "internal error");
    }
    frame.keepAlive = mayKeepAlive && !equalsLower(_response.get("Connection", std::string()), "close");
    _writer.write(out, _response, frame);
    return {_response.getStatus(), frame.keepAlive};
}

std::optional<std::string> Exchange::handle(RouteEntry& entry) {
    try {
        const std::unique_ptr<Poco::Net::HTTPRequestHandler> handler(entry.factory->createRequestHandler(_request));
        if (!handler)
            return "the factory made no handler";
        handler->handleRequest(_request, _response);
        return std::nullopt;
    } catch (const Poco::Exception& error) {
        return error.displayText();
    } catch (const std::exception& error) {
        return error.what();
    } catch (...) { // a plugin's own type
        return "unknown exception";
    }
}

} // namespace octagent
