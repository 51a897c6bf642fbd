#include "http/RequestHead.h"
#include "http/Text.h"

#include <cstring>
#include <limits>

namespace octagent {

namespace {

// RFC 9110, section 5.6.2.
constexpr std::array<bool, 256> makeTokenTable() {
    std::array<bool, 256> table{};
    for (unsigned c = '0'; c <= '9'; ++c)
        table[c] = true;
    for (unsigned c = 'a'; c <= 'z'; ++c)
        table[c] = table[c - 'a' + 'A'] = true;
    for (const char c : {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'})
        table[static_cast<unsigned char>(c)] = true;
    return table;
}

constexpr auto tokenTable = makeTokenTable();

bool isTokenChar(char c) noexcept { return tokenTable[static_cast<unsigned char>(c)]; }

bool isToken(std::string_view text) noexcept {
    for (const char c : text)
        if (!isTokenChar(c))
            return false;
    return !text.empty();
}

// Visible, blank, or above ASCII (RFC 9110, section 5.5). Written without a branch so that it is vectorised.
bool isFieldValue(std::string_view text) noexcept {
    unsigned bad = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        bad |= (static_cast<unsigned>(byte < 0x20) & static_cast<unsigned>(byte != '\t')) |
               static_cast<unsigned>(byte == 0x7F);
    }
    return bad == 0;
}

bool isTarget(std::string_view text) noexcept {
    unsigned bad = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        bad |= static_cast<unsigned>(byte <= 0x20) | static_cast<unsigned>(byte >= 0x7F) |
               static_cast<unsigned>(byte == '#');
    }
    return bad == 0 && !text.empty();
}

} // namespace

RequestHead::Result RequestHead::refuse(int status, const char* reason) noexcept {
    _refusal = {status, reason};
    return Result::Refused;
}

RequestHead::Result RequestHead::parse(std::string_view bytes) noexcept {
    _count = 0;
    _refusal = {};
    _authority = _host = _origin = _authorization = _contentType = _contentEncoding = _fetchSite = _fetchMode =
        _lengthText = _transferEncoding = _expect = std::string_view();
    _contentLength = 0;
    _chunked = _expectsContinue = _saysClose = _saysKeepAlive = false;

    std::size_t at = 0;
    if (bytes.empty())
        return Result::Incomplete;
    // One empty line before the request is to be ignored (RFC 9112, section 2.2).
    if (bytes[0] == '\r') {
        if (bytes.size() == 1)
            return Result::Incomplete;
        if (bytes[1] != '\n')
            return refuse(400, "malformed request line");
        at = 2;
        if (bytes.size() == 2)
            return Result::Incomplete;
    }
    if (!isTokenChar(bytes[at]))
        return refuse(400, "malformed request line"); // at once, rather than wait for the end of a foreign protocol

    for (bool isFirst = true;; isFirst = false) {
        const char* const begin = bytes.data() + at;
        const auto* const feed = static_cast<const char*>(std::memchr(begin, '\n', bytes.size() - at));
        const std::size_t length = feed == nullptr ? bytes.size() - at : static_cast<std::size_t>(feed - begin);
        if (isFirst && length > maxRequestLine)
            return refuse(414, "request line too long");
        if (at + length + (feed == nullptr ? 0 : 1) > maxSize)
            return refuse(431, "header too large");
        if (feed == nullptr)
            return Result::Incomplete;
        if (length == 0 || feed[-1] != '\r')
            return refuse(400, "line does not end in CR LF");
        const std::string_view line(begin, length - 1);
        at += length + 1;
        if (isFirst) {
            if (!parseRequestLine(line))
                return Result::Refused;
        } else if (line.empty()) {
            break;
        } else if (!parseField(line)) {
            return Result::Refused;
        }
    }
    _size = at;
    return checkFraming() ? Result::Complete : Result::Refused;
}

bool RequestHead::parseRequestLine(std::string_view line) noexcept {
    const std::size_t first = line.find(' ');
    const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
    if (second == std::string_view::npos) {
        refuse(400, "malformed request line");
        return false;
    }
    _method = line.substr(0, first);
    _target = line.substr(first + 1, second - first - 1);
    const std::string_view version = line.substr(second + 1);
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    if (!isToken(_method) || !isTarget(_target) || version.size() != 8 || version.substr(0, 5) != "HTTP/" ||
        !isDigit(version[5]) || version[6] != '.' || !isDigit(version[7])) {
        refuse(400, "malformed request line");
        return false;
    }
    if (version[5] != '1' || version[7] > '1') {
        refuse(505, "only HTTP/1.0 and HTTP/1.1 are served");
        return false;
    }
    _minorVersion = version[7] - '0';
    return parseTarget();
}

// RFC 9112, section 3.2.
bool RequestHead::parseTarget() noexcept {
    std::string_view rest = _target;
    if (rest.front() != '/') {
        constexpr std::string_view scheme = "http://";
        if (_method == "OPTIONS" && rest == "*") {
            _path = rest;
            return true;
        }
        if (!startsWithLower(rest, scheme)) {
            refuse(400, "malformed request target");
            return false;
        }
        rest.remove_prefix(scheme.size());
        const std::size_t end = rest.find_first_of("/?");
        _authority = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end);
        if (_authority.empty()) {
            refuse(400, "malformed request target");
            return false;
        }
        if (rest.empty() || rest.front() == '?')
            rest = "/";
    }
    _path = rest.substr(0, rest.find('?'));
    return true;
}

