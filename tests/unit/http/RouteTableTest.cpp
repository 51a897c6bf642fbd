#include "http/RouteTable.h"

#include <Poco/Exception.h>

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <thread>

namespace octagent {

class RouteTableTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(RouteTableTest);
    CPPUNIT_TEST(testFindsExactPath);
    CPPUNIT_TEST(testLongestPrefixWins);
    CPPUNIT_TEST(testPrefixEndsAtSlash);
    CPPUNIT_TEST(testTellsMethods);
    CPPUNIT_TEST(testRefusesDuplicates);
    CPPUNIT_TEST(testRefusesNonsense);
    CPPUNIT_TEST(testRefusesAfterClose);
    CPPUNIT_TEST(testRoutesEndWithTheirModule);
    CPPUNIT_TEST(testEndWaitsForHandlers);
    CPPUNIT_TEST_SUITE_END();

    static Poco::Net::HTTPRequestHandlerFactory::Ptr factory() {
        return handlerFactory([]() -> Poco::Net::HTTPRequestHandler* { return nullptr; });
    }

    std::shared_ptr<RouteOwner> _owner = std::make_shared<RouteOwner>(HttpServer::Owner{"one", {}, {}});
    std::shared_ptr<RouteOwner> _other = std::make_shared<RouteOwner>(HttpServer::Owner{"two", {}, {}});

    static std::string pathOf(const RouteTable& table, std::string_view method, std::string_view path) {
        bool exists = false;
        const RouteEntry* entry = table.find(method, path, exists);
        return entry != nullptr ? entry->route.path : exists ? "405" : "404";
    }

public:
    void testFindsExactPath() {
        RouteTable table(100);
        Route route{"POST", "/a/b"};
        route.maxBodyBytes = 7;
        table.routerOf(_owner).add({"POST", "/a"}, factory());
        table.routerOf(_owner).add(route, factory());
        CPPUNIT_ASSERT_EQUAL(std::string("/a"), pathOf(table, "POST", "/a"));
        CPPUNIT_ASSERT_EQUAL(std::string("/a/b"), pathOf(table, "POST", "/a/b"));
        CPPUNIT_ASSERT_EQUAL(std::string("404"), pathOf(table, "POST", "/a/"));
        CPPUNIT_ASSERT_EQUAL(std::string("404"), pathOf(table, "POST", "/A"));
        CPPUNIT_ASSERT_EQUAL(std::string("405"), pathOf(table, "post", "/a"));
        bool exists = false;
        CPPUNIT_ASSERT_EQUAL(std::size_t{100}, table.find("POST", "/a", exists)->route.maxBodyBytes);
        CPPUNIT_ASSERT_EQUAL(std::size_t{7}, table.find("POST", "/a/b", exists)->route.maxBodyBytes);
    }

    void testLongestPrefixWins() {
        RouteTable table(100);
        table.routerOf(_owner).add({"GET", "/", true}, factory());
        table.routerOf(_owner).add({"GET", "/view/api", true}, factory());
        table.routerOf(_owner).add({"GET", "/view", true}, factory());
        table.routerOf(_owner).add({"GET", "/view/api/x"}, factory());
        CPPUNIT_ASSERT_EQUAL(std::string("/"), pathOf(table, "GET", "/x/y"));
        CPPUNIT_ASSERT_EQUAL(std::string("/view"), pathOf(table, "GET", "/view/x"));
        CPPUNIT_ASSERT_EQUAL(std::string("/view/api"), pathOf(table, "GET", "/view/api"));
        CPPUNIT_ASSERT_EQUAL(std::string("/view/api"), pathOf(table, "GET", "/view/api/y"));
        CPPUNIT_ASSERT_EQUAL(std::string("/view/api/x"), pathOf(table, "GET", "/view/api/x"));
    }

    void testPrefixEndsAtSlash() {
        RouteTable table(100);
        table.routerOf(_owner).add({"GET", "/view", true}, factory());
        CPPUNIT_ASSERT_EQUAL(std::string("404"), pathOf(table, "GET", "/viewer"));
        CPPUNIT_ASSERT_EQUAL(std::string("/view"), pathOf(table, "GET", "/view/"));
    }

    void testTellsMethods() {
        RouteTable table(100);
        table.routerOf(_owner).add({"POST", "/a"}, factory());
        table.routerOf(_other).add({"GET", "/a"}, factory());
        table.routerOf(_other).add({"GET", "/b"}, factory());
        CPPUNIT_ASSERT_EQUAL(std::string("GET, POST"), table.allowedMethods("/a"));
    }

    void testRefusesDuplicates() {
        RouteTable table(100);
        table.routerOf(_owner).add({"GET", "/a"}, factory());
        CPPUNIT_ASSERT_THROW(table.routerOf(_owner).add({"GET", "/a"}, factory()), Poco::ExistsException);
        CPPUNIT_ASSERT_THROW(table.routerOf(_other).add({"GET", "/a", true}, factory()), Poco::ExistsException);
    }

    void testRefusesNonsense() {
        RouteTable table(100);
        CPPUNIT_ASSERT_THROW(table.routerOf(_owner).add({"", "/a"}, factory()), Poco::InvalidArgumentException);
        CPPUNIT_ASSERT_THROW(table.routerOf(_owner).add({"GET", "a"}, factory()), Poco::InvalidArgumentException);
        CPPUNIT_ASSERT_THROW(table.routerOf(_owner).add({"GET", "/a"}, nullptr), Poco::InvalidArgumentException);
    }

    void testRefusesAfterClose() {
        RouteTable table(100);
        table.close();
        CPPUNIT_ASSERT_THROW(table.routerOf(_owner).add({"GET", "/a"}, factory()), Poco::IllegalStateException);
    }

    void testRoutesEndWithTheirModule() {
        RouteTable table(100);
        table.routerOf(_owner).add({"GET", "/a"}, factory());
        table.routerOf(_other).add({"GET", "/b"}, factory());
        table.remove("one");
        CPPUNIT_ASSERT_EQUAL(std::string("404"), pathOf(table, "GET", "/a"));
        CPPUNIT_ASSERT_EQUAL(std::string("/b"), pathOf(table, "GET", "/b"));
    }

    void testEndWaitsForHandlers() {
        auto visit = std::make_unique<RouteOwner::Visit>(*_owner);
        CPPUNIT_ASSERT(visit->isAdmitted());
        CPPUNIT_ASSERT(!_owner->end(std::chrono::milliseconds(20)));
        CPPUNIT_ASSERT(!RouteOwner::Visit(*_owner).isAdmitted());
        std::thread ending([&visit] { visit.reset(); });
        CPPUNIT_ASSERT(_owner->end(std::chrono::seconds(20)));
        ending.join();
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RouteTableTest);

} // namespace octagent
