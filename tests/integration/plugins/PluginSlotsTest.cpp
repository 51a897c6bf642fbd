#include "PluginBench.h"

#include "harness/Books.h"
#include "harness/Database.h"
#include "harness/HttpClient.h"
#include "harness/Poll.h"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/StreamCopier.h>
#include <Poco/StringTokenizer.h>

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <mutex>
#include <set>

using namespace octagent::test;

namespace {

// What a push plugin pushes to: keeps the ids it was sent, and can be told to fail.
class PushServer {
public:
    PushServer() : _server(new Factory(*this), Poco::Net::ServerSocket(0), new Poco::Net::HTTPServerParams) {
        _server.start();
    }
    ~PushServer() { _server.stopAll(true); }

    std::uint16_t port() const { return _server.port(); }
    std::set<std::string> ids() const {
        const std::lock_guard lock(_mutex);
        return _ids;
    }
    std::atomic<bool> isBroken{false};

private:
    class Handler : public Poco::Net::HTTPRequestHandler {
    public:
        explicit Handler(PushServer& server) : _server(server) {}
        void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override {
            std::string body;
            Poco::StreamCopier::copyToString(request.stream(), body);
            if (_server.isBroken) {
                response.setStatusAndReason(Poco::Net::HTTPResponse::HTTP_INTERNAL_SERVER_ERROR);
            } else {
                const Poco::StringTokenizer ids(body, "\n", Poco::StringTokenizer::TOK_IGNORE_EMPTY);
                const std::lock_guard lock(_server._mutex);
                _server._ids.insert(ids.begin(), ids.end());
            }
            response.setContentLength(0);
            response.send();
        }

    private:
        PushServer& _server;
    };

    class Factory : public Poco::Net::HTTPRequestHandlerFactory {
    public:
        explicit Factory(PushServer& server) : _server(server) {}
        Poco::Net::HTTPRequestHandler* createRequestHandler(const Poco::Net::HTTPServerRequest& /*r*/) override {
            return new Handler(_server);
        }

    private:
        PushServer& _server;
    };

    mutable std::mutex _mutex;
    std::set<std::string> _ids;
    Poco::Net::HTTPServer _server;
};

std::int64_t unsynced(AgentProcess& agent) {
    return get(agent.port(), "/health").json()->getValue<std::int64_t>("unsynced_count");
}

} // namespace

// The slots for the metrics and push plugins to come, proven by plugins that are like them.
class PluginSlotsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PluginSlotsTest);
    CPPUNIT_TEST(testMetricsLikePluginSamplesIntoItsTable);
    CPPUNIT_TEST(testMetricsLikePluginTakesTheExistingTable);
    CPPUNIT_TEST(testPushLikePluginMarksWhatItPushed);
    CPPUNIT_TEST(testPushIsTriedAgainAfterAFailure);
    CPPUNIT_TEST(testWithoutPushPluginHealthSaysDisabled);
    CPPUNIT_TEST(testTemplateStoresFeedback);
    CPPUNIT_TEST_SUITE_END();