bool RequestHead::parseField(std::string_view line) noexcept {
    if (line.front() == ' ' || line.front() == '\t') {
        refuse(400, "folded header line");
        return false;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) {
        refuse(400, "header line without a colon");
        return false;
    }
    if (_count == maxFields) {
        refuse(431, "too many header fields");
        return false;
    }
    HeaderField& field = _fields[_count++];
    field.name = line.substr(0, colon);
    field.value = trimBlanks(line.substr(colon + 1));
    if (!isToken(field.name)) {
        refuse(400, "malformed name of a header field");
        return false;
    }
    if (!isFieldValue(field.value)) {
        refuse(400, "control character in a header field");
        return false;
    }
    return takeKnown(field);
}

// Fields are told apart by length first: most requests carry a dozen that do not concern the agent.
bool RequestHead::takeKnown(const HeaderField& field) noexcept {
    const std::string_view name = field.name;
    switch (name.size()) {
    case 4:
        return !equalsLower(name, "host") || takeOnce(_host, field);
    case 6:
        if (equalsLower(name, "origin"))
            return takeOnce(_origin, field);
        return !equalsLower(name, "expect") || takeOnce(_expect, field);
    case 10:
        if (equalsLower(name, "connection"))
            takeConnection(field.value);
        return true;
    case 12:
        return !equalsLower(name, "content-type") || takeOnce(_contentType, field);
    case 13:
        return !equalsLower(name, "authorization") || takeOnce(_authorization, field);
    case 14:
        if (equalsLower(name, "content-length"))
            return takeOnce(_lengthText, field) && takeContentLength(field.value);
        if (equalsLower(name, "sec-fetch-site"))
            return takeOnce(_fetchSite, field);
        return !equalsLower(name, "sec-fetch-mode") || takeOnce(_fetchMode, field);
    case 16:
        return !equalsLower(name, "content-encoding") || takeOnce(_contentEncoding, field);
    case 17:
        return !equalsLower(name, "transfer-encoding") || takeOnce(_transferEncoding, field);
    default:
        return true;
    }
}

bool RequestHead::takeOnce(std::string_view& place, const HeaderField& field) noexcept {
    if (place.data() != nullptr) {
        refuse(400, "a header field that may stand only once stands twice");
        return false;
    }
    place = field.value;
    return true;
}

bool RequestHead::takeContentLength(std::string_view digits) noexcept {
    constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
    std::uint64_t length = 0;
    for (const char c : digits) {
        const auto digit = static_cast<std::uint64_t>(static_cast<unsigned char>(c)) - '0';
        if (digit > 9 || length > (most - digit) / 10) {
            refuse(400, "Content-Length is not a number");
            return false;
        }
        length = length * 10 + digit;
    }
    if (digits.empty()) {
        refuse(400, "Content-Length is not a number");
        return false;
    }
    _contentLength = length;
    return true;
}

void RequestHead::takeConnection(std::string_view options) noexcept {
    while (!options.empty()) {
        const std::string_view option = trimBlanks(takeUntil(options, ','));
        if (equalsLower(option, "close"))
            _saysClose = true;
        else if (equalsLower(option, "keep-alive"))
            _saysKeepAlive = true;
    }
}

// RFC 9112, sections 3.2 and 6.
bool RequestHead::checkFraming() noexcept {
    const bool hasLength = _lengthText.data() != nullptr;
    _chunked = _transferEncoding.data() != nullptr;
    if (_minorVersion == 1 && !hasHost()) {
        refuse(400, "no Host");
    } else if (_chunked && hasLength) {
        refuse(400, "both Content-Length and Transfer-Encoding");
    } else if (_chunked && _minorVersion == 0) {
        refuse(400, "Transfer-Encoding in HTTP/1.0");
    } else if (_chunked && !equalsLower(_transferEncoding, "chunked")) {
        refuse(400, "only the transfer coding chunked is understood");
    } else if (!_chunked && !hasLength && (_method == "POST" || _method == "PUT" || _method == "PATCH")) {
        refuse(411, "no Content-Length");
    } else if (_expect.data() != nullptr && _minorVersion == 1) {
        if (equalsLower(_expect, "100-continue"))
            _expectsContinue = true;
        else
            refuse(417, "only the expectation 100-continue is understood");
    }
    _keepsAlive = !_saysClose && (_minorVersion == 1 || _saysKeepAlive);
    return !_refusal;
}

} // namespace octagent
