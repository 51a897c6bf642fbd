#include "status/Health.h"

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <cppunit/extensions/HelperMacros.h>

namespace octagent {

class HealthTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(HealthTest);
    CPPUNIT_TEST(testBody);
    CPPUNIT_TEST(testPush);
    CPPUNIT_TEST(testRecentLossDegrades);
    CPPUNIT_TEST(testLongWaitDegrades);
    CPPUNIT_TEST(testFailedModuleDegrades);
    CPPUNIT_TEST(testFailedStorageIsAnError);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override { _input = {}; }

    // Exactly these fields, with these types.
    void testBody() {
        _input.ledger.received = 10;
        _input.ledger.dropped = 2;
        _input.ledger.queued = 3;
        _input.ledger.open = 4;
        _input.storage.databaseBytes = 5000000000;
        _input.storage.walBytes = 6;
        _input.storage.unsyncedRows = 7;
        _input.uptimeSeconds = 8;
        _input.version = "1.2.3";
        CPPUNIT_ASSERT_EQUAL(
            std::string(
                R"({"status":"ok","uptime_seconds":8,"version":"1.2.3","db_status":"ok",)"
                R"("db_size_bytes":5000000000,"wal_size_bytes":6,"queue_depth":3,"events_received":10,)"
                R"("events_dropped":2,"last_push_time":null,"last_push_status":"disabled","unsynced_count":7})"),
            healthJson(_input));
    }

    void testPush() {
        _input.lastPush = HealthBoard::Push{1769860800123, "ok \"quoted\""};
        const auto body = parsed();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1769860800123}, body->getValue<std::int64_t>("last_push_time"));
        CPPUNIT_ASSERT_EQUAL(std::string("ok \"quoted\""), body->getValue<std::string>("last_push_status"));
    }

    void testRecentLossDegrades() {
        CPPUNIT_ASSERT_EQUAL(std::string("ok"), status());
        _input.ledger.sinceLoss = std::chrono::milliseconds(60000);
        CPPUNIT_ASSERT_EQUAL(std::string("degraded"), status());
        _input.ledger.sinceLoss = std::chrono::milliseconds(60001);
        CPPUNIT_ASSERT_EQUAL(std::string("ok"), status());
    }

    void testLongWaitDegrades() {
        _input.ledger.oldestWait = std::chrono::milliseconds(5000);
        CPPUNIT_ASSERT_EQUAL(std::string("ok"), status());
        _input.ledger.oldestWait = std::chrono::milliseconds(5001);
        CPPUNIT_ASSERT_EQUAL(std::string("degraded"), status());
    }

    void testFailedModuleDegrades() {
        _input.isModuleDegraded = true;
        CPPUNIT_ASSERT_EQUAL(std::string("degraded"), status());
        CPPUNIT_ASSERT_EQUAL(std::string("ok"), parsed()->getValue<std::string>("db_status"));
    }

    void testFailedStorageIsAnError() {
        _input.isModuleDegraded = true;
        _input.storage.lastAttemptFailed = true;
        CPPUNIT_ASSERT_EQUAL(std::string("error"), status());
        CPPUNIT_ASSERT_EQUAL(std::string("error"), parsed()->getValue<std::string>("db_status"));
    }

private:
    Poco::JSON::Object::Ptr parsed() const {
        return Poco::JSON::Parser().parse(healthJson(_input)).extract<Poco::JSON::Object::Ptr>();
    }

    std::string status() const { return parsed()->getValue<std::string>("status"); }

    HealthInput _input;
};

CPPUNIT_TEST_SUITE_REGISTRATION(HealthTest);

} // namespace octagent
