#include "JsonText.h"

#include <cppunit/extensions/HelperMacros.h>

#include <limits>

using namespace octagent::otlp;

class JsonTextTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(JsonTextTest);
    CPPUNIT_TEST(testCleanKeepsUtf8);
    CPPUNIT_TEST(testCleanReplacesWhatIsNone);
    CPPUNIT_TEST(testCutBetweenCharacters);
    CPPUNIT_TEST(testQuoted);
    CPPUNIT_TEST(testNumbers);
    CPPUNIT_TEST_SUITE_END();

public:
    void testCleanKeepsUtf8() {
        for (const std::string text : {"", "a", "Gr\xC3\xBC\xC3\x9F", "\xE2\x82\xAC", "\xF0\x9F\x91\x8B",
                                       "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF", "\x7F\x01"})
            CPPUNIT_ASSERT_EQUAL(text, cleanText(text));
    }

    void testCleanReplacesWhatIsNone() {
        const std::string bad = "\xEF\xBF\xBD";
        CPPUNIT_ASSERT_EQUAL("a" + bad + "b", cleanText("a\xFF"
                                                        "b"));
        CPPUNIT_ASSERT_EQUAL("a" + bad, cleanText("a\xC3"));              // cut inside a character
        CPPUNIT_ASSERT_EQUAL(bad + bad, cleanText("\xE2\x82"));           // likewise
        CPPUNIT_ASSERT_EQUAL(bad + bad, cleanText("\xC0\x80"));           // overlong
        CPPUNIT_ASSERT_EQUAL(bad + bad + bad, cleanText("\xED\xA0\x80")); // surrogate
        CPPUNIT_ASSERT_EQUAL(bad + bad + bad + bad, cleanText("\xF4\x90\x80\x80"));
        CPPUNIT_ASSERT_EQUAL("a" + bad + "b", cleanText(std::string("a\0b", 3)));
        CPPUNIT_ASSERT_EQUAL(bad + "x", cleanText("\x80x"));
    }

    void testCutBetweenCharacters() {
        std::size_t before = 0;
        CPPUNIT_ASSERT_EQUAL(std::string("a"), cutText("a\xE2\x82\xAC", 3, before));
        CPPUNIT_ASSERT_EQUAL(std::size_t{4}, before);
        CPPUNIT_ASSERT_EQUAL(std::string("a\xE2\x82\xAC"), cutText("a\xE2\x82\xAC", 4, before));
        CPPUNIT_ASSERT_EQUAL(std::string("\xEF\xBF\xBD"), cutText("\xFF\xFF", 5, before));
        CPPUNIT_ASSERT_EQUAL(std::size_t{6}, before);
    }

    void testQuoted() {
        std::string out;
        appendQuoted(out, "a\"b\\c\n\r\t\x01\x1F/\xC3\xBC");
        CPPUNIT_ASSERT_EQUAL(std::string("\"a\\\"b\\\\c\\n\\r\\t\\u0001\\u001f/\xC3\xBC\""), out);
    }

    void testNumbers() {
        const auto shown = [](double number) {
            std::string out;
            appendNumber(out, number);
            return out;
        };
        CPPUNIT_ASSERT_EQUAL(std::string("0.1"), shown(0.1));
        CPPUNIT_ASSERT_EQUAL(std::string("5"), shown(5));
        CPPUNIT_ASSERT_EQUAL(std::string("1e+300"), shown(1e300));
        CPPUNIT_ASSERT_EQUAL(std::string("\"NaN\""), shown(std::numeric_limits<double>::quiet_NaN()));
        CPPUNIT_ASSERT_EQUAL(std::string("\"-Infinity\""), shown(-std::numeric_limits<double>::infinity()));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(JsonTextTest);