public:
    void testMetricsLikePluginSamplesIntoItsTable() {
        PluginBench bench;
        bench.add("metrics");
        bench.setup().keys["metrics.intervalMs"] = "20";
        AgentProcess agent(bench.setup());
        agent.awaitListening();
        eventually("ten samples are stored",
                   [&] { return Database(agent.databasePath()).number("SELECT count(*) FROM system_metrics") >= 10; });
        CPPUNIT_ASSERT(readMetrics(agent.port()).at("octagent_metrics_samples_total") >= 10);
        CPPUNIT_ASSERT(unsynced(agent) >= 10);
        CPPUNIT_ASSERT_EQUAL(0, agent.stop());
        const Database database(agent.databasePath());
        const Row row = database.only("SELECT * FROM system_metrics ORDER BY id LIMIT 1");
        CPPUNIT_ASSERT_EQUAL(std::string("12.5"), row.at("cpu_pct").value());
        CPPUNIT_ASSERT_EQUAL(std::string("4096"), row.at("mem_rss_bytes").value());
        CPPUNIT_ASSERT(!row.at("mem_total").has_value());
        assertSound(agent.databasePath());
    }

    void testMetricsLikePluginTakesTheExistingTable() {
        PluginBench bench;
        makeExistingDatabase(bench.setup().databasePath(), 7);
        bench.add("metrics");
        bench.setup().keys["metrics.intervalMs"] = "20";
        bench.setup().keys["storage.retentionDays"] = "0";
        AgentProcess agent(bench.setup());
        agent.awaitListening();
        eventually("samples join the old rows",
                   [&] { return Database(agent.databasePath()).number("SELECT count(*) FROM system_metrics") > 7; });
        CPPUNIT_ASSERT_EQUAL(0, agent.stop());
    }

    void testPushLikePluginMarksWhatItPushed() {
        PushServer server;
        PluginBench bench;
        usePush(bench, server);
        AgentProcess agent(bench.setup());
        agent.awaitListening();
        std::set<std::string> posted;
        for (int i = 0; i < 200; ++i) {
            posted.insert(post(agent.port(), "/v1/traces", R"({"provider":"p","model":"m"})").text("trace_id"));
            if (i % 10 == 0)
                posted.insert(
                    post(agent.port(), "/v1/errors", R"({"error_type":"crash","message":"m"})").text("trace_id"));
        }
        eventually("all rows are pushed and marked", [&] { return server.ids() == posted && unsynced(agent) == 0; });
        const Database database(agent.databasePath());
        for (const auto* table : {"llm_traces", "error_events"}) {
            const auto unmarked = database.number(std::string("SELECT count(*) FROM ") + table +
                                                  " WHERE synced <> 1 OR pushed_at IS NULL OR pushed_at < created_at");
            CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, unmarked);
        }
        const auto health = get(agent.port(), "/health").json();
        CPPUNIT_ASSERT_EQUAL(std::string("ok"), health->getValue<std::string>("last_push_status"));
        CPPUNIT_ASSERT(health->getValue<std::int64_t>("last_push_time") > 1'600'000'000'000);
        CPPUNIT_ASSERT_EQUAL(0, agent.stop());
        assertSound(agent.databasePath());
    }

    void testPushIsTriedAgainAfterAFailure() {
        PushServer server;
        server.isBroken = true;
        PluginBench bench;
        usePush(bench, server);
        AgentProcess agent(bench.setup());
        agent.awaitListening();
        assertIngestWorks(agent);
        eventually("the failure is told",
                   [&] { return get(agent.port(), "/health").text("last_push_status") == "failed"; });
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, unsynced(agent));
        server.isBroken = false;
        eventually("the row is pushed", [&] { return server.ids().size() == 1 && unsynced(agent) == 0; });
        CPPUNIT_ASSERT_EQUAL(0, agent.stop());
    }

    void testWithoutPushPluginHealthSaysDisabled() {
        PluginBench bench;
        AgentProcess agent(bench.setup());
        agent.awaitListening();
        const auto health = get(agent.port(), "/health").json();
        CPPUNIT_ASSERT_EQUAL(std::string("disabled"), health->getValue<std::string>("last_push_status"));
        CPPUNIT_ASSERT(health->isNull("last_push_time"));
        CPPUNIT_ASSERT_EQUAL(0, agent.stop());
    }

    void testTemplateStoresFeedback() {
        PluginBench bench;
        bench.addFile(OCTAGENT_TEMPLATE "/octagent-feedback.so");
        bench.setup().keys["feedback.maxCommentBytes"] = "10";
        AgentProcess agent(bench.setup());
        agent.awaitListening();
        const auto reply = post(agent.port(), "/v1/feedback", R"({"trace_id":"t-1","score":-1,"comment":"wrong"})");
        CPPUNIT_ASSERT_EQUAL(202, reply.status);
        const Row row = awaitRow(agent.databasePath(), "feedback", reply.text("trace_id"));
        CPPUNIT_ASSERT_EQUAL(std::string("t-1"), row.at("about_trace").value());
        CPPUNIT_ASSERT_EQUAL(std::string("-1"), row.at("score").value());
        CPPUNIT_ASSERT_EQUAL(std::string("wrong"), row.at("comment").value());
        CPPUNIT_ASSERT_EQUAL(400, post(agent.port(), "/v1/feedback", R"({"score":1})").status);
        CPPUNIT_ASSERT_EQUAL(
            400, post(agent.port(), "/v1/feedback", R"({"trace_id":"t","score":1,"comment":"far too long"})").status);
        CPPUNIT_ASSERT_EQUAL(0, agent.stop());
    }

private:
    static void usePush(PluginBench& bench, const PushServer& server) {
        bench.add("push");
        bench.setup().keys["push.intervalMs"] = "20";
        bench.setup().keys["push.port"] = std::to_string(server.port());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PluginSlotsTest);
