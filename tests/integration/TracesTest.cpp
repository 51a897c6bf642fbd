// POST /v1/traces: what each field becomes in the row.

#include "AgentFixture.h"

#include <Poco/JSON/Parser.h>

#include <chrono>

namespace octagent::test {

class TracesTest : public AgentFixture {
    CPPUNIT_TEST_SUITE(TracesTest);
    CPPUNIT_TEST(testEveryField);
    CPPUNIT_TEST(testAbsentIsNull);
    CPPUNIT_TEST(testNullIsAbsent);
    CPPUNIT_TEST(testTotalIsTheSumOfBothParts);
    CPPUNIT_TEST(testIntegersMayBeWrittenAsDecimals);
    CPPUNIT_TEST(testMetadataForms);
    CPPUNIT_TEST(testUnknownFieldsAreKept);
    CPPUNIT_TEST(testNumbersKeepTheirDigits);
    CPPUNIT_TEST(testTraceIdIsTheAgents);
    CPPUNIT_TEST(testCreatedAtIsWhenItWasAccepted);
    CPPUNIT_TEST(testLongTextsAreCut);
    CPPUNIT_TEST(testContentTypeWithParameters);
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
        const Row row = stored("/v1/traces",
                               R"({"provider":"openai","model":"gpt-4o","input_text":"Grüße","output_text":"ok \"x\"\n",
            "prompt_tokens":12,"completion_tokens":30,"total_tokens":45,"cost_usd":0.0125,"latency_ms":812,
            "status":"failed","error_type":"rate_limit","metadata":{"user":"u1"}})");
        ASSERT_COLUMN(row, "provider", "openai");
        ASSERT_COLUMN(row, "model", "gpt-4o");
        ASSERT_COLUMN(row, "input_text", "Grüße");
        ASSERT_COLUMN(row, "output_text", "ok \"x\"\n");
        ASSERT_COLUMN(row, "prompt_tokens", "12");
        ASSERT_COLUMN(row, "completion_tokens", "30");
        ASSERT_COLUMN(row, "total_tokens", "45");
        ASSERT_COLUMN(row, "cost_usd", "0.0125");
        ASSERT_COLUMN(row, "latency_ms", "812");
        ASSERT_COLUMN(row, "status", "failed");
        ASSERT_COLUMN(row, "error_type", "rate_limit");
        ASSERT_COLUMN(row, "metadata", R"({"user":"u1"})");
        ASSERT_COLUMN(row, "synced", "0");
        ASSERT_COLUMN(row, "pushed_at", "NULL");
        CPPUNIT_ASSERT_EQUAL(std::size_t{17}, row.size());

