// Every value of the corpus as the metadata of a trace, held against Poco's parser.
//
//     y_*         accepted by both, with the same value
//     n_*         refused by both
//     d_loose_*   accepted here, refused by Poco: numbers beyond its types, which are kept to the digit here
//     d_strict_*  refused here, accepted by Poco: what SQLite's texts or UTF-8 cannot hold, and deep nesting

#include "Ingest.h"

#include <Poco/DirectoryIterator.h>
#include <Poco/Dynamic/Var.h>
#include <Poco/FileStream.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <Poco/JSON/Stringifier.h>
#include <Poco/StreamCopier.h>

#include <cppunit/extensions/HelperMacros.h>

#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace {

struct CorpusCase {
    std::string name;
    std::string value;

    bool is(const std::string& prefix) const { return name.compare(0, prefix.size(), prefix) == 0; }
};

std::vector<CorpusCase> corpus() {
    std::vector<CorpusCase> cases;
    for (Poco::DirectoryIterator file{std::string(OCTAGENT_CORPUS)}, end; file != end; ++file) {
        Poco::FileInputStream stream(file->path());
        CorpusCase one{file.name(), {}};
        Poco::StreamCopier::copyToString(stream, one.value);
        cases.push_back(one);
    }
    return cases;
}

std::string canonical(const Poco::Dynamic::Var& value) {
    std::ostringstream text;
    Poco::JSON::Stringifier::stringify(value, text);
    return text.str();
}

// The member `metadata` of a body, as Poco reads it. False when it does not read it.
bool pocoReads(const std::string& body, Poco::Dynamic::Var& metadata) {
    try {
        metadata = Poco::JSON::Parser().parse(body).extract<Poco::JSON::Object::Ptr>()->get("metadata");
        return true;
    } catch (const Poco::Exception&) {
        return false;
    }
}

Poco::Dynamic::Var parsed(const std::string& value) {
    Poco::Dynamic::Var metadata;
    CPPUNIT_ASSERT_MESSAGE(value, pocoReads(R"({"metadata":)" + value + "}", metadata));
    return metadata;
}

} // namespace

class CorpusTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(CorpusTest);
    CPPUNIT_TEST(testAgreesWithPoco);
    CPPUNIT_TEST(testValuesAreThoseOfPoco);
    CPPUNIT_TEST(testEveryCutIsRefused);
    CPPUNIT_TEST(testWholeBodies);
    CPPUNIT_TEST_SUITE_END();

public:
    void testAgreesWithPoco() {
        std::map<char, int> seen;
        std::string wrong;
        for (const auto& one : corpus()) {
            const std::string body = Ingest::traceBody(",\"metadata\":" + one.value);
            const bool isAccepted = Ingest().postTrace(body).status == 202;
            Poco::Dynamic::Var ignored;
            const bool isAcceptedByPoco = pocoReads(body, ignored);
            const bool expected = one.is("y_") || one.is("d_loose_");
            if (isAccepted != expected)
                wrong += " " + one.name;
            if (isAcceptedByPoco != (one.is("y_") || one.is("d_strict_")))
                wrong += " Poco:" + one.name;
            ++seen[one.name.front()];
        }
        CPPUNIT_ASSERT_EQUAL(std::string(), wrong);
        CPPUNIT_ASSERT(seen['y'] > 30 && seen['n'] > 60 && seen['d'] > 5);
    }

    void testValuesAreThoseOfPoco() {
        for (const auto& one : corpus()) {
            if (!one.is("y_"))
                continue;
            const std::string body = Ingest::traceBody(",\"metadata\":" + one.value);
            const auto expected = parsed(one.value);
            const auto metadata = Ingest().trace(body)->metadata;
            // A text is stored as it is, any other value as JSON.
            if (expected.isString())
                CPPUNIT_ASSERT_EQUAL_MESSAGE(one.name, expected.convert<std::string>(), metadata.value());
            else
                CPPUNIT_ASSERT_EQUAL_MESSAGE(one.name, canonical(expected), canonical(parsed(metadata.value())));
            // The same one level down, where a text is written as JSON too.
            const auto nested = Ingest().traceWith(",\"metadata\":[" + one.value + "]")->metadata.value();
            CPPUNIT_ASSERT_EQUAL_MESSAGE(one.name, "[" + canonical(expected) + "]", canonical(parsed(nested)));
        }
    }

    // No beginning of a good body is one.
    void testEveryCutIsRefused() {
        const std::string body =
            Ingest::traceBody(R"(,"x":[1,{"a":"b\u0041"},true],"metadata":{"k":[null,-1.5e3,"é€😀"]},"latency_ms":12)");
        CPPUNIT_ASSERT_EQUAL(202, Ingest().postTrace(body).status);
        CPPUNIT_ASSERT_EQUAL(202, Ingest().postTrace("[" + body + "," + body + "]").status);
        const std::string array = "[" + body + "," + body + "]";
        for (std::size_t length = 0; length < array.size(); ++length) {
            Ingest().refusedTrace(std::string_view(array).substr(0, length));
            if (length < body.size())
                Ingest().refusedTrace(std::string_view(body).substr(0, length));
        }
    }

    void testWholeBodies() {
        const std::string good = Ingest::traceBody("");
        const std::string withoutComma = "[" + good + " " + good + "]";
        for (const std::string& body : {std::string(),
                                        std::string(" \n\t"),
                                        std::string("null"),
                                        std::string("1"),
                                        std::string("\"a\""),
                                        std::string("true"),
                                        std::string("{"),
                                        std::string("}"),
                                        std::string("["),
                                        std::string("]"),
                                        std::string("[[]]"),
                                        std::string("[1]"),
                                        std::string("[null]"),
                                        std::string("[" + good),
                                        good + "]",
                                        good + "}",
                                        good + good,
                                        good + ",",
                                        good + " x",
                                        good + "\"",
                                        good + "1",
                                        "[" + good + "]]",
                                        "[" + good + "],",
                                        withoutComma,
                                        "[" + good + ",]",
                                        "\xEF\xBB\xBF" + good,
                                        good + std::string(1, '\0'),
                                        std::string(1, '\0') + good,
                                        good + "\f"})
            Ingest().refusedTrace(body);
        CPPUNIT_ASSERT_EQUAL(202, Ingest().postTrace(" \r\n\t" + good + " \r\n\t").status);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(CorpusTest);
