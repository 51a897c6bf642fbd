#include "config/ConfigurationFile.h"

#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/FileStream.h>
#include <Poco/TemporaryFile.h>

#include <cppunit/extensions/HelperMacros.h>

namespace octagent {

class ConfigurationFileTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ConfigurationFileTest);
    CPPUNIT_TEST(testProperties);
    CPPUNIT_TEST(testPropertiesLineNumbers);
    CPPUNIT_TEST(testPropertiesKeepsBothOfADuplicate);
    CPPUNIT_TEST(testPropertiesEscapes);
    CPPUNIT_TEST(testPropertiesStrayBackslash);
    CPPUNIT_TEST(testPropertiesMalformedLines);
    CPPUNIT_TEST(testNothingIsExpanded);
    CPPUNIT_TEST(testIni);
    CPPUNIT_TEST(testIniKeepsCase);
    CPPUNIT_TEST(testIniBackslashIsPlain);
    CPPUNIT_TEST(testIniMalformedLines);
    CPPUNIT_TEST(testByteOrderMark);
    CPPUNIT_TEST(testLineEndings);
    CPPUNIT_TEST(testEncoding);
    CPPUNIT_TEST(testRead);
    CPPUNIT_TEST(testUnreadable);
    CPPUNIT_TEST(testTooLarge);
    CPPUNIT_TEST_SUITE_END();

public:
    void testProperties() {
        expect("a.b = 1\nc.d: two words \n e.f=\n", "1:a.b=1 2:c.d=two words 3:e.f=");
        expect("", "");
        expect("a=b", "1:a=b");
        expect("a.url = http://x/?y=z#w", "1:a.url=http://x/?y=z#w");
    }

    void testPropertiesLineNumbers() {
        expect("# a comment = 1\n\n  ! another\r\n\r\na = 1 \\\n  more\n#x\nb = 2\n\n\nc = 3",
               "5:a=1   more 8:b=2 11:c=3");
        expect("a = \\\r\n1\r\nb = 2", "1:a=1 3:b=2");
    }

    void testPropertiesKeepsBothOfADuplicate() { expect("a = 1\na = 2\n", "1:a=1 2:a=2"); }

    void testPropertiesEscapes() { expect("a = C:\\\\data\nb = x\\:y\\=z\nc = \\#", "1:a=C:\\data 2:b=x:y=z 3:c=#"); }

    // Poco drops the backslash: the database would lie in C:dataapp.db.
    void testPropertiesStrayBackslash() {
        expect("a = C:\\data\\app.db\nb = 1", "2:b=1",
               "line 1: a: a backslash escapes in a properties file: "
               "write / or \\\\");
        expect("a = \\\\\\d", "", "line 1: a: a backslash escapes in a properties file: write / or \\\\");
        expect("a = \\", "", "line 1: a: a backslash escapes in a properties file: write / or \\\\");
    }

    void testPropertiesMalformedLines() {
        expect("port\na = 1\n = 2\n", "2:a=1", "line 1: has no '='|line 3: has no key before the '='");
        expect("port", "", "line 1: has no '='");
        expect("port\r\nx=1", "2:x=1", "line 1: has no '='");
    }

    void testNothingIsExpanded() {
        expect("a = ${system.env.HOME}\nb = ${a}", "1:a=${system.env.HOME} 2:b=${a}");
        expectIni("[x]\na = ${system.env.HOME}", "2:x.a=${system.env.HOME}");
    }

    void testIni() {
        expectIni("; comment\n# comment\ntop.key = 0\n[http]\nport = 9090\n\n[ log ] ; logs\nlevel=debug",
                  "3:top.key=0 5:http.port=9090 8:log.level=debug");
        expectIni("[a]\nb.c = 1 = 2\nd =\n", "2:a.b.c=1 = 2 3:a.d=");
    }

    void testIniKeepsCase() { expectIni("[http]\nPort = 1\nport = 2\n", "2:http.Port=1 3:http.port=2"); }

    void testIniBackslashIsPlain() { expectIni("[s]\npath = C:\\data\\new", "2:s.path=C:\\data\\new"); }

    void testIniMalformedLines() {
        expectIni("[http\nport = 1\n[]\n[a] b = 1\n=3\nx", "2:port=1",
                  "line 1: must be [group], alone on its line|line 3: must be [group], alone on its line|"
                  "line 4: must be [group], alone on its line|line 5: has no key before the '='|line 6: has no '='");
    }

    void testByteOrderMark() {
        expect("\xEF\xBB\xBF"
               "a = 1",
               "1:a=1");
        expectIni("\xEF\xBB\xBF[a]\nb = 1", "2:a.b=1");
    }

    void testLineEndings() {
        expect("a = 1\r\nb = 2\r\n", "1:a=1 2:b=2");
        expect("a = 1\rb = 2\r", "1:a=1 2:b=2");
        expectIni("[a]\r\nb = 2\r\n", "2:a.b=2");
    }

    void testEncoding() {
        expect("a = 1\nb = \xE4\n", "", "line 2: is not valid UTF-8: save the file as UTF-8");
        expect(std::string_view("\xFF\xFE"
                                "a\0=\0",
                                6),
               "", "is UTF-16: save it as UTF-8");
        expect(std::string_view("a = 1\n\0b = 2", 12), "", "line 2: holds a NUL byte: is this a text file?");
        expect("a = \xC3\xA4", "1:a=\xC3\xA4");
    }

    void testRead() {
        const Poco::TemporaryFile directory;
        Poco::File(directory.path()).createDirectory();
        const std::string properties = directory.path() + "/a.properties";
        const std::string ini = directory.path() + "/a.INI";
        write(properties, "[x]\na.b = 1\n");
        write(ini, "[a]\nb = 2\n");
        CPPUNIT_ASSERT_EQUAL(std::string("2:a.b=1"), shown(readConfiguration(properties)));
        CPPUNIT_ASSERT_EQUAL(std::string("2:a.b=2"), shown(readConfiguration(ini)));
    }

    void testUnreadable() {
        const Poco::TemporaryFile directory;
        Poco::File(directory.path()).createDirectory();
        expectUnreadable(directory.path(), "it is a directory");
        expectUnreadable(directory.path() + "/none.properties", "it does not exist");
        expectUnreadable(directory.path() + "/no/none.properties", "it does not exist");
    }

    void testTooLarge() {
        const Poco::TemporaryFile file;
        write(file.path(), "#" + std::string(1024 * 1024, 'x'));
        expectUnreadable(file.path(), "it is larger than 1 MiB");
        write(file.path(), "#" + std::string(1024 * 1024 - 1, 'x'));
        CPPUNIT_ASSERT(readConfiguration(file.path()).errors.empty());
    }

