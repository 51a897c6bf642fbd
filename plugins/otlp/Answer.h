#pragma once

// The bodies of answers, in the encoding of the request (OTLP specification 1.x, "OTLP/HTTP Response"). Pure
// functions.

#include <cstdint>
#include <string>
#include <string_view>

namespace octagent::otlp {

enum class Encoding { Protobuf, Json };

// By the media type; parameters do not matter. What is not Protobuf is JSON: the guard lets nothing else in.
Encoding encodingOf(std::string_view contentType);
std::string_view contentTypeOf(Encoding encoding) noexcept;

// ExportTraceServiceResponse, and those of metrics and logs: empty when nothing was rejected.
std::string successBody(Encoding encoding);
std::string partialSuccessBody(Encoding encoding, std::int64_t rejectedSpans, const std::string& why);

// google.rpc.Status. `code` is one of google.rpc.Code.
enum class RpcCode {
    Unknown = 2,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    Unauthenticated = 16
};
RpcCode codeOf(int httpStatus) noexcept;
std::string statusBody(Encoding encoding, RpcCode code, const std::string& message);

} // namespace octagent::otlp
