#include "storage/SqliteSession.h"
#include "storage/StorageErrors.h"

#include <cppunit/extensions/HelperMacros.h>

#include <cmath>
#include <limits>

#include <sqlite3.h>

using namespace octagent;

class SqliteSessionTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SqliteSessionTest);
    CPPUNIT_TEST(testValuesComeBack);
    CPPUNIT_TEST(testEmptyTextIsNoNull);
    CPPUNIT_TEST(testUnboundKeepsItsValue);
    CPPUNIT_TEST(testCountsChanges);
    CPPUNIT_TEST(testUsableAfterAnError);
    CPPUNIT_TEST(testBadIndexAndSql);
    CPPUNIT_TEST(testReleaseEndsStatements);
    CPPUNIT_TEST(testStatementsInAnyOrder);
    CPPUNIT_TEST(testClassification);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        CPPUNIT_ASSERT_EQUAL(SQLITE_OK, sqlite3_open(":memory:", &_handle));
        _session = std::make_unique<SqliteSession>(_handle);
        _session->execute("CREATE TABLE t(a UNIQUE, b); CREATE TABLE other(x)");
    }

    void tearDown() override {
        _session.reset();
        CPPUNIT_ASSERT_EQUAL(SQLITE_OK, sqlite3_close(_handle)); // nothing was left open
    }

    void testValuesComeBack() {
        const auto insert = _session->prepare("INSERT INTO t VALUES(?1,?2)");
        insert->bind(1, std::numeric_limits<std::int64_t>::min());
        insert->bind(2, 0.1);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, insert->execute());
        const std::string text("ü\0x", 4);
        insert->bind(1, std::string_view(text));
        insert->bindNull(2);
        insert->execute();
        const auto query = _session->prepare("SELECT a,b FROM t ORDER BY rowid");
        CPPUNIT_ASSERT(query->step());
        CPPUNIT_ASSERT_EQUAL(std::numeric_limits<std::int64_t>::min(), query->integer(0));
        CPPUNIT_ASSERT_EQUAL(0.1, query->real(1));
        CPPUNIT_ASSERT(query->step());
        CPPUNIT_ASSERT(query->text(0) == text);
        CPPUNIT_ASSERT(query->isNull(1));
        CPPUNIT_ASSERT(query->text(1).empty());
        CPPUNIT_ASSERT(!query->step());
    }

    void testEmptyTextIsNoNull() {
        const auto query = _session->prepare("SELECT typeof(?1)");
        query->bind(1, std::string_view());
        CPPUNIT_ASSERT(query->step());
        CPPUNIT_ASSERT(query->text(0) == "text");
    }

    void testUnboundKeepsItsValue() {
        const auto insert = _session->prepare("INSERT INTO t VALUES(?1,?2)");
        insert->bind(1, std::int64_t{1});
        insert->bind(2, std::int64_t{7});
        insert->execute();
        insert->bind(1, std::int64_t{2});
        insert->execute();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{14}, _session->integerOf("SELECT sum(b) FROM t"));
    }

    void testCountsChanges() {
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, _session->prepare("INSERT INTO t VALUES(1,1),(2,2),(3,3)")->execute());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, _session->prepare("UPDATE t SET b=0 WHERE a>1")->execute());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, _session->prepare("UPDATE t SET b=0 WHERE a>100")->execute());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, _session->prepare("SELECT * FROM t")->execute());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, _session->prepare("CREATE INDEX i ON t(b)")->execute());
    }

    void testUsableAfterAnError() {
        const auto insert = _session->prepare("INSERT INTO t VALUES(?1,1)");
        for (int i = 0; i < 3; ++i) {
            insert->bind(1, std::int64_t{i / 2});
            if (i == 1) {
                try {
                    insert->execute();
                    CPPUNIT_FAIL("a double was taken");
                } catch (const SqliteError& error) {
                    CPPUNIT_ASSERT_EQUAL(SQLITE_CONSTRAINT, error.code() & 0xFF);
                    CPPUNIT_ASSERT(error.message().find("UNIQUE") != std::string::npos);
                }
            } else {
                insert->execute();
            }
        }
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, _session->integerOf("SELECT count(*) FROM t"));
    }

    void testBadIndexAndSql() {
        const auto query = _session->prepare("SELECT ?1");
        CPPUNIT_ASSERT_THROW(query->bind(2, std::int64_t{1}), SqliteError);
        CPPUNIT_ASSERT_THROW(query->bindNull(0), SqliteError);
        CPPUNIT_ASSERT_THROW(_session->prepare("SELECT nonsense"), SqliteError);
        CPPUNIT_ASSERT_THROW(_session->prepare(""), Poco::InvalidArgumentException);
        CPPUNIT_ASSERT_THROW(_session->execute("NONSENSE"), SqliteError);
    }

    void testReleaseEndsStatements() {
        const auto one = _session->prepare("SELECT 1");
        auto two = _session->prepare("SELECT 2");
        CPPUNIT_ASSERT(one->step());
        _session->release();
        CPPUNIT_ASSERT_THROW(one->step(), Poco::IllegalStateException);
        CPPUNIT_ASSERT_THROW(two->bind(1, std::string_view("x")), Poco::IllegalStateException);
        two.reset();
    }

    void testStatementsInAnyOrder() {
        auto one = _session->prepare("SELECT 1");
        auto two = _session->prepare("SELECT 2");
        auto three = _session->prepare("SELECT 3");
        two.reset();
        three.reset();
        auto four = _session->prepare("SELECT 4");
        one.reset();
        CPPUNIT_ASSERT(four->step());
    }

    void testClassification() {
        CPPUNIT_ASSERT(classify(SQLITE_BUSY_SNAPSHOT) == Fault::Busy);
        CPPUNIT_ASSERT(classify(SQLITE_LOCKED) == Fault::Busy);
        CPPUNIT_ASSERT(classify(SQLITE_FULL) == Fault::Full);
        CPPUNIT_ASSERT(classify(SQLITE_IOERR_FSYNC) == Fault::Unavailable);
        CPPUNIT_ASSERT(classify(SQLITE_READONLY_DBMOVED) == Fault::Unavailable);
        CPPUNIT_ASSERT(classify(SQLITE_CANTOPEN) == Fault::Unavailable);
        CPPUNIT_ASSERT(classify(SQLITE_NOMEM) == Fault::Unavailable);
        CPPUNIT_ASSERT(classify(SQLITE_CORRUPT_INDEX) == Fault::Damaged);
        CPPUNIT_ASSERT(classify(SQLITE_NOTADB) == Fault::Damaged);
        CPPUNIT_ASSERT(classify(SQLITE_CONSTRAINT_NOTNULL) == Fault::Row);
        CPPUNIT_ASSERT(classify(SQLITE_TOOBIG) == Fault::Row);
        CPPUNIT_ASSERT(classify(SQLITE_MISMATCH) == Fault::Row);
        CPPUNIT_ASSERT(classify(SQLITE_ERROR) == Fault::Statement);
    }

private:
    sqlite3* _handle = nullptr;
    std::unique_ptr<SqliteSession> _session;
};

CPPUNIT_TEST_SUITE_REGISTRATION(SqliteSessionTest);