private:
    static std::string shown(const FileContents& contents) {
        std::string text;
        for (const auto& entry : contents.entries)
            text += (text.empty() ? "" : " ") + std::to_string(entry.line) + ":" + entry.key + "=" + entry.value;
        return text;
    }

    static std::string joined(const std::vector<std::string>& errors) {
        std::string text;
        for (const auto& error : errors)
            text += (text.empty() ? "" : "|") + error;
        return text;
    }

    static void expect(std::string_view bytes, const std::string& entries, const std::string& errors = "",
                       FileFormat format = FileFormat::Properties) {
        const FileContents contents = parseConfiguration(bytes, format);
        CPPUNIT_ASSERT_EQUAL(entries, shown(contents));
        CPPUNIT_ASSERT_EQUAL(errors, joined(contents.errors));
    }

    static void expectIni(std::string_view bytes, const std::string& entries, const std::string& errors = "") {
        expect(bytes, entries, errors, FileFormat::Ini);
    }

    static void expectUnreadable(const std::string& path, const std::string& reason) {
        try {
            readConfiguration(path);
        } catch (const Poco::FileException& error) {
            CPPUNIT_ASSERT_EQUAL("cannot read the configuration file " + path + ": " + reason, error.message());
            return;
        }
        CPPUNIT_FAIL("was read: " + path);
    }

    static void write(const std::string& path, const std::string& text) {
        Poco::FileOutputStream stream(path);
        stream << text;
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ConfigurationFileTest);

} // namespace octagent
