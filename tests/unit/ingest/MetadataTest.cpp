// What becomes of metadata and of the fields without a column.

#include "Ingest.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <string>
#include <vector>

namespace {

std::string metadataOf(std::string_view rest, std::size_t maxTextBytes = 16384) {
    return Ingest(maxTextBytes).traceWith(rest)->metadata.value();
}

#define ASSERT_METADATA(expected, rest) CPPUNIT_ASSERT_EQUAL(std::string(expected), metadataOf(rest))

// A metadata object of exactly `bytes`, none of whose texts is long.
std::string objectOf(std::size_t bytes) {
    std::string text = "{";
    int number = 0;
    while (text.size() + 1200 < bytes)
        text += "\"" + std::to_string(number++) + "\":\"" + std::string(1000, 'x') + "\",";
    text += "\"rest\":\"";
    text += std::string(bytes - text.size() - 2, 'y');
    return text + "\"}";
}

} // namespace

class MetadataTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(MetadataTest);
    CPPUNIT_TEST(testStoredAlone);
    CPPUNIT_TEST(testNumbersKeepTheirDigits);
    CPPUNIT_TEST(testUnknownFields);
    CPPUNIT_TEST(testMergeMatrix);
    CPPUNIT_TEST(testClientWins);
    CPPUNIT_TEST(testTruncatedIsTheAgents);
    CPPUNIT_TEST(testOrderOfFieldsDoesNotMatter);
    CPPUNIT_TEST(testManyUnknownFields);
    CPPUNIT_TEST(testSizeBound);
    CPPUNIT_TEST(testSizeBoundOfNotes);
    CPPUNIT_TEST(testNothingIsLeftFromTheEventBefore);
    CPPUNIT_TEST(testDepth);
    CPPUNIT_TEST_SUITE_END();

