// The project keeps to its boundaries, and the search would see it if it did not.

#include "Boundaries.h"

#include <Poco/TemporaryFile.h>

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>
#include <fstream>
#include <memory>

namespace octagent::test {

class BoundariesTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(BoundariesTest);
    CPPUNIT_TEST(testIncludesOfTheProject);
    CPPUNIT_TEST(testLinksOfTheProject);
    CPPUNIT_TEST(testEverythingIsLookedAt);
    CPPUNIT_TEST(testPlantedIncludesAreFound);
    CPPUNIT_TEST(testPlantedLinksAreFound);
    CPPUNIT_TEST_SUITE_END();

protected:
    static std::string joined(const std::vector<std::string>& lines) {
        std::string text;
        for (const auto& line : lines)
            text += "\n  " + line;
        return text;
    }

    void testIncludesOfTheProject() {
        const auto findings = findForbiddenIncludes(OCTAGENT_SOURCES, readLinks(OCTAGENT_LINKS));
        CPPUNIT_ASSERT_MESSAGE(joined(findings), findings.empty());
    }

    void testLinksOfTheProject() {
        const auto findings = findForbiddenLinks(readLinks(OCTAGENT_LINKS));
        CPPUNIT_ASSERT_MESSAGE(joined(findings), findings.empty());
    }

    // A search that finds no files finds nothing wrong, too.
    void testEverythingIsLookedAt() {
        std::set<std::string> folders;
        for (const auto& target : readLinks(OCTAGENT_LINKS))
            folders.insert(target.folder);
        for (const char* folder : {"agent", "agent/http", "agent/storage", "agent/application", "modules/ingest"})
            CPPUNIT_ASSERT_MESSAGE(folder, folders.count(folder) == 1);
        CPPUNIT_ASSERT(std::filesystem::exists(OCTAGENT_SOURCES "/agent/include/octagent/Sdk.h"));
    }

    // A small house with one include in it, at `path`; how many findings that makes.
    static std::size_t planted(const std::string& path, const std::string& directive) {
        const std::filesystem::path root(Poco::TemporaryFile::tempName());
        const auto write = [&](const std::string& name, const std::string& text) {
            std::filesystem::create_directories((root / name).parent_path());
            std::ofstream(root / name) << text << '\n';
        };
        for (const char* header : {"agent/include/octagent/Sdk.h", "agent/queue/Queue.h", "agent/storage/Store.h",
                                   "agent/http/Server.h", "modules/ingest/include/octagent/ingest/Trace.h",
                                   "modules/ingest/src/Parser.h", "modules/other/src/Other.h", "plugins/otlp/Own.h"})
            write(header, "#pragma once");
        write(path, directive);
        const std::vector<LinkedTarget> targets{{"agent/storage", "octagent-storage", {"octagent-queue"}},
                                                {"agent/http", "octagent-http", {"octagent-rooms"}}};
        const auto findings = findForbiddenIncludes(root.string(), targets);
        std::filesystem::remove_all(root);
        return findings.size();
    }

    void testPlantedIncludesAreFound() {
        const auto assertIncludes = [](std::size_t expected, const std::string& path, const std::string& directive) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(path + ": " + directive, expected, planted(path, directive));
        };
        const std::string sdk = "agent/include/octagent/Event.h";
        assertIncludes(0, sdk, "#include <Poco/Notification.h>");
        assertIncludes(0, sdk, "#include <vector>");
        assertIncludes(0, sdk, "#include \"octagent/Sdk.h\"");
        assertIncludes(1, sdk, "#include <unistd.h>");
        assertIncludes(1, sdk, "#include <Poco/Data/Session.h>");
        assertIncludes(1, sdk, "#include \"queue/Queue.h\"");
        assertIncludes(1, sdk, "#include \"octagent/ingest/Trace.h\"");

        assertIncludes(0, "agent/storage/Store.cpp", "#include \"queue/Queue.h\"");
        assertIncludes(0, "agent/storage/Store.cpp", "#include <sqlite3.h>");
        assertIncludes(0, "agent/http/Server.cpp", "#include \"http/Server.h\"");
        assertIncludes(1, "agent/http/Server.cpp", "#include \"storage/Store.h\"");
        assertIncludes(1, "agent/http/Server.cpp", "  #  include <Poco/Data/Session.h>");
        assertIncludes(1, "agent/http/Server.cpp", "#include <sqlite3.h>");
        assertIncludes(1, "agent/http/Server.cpp", "#include \"octagent/ingest/Trace.h\"");
        assertIncludes(1, "agent/http/Server.cpp", "#include \"../../modules/ingest/src/Parser.h\"");

        const std::string module = "modules/ingest/src/Module.cpp";
        assertIncludes(0, module, "#include \"octagent/Sdk.h\"");
        assertIncludes(0, module, "#include \"octagent/ingest/Trace.h\"");
        assertIncludes(0, module, "#include \"Parser.h\"");
        assertIncludes(0, module, "#include <simdjson.h>");
        assertIncludes(1, module, "#include \"queue/Queue.h\"");
        assertIncludes(1, module, "#include <sqlite3.h>");
        assertIncludes(1, module, "#include \"Other.h\"");
        assertIncludes(1, "modules/other/src/Module.cpp", "#include \"octagent/ingest/Trace.h\"");

        const std::string plugin = "plugins/otlp/Plugin.cpp";
        assertIncludes(0, plugin, "#include \"octagent/ingest/Trace.h\"");
        assertIncludes(0, plugin, "#include \"Own.h\"");
        assertIncludes(1, plugin, "#include \"Parser.h\"");
        assertIncludes(1, plugin, "#include \"http/Server.h\"");
        assertIncludes(1, plugin, "#include <Poco/Data/SQLite/Connector.h>");
    }

    void testPlantedLinksAreFound() {
        const auto count = [](const std::string& folder, const std::string& name, const std::string& linked) {
            return findForbiddenLinks({{folder, name, {linked}}}).size();
        };
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, count("agent/storage", "octagent-storage", "Poco::DataSQLite"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, count("agent/storage", "octagent-storage", "octagent-queue"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, count("modules/ingest", "octagent-module-ingest", "simdjson::simdjson"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, count("plugins/otlp", "octagent-otlp", "protobuf::libprotobuf-lite"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, count("agent/http", "octagent-http", "Poco::Data"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, count("agent/http", "octagent-http", "octagent-storage"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, count("agent/new", "octagent-new", "octagent-queue"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, count("agent/host", "octagent-host", "octagent-module-ingest"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, count("modules/ingest", "octagent-module-ingest", "octagent-queue"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, count("modules/ingest", "octagent-module-ingest", "SQLite::SQLite3"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, count("plugins/otlp", "octagent-otlp", "octagent-http"));

        // A library of the plugin's own folder, and one of another plugin's.
        const LinkedTarget parts{"plugins/otlp", "octagent-otlp-parts", {}};
        const auto linksParts = [&parts](const std::string& folder) {
            return findForbiddenLinks({parts, {folder, "octagent-any", {parts.name}}}).size();
        };
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, linksParts("plugins/otlp"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, linksParts("plugins/viewer"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, linksParts("modules/ingest"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BoundariesTest);

} // namespace octagent::test
