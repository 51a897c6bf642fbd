#include "http/Guard.h"

#include <Poco/Net/ServerSocket.h>

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <memory>
#include <string>

namespace octagent {

class GuardTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(GuardTest);
    CPPUNIT_TEST(testHostIsLoopback);
    CPPUNIT_TEST(testForeignHostIsRefused);
    CPPUNIT_TEST(testConfiguredHosts);
    CPPUNIT_TEST(testHostOfReachedAddress);
    CPPUNIT_TEST(testAbsoluteTargetIsChecked);
    CPPUNIT_TEST(testOwnOrigin);
    CPPUNIT_TEST(testForeignOrigins);
    CPPUNIT_TEST(testCrossSite);
    CPPUNIT_TEST(testUnixSocketHasNoHosts);
    CPPUNIT_TEST(testToken);
    CPPUNIT_TEST(testSecretsAreCompared);
    CPPUNIT_TEST(testContentType);
    CPPUNIT_TEST(testContentEncoding);
    CPPUNIT_TEST_SUITE_END();

    static constexpr std::uint16_t port = 9090;

    HttpSettings _settings;
    std::unique_ptr<RequestHead> _head;
    std::unique_ptr<Poco::Net::ServerSocket> _listening;
    std::unique_ptr<Poco::Net::StreamSocket> _socket; // both ends of it are 127.0.0.1
    std::string _text;

    const RequestHead& parsed(const std::string& fields, const std::string& line = "GET / HTTP/1.1") {
        _text = line + "\r\n" + fields + "\r\n";
        CPPUNIT_ASSERT_MESSAGE(_text, _head->parse(_text) == RequestHead::Result::Complete);
        return *_head;
    }

    Guard guard(const std::string& address = "127.0.0.1") const {
        return Guard::forAddress(_settings, Poco::Net::SocketAddress(address, port));
    }

    int sender(const std::string& fields, const std::string& address = "127.0.0.1") {
        return guard(address).checkSender(parsed(fields), *_socket).status;
    }
    int host(const std::string& name, const std::string& address = "127.0.0.1") {
        return sender("Host: " + name + "\r\n", address);
    }
    int origin(const std::string& text) { return sender("Host: localhost\r\nOrigin: " + text + "\r\n"); }

    int content(const std::string& type, const std::vector<std::string>& taken, const std::string& more = {}) {
        Route route{"POST", "/"};
        route.contentTypes = taken;
        route.contentEncodings = {"gzip"};
        const std::string fields =
            "Host: x\r\nContent-Length: 1\r\n" + (type.empty() ? type : "Content-Type: " + type + "\r\n") + more;
        return Guard::checkContent(parsed(fields, "POST / HTTP/1.1"), route).status;
    }

public:
    void setUp() override {
        _settings = {};
        _head = std::make_unique<RequestHead>();
        _listening = std::make_unique<Poco::Net::ServerSocket>(Poco::Net::SocketAddress("127.0.0.1", 0));
        _socket = std::make_unique<Poco::Net::StreamSocket>(_listening->address());
    }

