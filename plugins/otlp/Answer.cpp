#include "Answer.h"
#include "JsonText.h"
#include "trace.pb.h"

#include <Poco/JSON/Object.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/String.h>

#include <sstream>

namespace octagent::otlp {

namespace {

constexpr std::string_view protobufType = "application/x-protobuf";
constexpr std::string_view jsonType = "application/json";

std::string textOf(const Poco::JSON::Object& object) {
    std::ostringstream text;
    object.stringify(text);
    return text.str();
}

} // namespace

Encoding encodingOf(std::string_view contentType) {
    const std::string type(contentType.substr(0, contentType.find(';')));
    return Poco::icompare(Poco::trim(type), std::string(protobufType)) == 0 ? Encoding::Protobuf : Encoding::Json;
}

std::string_view contentTypeOf(Encoding encoding) noexcept {
    return encoding == Encoding::Protobuf ? protobufType : jsonType;
}

std::string successBody(Encoding encoding) { return encoding == Encoding::Protobuf ? std::string() : "{}"; }

std::string partialSuccessBody(Encoding encoding, std::int64_t rejectedSpans, const std::string& why) {
    if (encoding == Encoding::Protobuf) {
        wire::ExportTraceServiceResponse response;
        response.mutable_partial_success()->set_rejected_spans(rejectedSpans);
        response.mutable_partial_success()->set_error_message(cleanText(why));
        return response.SerializeAsString();
    }
    Poco::JSON::Object partial(Poco::JSON_PRESERVE_KEY_ORDER);
    partial.set("rejectedSpans", std::to_string(rejectedSpans)); // int64: a string
    partial.set("errorMessage", cleanText(why));
    Poco::JSON::Object response;
    response.set("partialSuccess", partial);
    return textOf(response);
}

RpcCode codeOf(int httpStatus) noexcept {
    using Poco::Net::HTTPResponse;
    switch (httpStatus) {
    case HTTPResponse::HTTP_BAD_REQUEST:
    case HTTPResponse::HTTP_LENGTH_REQUIRED:
    case HTTPResponse::HTTP_UNSUPPORTED_MEDIA_TYPE:
        return RpcCode::InvalidArgument;
    case HTTPResponse::HTTP_UNAUTHORIZED:
        return RpcCode::Unauthenticated;
    case HTTPResponse::HTTP_FORBIDDEN:
        return RpcCode::PermissionDenied;
    case HTTPResponse::HTTP_NOT_FOUND:
        return RpcCode::NotFound;
    case HTTPResponse::HTTP_METHOD_NOT_ALLOWED:
    case HTTPResponse::HTTP_NOT_IMPLEMENTED:
        return RpcCode::Unimplemented;
    case HTTPResponse::HTTP_REQUEST_TIMEOUT:
        return RpcCode::DeadlineExceeded;
    case HTTPResponse::HTTP_REQUEST_ENTITY_TOO_LARGE:
    case HTTPResponse::HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE:
        return RpcCode::ResourceExhausted;
    case HTTPResponse::HTTP_INTERNAL_SERVER_ERROR:
        return RpcCode::Internal;
    case HTTPResponse::HTTP_SERVICE_UNAVAILABLE:
        return RpcCode::Unavailable;
    default:
        return RpcCode::Unknown;
    }
}

std::string statusBody(Encoding encoding, RpcCode code, const std::string& message) {
    if (encoding == Encoding::Protobuf) {
        wire::Status status;
        status.set_code(static_cast<int>(code));
        status.set_message(cleanText(message));
        return status.SerializeAsString();
    }
    Poco::JSON::Object status(Poco::JSON_PRESERVE_KEY_ORDER);
    status.set("code", static_cast<int>(code));
    status.set("message", cleanText(message));
    return textOf(status);
}

} // namespace octagent::otlp
