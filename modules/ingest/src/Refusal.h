#pragma once

// Why a request is refused, and where in its body the reason stands.
//
// Made empty for each request. Whoever finds a fault calls because(), which returns false; the callers return
// that false upwards and add on the way where they are, so that the path costs nothing while all is well.
// One thread. Does not throw but for std::bad_alloc.

#include <Poco/Net/HTTPResponse.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace octagent::ingest {

class Refusal {
public:
    using Status = Poco::Net::HTTPResponse::HTTPStatus;

    // Always false. The first reason stays.
    bool because(std::string_view reason, Status status = Status::HTTP_BAD_REQUEST);

    // The fault is inside the member `key` (as it stands in the body), or inside that element of an array.
    void insideMember(std::string_view key);
    void insideElement(std::size_t index);

    bool happened() const noexcept { return !_reason.empty(); }
    Status status() const noexcept { return _status; }

    // "[3].prompt_tokens: must be an integer of at least 0"
    std::string message() const;

private:
    void prepend(std::string_view step);

    Status _status = Status::HTTP_BAD_REQUEST;
    std::string _path;
    std::string _reason;
};

} // namespace octagent::ingest