        const Database database(databasePath());
        CPPUNIT_ASSERT_EQUAL(std::string("integer integer real integer text"),
                             database.text("SELECT typeof(created_at) || ' ' || typeof(prompt_tokens) || ' ' || "
                                           "typeof(cost_usd) || ' ' || typeof(synced) || ' ' || typeof(metadata) "
                                           "FROM llm_traces"));
    }

    void testAbsentIsNull() {
        const Row row = stored("/v1/traces", R"({"provider":"p","model":"m"})");
        for (const char* column : {"input_text", "output_text", "prompt_tokens", "completion_tokens", "total_tokens",
                                   "cost_usd", "latency_ms", "error_type", "metadata"})
            ASSERT_COLUMN(row, column, "NULL");
        ASSERT_COLUMN(row, "status", "ok");
    }

    void testNullIsAbsent() {
        const Row row = stored("/v1/traces", R"({"provider":"p","model":"m","input_text":null,"prompt_tokens":null,
            "cost_usd":null,"status":null,"metadata":null})");
        for (const char* column : {"input_text", "prompt_tokens", "cost_usd", "metadata"})
            ASSERT_COLUMN(row, column, "NULL");
        ASSERT_COLUMN(row, "status", "ok");
    }

    void testTotalIsTheSumOfBothParts() {
        const std::string head = R"({"provider":"p","model":"m",)";
        ASSERT_COLUMN(stored("/v1/traces", head + R"("prompt_tokens":2,"completion_tokens":3})"), "total_tokens", "5");
        ASSERT_COLUMN(stored("/v1/traces", head + R"("prompt_tokens":2})"), "total_tokens", "NULL");
        ASSERT_COLUMN(stored("/v1/traces", head + R"("prompt_tokens":2,"completion_tokens":3,"total_tokens":0})"),
                      "total_tokens", "0");
    }

    void testIntegersMayBeWrittenAsDecimals() {
        const Row row = stored("/v1/traces", R"({"provider":"p","model":"m","prompt_tokens":5.0,"cost_usd":1})");
        ASSERT_COLUMN(row, "prompt_tokens", "5");
        ASSERT_COLUMN(row, "cost_usd", "1.0");
    }

    void testMetadataForms() {
        const std::string head = R"({"provider":"p","model":"m","metadata":)";
        ASSERT_COLUMN(stored("/v1/traces", head + R"("plain text"})"), "metadata", "plain text");
        ASSERT_COLUMN(stored("/v1/traces", head + R"({ "a" : [ 1 , true, null ] }})"), "metadata",
                      R"({"a":[1,true,null]})");
        ASSERT_COLUMN(stored("/v1/traces", head + "[1, 2]}"), "metadata", "[1,2]");
        ASSERT_COLUMN(stored("/v1/traces", head + "7}"), "metadata", "7");
        ASSERT_COLUMN(stored("/v1/traces", head + "false}"), "metadata", "false");
    }

    void testUnknownFieldsAreKept() {
        auto row = stored("/v1/traces", R"({"provider":"p","model":"m","session":"s1","tags":["a"]})");
        CPPUNIT_ASSERT_EQUAL(std::string("s1"), metadata(row)->getValue<std::string>("session"));
        CPPUNIT_ASSERT_EQUAL(std::string("a"), metadata(row)->getArray("tags")->getElement<std::string>(0));

        row = stored("/v1/traces", R"({"provider":"p","model":"m","user":"outer","metadata":{"user":"inner","x":1}})");
        CPPUNIT_ASSERT_EQUAL(std::string("inner"), metadata(row)->getValue<std::string>("user"));
        CPPUNIT_ASSERT_EQUAL(1, metadata(row)->getValue<int>("x"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, metadata(row)->size());

        row = stored("/v1/traces", R"({"provider":"p","model":"m","user":"u","metadata":"plain"})");
        CPPUNIT_ASSERT_EQUAL(std::string("plain"), metadata(row)->getValue<std::string>("metadata"));
        CPPUNIT_ASSERT_EQUAL(std::string("u"), metadata(row)->getValue<std::string>("user"));
    }

    void testNumbersKeepTheirDigits() {
        const Row row = stored("/v1/traces", R"({"provider":"p","model":"m",
            "metadata":{"big":123456789012345678901234567890,"exact":0.10,"tiny":1e-400}})");
        ASSERT_COLUMN(row, "metadata", R"({"big":123456789012345678901234567890,"exact":0.10,"tiny":1e-400})");
    }

    void testTraceIdIsTheAgents() {
        const auto reply = post("/v1/traces", R"({"provider":"p","model":"m","trace_id":"mine"})");
        const auto id = reply.text("trace_id");
        CPPUNIT_ASSERT_EQUAL(std::size_t{36}, id.size());
        CPPUNIT_ASSERT_EQUAL('4', id[14]); // a UUID of version 4 and RFC 4122's variant
        CPPUNIT_ASSERT(std::string("89ab").find(id[19]) != std::string::npos);
        const Row row = awaitRow(databasePath(), "llm_traces", id);
        CPPUNIT_ASSERT_EQUAL(std::string("mine"), metadata(row)->getValue<std::string>("trace_id"));
    }

    void testCreatedAtIsWhenItWasAccepted() {
        const auto now = [] {
            return std::chrono::duration_cast<std::chrono::milliseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                .count();
        };
        const auto before = now();
        const auto reply = post("/v1/traces", R"({"provider":"p","model":"m"})");
        const auto after = now();
        const Row row = awaitRow(databasePath(), "llm_traces", reply.text("trace_id"));
        const auto createdAt = std::stoll(row.at("created_at").value());
        CPPUNIT_ASSERT(createdAt >= before);
        CPPUNIT_ASSERT(createdAt <= after);
    }

    // 64 bytes are the limit here; "é" has two, so an odd start leaves half a character at the cut.
    void testLongTextsAreCut() {
        std::string text = "x";
        for (int i = 0; i < 50; ++i)
            text += "é";
        const Row row = stored("/v1/traces", R"({"provider":"p","model":"m","input_text":")" + text +
                                                 R"(","metadata":{"note":")" + text + R"("}})");
        ASSERT_COLUMN(row, "input_text", text.substr(0, 63));
        CPPUNIT_ASSERT_EQUAL(text.substr(0, 63), metadata(row)->getValue<std::string>("note"));
        const auto truncated = metadata(row)->getObject("_truncated");
        CPPUNIT_ASSERT_EQUAL(101, truncated->getValue<int>("input_text"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, truncated->size());
        CPPUNIT_ASSERT(row.at("output_text") == std::nullopt);
    }

    void testContentTypeWithParameters() {
        const auto reply = post("/v1/traces", R"({"provider":"p","model":"m"})",
                                {{"Content-Type", "Application/JSON; charset=utf-8"}});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(reply.body, 202, reply.status);
        CPPUNIT_ASSERT_EQUAL(std::string("application/json"), reply.headers.at("content-type"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TracesTest);

} // namespace octagent::test
