#include "http/RequestHead.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <memory>
#include <string>
#include <vector>

namespace octagent {

class RequestHeadTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(RequestHeadTest);
    CPPUNIT_TEST(testReadsRequest);
    CPPUNIT_TEST(testTakesGoodHeads);
    CPPUNIT_TEST(testRefusesBadHeads);
    CPPUNIT_TEST(testGoodHeadsAreIncompleteUntilTheirEnd);
    CPPUNIT_TEST(testBadHeadsAreNeverComplete);
    CPPUNIT_TEST(testRefusesForeignProtocolsAtOnce);
    CPPUNIT_TEST(testKeepAlive);
    CPPUNIT_TEST(testLimits);
    CPPUNIT_TEST(testAbsoluteForm);
    CPPUNIT_TEST(testInstanceIsReusable);
    CPPUNIT_TEST_SUITE_END();

    struct Bad {
        int status;
        std::string text;
    };

    // With the empty line that ends a head.
    static std::vector<std::string> goodHeads() {
        return {
            "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET / HTTP/1.0\r\n\r\n",
            "GET /a?b=c&d=%20 HTTP/1.1\r\nHost: [::1]:80\r\nX-Empty:\r\nX-Tabs:\t a\tb \t\r\n\r\n",
            "POST /v1/traces HTTP/1.1\r\nHOST: x\r\ncontent-LENGTH: 5\r\n\r\n",
            "POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Length: 0000000000000000000000000005\r\n\r\n",
            "POST /v1/traces HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-Continue\r\n\r\n",
            "DELETE /x HTTP/1.1\r\nHost: x\r\n\r\n",
            "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nX: caf\xC3\xA9\r\n\r\n",
            "BREW! /pot HTTP/1.1\r\nHost: x\r\n\r\n",
        };
    }

