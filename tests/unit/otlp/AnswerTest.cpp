#include "Answer.h"
#include "Spans.h"

using namespace octagent::otlp;
using namespace octagent::otlp::test;

class AnswerTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AnswerTest);
    CPPUNIT_TEST(testEncodings);
    CPPUNIT_TEST(testSuccess);
    CPPUNIT_TEST(testPartialSuccess);
    CPPUNIT_TEST(testStatus);
    CPPUNIT_TEST_SUITE_END();

public:
    void testEncodings() {
        CPPUNIT_ASSERT(encodingOf("application/x-protobuf") == Encoding::Protobuf);
        CPPUNIT_ASSERT(encodingOf("Application/X-Protobuf ; a=b") == Encoding::Protobuf);
        CPPUNIT_ASSERT(encodingOf("application/json; charset=utf-8") == Encoding::Json);
    }

    void testSuccess() {
        CPPUNIT_ASSERT_EQUAL(std::string(), successBody(Encoding::Protobuf));
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), successBody(Encoding::Json));
    }

    void testPartialSuccess() {
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"partialSuccess":{"rejectedSpans":"3","errorMessage":"why"}})"),
                             partialSuccessBody(Encoding::Json, 3, "why"));
        CPPUNIT_ASSERT_EQUAL(std::string("\x0a\x07\x08\x03\x12\x03why"),
                             partialSuccessBody(Encoding::Protobuf, 3, "why"));
    }

    void testStatus() {
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"code":3,"message":"why"})"),
                             statusBody(Encoding::Json, RpcCode::InvalidArgument, "why"));
        CPPUNIT_ASSERT_EQUAL(std::string("\x08\x0e\x12\x03why"),
                             statusBody(Encoding::Protobuf, RpcCode::Unavailable, "why"));
        // What a client sent may be quoted in a message and need not be UTF-8.
        CPPUNIT_ASSERT_EQUAL(std::string("\x08\x08\x12\x03\xEF\xBF\xBD"),
                             statusBody(Encoding::Protobuf, RpcCode::ResourceExhausted, "\xFF"));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(AnswerTest);