    void testHostIsLoopback() {
        for (const char* name : {"localhost", "LocalHost:9090", "127.0.0.1", "127.0.0.1:1", "127.255.3.4", "[::1]",
                                 "[::1]:9090", "[0:0:0:0:0:0:0:1]"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(name, 0, host(name));
        CPPUNIT_ASSERT_EQUAL(0, guard().checkSender(parsed("", "GET / HTTP/1.0"), *_socket).status);
    }

    void testForeignHostIsRefused() {
        for (const char* name :
             {"evil.example", "evil.example:9090", "127.0.0.1.evil.example", "localhost.evil.example", "localhost.",
              "10.0.0.1", "[::2]", "128.0.0.1", "1", "0.0.0.0", ""})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(name, 403, host(name));
        for (const char* name : {"localhost:x", "localhost:123456", "[::1", "[::1]x", "a@localhost", "localhost/",
                                 "localhost, evil.example", "local host"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(name, 400, host(name));
    }

    void testConfiguredHosts() {
        _settings.hosts = {"agent.example"};
        CPPUNIT_ASSERT_EQUAL(0, host("Agent.Example:80"));
        CPPUNIT_ASSERT_EQUAL(403, host("agent.example.evil"));
    }

    void testHostOfReachedAddress() {
        CPPUNIT_ASSERT_EQUAL(0, host("10.1.2.3:9090", "10.1.2.3"));
        CPPUNIT_ASSERT_EQUAL(403, host("10.1.2.4", "10.1.2.3"));
        // Listening on all addresses, the one that this client has reached.
        CPPUNIT_ASSERT_EQUAL(0, host("127.0.0.1", "0.0.0.0"));
        CPPUNIT_ASSERT_EQUAL(403, host("10.1.2.3", "0.0.0.0"));
    }

    void testAbsoluteTargetIsChecked() {
        const auto check = [this](const std::string& target, const std::string& name) {
            return guard()
                .checkSender(parsed("Host: " + name + "\r\n", "GET " + target + " HTTP/1.1"), *_socket)
                .status;
        };
        CPPUNIT_ASSERT_EQUAL(0, check("http://localhost:9090/", "localhost"));
        CPPUNIT_ASSERT_EQUAL(403, check("http://evil.example/", "localhost"));
        CPPUNIT_ASSERT_EQUAL(403, check("http://localhost/", "evil.example"));
        CPPUNIT_ASSERT_EQUAL(400, check("http://a@localhost/", "localhost"));
    }

    void testOwnOrigin() {
        CPPUNIT_ASSERT_EQUAL(0, origin("http://localhost:9090"));
        CPPUNIT_ASSERT_EQUAL(0, origin("http://127.0.0.1:9090"));
        CPPUNIT_ASSERT_EQUAL(0, origin("http://[::1]:9090"));
    }

    void testForeignOrigins() {
        for (const char* text : {"null", "http://evil.example", "http://evil.example:9090", "https://localhost:9090",
                                 "http://localhost", "http://localhost:9091", "http://localhost:9090/", "",
                                 "localhost:9090", "http://localhost:9090 http://evil.example"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(text, 403, origin(text));
    }

    void testCrossSite() {
        const std::string site = "Host: localhost\r\nSec-Fetch-Site: cross-site\r\n";
        CPPUNIT_ASSERT_EQUAL(403, sender(site));
        CPPUNIT_ASSERT_EQUAL(403, sender(site + "Sec-Fetch-Mode: no-cors\r\n"));
        CPPUNIT_ASSERT_EQUAL(0, sender(site + "Sec-Fetch-Mode: navigate\r\n"));
        CPPUNIT_ASSERT_EQUAL(0, sender("Host: localhost\r\nSec-Fetch-Site: same-origin\r\n"));
    }

    void testUnixSocketHasNoHosts() {
        const Guard local = Guard::forUnixSocket(_settings);
        CPPUNIT_ASSERT_EQUAL(0, local.checkSender(parsed("Host: any\r\nOrigin: x\r\n"), *_socket).status);
    }

    void testToken() {
        const auto check = [this](const std::string& field, Access access = Access::Token) {
            return guard().checkToken(parsed("Host: x\r\n" + field), access).status;
        };
        CPPUNIT_ASSERT_EQUAL(0, check(""));
        _settings.token = "secret";
        CPPUNIT_ASSERT_EQUAL(0, check("", Access::Open));
        CPPUNIT_ASSERT_EQUAL(401, check(""));
        CPPUNIT_ASSERT_EQUAL(401, check("Authorization: Bearer\r\n"));
        CPPUNIT_ASSERT_EQUAL(401, check("Authorization: Bearer secre\r\n"));
        CPPUNIT_ASSERT_EQUAL(401, check("Authorization: Bearer secretsecret\r\n"));
        CPPUNIT_ASSERT_EQUAL(401, check("Authorization: Bearer Secret\r\n"));
        CPPUNIT_ASSERT_EQUAL(401, check("Authorization: Basic secret\r\n"));
        CPPUNIT_ASSERT_EQUAL(401, check("Authorization: secret\r\n"));
        CPPUNIT_ASSERT_EQUAL(0, check("Authorization: Bearer secret\r\n"));
        CPPUNIT_ASSERT_EQUAL(0, check("Authorization: bearer  secret\r\n"));
    }

    void testSecretsAreCompared() {
        CPPUNIT_ASSERT(equalsSecret("abc", "abc"));
        CPPUNIT_ASSERT(!equalsSecret("", "abc"));
        CPPUNIT_ASSERT(!equalsSecret("ab", "abc"));
        CPPUNIT_ASSERT(!equalsSecret("abcabc", "abc"));
        CPPUNIT_ASSERT(!equalsSecret("abd", "abc"));
        CPPUNIT_ASSERT(!equalsSecret("a", ""));
    }

    void testContentType() {
        const std::vector<std::string> json = {"application/json"};
        CPPUNIT_ASSERT_EQUAL(0, content("application/json", json));
        CPPUNIT_ASSERT_EQUAL(0, content("Application/JSON; charset=UTF-8", json));
        CPPUNIT_ASSERT_EQUAL(0, content("application/json ;charset=\"utf-8\"; x=y", json));
        CPPUNIT_ASSERT_EQUAL(415, content("application/json; charset=latin1", json));
        CPPUNIT_ASSERT_EQUAL(415, content("application/jsonp", json));
        CPPUNIT_ASSERT_EQUAL(415, content("text/plain", json));
        CPPUNIT_ASSERT_EQUAL(415, content("", json));
        CPPUNIT_ASSERT_EQUAL(0, content("", {}));
        CPPUNIT_ASSERT_EQUAL(0, content("text/plain", {"application/json", "text/plain"}));
        Route route{"GET", "/"};
        CPPUNIT_ASSERT_EQUAL(0, Guard::checkContent(parsed("Host: x\r\n"), route).status); // no body, no type
    }

    void testContentEncoding() {
        CPPUNIT_ASSERT_EQUAL(0, content("a/b", {}, "Content-Encoding: GZIP\r\n"));
        CPPUNIT_ASSERT_EQUAL(0, content("a/b", {}, "Content-Encoding: identity\r\n"));
        CPPUNIT_ASSERT_EQUAL(415, content("a/b", {}, "Content-Encoding: br\r\n"));
        CPPUNIT_ASSERT_EQUAL(415, content("a/b", {}, "Content-Encoding: gzip, gzip\r\n"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(GuardTest);

} // namespace octagent
