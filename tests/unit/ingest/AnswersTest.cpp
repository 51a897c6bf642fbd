// What a client is told: single events, arrays, a full queue, a stopping agent.

#include "Ingest.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

using namespace octagent;

namespace {

std::string idOf(const Ingest& ingest, std::size_t index) { return ingest.sink.taken.at(index)->traceId().toString(); }

std::string arrayOf(std::size_t count) {
    std::string body = "[";
    for (std::size_t i = 0; i < count; ++i)
        body += (i == 0 ? "" : ",") + Ingest::traceBody("");
    return body + "]";
}

} // namespace

class AnswersTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AnswersTest);
    CPPUNIT_TEST(testQueued);
    CPPUNIT_TEST(testDropped);
    CPPUNIT_TEST(testStopping);
    CPPUNIT_TEST(testArray);
    CPPUNIT_TEST(testArrayOfErrors);
    CPPUNIT_TEST(testEmptyArray);
    CPPUNIT_TEST(testArrayPartlyDropped);
    CPPUNIT_TEST(testStoppingInTheMidstOfAnArray);
    CPPUNIT_TEST(testInvalidElementRefusesAll);
    CPPUNIT_TEST(testArrayBound);
    CPPUNIT_TEST(testLongPathIsCut);
    CPPUNIT_TEST(testLargeBodies);
    CPPUNIT_TEST(testManyThreads);
    CPPUNIT_TEST_SUITE_END();

