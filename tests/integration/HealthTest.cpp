// GET /health and GET /metrics.

#include "AgentFixture.h"
#include "harness/Books.h"

#include <cstdio>

namespace octagent::test {

class HealthTest : public AgentFixture {
    CPPUNIT_TEST_SUITE(HealthTest);
    CPPUNIT_TEST(testExactlyTheseFields);
    CPPUNIT_TEST(testCountersFollow);
    CPPUNIT_TEST(testErrorWhileNothingCanBeStored);
    CPPUNIT_TEST(testHead);
    CPPUNIT_TEST(testMetricsPassPromtool);
    CPPUNIT_TEST_SUITE_END();

protected:
    Poco::JSON::Object::Ptr health() {
        const auto reply = get("/health");
        CPPUNIT_ASSERT_EQUAL(200, reply.status);
        CPPUNIT_ASSERT_EQUAL(std::string("application/json"), reply.headers.at("content-type"));
        return reply.json();
    }

    void testExactlyTheseFields() {
        start();
        const auto body = health();
        CPPUNIT_ASSERT_EQUAL(std::size_t{12}, body->size());
        for (const char* field : {"status", "version", "db_status", "last_push_status"})
            CPPUNIT_ASSERT_MESSAGE(field, body->get(field).isString());
        for (const char* field : {"uptime_seconds", "db_size_bytes", "wal_size_bytes", "queue_depth", "events_received",
                                  "events_dropped", "unsynced_count"})
            CPPUNIT_ASSERT_MESSAGE(field, body->get(field).isInteger() && body->getValue<std::int64_t>(field) >= 0);
        CPPUNIT_ASSERT(body->isNull("last_push_time"));
        CPPUNIT_ASSERT_EQUAL(std::string("disabled"), body->getValue<std::string>("last_push_status"));
        CPPUNIT_ASSERT_EQUAL(std::string("ok"), body->getValue<std::string>("status"));
        CPPUNIT_ASSERT_EQUAL(std::string("ok"), body->getValue<std::string>("db_status"));
        CPPUNIT_ASSERT(body->getValue<int>("db_size_bytes") > 0);
    }

    void testCountersFollow() {
        start();
        stored("/v1/traces", R"({"provider":"p","model":"m"})");
        stored("/v1/errors", R"({"error_type":"crash","message":"m"})");
        post("/v1/errors", R"({"error_type":"crash"})"); // refused: no event
        eventually("unsynced_count", [&] { return health()->getValue<int>("unsynced_count") == 2; });
        const auto body = health();
        CPPUNIT_ASSERT_EQUAL(2, body->getValue<int>("events_received"));
        CPPUNIT_ASSERT_EQUAL(0, body->getValue<int>("events_dropped"));
        CPPUNIT_ASSERT_EQUAL(0, body->getValue<int>("queue_depth"));
        CPPUNIT_ASSERT(body->getValue<int>("wal_size_bytes") > 0);
        eventually("uptime", [&] { return health()->getValue<int>("uptime_seconds") >= 1; });
    }

    void testErrorWhileNothingCanBeStored() {
        start();
        stored("/v1/traces", R"({"provider":"p","model":"m"})");
        const Database blocker(databasePath(), Database::Mode::ReadWrite);
        blocker.execute("BEGIN IMMEDIATE");
        post("/v1/traces", R"({"provider":"p","model":"m"})");
        eventually("error", [&] {
            return health()->getValue<std::string>("status") == "error" &&
                   health()->getValue<std::string>("db_status") == "error";
        });
        blocker.execute("ROLLBACK");
        eventually("ok", [&] { return health()->getValue<std::string>("status") == "ok"; });
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, countRows(databasePath()));
    }

    void testHead() {
        start();
        HttpClient client(agent().port());
        client.send("HEAD /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        // 200 without a body, or refused as a method that is not there; never a body.
        client.shutdownSend();
        std::string answer;
        std::array<char, 4096> buffer{};
        for (int size = 0; (size = client.socket().receiveBytes(buffer.data(), static_cast<int>(buffer.size()))) > 0;)
            answer.append(buffer.data(), static_cast<std::size_t>(size));
        CPPUNIT_ASSERT_MESSAGE(answer, answer.rfind("HTTP/1.1 200", 0) == 0 || answer.rfind("HTTP/1.1 405", 0) == 0);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(answer, answer.size() - 4, answer.find("\r\n\r\n"));
    }

    void testMetricsPassPromtool() {
        start();
        stored("/v1/traces", R"({"provider":"p","model":"m"})");
        const auto reply = get("/metrics");
        CPPUNIT_ASSERT_EQUAL(200, reply.status);
        CPPUNIT_ASSERT(reply.headers.at("content-type").rfind("text/plain; version=0.0.4", 0) == 0);
        const Books books = settledBooks(agent().port());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, books.persisted);

        const auto file = directory().write("metrics", reply.body);
        const auto report = directory() / "report";
        // packaging/setup puts promtool into build/tools.
        const std::string command = "PATH=\"$PATH:" OCTAGENT_SOURCES
                                    "/build/tools/usr/bin\" promtool check metrics < " +
                                    file + " > " + report + " 2>&1";
        const int code = std::system(command.c_str()); // NOLINT(cert-env33-c,concurrency-mt-unsafe): a test's own
        CPPUNIT_ASSERT_EQUAL_MESSAGE(readFile(report) + "\n(promtool comes with packaging/setup test)\n" + reply.body,
                                     0, code);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HealthTest);

} // namespace octagent::test
