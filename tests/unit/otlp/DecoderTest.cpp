#include "Spans.h"
#include "Wire.h"

#include <Poco/Exception.h>

#include <cmath>

using namespace octagent::otlp;
using namespace octagent::otlp::test;

// Both decoders. Protobuf is tested with bytes written by hand, so that the field numbers are the
// specification's and not just our own on both sides.
class DecoderTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(DecoderTest);
    CPPUNIT_TEST(testJsonSpan);
    CPPUNIT_TEST(testJsonIdsInAnyCase);
    CPPUNIT_TEST(testJsonIntegers);
    CPPUNIT_TEST(testJsonValues);
    CPPUNIT_TEST(testJsonUnknownAndNullAreSkipped);
    CPPUNIT_TEST(testJsonEmpty);
    CPPUNIT_TEST(testJsonRefusals);
    CPPUNIT_TEST(testJsonDepth);
    CPPUNIT_TEST(testProtobufSpan);
    CPPUNIT_TEST(testProtobufUnknownFields);
    CPPUNIT_TEST(testProtobufInvalidUtf8);
    CPPUNIT_TEST(testProtobufRefusals);
    CPPUNIT_TEST(testProtobufEmpty);
    CPPUNIT_TEST(testBothEncodingsOfOneClient);
    CPPUNIT_TEST(testTooManyParts);
    CPPUNIT_TEST_SUITE_END();

    static std::string inSpan(const std::string& members) {
        return R"({"resourceSpans":[{"scopeSpans":[{"spans":[{)" + members + "}]}]}]}";
    }
    static Span onlySpan(const TraceRequest& request) { return request.at(0).scopes.at(0).spans.at(0); }
    static AnyValue jsonValue(const std::string& value) {
        return onlySpan(decodeJson(inSpan(R"("attributes":[{"key":"k","value":)" + value + "}]")))
            .attributes.at(0)
            .value;
    }

    static void assertRefusedJson(const std::string& body, const std::string& where) {
        try {
            decodeJson(body);
        } catch (const Poco::DataFormatException& error) {
            CPPUNIT_ASSERT_MESSAGE(error.message() + " / " + where, error.message().find(where) != std::string::npos);
            return;
        }
        CPPUNIT_FAIL("decoded: " + body);
    }

