#include "config/OptionRegistry.h"

#include <Poco/Exception.h>

#include <cppunit/extensions/HelperMacros.h>

namespace octagent {

class OptionRegistryTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(OptionRegistryTest);
    CPPUNIT_TEST(testFind);
    CPPUNIT_TEST(testDeclaredTwice);
    CPPUNIT_TEST(testVariableDeclaredTwice);
    CPPUNIT_TEST(testBadDefaults);
    CPPUNIT_TEST(testBadNames);
    CPPUNIT_TEST(testTolerated);
    CPPUNIT_TEST_SUITE_END();

public:
    void testFind() {
        OptionRegistry registry;
        registry.add("http",
                     {{.key = "port", .type = OptionType::Integer, .defaultValue = "9090", .environment = "A"}});
        registry.add("log",
                     {{.key = "level", .type = OptionType::Choice, .defaultValue = "INFO", .choices = {"info"}}});
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, registry.entries().size());
        CPPUNIT_ASSERT_EQUAL(std::string("http"), registry.find("http.port")->group);
        CPPUNIT_ASSERT_EQUAL(std::string("http.port"), registry.findVariable("A")->key);
        CPPUNIT_ASSERT_EQUAL(std::string("info"), registry.find("log.level")->option.defaultValue);
        CPPUNIT_ASSERT(registry.find("http.Port") == nullptr);
        CPPUNIT_ASSERT(registry.find("port") == nullptr);
        CPPUNIT_ASSERT(registry.findVariable("") == nullptr);
    }

    void testDeclaredTwice() {
        OptionRegistry registry;
        registry.add("http", {{.key = "port"}});
        CPPUNIT_ASSERT_THROW(registry.add("http", {{.key = "address"}, {.key = "port"}}), Poco::ExistsException);
        CPPUNIT_ASSERT_THROW(registry.add("log", {{.key = "file"}, {.key = "file"}}), Poco::ExistsException);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, registry.entries().size());
    }

    // Two modules may follow one variable of the existing system, when it means the same to both.
    void testVariableDeclaredTwice() {
        const Option number{
            .key = "limit", .type = OptionType::Integer, .defaultValue = "1", .minimum = 0, .environment = "OCT_LIMIT"};
        Option bounded = number;
        bounded.minimum = 1;
        OptionRegistry registry;
        registry.add("ingest", {number});
        registry.add("otel", {number});
        CPPUNIT_ASSERT_THROW(registry.add("other", {bounded}), Poco::ExistsException);
        CPPUNIT_ASSERT_THROW(registry.add("text", {{.key = "limit", .environment = "OCT_LIMIT"}}),
                             Poco::ExistsException);
        Option again = number;
        again.key = "again";
        CPPUNIT_ASSERT_THROW(registry.add("otel", {again}), Poco::ExistsException);
    }

    void testBadDefaults() {
        OptionRegistry registry;
        CPPUNIT_ASSERT_THROW(registry.add("a", {{.key = "b", .type = OptionType::Integer}}),
                             Poco::InvalidArgumentException);
        CPPUNIT_ASSERT_THROW(
            registry.add("a", {{.key = "b", .type = OptionType::Integer, .defaultValue = "5", .maximum = 4}}),
            Poco::InvalidArgumentException);
        CPPUNIT_ASSERT_THROW(registry.add("a", {{.key = "b", .type = OptionType::Boolean, .defaultValue = "yes"}}),
                             Poco::InvalidArgumentException);
        CPPUNIT_ASSERT_THROW(registry.add("a", {{.key = "b", .type = OptionType::Choice, .defaultValue = "x"}}),
                             Poco::InvalidArgumentException);
        CPPUNIT_ASSERT(registry.entries().empty());
    }

    void testBadNames() {
        OptionRegistry registry;
        CPPUNIT_ASSERT_THROW(registry.add("", {{.key = "b"}}), Poco::InvalidArgumentException);
        CPPUNIT_ASSERT_THROW(registry.add("a", {{.key = ""}}), Poco::InvalidArgumentException);
        CPPUNIT_ASSERT_THROW(registry.add("a", {{.key = "b=c"}}), Poco::InvalidArgumentException);
        CPPUNIT_ASSERT_THROW(registry.add("a b", {{.key = "c"}}), Poco::InvalidArgumentException);
    }

    void testTolerated() {
        OptionRegistry registry;
        registry.tolerate("push");
        registry.tolerate("push");
        CPPUNIT_ASSERT(registry.isTolerated("push"));
        CPPUNIT_ASSERT(!registry.isTolerated("pus"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OptionRegistryTest);

} // namespace octagent