    static std::vector<Bad> badHeads() {
        const std::string post = "POST / HTTP/1.1\r\nHost: x\r\n";
        const std::string get = "GET / HTTP/1.1\r\nHost: x\r\n";
        return {
            // Request line
            {400, "GET /\r\n\r\n"},
            {400, "GET  / HTTP/1.1\r\nHost: x\r\n\r\n"},
            {400, "GET / HTTP/1.1 \r\nHost: x\r\n\r\n"},
            {400, "GET / x HTTP/1.1\r\nHost: x\r\n\r\n"},
            {400, " GET / HTTP/1.1\r\nHost: x\r\n\r\n"},
            {400, "G\"T / HTTP/1.1\r\nHost: x\r\n\r\n"},
            {400, "GET / http/1.1\r\nHost: x\r\n\r\n"},
            {400, "GET / HTTP/11\r\nHost: x\r\n\r\n"},
            {400, "GET a HTTP/1.1\r\nHost: x\r\n\r\n"},
            {400, "GET * HTTP/1.1\r\nHost: x\r\n\r\n"},
            {400, "GET /#a HTTP/1.1\r\nHost: x\r\n\r\n"},
            {400, "GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n"},
            {400, "GET /\xC3\xA9 HTTP/1.1\r\nHost: x\r\n\r\n"},
            {400, "GET /\ta HTTP/1.1\r\nHost: x\r\n\r\n"},
            {400, "GET https://x/ HTTP/1.1\r\nHost: x\r\n\r\n"},
            {400, "GET http:///a HTTP/1.1\r\nHost: x\r\n\r\n"},
            {400, "CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n"},
            {400, "\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"},
            {400, "\rGET / HTTP/1.1\r\nHost: x\r\n\r\n"},
            {505, "GET / HTTP/2.0\r\nHost: x\r\n\r\n"},
            {505, "GET / HTTP/1.2\r\nHost: x\r\n\r\n"},
            {505, "GET / HTTP/0.9\r\nHost: x\r\n\r\n"},
            {505, "PRI * HTTP/2.0\r\n\r\n"},
            // Lines
            {400, "GET / HTTP/1.1\nHost: x\n\n"},
            {400, "GET / HTTP/1.1\r\nHost: x\n\r\n"},
            {400, get + "A: b\rc\r\n\r\n"},
            {400, get + "A: b\r\r\n\r\n"},
            {400, get + "A: b\r\n c\r\n\r\n"},
            {400, get + "A: b\r\n\tc\r\n\r\n"},
            {400, get + "no colon\r\n\r\n"},
            {400, get + "A : b\r\n\r\n"},
            {400, get + ": b\r\n\r\n"},
            {400, get + "A(: b\r\n\r\n"},
            {400, get + "A\x80: b\r\n\r\n"},
            {400, get + std::string("A: b\0c\r\n\r\n", 10)},
            {400, get + std::string("A\0: b\r\n\r\n", 9)},
            {400, get + "A: b\x7F\r\n\r\n"},
            {400, get + "A: \x1B[31m\r\n\r\n"},
            // Host
            {400, "GET / HTTP/1.1\r\n\r\n"},
            {400, get + "Host: x\r\n\r\n"},
            {400, get + "host: y\r\n\r\n"},
            // Length and coding
            {411, post + "\r\n"},
            {411, "PUT / HTTP/1.0\r\n\r\n"},
            {411, "PATCH / HTTP/1.1\r\nHost: x\r\n\r\n"},
            {400, post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\n"},
            {400, post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n"},
            {400, post + "Content-Length: 5, 5\r\n\r\n"},
            {400, post + "Content-Length: -1\r\n\r\n"},
            {400, post + "Content-Length: +1\r\n\r\n"},
            {400, post + "Content-Length:\r\n\r\n"},
            {400, post + "Content-Length: 0x10\r\n\r\n"},
            {400, post + "Content-Length: 1 2\r\n\r\n"},
            {400, post + "Content-Length: 5.0\r\n\r\n"},
            {400, post + "Content-Length: 9223372036854775808\r\n\r\n"},
            {400, post + "Content-Length: 18446744073709551621\r\n\r\n"},
            {400, post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"},
            {400, post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"},
            {400, get + "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n"},
            {400, post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"},
            {400, post + "Transfer-Encoding: gzip, chunked\r\n\r\n"},
            {400, post + "Transfer-Encoding: chunked, gzip\r\n\r\n"},
            {400, post + "Transfer-Encoding: identity\r\n\r\n"},
            {400, post + "Transfer-Encoding: xchunked\r\n\r\n"},
            {400, post + "Transfer-Encoding:\r\n\r\n"},
            {400, post + "Transfer-Encoding: \"chunked\"\r\n\r\n"},
            {400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
            // Others
            {417, post + "Content-Length: 1\r\nExpect: more\r\n\r\n"},
            {400, get + "Origin: http://a\r\nOrigin: http://b\r\n\r\n"},
            {400, get + "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n"},
        };
    }

    static std::string shown(const std::string& text) {
        std::string visible;
        for (const char c : text)
            visible += c == '\r' ? std::string("\\r") : c == '\n' ? std::string("\\n") : std::string(1, c);
        return visible;
    }

    // On the heap and exactly as long, so that a read beyond the bytes shows under AddressSanitizer.
    RequestHead::Result parse(std::string_view text) {
        _bytes = std::vector<char>(text.begin(), text.end());
        return _head->parse({_bytes.data(), _bytes.size()});
    }

    std::unique_ptr<RequestHead> _head;
    std::vector<char> _bytes;

public:
    void setUp() override { _head = std::make_unique<RequestHead>(); }

    void testReadsRequest() {
        const std::string text =
            "POST /v1/traces?x=1 HTTP/1.1\r\nHost: localhost:9090\r\nContent-Type:  text/plain \r\n"
            "Authorization: Bearer t\r\nOrigin: http://o\r\nContent-Length: 12\r\n\r\nrest";
        CPPUNIT_ASSERT(parse(text) == RequestHead::Result::Complete);
        CPPUNIT_ASSERT_EQUAL(text.size() - 4, _head->size());
        CPPUNIT_ASSERT(_head->method() == "POST");
        CPPUNIT_ASSERT(_head->target() == "/v1/traces?x=1");
        CPPUNIT_ASSERT(_head->path() == "/v1/traces");
        CPPUNIT_ASSERT(_head->host() == "localhost:9090");
        CPPUNIT_ASSERT(_head->contentType() == "text/plain");
        CPPUNIT_ASSERT(_head->authorization() == "Bearer t");
        CPPUNIT_ASSERT(_head->hasOrigin() && _head->origin() == "http://o");
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{12}, _head->contentLength());
        CPPUNIT_ASSERT(_head->announcesBody() && !_head->isChunked());
        CPPUNIT_ASSERT_EQUAL(std::size_t{5}, _head->fields().size());
        CPPUNIT_ASSERT(_head->fields()[1].name == "Content-Type");
    }

    void testTakesGoodHeads() {
        for (const auto& text : goodHeads())
            CPPUNIT_ASSERT_MESSAGE(shown(text), parse(text) == RequestHead::Result::Complete);
    }

    void testRefusesBadHeads() {
        for (const auto& [status, text] : badHeads()) {
            CPPUNIT_ASSERT_MESSAGE(shown(text), parse(text) == RequestHead::Result::Refused);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(shown(text), status, _head->refusal().status);
        }
    }

    void testGoodHeadsAreIncompleteUntilTheirEnd() {
        for (const auto& text : goodHeads())
            for (std::size_t length = 0; length < text.size(); ++length)
                CPPUNIT_ASSERT_MESSAGE(shown(text.substr(0, length)),
                                       parse(text.substr(0, length)) == RequestHead::Result::Incomplete);
    }

    void testBadHeadsAreNeverComplete() {
        for (const auto& [status, text] : badHeads())
            for (std::size_t length = 0; length < text.size(); ++length)
                CPPUNIT_ASSERT_MESSAGE(shown(text.substr(0, length)),
                                       parse(text.substr(0, length)) != RequestHead::Result::Complete);
    }

    void testRefusesForeignProtocolsAtOnce() {
        CPPUNIT_ASSERT(parse("\x16\x03\x01") == RequestHead::Result::Refused); // TLS
        CPPUNIT_ASSERT(parse("\r\r") == RequestHead::Result::Refused);
        CPPUNIT_ASSERT(parse("{\"provider\":") == RequestHead::Result::Refused);
    }

    void testKeepAlive() {
        const auto keepsAlive = [this](const std::string& versionAndFields) {
            CPPUNIT_ASSERT(parse("GET / HTTP/" + versionAndFields + "\r\n") == RequestHead::Result::Complete);
            return _head->keepsAlive();
        };
        CPPUNIT_ASSERT(keepsAlive("1.1\r\nHost: x\r\n"));
        CPPUNIT_ASSERT(!keepsAlive("1.1\r\nHost: x\r\nConnection: close\r\n"));
        CPPUNIT_ASSERT(!keepsAlive("1.1\r\nHost: x\r\nConnection: upgrade, Close\r\n"));
        CPPUNIT_ASSERT(!keepsAlive("1.1\r\nHost: x\r\nConnection: keep-alive\r\nConnection: close\r\n"));
        CPPUNIT_ASSERT(!keepsAlive("1.0\r\n"));
        CPPUNIT_ASSERT(keepsAlive("1.0\r\nConnection: Keep-Alive\r\n"));
    }

    void testLimits() {
        const std::string line(RequestHead::maxRequestLine, 'a');
        CPPUNIT_ASSERT(parse("GET /" + line) == RequestHead::Result::Refused);
        CPPUNIT_ASSERT_EQUAL(414, _head->refusal().status);
        CPPUNIT_ASSERT(parse("GET /" + line + " HTTP/1.1\r\n") == RequestHead::Result::Refused);
        CPPUNIT_ASSERT_EQUAL(414, _head->refusal().status);

        std::string fields = "GET / HTTP/1.1\r\nHost: x\r\n";
        for (std::size_t i = 1; i < RequestHead::maxFields; ++i)
            fields += "A: b\r\n";
        CPPUNIT_ASSERT(parse(fields + "\r\n") == RequestHead::Result::Complete);
        CPPUNIT_ASSERT(parse(fields + "A: b\r\n\r\n") == RequestHead::Result::Refused);
        CPPUNIT_ASSERT_EQUAL(431, _head->refusal().status);

        const std::string start = "GET / HTTP/1.1\r\nHost: x\r\nA: ";
        const std::string value(RequestHead::maxSize - start.size() - 3, 'a');
        CPPUNIT_ASSERT(parse(start + value + "\r\n\r\n") == RequestHead::Result::Refused);
        CPPUNIT_ASSERT_EQUAL(431, _head->refusal().status);
        CPPUNIT_ASSERT(parse(start + value.substr(4) + "\r\n\r\n") == RequestHead::Result::Complete);
        CPPUNIT_ASSERT(parse(start + value + "aaaa") == RequestHead::Result::Refused);
    }

    void testAbsoluteForm() {
        CPPUNIT_ASSERT(parse("GET HTTP://a:1/b?c HTTP/1.1\r\nHost: x\r\n\r\n") == RequestHead::Result::Complete);
        CPPUNIT_ASSERT(_head->authority() == "a:1");
        CPPUNIT_ASSERT(_head->path() == "/b");
        CPPUNIT_ASSERT(parse("GET http://a?c HTTP/1.1\r\nHost: x\r\n\r\n") == RequestHead::Result::Complete);
        CPPUNIT_ASSERT(_head->path() == "/");
    }

    // Nothing of an earlier request shows in a later one.
    void testInstanceIsReusable() {
        CPPUNIT_ASSERT(
            parse("POST http://h/ HTTP/1.1\r\nHost: x\r\nOrigin: o\r\nAuthorization: a\r\nExpect: "
                  "100-continue\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nContent-Type: "
                  "a\r\nContent-Encoding: gzip\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: m\r\n\r\n") ==
            RequestHead::Result::Complete);
        CPPUNIT_ASSERT(parse("GET / HTTP/1.0\r\n\r\n") == RequestHead::Result::Complete);
        CPPUNIT_ASSERT(!_head->hasHost() && !_head->hasOrigin() && _head->authority().empty());
        CPPUNIT_ASSERT(_head->authorization().empty() && _head->contentType().empty());
        CPPUNIT_ASSERT(_head->contentEncoding().empty() && _head->fetchSite().empty() && _head->fetchMode().empty());
        CPPUNIT_ASSERT(!_head->announcesBody() && !_head->expectsContinue());
        CPPUNIT_ASSERT(parse("GET / HTTP/1.1\r\nHost: x\r\n\r\n") == RequestHead::Result::Complete);
        CPPUNIT_ASSERT(_head->keepsAlive());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RequestHeadTest);

} // namespace octagent
