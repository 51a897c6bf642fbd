// POST /v1/errors: what each field becomes in the row.

#include "AgentFixture.h"

#include <Poco/JSON/Parser.h>

namespace octagent::test {

class ErrorsTest : public AgentFixture {
    CPPUNIT_TEST_SUITE(ErrorsTest);
    CPPUNIT_TEST(testEveryField);
    CPPUNIT_TEST(testAbsentIsNull);
    CPPUNIT_TEST(testMessageAndStackAreCut);
    CPPUNIT_TEST(testAnErrorRefersToItsTrace);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        AgentFixture::setUp();
        auto how = setup();
        how.environment["OCT_MAX_TEXT_BYTES"] = "64";
        start(how);
    }

protected:
    static Poco::JSON::Object::Ptr metadata(const Row& row) {
        return Poco::JSON::Parser().parse(row.at("metadata").value()).extract<Poco::JSON::Object::Ptr>();
    }

    void testEveryField() {
        const Row row = stored("/v1/errors", R"({"error_type":"crash","message":"boom","stack_trace":"at main",
            "severity":"fatal","metadata":{"host":"h"}})");
        ASSERT_COLUMN(row, "error_type", "crash");
        ASSERT_COLUMN(row, "message", "boom");
        ASSERT_COLUMN(row, "stack_trace", "at main");
        ASSERT_COLUMN(row, "severity", "fatal");
        ASSERT_COLUMN(row, "metadata", R"({"host":"h"})");
        ASSERT_COLUMN(row, "synced", "0");
        ASSERT_COLUMN(row, "pushed_at", "NULL");
        CPPUNIT_ASSERT_EQUAL(std::size_t{10}, row.size());
    }

    void testAbsentIsNull() {
        const Row row = stored("/v1/errors", R"({"error_type":"anything","message":"m"})");
        ASSERT_COLUMN(row, "stack_trace", "NULL");
        ASSERT_COLUMN(row, "metadata", "NULL");
        ASSERT_COLUMN(row, "severity", "error");
    }

    void testMessageAndStackAreCut() {
        const std::string text(100, 'm');
        const Row row = stored("/v1/errors",
                               R"({"error_type":"crash","message":")" + text + R"(","stack_trace":")" + text + R"("})");
        ASSERT_COLUMN(row, "message", std::string(64, 'm'));
        ASSERT_COLUMN(row, "stack_trace", std::string(64, 'm'));
        const auto truncated = metadata(row)->getObject("_truncated");
        CPPUNIT_ASSERT_EQUAL(100, truncated->getValue<int>("message"));
        CPPUNIT_ASSERT_EQUAL(100, truncated->getValue<int>("stack_trace"));
    }

    void testAnErrorRefersToItsTrace() {
        const auto trace = post("/v1/traces", R"({"provider":"p","model":"m","status":"error"})").text("trace_id");
        const Row row =
            stored("/v1/errors", R"({"error_type":"llm_error","message":"m","trace_id":")" + trace + R"("})");
        CPPUNIT_ASSERT(row.at("trace_id").value() != trace);
        CPPUNIT_ASSERT_EQUAL(trace, metadata(row)->getValue<std::string>("trace_id"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ErrorsTest);

} // namespace octagent::test
