#include "Metadata.h"
#include "Spans.h"

#include "octagent/ingest/Limits.h"

using namespace octagent::otlp;
using namespace octagent::otlp::test;
using octagent::maxMetadataBytes;

class MetadataTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(MetadataTest);
    CPPUNIT_TEST(testEmpty);
    CPPUNIT_TEST(testFirstKeyStays);
    CPPUNIT_TEST(testPathsOfWhatWasCut);
    CPPUNIT_TEST(testLongTextsAreCutShorter);
    CPPUNIT_TEST(testManyMembersAreDropped);
    CPPUNIT_TEST(testHugeKeys);
    CPPUNIT_TEST_SUITE_END();

    static constexpr std::size_t maxText = 16384;

    static std::string finish(const Attributes& attributes, std::size_t limit = maxText) {
        Metadata metadata(limit);
        metadata.addOwn("trace_id", "abc");
        for (const auto& attribute : attributes)
            metadata.add(attribute.key, attribute.value);
        const std::string text = metadata.finish();
        CPPUNIT_ASSERT(text.size() <= maxMetadataBytes);
        CPPUNIT_ASSERT_EQUAL(std::string("abc"), parsed(text)->getValue<std::string>("trace_id"));
        return text;
    }

public:
    void testEmpty() { CPPUNIT_ASSERT_EQUAL(std::string("{}"), Metadata(maxText).finish()); }

    void testFirstKeyStays() {
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"trace_id":"abc","a":1})"),
                             finish({attribute("a", 1), attribute("a", 2), attribute("trace_id", "x")}));
    }

    void testPathsOfWhatWasCut() {
        const AnyValue item{Attributes{attribute("m", "0123456789")}};
        const auto told = parsed(finish({{"list", AnyValue{std::vector<AnyValue>{AnyValue{true}, item}}}}, 4));
        CPPUNIT_ASSERT_EQUAL(10, told->getObject("_truncated")->getValue<int>("list[1].m"));
    }

    void testLongTextsAreCutShorter() {
        Attributes attributes;
        for (int i = 0; i < 10; ++i)
            attributes.push_back(attribute("text" + std::to_string(i), std::string(20000, 'x')));
        const auto object = parsed(finish(attributes));
        for (int i = 0; i < 10; ++i) {
            const std::string key = "text" + std::to_string(i);
            CPPUNIT_ASSERT_EQUAL(std::size_t{4096}, object->getValue<std::string>(key).size());
            CPPUNIT_ASSERT_EQUAL(20000, object->getObject("_truncated")->getValue<int>(key));
        }
        CPPUNIT_ASSERT(!object->has("dropped_attributes_count"));
    }

    void testManyMembersAreDropped() {
        Attributes attributes;
        for (int i = 0; i < 5000; ++i)
            attributes.push_back(attribute("number" + std::to_string(i), i));
        std::vector<AnyValue> vector(20000, AnyValue{0.123456789});
        attributes.push_back({"embedding", AnyValue{vector}});
        const auto object = parsed(finish(attributes));
        CPPUNIT_ASSERT(!object->has("embedding"));
        const auto dropped = object->getValue<std::size_t>("dropped_attributes_count");
        CPPUNIT_ASSERT(dropped > 1);
        CPPUNIT_ASSERT_EQUAL(attributes.size() + 2, object->size() + dropped);
    }

    void testHugeKeys() {
        Attributes attributes;
        for (int i = 0; i < 300; ++i)
            attributes.push_back(attribute(std::to_string(i) + std::string(1000, 'k'), "v"));
        const auto object = parsed(finish(attributes));
        CPPUNIT_ASSERT(object->has("0" + std::string(255, 'k')));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(MetadataTest);
