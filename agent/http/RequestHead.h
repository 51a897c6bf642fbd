#pragma once

// The head of a request: request line and header fields, parsed and checked in place.
//
// Strict where leniency lets two parties see two different requests (RFC 9112, sections 2.2, 3, 5, 6): no bare
// line feeds, no folded lines, no space before a colon, no second Content-Length, no Transfer-Encoding beside
// or other than `chunked`. Bounded in every dimension.
//
// All views point into the parsed bytes. No allocation, nothing blocks or throws. One instance is reused for
// many requests of one thread; it is a few KiB big.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace octagent {

struct HeaderField {
    std::string_view name;
    std::string_view value;
};

// Why a request is not served. `status` 0 means that it is.
struct Refusal {
    int status = 0;
    const char* reason = "";

    explicit operator bool() const noexcept { return status != 0; }
};

class RequestHead {
public:
    static constexpr std::size_t maxRequestLine = 8 * 1024;
    static constexpr std::size_t maxSize = 32 * 1024;
    static constexpr std::size_t maxFields = 100;

    enum class Result { Incomplete, Complete, Refused };

    // Parses from the first byte of a request. Incomplete: call again with all bytes once there are more;
    // another call is due only when a line feed came in or mayBeTooLong(). Refused: see refusal(), and read no
    // further from that client.
    Result parse(std::string_view bytes) noexcept;
    static bool mayBeTooLong(std::size_t size) noexcept { return size > maxRequestLine; }

    Refusal refusal() const noexcept { return _refusal; }

    // What follows is valid after Complete.
    std::size_t size() const noexcept { return _size; } // bytes up to the body

    std::string_view method() const noexcept { return _method; }
    std::string_view target() const noexcept { return _target; }       // as sent
    std::string_view path() const noexcept { return _path; }           // without query, not decoded
    std::string_view authority() const noexcept { return _authority; } // of an absolute-form target, or empty
    int minorVersion() const noexcept { return _minorVersion; }        // HTTP/1.x
    std::span<const HeaderField> fields() const noexcept { return {_fields.data(), _count}; }

    // A field that may stand only once; hasX() tells an empty one from none.
    bool hasHost() const noexcept { return _host.data() != nullptr; }
    std::string_view host() const noexcept { return _host; }
    bool hasOrigin() const noexcept { return _origin.data() != nullptr; }
    std::string_view origin() const noexcept { return _origin; }
    std::string_view authorization() const noexcept { return _authorization; }
    std::string_view contentType() const noexcept { return _contentType; }
    std::string_view contentEncoding() const noexcept { return _contentEncoding; }
    std::string_view fetchSite() const noexcept { return _fetchSite; }
    std::string_view fetchMode() const noexcept { return _fetchMode; }

    bool isChunked() const noexcept { return _chunked; }
    std::uint64_t contentLength() const noexcept { return _contentLength; } // 0 when none was announced
    bool announcesBody() const noexcept { return _chunked || _contentLength > 0; }
    bool keepsAlive() const noexcept { return _keepsAlive; }
    bool expectsContinue() const noexcept { return _expectsContinue; }

private:
    Result refuse(int status, const char* reason) noexcept;
    bool parseRequestLine(std::string_view line) noexcept;
    bool parseTarget() noexcept;
    bool parseField(std::string_view line) noexcept;
    bool takeKnown(const HeaderField& field) noexcept;
    bool takeOnce(std::string_view& place, const HeaderField& field) noexcept;
    bool takeContentLength(std::string_view digits) noexcept;
    void takeConnection(std::string_view options) noexcept;
    bool checkFraming() noexcept;

    std::array<HeaderField, maxFields> _fields;
    std::size_t _count = 0;
    std::size_t _size = 0;
    Refusal _refusal;
    std::string_view _method;
    std::string_view _target;
    std::string_view _path;
    std::string_view _authority;
    std::string_view _host;
    std::string_view _origin;
    std::string_view _authorization;
    std::string_view _contentType;
    std::string_view _contentEncoding;
    std::string_view _fetchSite;
    std::string_view _fetchMode;
    std::string_view _lengthText;
    std::string_view _transferEncoding;
    std::string_view _expect;
    std::uint64_t _contentLength = 0;
    int _minorVersion = 1;
    bool _chunked = false;
    bool _keepsAlive = true;
    bool _expectsContinue = false;
    bool _saysClose = false;
    bool _saysKeepAlive = false;
};

} // namespace octagent