public:
    void testQueued() {
        Ingest ingest;
        const Answer answer = ingest.postTrace(Ingest::traceBody(""));
        CPPUNIT_ASSERT_EQUAL(202, answer.status);
        CPPUNIT_ASSERT_EQUAL("{\"trace_id\":\"" + idOf(ingest, 0) + "\"}", answer.body);
        CPPUNIT_ASSERT_EQUAL(std::size_t{36}, idOf(ingest, 0).size());
    }

    void testDropped() {
        Ingest ingest;
        ingest.sink.answers = {Offer::Full};
        const Answer answer = ingest.postTrace(Ingest::traceBody(""));
        CPPUNIT_ASSERT_EQUAL(202, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"dropped":1})"), answer.body);
    }

    void testStopping() {
        Ingest ingest;
        ingest.sink.answers = {Offer::Stopping};
        CPPUNIT_ASSERT_EQUAL(503, ingest.postTrace(Ingest::traceBody("")).status);
    }

    void testArray() {
        Ingest ingest;
        const Answer answer = ingest.postTrace(" [ " + Ingest::traceBody(R"(,"latency_ms":1)") + " ,\n" +
                                               Ingest::traceBody(R"(,"latency_ms":2)") + " ] ");
        CPPUNIT_ASSERT_EQUAL(202, answer.status);
        CPPUNIT_ASSERT_EQUAL(R"({"trace_ids":[")" + idOf(ingest, 0) + R"(",")" + idOf(ingest, 1) + R"("],"dropped":0})",
                             answer.body);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, ingest.sink.taken[0].cast<TraceEvent>()->latencyMs.value());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, ingest.sink.taken[1].cast<TraceEvent>()->latencyMs.value());
        CPPUNIT_ASSERT(idOf(ingest, 0) != idOf(ingest, 1));
        const auto ofOne = ingest.postTrace("[" + Ingest::traceBody("") + "]").body;
        CPPUNIT_ASSERT_EQUAL(R"({"trace_ids":[")" + idOf(ingest, 2) + R"("],"dropped":0})", ofOne);
    }

    void testArrayOfErrors() {
        Ingest ingest;
        const Answer answer =
            ingest.postError(R"([{"error_type":"a","message":"1"},{"error_type":"b","message":"2"}])");
        CPPUNIT_ASSERT_EQUAL(202, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, ingest.sink.taken.size());
        CPPUNIT_ASSERT_EQUAL(std::string("2"), ingest.sink.taken[1].cast<ErrorEvent>()->message);
    }

    void testEmptyArray() {
        Ingest ingest;
        const Answer answer = ingest.postTrace("[]");
        CPPUNIT_ASSERT_EQUAL(202, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"trace_ids":[],"dropped":0})"), answer.body);
        CPPUNIT_ASSERT(ingest.sink.taken.empty());
    }

    void testArrayPartlyDropped() {
        Ingest ingest;
        ingest.sink.answers = {Offer::Full, Offer::Accepted, Offer::Full};
        const Answer answer = ingest.postTrace(arrayOf(4));
        CPPUNIT_ASSERT_EQUAL(202, answer.status);
        CPPUNIT_ASSERT_EQUAL(R"({"trace_ids":[null,")" + idOf(ingest, 0) + R"(",null,")" + idOf(ingest, 1) +
                                 R"("],"dropped":2})",
                             answer.body);
    }

    void testStoppingInTheMidstOfAnArray() {
        Ingest ingest;
        ingest.sink.answers = {Offer::Accepted, Offer::Stopping};
        CPPUNIT_ASSERT_EQUAL(503, ingest.postTrace(arrayOf(3)).status);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, ingest.sink.taken.size());
    }

    void testInvalidElementRefusesAll() {
        Ingest ingest;
        const std::string good = Ingest::traceBody("");
        const auto expect = [&ingest](const std::string& message, const std::string& body) {
            CPPUNIT_ASSERT_EQUAL(message, ingest.refusedTrace(body));
            CPPUNIT_ASSERT(ingest.sink.taken.empty());
        };
        expect("[1].model: is required", "[" + good + R"(,{"provider":"p"}])");
        expect("[3].prompt_tokens: must not be negative", "[" + good + "," + good + "," + good + "," +
                                                              Ingest::traceBody(R"(,"prompt_tokens":-1)") + "," + good +
                                                              "]");
        expect("[0]: must be a JSON object", "[1]");
        expect("[1]: must be a JSON object", "[" + good + ",[]]");
        expect("[1]: must be a JSON object", "[" + good + ",null]");
        expect("[0].metadata.a[1]: has a NUL, which cannot be stored",
               "[" + Ingest::traceBody(R"(,"metadata":{"a":[1,"\u0000"]})") + "]");
        expect("[1].total_tokens: is larger than 9223372036854775807, as the sum of its parts",
               "[" + good + "," + Ingest::traceBody(R"(,"prompt_tokens":9223372036854775807,"completion_tokens":9)") +
                   "]");
    }

    void testArrayBound() {
        Ingest ingest;
        CPPUNIT_ASSERT_EQUAL(202, ingest.postTrace(arrayOf(512)).status);
        CPPUNIT_ASSERT_EQUAL(std::size_t{512}, ingest.sink.taken.size());
        const Answer answer = ingest.postTrace(arrayOf(513));
        CPPUNIT_ASSERT_EQUAL(413, answer.status);
        CPPUNIT_ASSERT(answer.error.find("512") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::size_t{512}, ingest.sink.taken.size());
    }

    void testLongPathIsCut() {
        std::string key;
        for (int i = 0; i < 5000; ++i)
            key += "é";
        const auto refused = Ingest().refusedTraceWith(",\"a\":{\"" + key + "\":\"\\u0000\"}");
        CPPUNIT_ASSERT(refused.size() < 400);
        CPPUNIT_ASSERT_EQUAL(std::string("a.éé"), refused.substr(0, 6));
    }

    // One after the other on one thread: the parser grows, and shrinks again.
    void testLargeBodies() {
        Ingest ingest;
        for (const std::size_t size : {0UL, 100UL, 70000UL, 3000000UL, 10UL, 9000000UL, 500000UL}) {
            const auto trace = ingest.traceWith(",\"output_text\":\"" + std::string(size, 'o') + "\"");
            CPPUNIT_ASSERT_EQUAL(std::min(size, std::size_t{16384}), trace->outputText->size());
        }
    }

    // Handlers run on several threads at once, and share nothing.
    void testManyThreads() {
        constexpr int posts = 200;
        std::atomic<int> right{0};
        const auto postAll = [&right](int number) {
            const std::string text(static_cast<std::size_t>(number) * 30000, 'x');
            for (int i = 0; i < posts; ++i) {
                Ingest ingest;
                const auto trace =
                    ingest.traceWith(",\"a\":[1],\"input_text\":\"" + text + "\",\"latency_ms\":" + std::to_string(i));
                const bool isRefused = ingest.postTrace("{\"provider\":1}").error == "provider: must be a string";
                right += trace->latencyMs == i && isRefused ? 1 : 0;
            }
        };
        const auto work = [&postAll](int number) {
            try {
                postAll(number);
            } catch (const CppUnit::Exception&) {
                return; // then some are missing
            }
        };
        std::vector<std::thread> threads;
        threads.reserve(4);
        for (int number = 0; number < 4; ++number)
            threads.emplace_back(work, number);
        for (auto& thread : threads)
            thread.join();
        CPPUNIT_ASSERT_EQUAL(4 * posts, right.load());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AnswersTest);
