// etc/octagent.properties as a text. That its keys and defaults are those of the agent is held against the real
// binary, by the integration tests.

#include "config/ConfigurationFile.h"

#include <Poco/FileStream.h>
#include <Poco/String.h>

#include <cppunit/extensions/HelperMacros.h>

#include <set>
#include <vector>

namespace octagent {

class InstalledFileTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(InstalledFileTest);
    CPPUNIT_TEST(testIsRead);
    CPPUNIT_TEST(testEveryKeyHasItsComment);
    CPPUNIT_TEST_SUITE_END();

public:
    void testIsRead() {
        const auto contents = readConfiguration(_path);
        CPPUNIT_ASSERT(contents.errors.empty());
        std::set<std::string> keys;
        for (const auto& entry : contents.entries)
            CPPUNIT_ASSERT_MESSAGE(entry.key, keys.insert(entry.key).second);
        CPPUNIT_ASSERT(keys.count("http.port") == 1);
    }

    void testEveryKeyHasItsComment() {
        std::vector<std::string> lines(1); // counted from 1
        Poco::FileInputStream file(_path);
        for (std::string line; std::getline(file, line);)
            lines.push_back(line);
        for (const auto& entry : readConfiguration(_path).entries)
            CPPUNIT_ASSERT_MESSAGE(entry.key, lines.at(entry.line - 1).starts_with("# "));
    }

private:
    const std::string _path = OCTAGENT_SOURCES "/etc/octagent.properties";
};

CPPUNIT_TEST_SUITE_REGISTRATION(InstalledFileTest);

} // namespace octagent
