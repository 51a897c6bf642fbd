#include "SpanWindow.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

using namespace octagent::otlp;

class SpanWindowTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SpanWindowTest);
    CPPUNIT_TEST(testFlags);
    CPPUNIT_TEST(testKeys);
    CPPUNIT_TEST(testBounds);
    CPPUNIT_TEST(testWhatIsAddedAgainIsYoung);
    CPPUNIT_TEST_SUITE_END();

    static SpanKey key(int number) { return {"trace", std::to_string(number)}; }

public:
    void testFlags() {
        SpanWindow window(10);
        CPPUNIT_ASSERT(window.flags(key(1)) == 0);
        window.add(key(1), 1);
        window.add(key(1), 2);
        CPPUNIT_ASSERT(window.flags(key(1)) == 3);
        CPPUNIT_ASSERT(window.flags(key(2)) == 0);
    }

    void testKeys() {
        CPPUNIT_ASSERT(SpanKey("0123456789abcdef", "01234567") == SpanKey("0123456789abcdef", "01234567"));
        CPPUNIT_ASSERT(!(SpanKey("0123456789abcdef", "01234567") == SpanKey("0123456789abcdef", "01234568")));
        CPPUNIT_ASSERT(!(SpanKey("0123456789abcdef", "01234567") == SpanKey("1123456789abcdef", "01234567")));
        CPPUNIT_ASSERT(SpanKey("0123456789abcdefXYZ", "01234567XYZ") == SpanKey("0123456789abcdef", "01234567"));
        CPPUNIT_ASSERT(SpanKey("", "") == SpanKey("", ""));
    }

    void testBounds() {
        constexpr int size = 100;
        SpanWindow window(size);
        for (int i = 0; i < 10 * size; ++i) {
            window.add(key(i), 1);
            CPPUNIT_ASSERT(window.size() <= 2 * size);
            for (int back = i; back >= 0 && back > i - size; --back)
                CPPUNIT_ASSERT(window.flags(key(back)) == 1);
        }
        CPPUNIT_ASSERT(window.flags(key(0)) == 0);
    }

    void testWhatIsAddedAgainIsYoung() {
        SpanWindow window(2);
        window.add(key(1), 1);
        window.add(key(2), 1);
        window.add(key(3), 1); // 1 and 2 are old now
        window.add(key(1), 2);
        window.add(key(4), 1); // 2 is forgotten
        CPPUNIT_ASSERT(window.flags(key(1)) == 3);
        CPPUNIT_ASSERT(window.flags(key(2)) == 0);
        CPPUNIT_ASSERT(window.flags(key(3)) == 1);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(SpanWindowTest);
