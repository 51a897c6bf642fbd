#include "StorageFixture.h"

#include "storage/StorageErrors.h"

#include <cppunit/extensions/HelperMacros.h>

#include <future>

using namespace octagent;
using namespace octagent::test;

namespace {

const char* const endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT count(*) FROM n";

} // namespace

class ReadSessionTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ReadSessionTest);
    CPPUNIT_TEST(testReads);
    CPPUNIT_TEST(testCannotWrite);
    CPPUNIT_TEST(testSlowStatementIsInterrupted);
    CPPUNIT_TEST(testLimitIsPerStatement);
    CPPUNIT_TEST(testCreatesNoFile);
    CPPUNIT_TEST(testStopInterruptsReaders);
    CPPUNIT_TEST(testNoneAfterStop);
    CPPUNIT_TEST(testStatementOutlivesItsSession);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        _directory = std::make_unique<TempDirectory>();
        _options.path = *_directory / "octagent.db";
        _agent = std::make_unique<Agent>(_options);
        _agent->addNotes();
    }

    void tearDown() override {
        _agent.reset();
        _directory.reset();
    }

    void testReads() {
        startWithRows();
        const auto session = _agent->persister.openReadSession(10s);
        const auto query = session->prepare("SELECT id, text, pushed_at, 1.5 FROM notes WHERE id>?1 ORDER BY id");
        query->bind(1, std::int64_t{8});
        CPPUNIT_ASSERT(query->step());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{9}, query->integer(0));
        CPPUNIT_ASSERT(query->text(1) == "n8");
        CPPUNIT_ASSERT(query->isNull(2));
        CPPUNIT_ASSERT_EQUAL(1.5, query->real(3));
        CPPUNIT_ASSERT(query->step());
        CPPUNIT_ASSERT(!query->step());
        CPPUNIT_ASSERT(query->step()); // from the start again
    }

    void testCannotWrite() {
        startWithRows();
        const auto session = _agent->persister.openReadSession(10s);
        CPPUNIT_ASSERT_THROW(session->execute("DELETE FROM notes"), SqliteError);
        CPPUNIT_ASSERT_THROW(session->execute("CREATE TABLE x(x)"), SqliteError);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{10}, number(_options.path, "SELECT count(*) FROM notes"));
    }

    void testSlowStatementIsInterrupted() {
        startWithRows();
        const auto session = _agent->persister.openReadSession(50ms);
        const auto slow = session->prepare(endless);
        const auto start = std::chrono::steady_clock::now();
        CPPUNIT_ASSERT_THROW(slow->step(), Poco::TimeoutException);
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - start < 10s);
        CPPUNIT_ASSERT_THROW(session->execute(endless), Poco::TimeoutException);
        // The session is as good as before.
        CPPUNIT_ASSERT(session->prepare("SELECT count(*) FROM notes")->step());
    }

    void testLimitIsPerStatement() {
        startWithRows();
        const auto session = _agent->persister.openReadSession(200ms);
        const auto query = session->prepare("SELECT count(*) FROM notes");
        const auto end = std::chrono::steady_clock::now() + 500ms;
        while (std::chrono::steady_clock::now() < end)
            while (query->step())
                continue;
    }

    void testCreatesNoFile() {
        CPPUNIT_ASSERT_THROW(_agent->persister.openReadSession(1s), Poco::Exception);
        CPPUNIT_ASSERT(_directory->list("").empty());
    }

    void testStopInterruptsReaders() {
        startWithRows();
        std::promise<void> isReading;
        auto reader = std::async(std::launch::async, [this, &isReading] {
            const auto session = _agent->persister.openReadSession(10min);
            const auto query = session->prepare("SELECT id FROM notes");
            query->step();
            isReading.set_value();
            session->prepare(endless)->step();
        });
        isReading.get_future().wait();
        const auto start = std::chrono::steady_clock::now();
        CPPUNIT_ASSERT(_agent->stop());
        CPPUNIT_ASSERT_THROW(reader.get(), Poco::TimeoutException);
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - start < 10s);
    }

    void testNoneAfterStop() {
        startWithRows();
        CPPUNIT_ASSERT(_agent->stop());
        CPPUNIT_ASSERT_THROW(_agent->persister.openReadSession(1s), Poco::IllegalStateException);
    }

    void testStatementOutlivesItsSession() {
        startWithRows();
        auto session = _agent->persister.openReadSession(1s);
        const auto query = session->prepare("SELECT id FROM notes");
        CPPUNIT_ASSERT(query->step());
        session.reset();
        CPPUNIT_ASSERT_THROW(query->step(), Poco::IllegalStateException);
        CPPUNIT_ASSERT_THROW(query->integer(0), Poco::IllegalStateException);
    }

private:
    void startWithRows() {
        _agent->start();
        _agent->offerMany(10);
        CPPUNIT_ASSERT(_agent->waitUntilStored(10));
    }

    std::unique_ptr<TempDirectory> _directory;
    TestOptions _options;
    std::unique_ptr<Agent> _agent;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ReadSessionTest);
