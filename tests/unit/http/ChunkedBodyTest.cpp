#include "http/ChunkedBody.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <string>
#include <vector>

namespace octagent {

class ChunkedBodyTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ChunkedBodyTest);
    CPPUNIT_TEST(testDecodesAtEverySplit);
    CPPUNIT_TEST(testDecodesByteByByte);
    CPPUNIT_TEST(testRefusesBadFramingAtEverySplit);
    CPPUNIT_TEST(testIncompleteIsNeverComplete);
    CPPUNIT_TEST(testLimit);
    CPPUNIT_TEST(testEndlessExtensionsEnd);
    CPPUNIT_TEST(testEndlessTrailersEnd);
    CPPUNIT_TEST(testManyOneByteChunksAreFine);
    CPPUNIT_TEST_SUITE_END();

    struct Decoded {
        ChunkedBody::Result result;
        std::string body;
        std::string rest;
        int status;
    };

    // As a connection does: feeds the pieces one after another into one buffer.
    static Decoded decode(const std::vector<std::string>& pieces, std::size_t limit = 1 << 20) {
        ChunkedBody chunks(limit);
        std::string buffer;
        std::size_t rest = 0;
        auto result = ChunkedBody::Result::Incomplete;
        for (const auto& piece : pieces) {
            if (result == ChunkedBody::Result::Complete) {
                buffer += piece;
                continue;
            }
            buffer += piece;
            std::vector<char> exact(buffer.begin(), buffer.end()); // reads beyond it show under AddressSanitizer
            result = chunks.decode(exact.data(), exact.size(), rest);
            buffer.assign(exact.begin(), exact.end());
            if (result == ChunkedBody::Result::Refused)
                break;
            if (result == ChunkedBody::Result::Incomplete)
                buffer.erase(chunks.decodedSize(), rest - chunks.decodedSize());
        }
        const bool isComplete = result == ChunkedBody::Result::Complete;
        return {result, buffer.substr(0, chunks.decodedSize()), isComplete ? buffer.substr(rest) : std::string(),
                chunks.refusal().status};
    }

    const std::string _good = "5\r\nhello\r\n1;a=\"b\"\r\n \r\n00006\r\nworld!\r\n0\r\nX: y\r\nZ:\r\n\r\nNEXT";

    const std::vector<std::string> _bad = {
        "\r\n\r\n",        "x\r\n",
        "-1\r\n",          "5\nhello",
        "5 \r\nhello\r\n", "5\r\nhelloX",
        "5\r\nhello\rX",   "5\r\nhello\n",
        "g\r\n",           " 5\r\nhello\r\n",
        "0x5\r\nhello",    "5;a\x01\r\n",
        "0\r\n x: y\r\n",  "0\r\nno colon\r\n",
        "0\r\n: x\r\n",    "0\r\nx : y\r\n",
        "0\r\nx: y\n\r\n", "0\r\nx: \x01\r\n",
        "5\r\r\nhello",    ";a=b\r\n",
    };

public:
    void testDecodesAtEverySplit() {
        for (std::size_t split = 0; split <= _good.size(); ++split) {
            const Decoded decoded = decode({_good.substr(0, split), _good.substr(split)});
            CPPUNIT_ASSERT(decoded.result == ChunkedBody::Result::Complete);
            CPPUNIT_ASSERT_EQUAL(std::string("hello world!"), decoded.body);
            CPPUNIT_ASSERT_EQUAL(std::string("NEXT"), decoded.rest);
        }
    }

    void testDecodesByteByByte() {
        std::vector<std::string> bytes;
        for (const char c : _good)
            bytes.emplace_back(1, c);
        const Decoded decoded = decode(bytes);
        CPPUNIT_ASSERT(decoded.result == ChunkedBody::Result::Complete);
        CPPUNIT_ASSERT_EQUAL(std::string("hello world!"), decoded.body);
        CPPUNIT_ASSERT_EQUAL(std::string("NEXT"), decoded.rest);
    }

    void testRefusesBadFramingAtEverySplit() {
        for (const auto& text : _bad)
            for (std::size_t split = 0; split <= text.size(); ++split) {
                const Decoded decoded = decode({text.substr(0, split), text.substr(split)});
                CPPUNIT_ASSERT_MESSAGE(text, decoded.result == ChunkedBody::Result::Refused);
                CPPUNIT_ASSERT_EQUAL_MESSAGE(text, 400, decoded.status);
            }
    }

    void testIncompleteIsNeverComplete() {
        const std::string whole = _good.substr(0, _good.size() - 4);
        for (std::size_t length = 0; length < whole.size(); ++length)
            CPPUNIT_ASSERT(decode({whole.substr(0, length)}).result == ChunkedBody::Result::Incomplete);
    }

    void testLimit() {
        CPPUNIT_ASSERT(decode({"5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n"}, 10).result == ChunkedBody::Result::Complete);
        // As soon as it is announced, before its bytes are there.
        for (const char* text :
             {"5\r\nhello\r\n6\r\n", "b\r\n", "ffffffffffffffff\r\n", "fffffffffffffffffffffffff\r\n"}) {
            const Decoded decoded = decode({text}, 10);
            CPPUNIT_ASSERT(decoded.result == ChunkedBody::Result::Refused);
            CPPUNIT_ASSERT_EQUAL(413, decoded.status);
        }
    }

    void testEndlessExtensionsEnd() {
        CPPUNIT_ASSERT(decode({"5;" + std::string(2 * ChunkedBody::maxLine, 'a')}).result ==
                       ChunkedBody::Result::Refused);
        CPPUNIT_ASSERT(decode({std::string(2 * ChunkedBody::maxLine, '0')}).result == ChunkedBody::Result::Refused);
        std::string text;
        for (std::size_t i = 0; i < ChunkedBody::maxExtras / 500 + 1; ++i)
            text += "1;" + std::string(500, 'a') + "\r\nx\r\n";
        CPPUNIT_ASSERT_EQUAL(400, decode({text}).status);
    }

    void testEndlessTrailersEnd() {
        std::string text = "0\r\n";
        for (std::size_t i = 0; i < ChunkedBody::maxExtras / 100 + 1; ++i)
            text += "x: " + std::string(100, 'a') + "\r\n";
        CPPUNIT_ASSERT_EQUAL(431, decode({text}).status);
        CPPUNIT_ASSERT_EQUAL(431, decode({"0\r\nx: " + std::string(2 * ChunkedBody::maxLine, 'a')}).status);
    }

    void testManyOneByteChunksAreFine() {
        std::string text;
        for (int i = 0; i < 20000; ++i)
            text += "1\r\nx\r\n";
        const Decoded decoded = decode({text + "0\r\n\r\n"});
        CPPUNIT_ASSERT(decoded.result == ChunkedBody::Result::Complete);
        CPPUNIT_ASSERT_EQUAL(std::string(20000, 'x'), decoded.body);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ChunkedBodyTest);

} // namespace octagent
