#include "status/PrometheusText.h"

#include <cppunit/extensions/HelperMacros.h>

#include <limits>
#include <vector>

namespace octagent {

class PrometheusTextTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PrometheusTextTest);
    CPPUNIT_TEST(testSamples);
    CPPUNIT_TEST(testNumbers);
    CPPUNIT_TEST(testEscapes);
    CPPUNIT_TEST(testHistogram);
    CPPUNIT_TEST(testFamilyTwice);
    CPPUNIT_TEST_SUITE_END();

public:
    void testSamples() {
        PrometheusText text;
        CPPUNIT_ASSERT(text.family("a_total", "What a is.", PrometheusText::Type::Counter));
        text.sample(std::uint64_t{1});
        text.sample(std::uint64_t{2}, {{"x", "1"}, {"y", "2"}});
        CPPUNIT_ASSERT(text.family("b", "And b.", PrometheusText::Type::Gauge));
        text.sample(std::int64_t{-3});
        CPPUNIT_ASSERT_EQUAL(std::string("# HELP a_total What a is.\n"
                                         "# TYPE a_total counter\n"
                                         "a_total 1\n"
                                         "a_total{x=\"1\",y=\"2\"} 2\n"
                                         "# HELP b And b.\n"
                                         "# TYPE b gauge\n"
                                         "b -3\n"),
                             text.text());
    }

    void testNumbers() {
        CPPUNIT_ASSERT_EQUAL(std::string("18446744073709551615"), sampled(std::numeric_limits<std::uint64_t>::max()));
        CPPUNIT_ASSERT_EQUAL(std::string("-9223372036854775808"), sampled(std::numeric_limits<std::int64_t>::min()));
        CPPUNIT_ASSERT_EQUAL(std::string("0.25"), sampled(0.25));
        CPPUNIT_ASSERT_EQUAL(std::string("0.0005"), sampled(0.0005));
        CPPUNIT_ASSERT_EQUAL(std::string("0"), sampled(0.0));
        CPPUNIT_ASSERT_EQUAL(std::string("NaN"), sampled(std::numeric_limits<double>::quiet_NaN()));
        CPPUNIT_ASSERT_EQUAL(std::string("-Inf"), sampled(-std::numeric_limits<double>::infinity()));
    }

    void testEscapes() {
        PrometheusText text;
        text.family("a", "x\ny\\z\"", PrometheusText::Type::Gauge);
        text.sample(std::uint64_t{1}, {{"l", "x\ny\\z\""}});
        CPPUNIT_ASSERT_EQUAL(std::string("# HELP a x\\ny\\\\z\"\n# TYPE a gauge\na{l=\"x\\ny\\\\z\\\"\"} 1\n"),
                             text.text());
    }

    void testHistogram() {
        const std::vector<double> bounds = {0.5, 1};
        const std::vector<std::uint64_t> counts = {2, 3, 4};
        PrometheusText text;
        text.family("h", "H.", PrometheusText::Type::Histogram);
        text.histogram({bounds, counts, 12.5, 9});
        CPPUNIT_ASSERT_EQUAL(std::string("# HELP h H.\n# TYPE h histogram\n"
                                         "h_bucket{le=\"0.5\"} 2\nh_bucket{le=\"1\"} 5\nh_bucket{le=\"+Inf\"} 9\n"
                                         "h_sum 12.5\nh_count 9\n"),
                             text.text());
    }

    void testFamilyTwice() {
        PrometheusText text;
        CPPUNIT_ASSERT(text.family("a", "A.", PrometheusText::Type::Gauge));
        const std::string before = text.text();
        CPPUNIT_ASSERT(!text.family("a", "B.", PrometheusText::Type::Counter));
        CPPUNIT_ASSERT_EQUAL(before, text.text());
    }

private:
    template <class Value> static std::string sampled(Value value) {
        PrometheusText text;
        text.family("a", "A.", PrometheusText::Type::Gauge);
        const std::string head = text.text() + "a ";
        text.sample(value);
        CPPUNIT_ASSERT(text.text().starts_with(head));
        return text.text().substr(head.size(), text.text().size() - head.size() - 1);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PrometheusTextTest);

} // namespace octagent
