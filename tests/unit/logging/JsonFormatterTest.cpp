#include "logging/Logging.h"
#include "octagent/Log.h"

#include <Poco/DateTime.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <cppunit/extensions/HelperMacros.h>

namespace octagent {

class JsonFormatterTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(JsonFormatterTest);
    CPPUNIT_TEST(testWholeLine);
    CPPUNIT_TEST(testTime);
    CPPUNIT_TEST(testLevels);
    CPPUNIT_TEST(testFieldsKeepTheirOrder);
    CPPUNIT_TEST(testReservedNames);
    CPPUNIT_TEST(testFieldTwice);
    CPPUNIT_TEST(testEveryByte);
    CPPUNIT_TEST(testInvalidUtf8);
    CPPUNIT_TEST(testSeparatorsOfUnicode);
    CPPUNIT_TEST(testForgedLine);
    CPPUNIT_TEST(testHostileFieldName);
    CPPUNIT_TEST(testLongText);
    CPPUNIT_TEST_SUITE_END();

public:
    void testWholeLine() {
        auto message = make("listening", Poco::Message::PRIO_INFORMATION);
        setLogFields(message, LogFields{{"address", "127.0.0.1:9090"}});
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"time":"2026-01-31T12:00:00.123Z","level":"info","source":"http",)"
                                         R"("message":"listening","address":"127.0.0.1:9090"})"),
                             formatted(message));
    }

    void testTime() {
        auto message = make("x", Poco::Message::PRIO_INFORMATION);
        message.setTime(Poco::DateTime(1999, 12, 31, 23, 59, 59, 999, 999).timestamp());
        CPPUNIT_ASSERT_EQUAL(std::string("1999-12-31T23:59:59.999Z"), parsed(message)->getValue<std::string>("time"));
        message.setTime(Poco::Timestamp(0));
        CPPUNIT_ASSERT_EQUAL(std::string("1970-01-01T00:00:00.000Z"), parsed(message)->getValue<std::string>("time"));
    }

    void testLevels() {
        const std::vector<std::string> names = {"fatal",  "critical", "error", "warning",
                                                "notice", "info",     "debug", "trace"};
        for (std::size_t i = 0; i < names.size(); ++i) {
            const auto priority = static_cast<Poco::Message::Priority>(Poco::Message::PRIO_FATAL + static_cast<int>(i));
            CPPUNIT_ASSERT_EQUAL(names[i], parsed(make("x", priority))->getValue<std::string>("level"));
        }
    }

    void testFieldsKeepTheirOrder() {
        auto message = make("x", Poco::Message::PRIO_ERROR);
        setLogFields(message, LogFields{{"zebra", "1"}, {"ape", "2"}});
        const auto line = formatted(message);
        CPPUNIT_ASSERT_MESSAGE(line, line.ends_with(R"("message":"x","zebra":"1","ape":"2"})"));
    }

    void testReservedNames() {
        auto message = make("x", Poco::Message::PRIO_ERROR);
        setLogFields(
            message,
            LogFields{{"time", "a"}, {"level", "b"}, {"source", "c"}, {"message", "d"}, {"field_message", "e"}});
        const auto line = formatted(message);
        CPPUNIT_ASSERT_MESSAGE(line, line.ends_with(R"("level":"error","source":"http","message":"x","field_time":"a",)"
                                                    R"("field_level":"b","field_source":"c","field_field_message":"d",)"
                                                    R"("field_message":"e"})"));
    }

    void testFieldTwice() {
        auto message = make("x", Poco::Message::PRIO_ERROR);
        setLogFields(message, LogFields{{"a", "1"}, {"a", "2"}});
        CPPUNIT_ASSERT(formatted(message).ends_with(R"("message":"x","a":"2"})"));
    }

    // The line is one line, is JSON, and says what was said.
    void testEveryByte() {
        std::string text;
        for (int byte = 0; byte < 0x80; ++byte)
            text += static_cast<char>(byte);
        text += "\xC2\x80\xC2\x9F\xC3\xA4\xE2\x82\xAC\xF0\x9F\x90\x99";
        auto message = make(text, Poco::Message::PRIO_ERROR);
        setLogFields(message, LogFields{{"field", text}});
        for (const char c : formatted(message))
            CPPUNIT_ASSERT(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
        CPPUNIT_ASSERT_EQUAL(text, parsed(message)->getValue<std::string>("message"));
        CPPUNIT_ASSERT_EQUAL(text, parsed(message)->getValue<std::string>("field"));
    }

    void testInvalidUtf8() {
        const std::string mark = "\xEF\xBF\xBD";
        expectText("a\x80z", "a" + mark + "z");                    // a continuation alone
        expectText("\xC3", mark);                                  // cut
        expectText("\xE2\x82", mark + mark);                       // cut
        expectText("\xC0\xAF", mark + mark);                       // overlong
        expectText("\xE0\x80\xAF", mark + mark + mark);            // overlong
        expectText("\xED\xA0\x80", mark + mark + mark);            // a surrogate
        expectText("\xF4\x90\x80\x80", mark + mark + mark + mark); // beyond U+10FFFF
        expectText("\xFF\xFE", mark + mark);                       // never in UTF-8
        expectText("\xC3\"\xC3\nx", mark + "\"" + mark + "\nx");   // what follows is not swallowed
    }

    void testSeparatorsOfUnicode() {
        const auto line = formatted(make("a\xE2\x80\xA8\xE2\x80\xA9\xC2\x85z", Poco::Message::PRIO_ERROR));
        CPPUNIT_ASSERT_MESSAGE(line, line.find(R"("message":"a\u2028\u2029\u0085z")") != std::string::npos);
    }

    void testForgedLine() {
        const std::string forged = "x\"}\r\n{\"level\":\"info\",\"message\":\"all is well\"}";
        auto message = make(forged, Poco::Message::PRIO_ERROR);
        setLogFields(message, LogFields{{"header", forged}});
        const auto line = formatted(message);
        CPPUNIT_ASSERT(line.find('\n') == std::string::npos);
        CPPUNIT_ASSERT(line.find('\r') == std::string::npos);
        const auto object = parsed(message);
        CPPUNIT_ASSERT_EQUAL(std::size_t{5}, object->size());
        CPPUNIT_ASSERT_EQUAL(std::string("error"), object->getValue<std::string>("level"));
        CPPUNIT_ASSERT_EQUAL(forged, object->getValue<std::string>("header"));
    }

    void testHostileFieldName() {
        auto message = make("x", Poco::Message::PRIO_ERROR);
        setLogFields(message, LogFields{{"a\":1,\"level", "b"}});
        CPPUNIT_ASSERT_EQUAL(std::string("error"), parsed(message)->getValue<std::string>("level"));
        CPPUNIT_ASSERT_EQUAL(std::string("b"), parsed(message)->getValue<std::string>("a\":1,\"level"));
    }

    // Cut behind the character that stands across the border.
    void testLongText() {
        std::string text(8191, 'y');
        text.append("\xC3\xA4");
        auto message = make(text + std::string(1000000, 'x'), Poco::Message::PRIO_ERROR);
        setLogFields(message, LogFields{{"field", text}});
        CPPUNIT_ASSERT(formatted(message).size() < 20000);
        CPPUNIT_ASSERT_EQUAL(text + "...", parsed(message)->getValue<std::string>("message"));
        CPPUNIT_ASSERT_EQUAL(text, parsed(message)->getValue<std::string>("field"));
    }

private:
    static Poco::Message make(const std::string& text, Poco::Message::Priority priority) {
        Poco::Message message("http", text, priority);
        message.setTime(Poco::DateTime(2026, 1, 31, 12, 0, 0, 123, 456).timestamp());
        return message;
    }

    static std::string formatted(const Poco::Message& message) {
        std::string line;
        makeJsonFormatter()->format(message, line);
        return line;
    }

    static Poco::JSON::Object::Ptr parsed(const Poco::Message& message) {
        return Poco::JSON::Parser().parse(formatted(message)).extract<Poco::JSON::Object::Ptr>();
    }

    static void expectText(const std::string& text, const std::string& expected) {
        CPPUNIT_ASSERT_EQUAL(expected, parsed(make(text, Poco::Message::PRIO_ERROR))->getValue<std::string>("message"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(JsonFormatterTest);

} // namespace octagent