public:
    void testStoredAlone() {
        ASSERT_METADATA("plain text", R"(,"metadata":"plain text")");
        ASSERT_METADATA("a\n\"é", R"(,"metadata":"a\n\"\u00e9")");
        ASSERT_METADATA("{\"is\":\"text\"}", R"(,"metadata":"{\"is\":\"text\"}")");
        ASSERT_METADATA(R"({"a":[1,true,null,"x y"],"b":{}})",
                        ",\"metadata\": { \"a\" : [ 1 ,\ttrue,\nnull , \"x y\" ] , \"b\" : { } }");
        ASSERT_METADATA("[1,2]", R"(,"metadata":[1, 2])");
        ASSERT_METADATA("[]", R"(,"metadata":[ ])");
        ASSERT_METADATA("{}", R"(,"metadata":{ })");
        ASSERT_METADATA("7", R"(,"metadata": 7 )");
        ASSERT_METADATA("true", R"(,"metadata":true)");
        ASSERT_METADATA("false", R"(,"metadata":false)");
    }

    void testNumbersKeepTheirDigits() {
        for (const char* number : {"0.10", "-0", "-0.0", "1e999", "1E+5", "1e-400", "123456789012345678901234567890",
                                   "0.1000000000000000055511151231257827", "9007199254740993", "1.0"}) {
            ASSERT_METADATA(number, ",\"metadata\":" + std::string(number));
            ASSERT_METADATA("{\"n\":" + std::string(number) + "}", ",\"metadata\":{\"n\":" + std::string(number) + "}");
            ASSERT_METADATA("{\"n\":" + std::string(number) + "}", ",\"n\":" + std::string(number));
        }
    }

    void testUnknownFields() {
        ASSERT_METADATA(R"({"user":"u"})", R"(,"user":"u")");
        ASSERT_METADATA(R"({"trace_id":"mine"})", R"(,"trace_id":"mine")");
        ASSERT_METADATA(R"({"created_at":1,"id":2,"synced":true})", R"(,"created_at":1,"id":2,"synced":true)");
        ASSERT_METADATA(R"({"gone":null})", R"(,"gone":null)");
        ASSERT_METADATA(R"({"":1})", R"(,"":1)");
        ASSERT_METADATA(R"({"tags":["a",{"b":1}],"deep":{"x":{"y":[]}}})",
                        R"(,"tags":[ "a", { "b" : 1 } ],"deep":{"x":{"y":[ ]}})");
        ASSERT_METADATA(R"({"a\"b\u0041":"\u00e9\n"})", R"(,"a\"b\u0041":"\u00e9\n")");
        ASSERT_METADATA(R"({"PROVIDER":1,"stack_trace":"s"})", R"(,"PROVIDER":1,"stack_trace":"s")");
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"({"trace_id":"t","model":"m"})"),
            Ingest().error(R"({"error_type":"e","message":"x","trace_id":"t","model":"m"})")->metadata.value());
    }

    void testMergeMatrix() {
        struct Case {
            const char* metadata; // of the client
            const char* alone;
            const char* withUnknown;
            const char* withNote;
            const char* withBoth;
        };
        const Case cases[] = {
            {"", nullptr, R"({"u":1})", R"({"_truncated":{"input_text":9}})",
             R"({"u":1,"_truncated":{"input_text":9}})"},
            {R"(,"metadata":null)", nullptr, R"({"u":1})", R"({"_truncated":{"input_text":9}})",
             R"({"u":1,"_truncated":{"input_text":9}})"},
            {R"(,"metadata":{})", "{}", R"({"u":1})", R"({"_truncated":{"input_text":9}})",
             R"({"u":1,"_truncated":{"input_text":9}})"},
            {R"(,"metadata":{"a":1})", R"({"a":1})", R"({"a":1,"u":1})", R"({"a":1,"_truncated":{"input_text":9}})",
             R"({"a":1,"u":1,"_truncated":{"input_text":9}})"},
            {R"(,"metadata":"t\n")", "t\n", R"({"metadata":"t\n","u":1})",
             R"({"metadata":"t\n","_truncated":{"input_text":9}})",
             R"({"metadata":"t\n","u":1,"_truncated":{"input_text":9}})"},
            {R"(,"metadata":"")", "", R"({"metadata":"","u":1})", R"({"metadata":"","_truncated":{"input_text":9}})",
             R"({"metadata":"","u":1,"_truncated":{"input_text":9}})"},
            {R"(,"metadata":[1])", "[1]", R"({"metadata":[1],"u":1})",
             R"({"metadata":[1],"_truncated":{"input_text":9}})",
             R"({"metadata":[1],"u":1,"_truncated":{"input_text":9}})"},
            {R"(,"metadata":1.50)", "1.50", R"({"metadata":1.50,"u":1})",
             R"({"metadata":1.50,"_truncated":{"input_text":9}})",
             R"({"metadata":1.50,"u":1,"_truncated":{"input_text":9}})"},
            {R"(,"metadata":false)", "false", R"({"metadata":false,"u":1})",
             R"({"metadata":false,"_truncated":{"input_text":9}})",
             R"({"metadata":false,"u":1,"_truncated":{"input_text":9}})"},
            // Cut itself: there is always something to tell.
            {R"(,"metadata":"123456789")", R"({"metadata":"12345678","_truncated":{"metadata":9}})",
             R"({"metadata":"12345678","u":1,"_truncated":{"metadata":9}})",
             R"({"metadata":"12345678","_truncated":{"metadata":9,"input_text":9}})",
             R"({"metadata":"12345678","u":1,"_truncated":{"metadata":9,"input_text":9}})"},
            {R"(,"metadata":["123456789"])", R"({"metadata":["12345678"],"_truncated":{"metadata[0]":9}})",
             R"({"metadata":["12345678"],"u":1,"_truncated":{"metadata[0]":9}})",
             R"({"metadata":["12345678"],"_truncated":{"metadata[0]":9,"input_text":9}})",
             R"({"metadata":["12345678"],"u":1,"_truncated":{"metadata[0]":9,"input_text":9}})"},
        };
        const std::string unknown = R"(,"u":1)";
        const std::string cut = R"(,"input_text":"123456789")";
        for (const auto& one : cases) {
            std::string metadata = one.metadata;
            const auto alone = Ingest(8).traceWith(metadata)->metadata;
            CPPUNIT_ASSERT_EQUAL(one.alone != nullptr, alone.has_value());
            if (one.alone != nullptr)
                CPPUNIT_ASSERT_EQUAL(std::string(one.alone), *alone);
            CPPUNIT_ASSERT_EQUAL(std::string(one.withUnknown), metadataOf(metadata + unknown, 8));
            CPPUNIT_ASSERT_EQUAL(std::string(one.withUnknown), metadataOf(unknown + metadata, 8));
            CPPUNIT_ASSERT_EQUAL(std::string(one.withNote), metadataOf(metadata + cut, 8));
            metadata += cut;
            metadata += unknown;
            CPPUNIT_ASSERT_EQUAL(std::string(one.withBoth), metadataOf(metadata, 8));
        }
    }

    void testClientWins() {
        ASSERT_METADATA(R"({"user":"inner","x":1})", R"(,"user":"outer","metadata":{"user":"inner","x":1})");
        ASSERT_METADATA(R"({"user":"inner","x":1})", R"(,"metadata":{"user":"inner","x":1},"user":"outer")");
        ASSERT_METADATA(R"({"us\u0065r":"inner"})", R"(,"metadata":{"us\u0065r":"inner"},"user":"outer")");
        ASSERT_METADATA(R"({"user":null})", R"(,"metadata":{"user":null},"user":"outer")");
        ASSERT_METADATA(R"({"user":1,"user":2,"a":0})", R"(,"metadata":{"user":1,"user":2},"user":"outer","a":0)");
        // Only members of the top level are of the same name.
        ASSERT_METADATA(R"({"a":{"user":1},"user":"outer"})", R"(,"metadata":{"a":{"user":1}},"user":"outer")");
        // What was replaced leaves no note.
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"user":"inner"})"),
                             metadataOf(R"(,"user":"longer than eight","metadata":{"user":"inner"})", 8));
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"({"user":"inner","w":"longer t","_truncated":{"w":17}})"),
            metadataOf(R"(,"user":"longer than eight","w":"longer than eight","metadata":{"user":"inner"})", 8));
    }

    void testTruncatedIsTheAgents() {
        ASSERT_METADATA(R"({"_truncated":"mine"})", R"(,"metadata":{"_truncated":"mine"})");
        ASSERT_METADATA(R"({"_truncated":"mine"})", R"(,"_truncated":"mine")");
        ASSERT_METADATA(R"({"_truncated":1})", R"(,"_truncated":2,"metadata":{"_truncated":1})");
        const std::string cut = R"(,"input_text":"123456789")";
        const std::string told = R"({"a":1,"_truncated":{"input_text":9}})";
        CPPUNIT_ASSERT_EQUAL(told, metadataOf(R"(,"metadata":{"_truncated":"mine","a":1})" + cut, 8));
        CPPUNIT_ASSERT_EQUAL(told, metadataOf(R"(,"metadata":{"_trunc\u0061ted":"mine","a":1})" + cut, 8));
        CPPUNIT_ASSERT_EQUAL(told, metadataOf(R"(,"_truncated":"mine","a":1)" + cut, 8));
    }

    void testOrderOfFieldsDoesNotMatter() {
        std::vector<std::string> fields = {R"("provider":"p")", R"("model":"m")", R"("metadata":{"a":1})",
                                           R"("latency_ms":5)"};
        std::sort(fields.begin(), fields.end());
        do {
            const auto trace =
                Ingest().trace("{" + fields[0] + "," + fields[1] + "," + fields[2] + "," + fields[3] + "}");
            CPPUNIT_ASSERT_EQUAL(std::string("p"), trace->provider);
            CPPUNIT_ASSERT_EQUAL(std::string(R"({"a":1})"), trace->metadata.value());
            CPPUNIT_ASSERT_EQUAL(std::int64_t{5}, trace->latencyMs.value());
        } while (std::next_permutation(fields.begin(), fields.end()));
    }

    void testManyUnknownFields() {
        std::string rest;
        std::string expected = "{";
        for (int i = 0; i < 2000; ++i) {
            const std::string member = "\"f" + std::to_string(i) + "\":" + std::to_string(i);
            rest += "," + member;
            expected += (i == 0 ? "" : ",") + member;
        }
        ASSERT_METADATA(expected + "}", rest);
        const auto refused = Ingest().refusedTraceWith(rest + R"(,"f1000":1)");
        CPPUNIT_ASSERT_EQUAL(std::string("f1000: stands twice"), refused);
    }

    void testSizeBound() {
        CPPUNIT_ASSERT_EQUAL(std::size_t{65536}, metadataOf(",\"metadata\":" + objectOf(65536)).size());
        const auto names = [](const std::string& text) { return text.find("metadata") != std::string::npos; };
        CPPUNIT_ASSERT(names(Ingest().refusedTraceWith(",\"metadata\":" + objectOf(65537))));
        CPPUNIT_ASSERT(names(Ingest().refusedTraceWith(",\"metadata\":" + objectOf(65530) + ",\"a\":1000")));
        CPPUNIT_ASSERT(names(Ingest().refusedTraceWith(",\"other\":" + objectOf(65530))));
        CPPUNIT_ASSERT(names(Ingest().refusedTraceWith(",\"metadata\":[" + objectOf(70000) + "]")));
        // White space does not count, nor what is cut.
        CPPUNIT_ASSERT_EQUAL(std::string("[1]"), metadataOf(",\"metadata\":[" + std::string(100000, ' ') + "1]"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{16384 + 48},
                             metadataOf(",\"metadata\":\"" + std::string(100000, 'x') + "\"").size());
        // A text alone has the bound, too.
        CPPUNIT_ASSERT(names(Ingest(100000).refusedTraceWith(",\"metadata\":\"" + std::string(65537, 'x') + "\"")));
        CPPUNIT_ASSERT_EQUAL(std::size_t{65536},
                             metadataOf(",\"metadata\":\"" + std::string(65536, 'x') + "\"", 100000).size());
    }

    // A note repeats the path of a text, which may be much longer than the text.
    void testSizeBoundOfNotes() {
        std::string texts;
        for (int i = 0; i < 2000; ++i)
            texts += i == 0 ? R"("12345")" : R"(,"12345")";
        const std::string key(1000, 'k');
        const auto answer = Ingest(4).refusedTraceWith(",\"" + key + "\":[" + texts + "]");
        CPPUNIT_ASSERT_MESSAGE(answer, answer.find("metadata") != std::string::npos);
    }

    void testNothingIsLeftFromTheEventBefore() {
        Ingest ingest(8);
        const std::string plain = Ingest::traceBody("");
        const Answer answer =
            ingest.postTrace("[" + Ingest::traceBody(R"(,"u":"123456789","metadata":{"a":1,"\u0062":2})") + "," +
                             plain + "," + Ingest::traceBody(R"(,"metadata":"text")") + "," +
                             Ingest::traceBody(R"(,"v":1,"input_text":"123456789")") + "," + plain + "]");
        CPPUNIT_ASSERT_EQUAL(202, answer.status);
        const auto metadata = [&ingest](std::size_t index) {
            return ingest.sink.taken.at(index).cast<octagent::TraceEvent>()->metadata;
        };
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"a":1,"\u0062":2,"u":"12345678","_truncated":{"u":9}})"),
                             metadata(0).value());
        CPPUNIT_ASSERT(!metadata(1));
        CPPUNIT_ASSERT_EQUAL(std::string("text"), metadata(2).value());
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"v":1,"_truncated":{"input_text":9}})"), metadata(3).value());
        CPPUNIT_ASSERT(!metadata(4));
    }

    void testDepth() {
        const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
        ASSERT_METADATA(nested(63), ",\"metadata\":" + nested(63));
        ASSERT_METADATA("{\"x\":" + nested(63) + "}", ",\"x\":" + nested(63));
        for (const std::size_t depth : {64UL, 65UL, 1000UL, 100000UL}) {
            const auto refused = Ingest().refusedTraceWith(",\"metadata\":" + nested(depth));
            CPPUNIT_ASSERT_EQUAL(std::string("metadata[0]"), refused.substr(0, 11));
            CPPUNIT_ASSERT(refused.find("nested more than 64 deep") != std::string::npos);
        }
        std::string objects;
        for (int i = 0; i < 64; ++i)
            objects += R"({"a":)";
        const auto refused = Ingest().refusedTraceWith(",\"metadata\":" + objects + "1" + std::string(64, '}'));
        CPPUNIT_ASSERT(refused.find("nested more than 64 deep") != std::string::npos);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MetadataTest);
