#include "AttributeNames.h"

#include <cppunit/extensions/HelperMacros.h>

#include <fstream>
#include <set>
#include <string>
#include <vector>

using namespace octagent::otlp;

class AttributeNamesTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AttributeNamesTest);
    CPPUNIT_TEST(testRanks);
    CPPUNIT_TEST(testNumbered);
    CPPUNIT_TEST(testNoNameTwice);
    CPPUNIT_TEST(testReadmeShowsTheTable);
    CPPUNIT_TEST_SUITE_END();

public:
    void testRanks() {
        const auto names = attributeNames();
        for (std::size_t i = 0; i < names.size(); ++i) {
            std::string_view rest;
            const bool isNumbered = names[i].name.ends_with(".N.");
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(names[i].name), isNumbered ? noRank : i,
                                         rankOf(names[i].name, rest));
            CPPUNIT_ASSERT(rest.empty());
        }
        std::string_view rest;
        for (const auto* const name : {"", "a", "gen_ai", "gen_ai.", "gen_ai.system ", "zzz", "llm.", "Gen_ai.system"})
            CPPUNIT_ASSERT_EQUAL(noRank, rankOf(name, rest));
    }

    void testNumbered() {
        std::string_view rest;
        const std::size_t rank = rankOf("gen_ai.prompt.12.content", rest);
        CPPUNIT_ASSERT_EQUAL(std::string("gen_ai.prompt.N."), std::string(attributeNames()[rank].name));
        CPPUNIT_ASSERT_EQUAL(std::string("12.content"), std::string(rest));
        CPPUNIT_ASSERT_EQUAL(noRank, rankOf("gen_ai.prompt.x.content", rest));
        CPPUNIT_ASSERT_EQUAL(noRank, rankOf("gen_ai.prompt.", rest));
        CPPUNIT_ASSERT_EQUAL(noRank, rankOf("gen_ai.prompts.0.content", rest));
    }

    void testNoNameTwice() {
        std::set<std::string_view> seen;
        for (const auto& entry : attributeNames())
            CPPUNIT_ASSERT_MESSAGE(std::string(entry.name), seen.insert(entry.name).second);
    }

    // In the same order: it is the precedence.
    void testReadmeShowsTheTable() {
        std::ifstream readme(OTLP_README);
        CPPUNIT_ASSERT(readme.good());
        constexpr std::string_view rowStart = "| `";
        std::vector<std::string> shown;
        bool isInTable = false;
        for (std::string line; std::getline(readme, line);) {
            isInTable = isInTable ? line.starts_with('|') : line == "| Name | Becomes | Source |";
            if (isInTable && line.starts_with(rowStart))
                shown.push_back(line.substr(rowStart.size(), line.find("` |") - rowStart.size()));
        }
        const auto names = attributeNames();
        CPPUNIT_ASSERT_EQUAL(names.size(), shown.size());
        for (std::size_t i = 0; i < names.size(); ++i)
            CPPUNIT_ASSERT_EQUAL(std::string(names[i].name), shown[i]);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(AttributeNamesTest);
