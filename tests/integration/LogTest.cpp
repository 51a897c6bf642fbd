// The log: JSON lines, what start and stop say, and what never gets in.

#include "AgentFixture.h"

namespace octagent::test {

class LogTest : public AgentFixture {
    CPPUNIT_TEST_SUITE(LogTest);
    CPPUNIT_TEST(testEveryLineIsAnObject);
    CPPUNIT_TEST(testStartAndStopAreTold);
    CPPUNIT_TEST(testSecretsAreMasked);
    CPPUNIT_TEST(testClientsCannotForgeLines);
    CPPUNIT_TEST(testLevels);
    CPPUNIT_TEST_SUITE_END();

protected:
    void testEveryLineIsAnObject() {
        start();
        stored("/v1/traces", R"({"provider":"p","model":"m"})");
        CPPUNIT_ASSERT_EQUAL(0, agent().stop());
        const auto lines = agent().log();
        CPPUNIT_ASSERT(lines.size() >= 4);
        for (const auto& line : lines)
            for (const char* field : {"time", "level", "source", "message"})
                CPPUNIT_ASSERT_MESSAGE(field, !line->optValue<std::string>(field, "").empty());
    }

    void testStartAndStopAreTold() {
        start();
        stored("/v1/traces", R"({"provider":"p","model":"m"})");
        CPPUNIT_ASSERT_EQUAL(0, agent().stop());
        const auto log = agent().output();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(log, agent().address(),
                                     agent().logged("listening")->getValue<std::string>("address"));
        CPPUNIT_ASSERT_MESSAGE(log, log.find("version") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(log, log.find("http.maxBodyBytes") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(log, log.find(databasePath()) != std::string::npos);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(log, std::string("SIGTERM"),
                                     agent().logged("stopping")->getValue<std::string>("signal"));
        CPPUNIT_ASSERT_MESSAGE(log, !agent().logged("draining").isNull());
        CPPUNIT_ASSERT_EQUAL_MESSAGE(log, 1, agent().logged("stopped")->getValue<int>("persisted"));
    }

    void testSecretsAreMasked() {
        auto how = setup();
        how.keys["http.token"] = "correct-horse-battery-staple";
        start(how);
        post("/v1/traces", "{}", {{"Authorization", "Bearer another-secret-guess"}});
        CPPUNIT_ASSERT_EQUAL(0, agent().stop());
        const auto told = agent().output() + agent().errors();
        CPPUNIT_ASSERT(told.find("correct-horse") == std::string::npos);
        CPPUNIT_ASSERT(told.find("another-secret") == std::string::npos);
        CPPUNIT_ASSERT(told.find("http.token") != std::string::npos);
    }

    // POCO decodes RFC 2047 words in header values, so that a header can hold a real line end.
    void testClientsCannotForgeLines() {
        auto how = setup();
        how.environment["OCT_LOG_LEVEL"] = "debug";
        start(how);
        const std::string forged = R"(x"}\r\n{"time":"now","level":"error","source":"x","message":"forged"})";
        const HttpHeaders headers{{"User-Agent", "=?utf-8?q?a=0D=0A=7B=22message=22=3A=22forged=22=7D?="},
                                  {"Origin", "=?utf-8?b?DQp7Im1lc3NhZ2UiOiJmb3JnZWQifQ==?="}};
        post("/v1/traces", "{\"provider\":\"p\",\"model\":\"m\",\"\\r\\n{\\\"message\\\":\\\"forged\\\"}\":}", headers);
        post("/v1/traces", forged, headers);
        post("/" + std::string("%0D%0A{\"message\":\"forged\"}"), "{}", headers);
        post("/v1/traces", R"({"provider":"p","model":"m\r\n{\"message\":\"forged\"}"})");
        CPPUNIT_ASSERT_EQUAL(0, agent().stop());
        for (const auto& line : agent().log())
            CPPUNIT_ASSERT(line->getValue<std::string>("message") != "forged");
        CPPUNIT_ASSERT_EQUAL(std::string(), agent().errors());
    }

    void testLevels() {
        auto how = setup();
        how.environment["OCT_LOG_LEVEL"] = "error";
        AgentProcess quiet(how);
        eventually("the database", [&] { return !readFile(databasePath()).empty(); });
        CPPUNIT_ASSERT_EQUAL(0, quiet.stop());
        CPPUNIT_ASSERT_EQUAL(std::string(), quiet.output());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LogTest);

} // namespace octagent::test