public:
    void testJsonSpan() {
        const TraceRequest request = decodeJson(R"({"resourceSpans":[{
            "resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},
            "scopeSpans":[{"scope":{"name":"lib","version":"1","attributes":[{"key":"a","value":{"boolValue":true}}]},
              "spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174",
                "parentSpanId":"eee19b7ec3c1b173","traceState":"a=b","name":"I","kind":2,
                "startTimeUnixNano":"1544712660000000000","endTimeUnixNano":"1544712661000000001",
                "attributes":[{"key":"k","value":{"stringValue":"v"}}],"droppedAttributesCount":3,
                "events":[{"timeUnixNano":"7","name":"e","attributes":[{"key":"x","value":{"intValue":"1"}}]}],
                "status":{"message":"no","code":2}}]}]}]})");
        CPPUNIT_ASSERT_EQUAL(std::string("shop"), std::get<std::string>(request.at(0).resource.at(0).value.value));
        const ScopeSpans& scope = request[0].scopes.at(0);
        CPPUNIT_ASSERT_EQUAL(std::string("lib"), scope.name);
        CPPUNIT_ASSERT_EQUAL(std::string("1"), scope.version);
        CPPUNIT_ASSERT(std::get<bool>(scope.attributes.at(0).value.value));
        const Span& span = scope.spans.at(0);
        CPPUNIT_ASSERT_EQUAL(std::string("\x5b\x8e\xff\xf7\x98\x03\x81\x03\xd2\x69\xb6\x33\x81\x3f\xc6\x0c"),
                             span.traceId);
        CPPUNIT_ASSERT_EQUAL(std::string("\xee\xe1\x9b\x7e\xc3\xc1\xb1\x74"), span.spanId);
        CPPUNIT_ASSERT_EQUAL(std::string("\xee\xe1\x9b\x7e\xc3\xc1\xb1\x73"), span.parentSpanId);
        CPPUNIT_ASSERT_EQUAL(std::string("a=b"), span.traceState);
        CPPUNIT_ASSERT_EQUAL(std::string("I"), span.name);
        CPPUNIT_ASSERT_EQUAL(2, span.kind);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1544712660000000000}, span.startTimeUnixNano);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1544712661000000001}, span.endTimeUnixNano);
        CPPUNIT_ASSERT_EQUAL(std::string("v"), std::get<std::string>(span.attributes.at(0).value.value));
        CPPUNIT_ASSERT_EQUAL(std::uint32_t{3}, span.droppedAttributesCount);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{7}, span.events.at(0).timeUnixNano);
        CPPUNIT_ASSERT_EQUAL(std::string("e"), span.events[0].name);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, std::get<std::int64_t>(span.events[0].attributes.at(0).value.value));
        CPPUNIT_ASSERT(span.status == StatusCode::Error);
        CPPUNIT_ASSERT_EQUAL(std::string("no"), span.statusMessage);
    }

    void testJsonIdsInAnyCase() {
        const std::string lower = R"("traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174")";
        const std::string upper = R"("traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"EEE19B7EC3C1B174")";
        CPPUNIT_ASSERT_EQUAL(onlySpan(decodeJson(inSpan(lower))).traceId, onlySpan(decodeJson(inSpan(upper))).traceId);
        CPPUNIT_ASSERT_EQUAL(onlySpan(decodeJson(inSpan(lower))).spanId, onlySpan(decodeJson(inSpan(upper))).spanId);
    }

    void testJsonIntegers() {
        const auto integer = [](const std::string& json) {
            return std::get<std::int64_t>(jsonValue(R"({"intValue":)" + json + "}").value);
        };
        CPPUNIT_ASSERT_EQUAL(std::int64_t{5}, integer("5"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{5}, integer("\"5\""));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{5}, integer("5.0"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{-5}, integer("\"-5\""));
        CPPUNIT_ASSERT_EQUAL(std::numeric_limits<std::int64_t>::max(), integer("9223372036854775807"));
        CPPUNIT_ASSERT_EQUAL(std::numeric_limits<std::int64_t>::max(), integer("\"9223372036854775807\""));
        CPPUNIT_ASSERT_EQUAL(std::numeric_limits<std::int64_t>::min(), integer("-9223372036854775808"));
        const auto start = [](const std::string& json) {
            return onlySpan(decodeJson(inSpan(R"("startTimeUnixNano":)" + json))).startTimeUnixNano;
        };
        CPPUNIT_ASSERT_EQUAL(std::numeric_limits<std::uint64_t>::max(), start("18446744073709551615"));
        CPPUNIT_ASSERT_EQUAL(std::numeric_limits<std::uint64_t>::max(), start("\"18446744073709551615\""));
    }

    void testJsonValues() {
        CPPUNIT_ASSERT_EQUAL(0.5, std::get<double>(jsonValue(R"({"doubleValue":0.5})").value));
        CPPUNIT_ASSERT_EQUAL(3.0, std::get<double>(jsonValue(R"({"doubleValue":3})").value));
        CPPUNIT_ASSERT_EQUAL(0.25, std::get<double>(jsonValue(R"({"doubleValue":"0.25"})").value));
        CPPUNIT_ASSERT(std::isnan(std::get<double>(jsonValue(R"({"doubleValue":"NaN"})").value)));
        CPPUNIT_ASSERT_EQUAL(std::string("hi\xff"), std::get<Bytes>(jsonValue(R"({"bytesValue":"aGn/"})").value).data);
        CPPUNIT_ASSERT_EQUAL(std::string("hi\xff"), std::get<Bytes>(jsonValue(R"({"bytesValue":"aGn_"})").value).data);
        CPPUNIT_ASSERT_EQUAL(std::string("hi"), std::get<Bytes>(jsonValue(R"({"bytesValue":"aGk"})").value).data);
        const auto array = std::get<std::vector<AnyValue>>(
            jsonValue(R"({"arrayValue":{"values":[{"stringValue":"a"},{"intValue":2},{}]}})").value);
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, array.size());
        CPPUNIT_ASSERT_EQUAL(std::string("a"), std::get<std::string>(array[0].value));
        CPPUNIT_ASSERT(std::holds_alternative<std::monostate>(array[2].value));
        const auto list = std::get<Attributes>(
            jsonValue(R"({"kvlistValue":{"values":[{"key":"m","value":{"boolValue":false}}]}})").value);
        CPPUNIT_ASSERT_EQUAL(std::string("m"), list.at(0).key);
        CPPUNIT_ASSERT(std::get<std::vector<AnyValue>>(jsonValue(R"({"arrayValue":{}})").value).empty());
    }

    void testJsonUnknownAndNullAreSkipped() {
        const Span span = onlySpan(decodeJson(
            R"({"future":[1,{"a":2}],"resourceSpans":[{"x":null,"schemaUrl":"u","scopeSpans":[{"spans":[
               {"name":null,"spanId":"eee19b7ec3c1b174","links":[{"traceId":"zz"}],"flags":1,"later":{"deep":[[]]},
                "trace_id":"not a name of OTLP/JSON"}]}]}]})"));
        CPPUNIT_ASSERT_EQUAL(std::string(), span.name);
        CPPUNIT_ASSERT_EQUAL(std::size_t{8}, span.spanId.size());
        CPPUNIT_ASSERT(span.traceId.empty());
    }

    void testJsonEmpty() {
        CPPUNIT_ASSERT(decodeJson("{}").empty());
        CPPUNIT_ASSERT(decodeJson(R"({"resourceSpans":[]})").empty());
        CPPUNIT_ASSERT(decodeJson(R"({"resourceSpans":[{}]})").at(0).scopes.empty());
    }

    void testJsonRefusals() {
        assertRefusedJson("", "no JSON");
        assertRefusedJson("{", "no JSON");
        assertRefusedJson("[]", "not an object");
        assertRefusedJson("{} {}", "no JSON");
        assertRefusedJson(R"({"resourceSpans":{}})", "resourceSpans: not an array");
        assertRefusedJson(inSpan(R"("traceId":"xyz1")"), "spans[0].traceId: not hex digits");
        assertRefusedJson(inSpan(R"("traceId":"abc")"), "not hex digits");
        assertRefusedJson(inSpan(R"("spanId":5)"), "not hex digits");
        assertRefusedJson(inSpan(R"("kind":"SPAN_KIND_SERVER")"), "kind: not an enum's integer");
        assertRefusedJson(inSpan(R"("name":5)"), "name: not a string");
        assertRefusedJson(inSpan(R"("startTimeUnixNano":"-1")"), "not an unsigned 64-bit integer");
        assertRefusedJson(inSpan(R"("attributes":[{"key":"k","value":{"intValue":1.5}}])"), "intValue: not a 64-bit");
        assertRefusedJson(inSpan(R"("attributes":[{"key":"k","value":{"intValue":"9223372036854775808"}}])"), "64-bit");
        assertRefusedJson(inSpan(R"("attributes":[{"key":"k","value":{"boolValue":"true"}}])"), "not a boolean");
        assertRefusedJson(inSpan(R"("attributes":[{"key":"k","value":{"bytesValue":"***"}}])"), "not base64");
        assertRefusedJson(inSpan(R"("attributes":[5])"), "attributes[0]: not an object");
    }

    void testJsonDepth() {
        std::string value = R"({"stringValue":"x"})";
        for (int i = 0; i < 15; ++i)
            value = R"({"arrayValue":{"values":[)" + value + "]}}";
        CPPUNIT_ASSERT(jsonValue(value).value.index() != 0);
        for (int i = 0; i < 100000; ++i)
            value = "[" + value;
        assertRefusedJson(value, "no JSON");
    }

    void testProtobufSpan() {
        const std::string traceId = "0123456789abcdef";
        const std::string span =
            field(1, traceId) + field(2, "01234567") + field(3, "a=b") + field(4, "parentid") + field(5, "name") +
            field(6, 3) + fixed64(7, 1544712660000000000U) + fixed64(8, 1544712661000000001U) +
            field(9, wireAttribute("text", field(1, "v"))) + field(9, wireAttribute("bool", field(2, 1))) +
            field(9, wireAttribute("int", field(3, static_cast<std::uint64_t>(-7)))) +
            field(9, wireAttribute("double", fixed64(4, 0x3FE0000000000000U))) +
            field(9, wireAttribute("array", field(5, field(1, field(1, "a")) + field(1, field(3, 2))))) +
            field(9, wireAttribute("list", field(6, field(1, wireAttribute("m", field(2, 0)))))) +
            field(9, wireAttribute("bytes", field(7, "\xff"))) + field(10, 4) +
            field(11, fixed64(1, 7) + field(2, "event") + field(3, wireAttribute("x", field(1, "y")))) +
            field(15, field(2, "message") + field(3, 2));
        const std::string body = field(
            1, field(1, field(1, wireAttribute("service.name", field(1, "shop")))) +
                   field(2, field(1, field(1, "lib") + field(2, "1") + field(3, wireAttribute("s", field(1, "t")))) +
                                field(2, span)));
        const TraceRequest request = decodeProtobuf(body);
        CPPUNIT_ASSERT_EQUAL(std::string("service.name"), request.at(0).resource.at(0).key);
        const ScopeSpans& scope = request[0].scopes.at(0);
        CPPUNIT_ASSERT_EQUAL(std::string("lib"), scope.name);
        CPPUNIT_ASSERT_EQUAL(std::string("1"), scope.version);
        CPPUNIT_ASSERT_EQUAL(std::string("s"), scope.attributes.at(0).key);
        const Span& decoded = scope.spans.at(0);
        CPPUNIT_ASSERT_EQUAL(traceId, decoded.traceId);
        CPPUNIT_ASSERT_EQUAL(std::string("01234567"), decoded.spanId);
        CPPUNIT_ASSERT_EQUAL(std::string("a=b"), decoded.traceState);
        CPPUNIT_ASSERT_EQUAL(std::string("parentid"), decoded.parentSpanId);
        CPPUNIT_ASSERT_EQUAL(std::string("name"), decoded.name);
        CPPUNIT_ASSERT_EQUAL(3, decoded.kind);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1544712660000000000}, decoded.startTimeUnixNano);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1544712661000000001}, decoded.endTimeUnixNano);
        const Attributes& attributes = decoded.attributes;
        CPPUNIT_ASSERT_EQUAL(std::string("v"), std::get<std::string>(attributes.at(0).value.value));
        CPPUNIT_ASSERT_EQUAL(true, std::get<bool>(attributes.at(1).value.value));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{-7}, std::get<std::int64_t>(attributes.at(2).value.value));
        CPPUNIT_ASSERT_EQUAL(0.5, std::get<double>(attributes.at(3).value.value));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, std::get<std::vector<AnyValue>>(attributes.at(4).value.value).size());
        CPPUNIT_ASSERT_EQUAL(std::string("m"), std::get<Attributes>(attributes.at(5).value.value).at(0).key);
        CPPUNIT_ASSERT_EQUAL(std::string("\xff"), std::get<Bytes>(attributes.at(6).value.value).data);
        CPPUNIT_ASSERT_EQUAL(std::uint32_t{4}, decoded.droppedAttributesCount);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{7}, decoded.events.at(0).timeUnixNano);
        CPPUNIT_ASSERT_EQUAL(std::string("event"), decoded.events[0].name);
        CPPUNIT_ASSERT_EQUAL(std::string("x"), decoded.events[0].attributes.at(0).key);
        CPPUNIT_ASSERT(decoded.status == StatusCode::Error);
        CPPUNIT_ASSERT_EQUAL(std::string("message"), decoded.statusMessage);
    }

    void testProtobufUnknownFields() {
        const Span span = onlySpan(decodeProtobuf(
            field(99, "?") + wireRequest(field(5, "n") + field(13, "link") + field(200, 5) + fixed64(201, 1))));
        CPPUNIT_ASSERT_EQUAL(std::string("n"), span.name);
    }

    // Exporters cut texts at a number of bytes: one such text must not cost the batch.
    void testProtobufInvalidUtf8() {
        const Span span = onlySpan(decodeProtobuf(wireRequest(field(9, wireAttribute("k", field(1, "a\xC3"))))));
        CPPUNIT_ASSERT_EQUAL(std::string("a\xC3"), std::get<std::string>(span.attributes.at(0).value.value));
    }

    void testProtobufRefusals() {
        const std::string good = wireRequest(field(5, "name"));
        for (std::size_t size = 1; size < good.size(); ++size)
            CPPUNIT_ASSERT_THROW_MESSAGE(std::to_string(size), decodeProtobuf(good.substr(0, size)),
                                         Poco::DataFormatException);
        CPPUNIT_ASSERT_THROW(decodeProtobuf("{\"resourceSpans\":[]}"), Poco::DataFormatException);
        std::string deep = field(1, "x");
        for (int i = 0; i < 1000; ++i)
            deep = field(5, field(1, deep));
        CPPUNIT_ASSERT_THROW(decodeProtobuf(wireRequest(field(9, wireAttribute("k", deep)))),
                             Poco::DataFormatException);
    }

    void testProtobufEmpty() { CPPUNIT_ASSERT(decodeProtobuf("").empty()); }

    // The same program with both exporters: only ids and the recorded stack differ.
    void testBothEncodingsOfOneClient() {
        const TraceRequest json = decodeJson(inflated(fixture("exporter-http.json.gz")));
        const TraceRequest protobuf = decodeProtobuf(inflated(fixture("exporter-proto.pb.gz")));
        const auto& fromJson = json.at(0).scopes.at(0);
        const auto& fromProtobuf = protobuf.at(0).scopes.at(0);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, fromJson.spans.size());
        CPPUNIT_ASSERT_EQUAL(fromProtobuf.spans.size(), fromJson.spans.size());
        CPPUNIT_ASSERT_EQUAL(fromProtobuf.name, fromJson.name);
        for (std::size_t i = 0; i < fromJson.spans.size(); ++i) {
            const Span& a = fromJson.spans[i];
            const Span& b = fromProtobuf.spans[i];
            CPPUNIT_ASSERT_EQUAL(b.name, a.name);
            CPPUNIT_ASSERT_EQUAL(b.kind, a.kind);
            CPPUNIT_ASSERT_EQUAL(b.startTimeUnixNano, a.startTimeUnixNano);
            CPPUNIT_ASSERT_EQUAL(b.endTimeUnixNano, a.endTimeUnixNano);
            CPPUNIT_ASSERT_EQUAL(b.attributes.size(), a.attributes.size());
            for (std::size_t k = 0; k < a.attributes.size(); ++k) {
                CPPUNIT_ASSERT_EQUAL(b.attributes[k].key, a.attributes[k].key);
                if (const auto* const text = std::get_if<std::string>(&a.attributes[k].value.value))
                    CPPUNIT_ASSERT_EQUAL(std::get<std::string>(b.attributes[k].value.value), *text);
                CPPUNIT_ASSERT_EQUAL(b.attributes[k].value.value.index(), a.attributes[k].value.value.index());
            }
            CPPUNIT_ASSERT(b.status == a.status);
        }
    }

    // A body of some megabytes made of empty parts decoded into gigabytes.
    void testTooManyParts() {
        const auto repeated = [](const std::string& text, std::size_t count) {
            std::string all;
            all.reserve(text.size() * count);
            for (std::size_t i = 0; i < count; ++i)
                all += text;
            return all;
        };
        const auto spans = [&repeated](std::size_t count) { return field(1, field(2, repeated(field(2, ""), count))); };
        CPPUNIT_ASSERT_EQUAL(maxSpansPerRequest,
                             decodeProtobuf(spans(maxSpansPerRequest)).at(0).scopes.at(0).spans.size());
        CPPUNIT_ASSERT_THROW(decodeProtobuf(spans(maxSpansPerRequest + 1)), TooManyParts);
        for (const unsigned number : {9U, 11U})
            CPPUNIT_ASSERT_THROW(decodeProtobuf(wireRequest(repeated(field(number, ""), maxPartsPerRequest))),
                                 TooManyParts);
        const std::string values = field(5, repeated(field(1, ""), maxPartsPerRequest));
        CPPUNIT_ASSERT_THROW(decodeProtobuf(wireRequest(field(9, wireAttribute("k", values)))), TooManyParts);
        CPPUNIT_ASSERT_THROW(decodeProtobuf(field(1, field(1, repeated(field(1, ""), maxPartsPerRequest)))),
                             TooManyParts);
        CPPUNIT_ASSERT_THROW(decodeJson("{\"x\":[" + repeated("[],", maxJsonValues) + "0]}"), TooManyParts);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(DecoderTest);
