// Texts are cut at the limit, in whole characters, wherever they stand, and it is told.

#include "Ingest.h"

#include "JsonText.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>
#include <vector>

using namespace octagent;
using namespace octagent::ingest;

namespace {

// Characters of one to four bytes, plain and escaped.
struct Character {
    std::string utf8;
    std::string escaped;
};

const std::vector<Character>& characters() {
    static const std::vector<Character> all = {{"a", "a"},       {"\n", "\\n"}, {"é", "\\u00e9"},        {"é", "é"},
                                               {"€", "\\u20AC"}, {"€", "€"},    {"😀", "\\ud83d\\ude00"}, {"😀", "😀"}};
    return all;
}

// What a text of these characters is cut to: the first of them that fit.
struct Expected {
    std::string utf8;
    std::string escaped;
    std::size_t bytes = 0;
};

Expected expectedOf(const std::vector<Character>& text, std::size_t limit) {
    Expected expected;
    bool isCut = false;
    for (const auto& character : text) {
        expected.bytes += character.utf8.size();
        isCut = isCut || expected.bytes > limit;
        if (!isCut) {
            expected.utf8 += character.utf8;
            expected.escaped += character.escaped;
        }
    }
    return expected;
}

std::string rawOf(const std::vector<Character>& text) {
    std::string raw;
    for (const auto& character : text)
        raw += character.escaped;
    return raw;
}

} // namespace

class TruncationTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(TruncationTest);
    CPPUNIT_TEST(testAtEveryByte);
    CPPUNIT_TEST(testEveryTextOfATrace);
    CPPUNIT_TEST(testEveryTextOfAnError);
    CPPUNIT_TEST(testTextsInsideMetadata);
    CPPUNIT_TEST(testExactlyTheLimit);
    CPPUNIT_TEST(testDefaultLimit);
    CPPUNIT_TEST_SUITE_END();

public:
    // Every text of up to three of the characters between plain ones, at every limit.
    void testAtEveryByte() {
        for (const auto& first : characters()) {
            for (const auto& second : characters()) {
                for (const auto& third : characters()) {
                    const std::vector<Character> text = {{"x", "x"}, first, second, {"y", "y"}, third};
                    const std::string raw = rawOf(text);
                    for (std::size_t limit = 0; limit <= 16; ++limit) {
                        const Expected expected = expectedOf(text, limit);
                        std::string plain = "before";
                        std::string escaped = "before";
                        const auto plainResult = appendText(raw, limit, plain);
                        const auto escapedResult = appendEscaped(raw, limit, escaped);
                        CPPUNIT_ASSERT(plainResult.fault == TextFault::None);
                        CPPUNIT_ASSERT(escapedResult.fault == TextFault::None);
                        CPPUNIT_ASSERT_EQUAL(expected.bytes, plainResult.bytes);
                        CPPUNIT_ASSERT_EQUAL(expected.bytes, escapedResult.bytes);
                        CPPUNIT_ASSERT_EQUAL("before" + expected.utf8, plain);
                        CPPUNIT_ASSERT_EQUAL("before" + expected.escaped, escaped);
                    }
                }
            }
        }
    }

    void testEveryTextOfATrace() {
        const auto trace = Ingest(8).trace(
            R"({"provider":"1234567é","model":"1234567890","input_text":"12345€7890","output_text":"éééé\u00e9",
                "status":"123456789","error_type":"1234😀5"})");
        CPPUNIT_ASSERT_EQUAL(std::string("1234567"), trace->provider);
        CPPUNIT_ASSERT_EQUAL(std::string("12345678"), trace->model);
        CPPUNIT_ASSERT_EQUAL(std::string("12345€"), trace->inputText.value());
        CPPUNIT_ASSERT_EQUAL(std::string("éééé"), trace->outputText.value());
        CPPUNIT_ASSERT_EQUAL(std::string("12345678"), trace->status);
        CPPUNIT_ASSERT_EQUAL(std::string("1234😀"), trace->errorType.value());
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"_truncated":{"provider":9,"model":10,"input_text":12,"output_text":10,)"
                                         R"("status":9,"error_type":9}})"),
                             trace->metadata.value());
    }

    void testEveryTextOfAnError() {
        const auto error = Ingest(8).error(
            R"({"error_type":"123456789","message":"123456789","stack_trace":"123456789","severity":"123456789"})");
        for (const auto& text : {error->errorType, error->message, *error->stackTrace, error->severity})
            CPPUNIT_ASSERT_EQUAL(std::string("12345678"), text);
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"_truncated":{"error_type":9,"message":9,"stack_trace":9,"severity":9}})"),
                             error->metadata.value());
    }

    void testTextsInsideMetadata() {
        const auto trace = Ingest(8).traceWith(
            R"(,"metadata":{"a":{"b":["ok",[0],"123456789"]},"k\n":"\n\n\n\n\n\n\n\n\n","long key is kept":"1"},
                "u":{"v":["1234567€"]},"w":"😀😀😀")");
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"({"a":{"b":["ok",[0],"12345678"]},"k\n":"\n\n\n\n\n\n\n\n","long key is kept":"1",)"
                        R"("u":{"v":["1234567"]},"w":"😀😀",)"
                        R"("_truncated":{"metadata.a.b[2]":9,"metadata.k\n":9,"u.v[0]":10,"w":12}})"),
            trace->metadata.value());
    }

    void testExactlyTheLimit() {
        const auto trace = Ingest(8).traceWith(
            R"(,"input_text":"12345678","output_text":"\ud83d\ude00\ud83d\ude00","x":"\u00e912345é")");
        CPPUNIT_ASSERT_EQUAL(std::string("12345678"), trace->inputText.value());
        CPPUNIT_ASSERT_EQUAL(std::string("😀😀"), trace->outputText.value());
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"x":"\u00e912345","_truncated":{"x":9}})"), trace->metadata.value());
    }

    void testDefaultLimit() {
        const std::string text(40123, 'x');
        const auto trace = Ingest().traceWith(",\"input_text\":\"" + text + "\"");
        CPPUNIT_ASSERT_EQUAL(text.substr(0, 16384), trace->inputText.value());
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"_truncated":{"input_text":40123}})"), trace->metadata.value());
        // The memory is cut, too.
        const auto escaped = Ingest().traceWith(",\"input_text\":\"\\n" + text + "\"");
        CPPUNIT_ASSERT_EQUAL(std::size_t{16384}, escaped->inputText->size());
        CPPUNIT_ASSERT(escaped->inputText->capacity() < 20000);
        CPPUNIT_ASSERT(trace->inputText->capacity() < 20000);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TruncationTest);
