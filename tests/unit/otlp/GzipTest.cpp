#include "Gzip.h"

#include <Poco/DeflatingStream.h>

#include <cppunit/extensions/HelperMacros.h>

#include <sstream>

using namespace octagent::otlp;

class GzipTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(GzipTest);
    CPPUNIT_TEST(testRoundTrip);
    CPPUNIT_TEST(testLimit);
    CPPUNIT_TEST(testEveryTruncationIsDamaged);
    CPPUNIT_TEST(testDamage);
    CPPUNIT_TEST_SUITE_END();

    static std::string deflated(const std::string& text) {
        std::ostringstream out;
        Poco::DeflatingOutputStream stream(out, Poco::DeflatingStreamBuf::STREAM_GZIP);
        stream << text;
        stream.close();
        return out.str();
    }
    static constexpr std::size_t noBound = std::size_t{1} << 30;

public:
    void testRoundTrip() {
        std::string out;
        for (const std::size_t size : {1U, 16383U, 16384U, 16385U, 1000000U}) {
            const std::string text(size, 'x');
            CPPUNIT_ASSERT(inflate(deflated(text), noBound, out) == Inflation::Done);
            CPPUNIT_ASSERT(out == text);
        }
        // Poco's deflating stream writes nothing at all for no data: this is gzip's.
        const std::string empty("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00", 20);
        CPPUNIT_ASSERT(inflate(empty, noBound, out) == Inflation::Done);
        CPPUNIT_ASSERT(out.empty());
    }

    void testLimit() {
        std::string out;
        const std::string bomb = deflated(std::string(10000000, '\0'));
        CPPUNIT_ASSERT(inflate(bomb, 9999999, out) == Inflation::TooLarge);
        CPPUNIT_ASSERT(out.size() < 9999999 + 20000);
        CPPUNIT_ASSERT(inflate(bomb, 10000000, out) == Inflation::Done);
        CPPUNIT_ASSERT(inflate(bomb, 100, out) == Inflation::TooLarge);
        CPPUNIT_ASSERT(out.size() < 20000);
    }

    // Poco's stream takes an end that is missing for the end of the data.
    void testEveryTruncationIsDamaged() {
        const std::string whole = deflated("some text, some text, some other text");
        std::string out;
        for (std::size_t size = 0; size < whole.size(); ++size)
            CPPUNIT_ASSERT_MESSAGE(std::to_string(size),
                                   inflate(whole.substr(0, size), noBound, out) == Inflation::Damaged);
    }

    void testDamage() {
        const std::string whole = deflated("some text, some text, some other text");
        std::string out;
        std::string wrong = whole;
        wrong[wrong.size() - 6] = static_cast<char>(wrong[wrong.size() - 6] ^ 1); // the checksum
        CPPUNIT_ASSERT(inflate(wrong, noBound, out) == Inflation::Damaged);
        CPPUNIT_ASSERT(inflate("this is no gzip at all, but long enough", noBound, out) == Inflation::Damaged);
        CPPUNIT_ASSERT(inflate("", noBound, out) == Inflation::Damaged);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(GzipTest);
