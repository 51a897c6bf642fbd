#include "StorageFixture.h"

#include "storage/Database.h"

#include <Poco/Path.h>

#include <cppunit/extensions/HelperMacros.h>

#include <thread>

#include <sys/stat.h>

using namespace octagent;
using namespace octagent::test;

class PersisterTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PersisterTest);
    CPPUNIT_TEST(testEventsBecomeRows);
    CPPUNIT_TEST(testNewDatabase);
    CPPUNIT_TEST(testVisibleWithinTheBatchWindow);
    CPPUNIT_TEST(testOneTransactionPerBatch);
    CPPUNIT_TEST(testRestartKeepsRowsAndCount);
    CPPUNIT_TEST(testUnsyncedFollowsTheWriters);
    CPPUNIT_TEST(testThrowingWriterLosesItsEventAlone);
    CPPUNIT_TEST(testUnstorableRowIsIsolated);
    CPPUNIT_TEST(testWholeBatchOfBadEvents);
    CPPUNIT_TEST(testKindWithoutWriter);
    CPPUNIT_TEST(testPluginFailsAfterTenInARow);
    CPPUNIT_TEST(testPluginRecoversBeforeTen);
    CPPUNIT_TEST(testBuiltInModuleNeverFails);
    CPPUNIT_TEST(testWriterCannotEndTheTransaction);
    CPPUNIT_TEST(testWriterThatSwallowsErrors);
    CPPUNIT_TEST(testEmptyAndBinaryText);
    CPPUNIT_TEST(testStopStoresEverything);
    CPPUNIT_TEST(testStopAtOnceStoresTheUnfilledBatch);
    CPPUNIT_TEST(testStopWithoutStart);
    CPPUNIT_TEST(testStopTwice);
    CPPUNIT_TEST(testDestructionWithoutStop);
    CPPUNIT_TEST(testLogIsGoneAfterStop);
    CPPUNIT_TEST(testTurnsAreTold);
    CPPUNIT_TEST(testStatusTellsBatches);
    CPPUNIT_TEST(testTakenKindsAndTables);
    CPPUNIT_TEST(testRemovalWhileRunning);
    CPPUNIT_TEST(testPowerSafe);
    CPPUNIT_TEST(testOptions);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        _directory = std::make_unique<TempDirectory>();
        _options = TestOptions();
        _options.path = *_directory / "octagent.db";
    }

    void tearDown() override { _directory.reset(); }

    void testEventsBecomeRows() {
        Agent agent(_options);
        agent.addNotes();
        agent.start();
        agent.offerMany(120);
        CPPUNIT_ASSERT(agent.waitUntilStored(120));
        CPPUNIT_ASSERT(agent.stop());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{120}, number(path(), "SELECT count(*) FROM notes"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{120}, number(path(), "SELECT count(DISTINCT trace_id) FROM notes"));
        // In the order in which they came.
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, number(path(), "SELECT count(*) FROM notes WHERE text<>'n'||(id-1)"));
        CPPUNIT_ASSERT(agent.isBalanced());
    }

    void testNewDatabase() {
        _options.path = *_directory / "a/b/octagent.db";
#if defined(POCO_OS_FAMILY_UNIX)
        const mode_t before = ::umask(0);
#endif
        Agent agent(_options);
        agent.addNotes();
        agent.start();
        agent.offer("x");
        CPPUNIT_ASSERT(agent.waitUntilStored(1));
#if defined(POCO_OS_FAMILY_UNIX)
        ::umask(before);
        CPPUNIT_ASSERT_EQUAL(0700U, mode(*_directory / "a"));
        CPPUNIT_ASSERT_EQUAL(0700U, mode(*_directory / "a/b"));
        for (const char* suffix : {"", "-wal", "-shm", ".lock"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(suffix, 0600U, mode(path() + suffix));
#endif
        CPPUNIT_ASSERT(agent.stop());
        CPPUNIT_ASSERT_EQUAL(Database::applicationId, number(path(), "PRAGMA application_id"));
        CPPUNIT_ASSERT_EQUAL(Database::coreVersion, number(path(), "PRAGMA user_version"));
        CPPUNIT_ASSERT_EQUAL(std::string("wal"), text(path(), "PRAGMA journal_mode"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, number(path(), "PRAGMA auto_vacuum")); // incremental
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1},
                             number(path(), "SELECT version FROM octagent_schema WHERE module='notes'"));
        CPPUNIT_ASSERT_EQUAL(std::string("ok"), text(path(), "PRAGMA integrity_check"));
    }

    void testVisibleWithinTheBatchWindow() {
        Agent agent(_options);
        agent.addNotes();
        agent.start();
        const auto start = std::chrono::steady_clock::now();
        agent.offer("alone");
        CPPUNIT_ASSERT(eventually([this] { return number(path(), "SELECT count(*) FROM notes") == 1; }));
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - start < 10 * EventQueue::batchWindow);
    }

    void testOneTransactionPerBatch() {
        Agent agent(_options);
        agent.addNotes();
        agent.open();
        agent.offerMany(170);
        agent.persister.start();
        CPPUNIT_ASSERT(agent.stop());
        const auto batches = agent.persister.status().batchSize;
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{4}, batches.count); // 50, 50, 50, 20
        CPPUNIT_ASSERT_EQUAL(170.0, batches.sum);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, batches.counts[7]);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, batches.counts[4]);
    }

    void testRestartKeepsRowsAndCount() {
        for (int round = 1; round <= 3; ++round) {
            Agent agent(_options);
            agent.addNotes();
            agent.start();
            CPPUNIT_ASSERT_EQUAL(std::int64_t{10} * (round - 1), agent.persister.status().unsyncedRows);
            agent.offerMany(10);
            CPPUNIT_ASSERT(agent.stop());
            CPPUNIT_ASSERT_EQUAL(std::int64_t{10} * round, agent.persister.status().unsyncedRows);
        }
        CPPUNIT_ASSERT_EQUAL(std::int64_t{30}, number(path(), "SELECT count(*) FROM notes"));
        // The number is kept, not counted: a change behind our back is not seen.
        run(path(), "UPDATE octagent_state SET unsynced=1000");
        Agent agent(_options);
        agent.addNotes();
        agent.start();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1000}, agent.persister.status().unsyncedRows);
    }

    // A push plugin's writer marks many rows with one event.
    void testUnsyncedFollowsTheWriters() {
        struct MarkWriter : EventWriter {
            std::unique_ptr<Statement> mark;
            std::string kind() const override { return "mark"; }
            void prepare(SqlSession& session) override {
                mark = session.prepare("UPDATE notes SET synced=1, pushed_at=1 WHERE synced=0 AND id<=?1");
            }
            std::int64_t write(const Event& event) override {
                mark->bind(1, std::int64_t{std::stoll(static_cast<const Note&>(event).text)});
                return -mark->execute();
            }
        };
        Agent agent(_options);
        agent.addNotes();
        agent.persister.addWriter({"push", true, {}}, std::make_unique<MarkWriter>());
        agent.start();
        agent.offerMany(20);
        CPPUNIT_ASSERT(agent.waitUntilStored(20));
        agent.queue.offer(Event::Ptr(new Note("15", Trick::None, "mark")));
        CPPUNIT_ASSERT(agent.stop());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{5}, agent.persister.status().unsyncedRows);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{5}, number(path(), "SELECT count(*) FROM notes WHERE synced=0"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{5}, number(path(), "SELECT unsynced FROM octagent_state"));
    }

    void testThrowingWriterLosesItsEventAlone() {
        Agent agent(_options);
        agent.addNotes();
        agent.open();
        agent.offer("a");
        agent.offer("bad", Trick::Throw);
        agent.offer("b");
        agent.offer("worse", Trick::ThrowOther);
        agent.offer("c");
        agent.persister.start();
        CPPUNIT_ASSERT(agent.stop());
        CPPUNIT_ASSERT_EQUAL(std::string("a,b,c"), text(path(), "SELECT group_concat(text) FROM notes"));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, agent.lost(LossReason::Refused));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, agent.queue.ledger().persisted);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, agent.persister.status().unsyncedRows);
        CPPUNIT_ASSERT(!agent.persister.status().lastAttemptFailed);
        CPPUNIT_ASSERT(agent.isBalanced());
    }

    void testUnstorableRowIsIsolated() {
        Agent agent(_options);
        agent.addNotes();
        agent.open();
        agent.offerMany(10, "a");
        agent.offer("", Trick::BreakConstraint);
        agent.offerMany(10, "b");
        agent.persister.start();
        CPPUNIT_ASSERT(agent.stop());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, agent.lost(LossReason::Unstorable));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{20}, number(path(), "SELECT count(*) FROM notes"));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, agent.persister.status().batchSize.count);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, agent.persister.status().failedAttempts);
    }

    void testWholeBatchOfBadEvents() {
        Agent agent(_options);
        agent.addNotes();
        agent.open();
        for (std::size_t i = 0; i < EventQueue::batchSize; ++i)
            agent.offer("", Trick::BreakConstraint);
        agent.offer("good");
        agent.persister.start();
        CPPUNIT_ASSERT(agent.stop());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{EventQueue::batchSize}, agent.lost(LossReason::Unstorable));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, number(path(), "SELECT count(*) FROM notes"));
        CPPUNIT_ASSERT(agent.isBalanced());
    }

    void testKindWithoutWriter() {
        Agent agent(_options);
        agent.addNotes();
        agent.open();
        agent.offer("a");
        agent.queue.offer(Event::Ptr(new Note("x", Trick::None, "nobody's")));
        agent.offer("b");
        agent.persister.start();
        CPPUNIT_ASSERT(agent.stop());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, agent.lost(LossReason::NoWriter));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, number(path(), "SELECT count(*) FROM notes"));
        CPPUNIT_ASSERT(agent.isBalanced());
    }

    void testPluginFailsAfterTenInARow() {
        std::atomic<int> failures{0};
        Agent agent(_options);
        agent.addNotes();
        const Persister::Owner plugin{"guest", true, [&failures](const std::string& reason) {
                                          ++failures;
                                          CPPUNIT_ASSERT(reason.find("as told") != std::string::npos);
                                      }};
        agent.persister.addWriter(plugin, std::make_unique<TestWriter>("guest"));
        agent.open();
        for (int i = 0; i < 30; ++i) {
            agent.queue.offer(Event::Ptr(new Note("g", Trick::Throw, "guest")));
            agent.offer("n"); // others in between are no success of the plugin's
        }
        agent.persister.start();
        CPPUNIT_ASSERT(agent.waitUntilStored(30));
        CPPUNIT_ASSERT_EQUAL(1, failures.load());
        // From now on its events are refused without a try.
        agent.queue.offer(Event::Ptr(new Note("fine", Trick::None, "guest")));
        CPPUNIT_ASSERT(agent.stop());
        CPPUNIT_ASSERT_EQUAL(1, failures.load());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{31}, agent.lost(LossReason::Refused));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{30}, number(path(), "SELECT count(*) FROM notes"));
    }

    void testPluginRecoversBeforeTen() {
        std::atomic<int> failures{0};
        Agent agent(_options);
        agent.addNotes();
        const Persister::Owner plugin{"guest", true, [&failures](const std::string&) { ++failures; }};
        agent.persister.addWriter(plugin, std::make_unique<TestWriter>("guest"));
        agent.open();
        for (int i = 0; i < 40; ++i)
            agent.queue.offer(Event::Ptr(new Note("g", i % 10 == 9 ? Trick::None : Trick::Throw, "guest")));
        agent.persister.start();
        CPPUNIT_ASSERT(agent.stop());
        CPPUNIT_ASSERT_EQUAL(0, failures.load());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{36}, agent.lost(LossReason::Refused));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{4}, number(path(), "SELECT count(*) FROM notes"));
    }

    void testBuiltInModuleNeverFails() {
        Agent agent(_options);
        agent.addNotes();
        agent.open();
        for (int i = 0; i < 20; ++i)
            agent.offer("bad", Trick::Throw);
        agent.offer("good");
        agent.persister.start();
        CPPUNIT_ASSERT(agent.stop());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, number(path(), "SELECT count(*) FROM notes"));
    }

    void testWriterCannotEndTheTransaction() {
        struct Breaker : EventWriter {
            SqlSession* session = nullptr;
            std::string kind() const override { return "breaker"; }
            void prepare(SqlSession& newSession) override { session = &newSession; }
            std::int64_t write(const Event& event) override {
                session->execute(static_cast<const Note&>(event).text);
                return 0;
            }
        };
        Agent agent(_options);
        agent.addNotes();
        agent.persister.addWriter({"guest", true, {}}, std::make_unique<Breaker>());
        agent.open();
        agent.offer("a");
        for (const char* sql : {"COMMIT", "ROLLBACK", "SAVEPOINT x", "ATTACH ':memory:' AS other"})
            agent.queue.offer(Event::Ptr(new Note(sql, Trick::None, "breaker")));
        agent.offer("b");
        agent.persister.start();
        CPPUNIT_ASSERT(agent.stop());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{4}, agent.lost(LossReason::Refused));
        CPPUNIT_ASSERT_EQUAL(std::string("a,b"), text(path(), "SELECT group_concat(text) FROM notes"));
    }

    // The row's error is kept to itself: the event counts as written, by its writer's word.
    void testWriterThatSwallowsErrors() {
        struct Careless : TestWriter {
            Careless() : TestWriter("careless") {}
            std::int64_t write(const Event& event) override {
                try {
                    return TestWriter::write(event);
                } catch (const Poco::Exception&) {
                    return 0;
                }
            }
        };
        Agent agent(_options);
        agent.addNotes();
        agent.persister.addWriter({"guest", true, {}}, std::make_unique<Careless>());
        agent.open();
        agent.offer("a");
        agent.queue.offer(Event::Ptr(new Note("x", Trick::BreakConstraint, "careless")));
        agent.queue.offer(Event::Ptr(new Note("c", Trick::None, "careless")));
        agent.persister.start();
        CPPUNIT_ASSERT(agent.stop());
        CPPUNIT_ASSERT_EQUAL(std::string("a,c"), text(path(), "SELECT group_concat(text) FROM notes"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, agent.persister.status().unsyncedRows);
    }

    void testEmptyAndBinaryText() {
        Agent agent(_options);
        agent.addNotes();
        agent.start();
        agent.offer(std::string());
        agent.offer(std::string("a\0b", 3));
        CPPUNIT_ASSERT(agent.stop());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, number(path(), "SELECT count(*) FROM notes WHERE text IS NOT NULL"));
        CPPUNIT_ASSERT_EQUAL(std::string("610062"), text(path(), "SELECT hex(text) FROM notes WHERE id=2"));
    }

    void testStopStoresEverything() {
        Agent agent(_options);
        agent.addNotes();
        agent.start();
        std::vector<std::thread> producers;
        std::atomic<int> accepted{0};
        for (int p = 0; p < 4; ++p)
            producers.emplace_back([&] {
                for (;;) {
                    const auto offer = agent.queue.offer(Event::Ptr(new Note("x")));
                    if (offer == Offer::Stopping)
                        return;
                    if (offer == Offer::Accepted)
                        ++accepted;
                    else
                        std::this_thread::yield();
                }
            });
        CPPUNIT_ASSERT(agent.waitUntilStored(500));
        CPPUNIT_ASSERT(agent.stop());
        for (auto& producer : producers)
            producer.join();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{accepted}, number(path(), "SELECT count(*) FROM notes"));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(accepted), agent.queue.ledger().persisted);
        CPPUNIT_ASSERT(agent.isBalanced());
    }

    // The loop may look at the stop before the queue says that the rest is due.
    void testStopAtOnceStoresTheUnfilledBatch() {
        constexpr int rounds = 30;
        for (int i = 0; i < rounds; ++i) {
            Agent agent(_options);
            agent.addNotes();
            agent.start();
            agent.offer("x");
            CPPUNIT_ASSERT(agent.stop());
        }
        CPPUNIT_ASSERT_EQUAL(std::int64_t{rounds}, number(path(), "SELECT count(*) FROM notes"));
    }

    void testStopWithoutStart() {
        Agent agent(_options);
        agent.addNotes();
        agent.open();
        agent.offerMany(60);
        CPPUNIT_ASSERT(agent.stop());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{60}, number(path(), "SELECT count(*) FROM notes"));
    }

    void testStopTwice() {
        Agent agent(_options);
        agent.addNotes();
        agent.start();
        agent.offer("x");
        CPPUNIT_ASSERT(agent.stop());
        CPPUNIT_ASSERT(agent.stop());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, agent.queue.ledger().persisted);
    }

    void testDestructionWithoutStop() {
        {
            Agent agent(_options);
            agent.addNotes();
            agent.start();
            agent.offer("x");
            CPPUNIT_ASSERT(agent.waitUntilStored(1));
        }
        { const Agent neverOpened(_options); }
        Agent agent(_options); // the lock is free again
        agent.addNotes();
        agent.start();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, agent.persister.status().unsyncedRows);
    }

    void testLogIsGoneAfterStop() {
        Agent agent(_options);
        agent.addNotes();
        agent.start();
        agent.offerMany(500);
        CPPUNIT_ASSERT(agent.waitUntilStored(500));
        CPPUNIT_ASSERT(agent.persister.status().walBytes > 0);
        CPPUNIT_ASSERT(agent.stop());
        CPPUNIT_ASSERT(!Poco::File(path() + "-wal").exists());
        CPPUNIT_ASSERT(agent.persister.status().databaseBytes > 0);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, agent.persister.status().walBytes);
    }

    void testTurnsAreTold() {
        Agent agent(_options);
        agent.addNotes();
        std::atomic<int> turns{0};
        agent.persister.onTurn([&turns] { ++turns; });
        agent.start();
        CPPUNIT_ASSERT(eventually([&turns] { return turns > 2; })); // though nothing happens
    }

    void testStatusTellsBatches() {
        Agent agent(_options);
        agent.addNotes();
        agent.start();
        agent.offer("x");
        CPPUNIT_ASSERT(agent.waitUntilStored(1));
        CPPUNIT_ASSERT(agent.stop());
        const auto status = agent.persister.status();
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, status.flushSeconds.count);
        CPPUNIT_ASSERT(status.flushSeconds.sum > 0);
        CPPUNIT_ASSERT(!status.lastAttemptFailed);
        CPPUNIT_ASSERT(status.lastError.empty());
        CPPUNIT_ASSERT(!status.sinceLastError);
        CPPUNIT_ASSERT(!status.isDegraded());
    }

    void testTakenKindsAndTables() {
        Agent agent(_options);
        agent.addNotes();
        const Persister::Owner other{"other", true, {}};
        CPPUNIT_ASSERT_THROW(agent.persister.addSchema(other, std::make_unique<TestSchema>("NOTES")),
                             Poco::ExistsException);
        CPPUNIT_ASSERT_THROW(agent.persister.addSchema(other, std::make_unique<TestSchema>("octagent_state")),
                             Poco::ExistsException);
        CPPUNIT_ASSERT_THROW(agent.persister.addWriter(other, std::make_unique<TestWriter>()), Poco::ExistsException);
        agent.persister.addSchema(other, std::make_unique<TestSchema>("others"));
        CPPUNIT_ASSERT_THROW(agent.persister.addSchema(other, std::make_unique<TestSchema>("more")),
                             Poco::ExistsException);
        agent.persister.addWriter(other, std::make_unique<TestWriter>("other", "others"));
        agent.persister.remove("other");
        // As if it had never been there.
        agent.persister.addSchema(other, std::make_unique<TestSchema>("others"));
        agent.persister.addWriter(other, std::make_unique<TestWriter>("other", "others"));
        agent.persister.remove("other");
        agent.start();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, number(path(), "SELECT count(*) FROM sqlite_schema WHERE name='others'"));
    }

    // A plugin whose start fails is taken back while others' events are being stored.
    void testRemovalWhileRunning() {
        Agent agent(_options);
        agent.addNotes();
        const Persister::Owner guest{"guest", true, {}};
        agent.persister.addSchema(guest, std::make_unique<TestSchema>("guests"));
        agent.persister.addWriter(guest, std::make_unique<TestWriter>("guest", "guests"));
        agent.start();
        std::atomic<bool> done{false};
        std::atomic<int> notes{0};
        std::thread producer([&] {
            while (!done) {
                agent.queue.offer(Event::Ptr(new Note("x", Trick::None, "guest")));
                if (agent.queue.offer(Event::Ptr(new Note("x"))) == Offer::Accepted)
                    ++notes;
                std::this_thread::yield();
            }
        });
        CPPUNIT_ASSERT(agent.waitUntilStored(200));
        agent.persister.remove("guest");
        CPPUNIT_ASSERT(eventually([&] { return agent.lost(LossReason::NoWriter) > 0; }));
        done = true;
        producer.join();
        CPPUNIT_ASSERT(agent.stop());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{notes}, number(path(), "SELECT count(*) FROM notes"));
        CPPUNIT_ASSERT(agent.isBalanced());
    }

    void testPowerSafe() {
        _options.synchronous = "full";
        Agent agent(_options);
        agent.addNotes();
        agent.start();
        agent.offerMany(10);
        CPPUNIT_ASSERT(agent.stop());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{10}, number(path(), "SELECT count(*) FROM notes"));
    }

    void testOptions() {
        const auto options = storageOptions("/var/lib/x/octagent.db");
        CPPUNIT_ASSERT_EQUAL(std::size_t{4}, options.size());
        CPPUNIT_ASSERT_EQUAL(std::string("path"), options[0].key);
        CPPUNIT_ASSERT_EQUAL(std::string("OCT_DB_PATH"), options[0].environment);
        CPPUNIT_ASSERT_EQUAL(std::string("/var/lib/x/octagent.db"), options[0].defaultValue);
        CPPUNIT_ASSERT_EQUAL(std::string("OCT_RETENTION_DAYS"), options[2].environment);
        CPPUNIT_ASSERT_EQUAL(std::string("3"), options[2].defaultValue);
    }

private:
    const std::string& path() const { return _options.path; }

    static unsigned mode(const std::string& file) {
        struct stat status {};
        CPPUNIT_ASSERT_EQUAL_MESSAGE(file, 0, ::stat(file.c_str(), &status));
        return status.st_mode & 07777U;
    }

    std::unique_ptr<TempDirectory> _directory;
    TestOptions _options;
};

CPPUNIT_TEST_SUITE_REGISTRATION(PersisterTest);
