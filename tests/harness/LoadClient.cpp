#include "harness/LoadClient.h"

#include "harness/HttpClient.h"
#include "harness/Poll.h"

#include <Poco/Exception.h>

#include <chrono>
#include <memory>

namespace octagent::test {

namespace {

using Steady = std::chrono::steady_clock;

std::string traceBody(const LoadPlan& plan, std::size_t number) {
    return R"({"provider":"openai","model":"gpt-4o","prompt_tokens":12,"completion_tokens":30,"cost_usd":0.00125,)"
           R"("latency_ms":812,"input_text":")" +
           std::string(plan.textBytes, static_cast<char>('a' + number % 26)) + R"(","metadata":{"client":")" +
           plan.idPrefix + std::to_string(number) + R"("}})";
}

std::string errorBody(const LoadPlan& plan, std::size_t number) {
    return R"({"error_type":"llm_error","message":"the model is overloaded","stack_trace":")" +
           std::string(plan.textBytes, static_cast<char>('a' + number % 26)) + R"(","metadata":{"client":")" +
           plan.idPrefix + std::to_string(number) + R"("}})";
}

} // namespace

std::size_t ClientLog::sent() const {
    std::size_t sum = answered() + unanswered;
    for (const auto& [status, count] : refused)
        sum += count;
    return sum;
}

void ClientLog::add(const ClientLog& other) {
    accepted.insert(accepted.end(), other.accepted.begin(), other.accepted.end());
    dropped += other.dropped;
    unanswered += other.unanswered;
    for (const auto& [status, count] : other.refused)
        refused[status] += count;
}

LoadClient::LoadClient(LoadPlan plan)
    : _plan(std::move(plan)), _startedAt(Steady::now().time_since_epoch().count()), _logs(_plan.connections) {
    _threads.reserve(_plan.connections);
    for (std::size_t connection = 0; connection < _plan.connections; ++connection)
        _threads.emplace_back([this, connection] { run(connection); });
}

LoadClient::~LoadClient() {
    stop();
    finish();
}

const ClientLog& LoadClient::finish() {
    for (auto& thread : _threads)
        thread.join();
    _threads.clear();
    for (const auto& log : _logs)
        _log.add(log);
    _logs.clear();
    return _log;
}

bool LoadClient::take(std::size_t& number) {
    if (_stopping)
        return false;
    number = _next++;
    return _plan.events == 0 || number < _plan.events;
}

void LoadClient::keepPace() const {
    if (_plan.eachSecond == 0)
        return;
    const auto due = Steady::time_point(Steady::duration(_startedAt)) +
                     std::chrono::microseconds(_next.load() * 1000000 / _plan.eachSecond);
    std::this_thread::sleep_until(due);
}

// False when the connection is of no more use.
bool LoadClient::exchange(HttpClient& client, std::size_t number, ClientLog& log) {
    const bool isError = _plan.hasErrors && number % 4 == 3;
    try {
        const auto reply = client.post(isError ? "/v1/errors" : "/v1/traces",
                                       isError ? errorBody(_plan, number) : traceBody(_plan, number));
        if (reply.status != 202)
            ++log.refused[reply.status];
        else if (const auto answer = reply.json(); answer->has("trace_id"))
            log.accepted.push_back(answer->getValue<std::string>("trace_id"));
        else
            ++log.dropped;
        ++_answered;
        return !reply.closes();
    } catch (const std::runtime_error&) {
        ++log.unanswered;
    } catch (const Poco::Exception&) {
        ++log.unanswered;
    }
    return false;
}

void LoadClient::run(std::size_t connection) {
    ClientLog& log = _logs[connection];
    std::unique_ptr<HttpClient> client;
    auto refusedSince = Steady::now();
    while (mayGoOn()) {
        if (!client) {
            try {
                client = std::make_unique<HttpClient>(_plan.port);
                refusedSince = Steady::now();
            } catch (const Poco::Exception&) {
                if (!_plan.reconnects || Steady::now() - refusedSince > patience)
                    return;
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
                continue;
            }
        }
        keepPace();
        std::size_t number = 0;
        if (!take(number))
            return;
        if (exchange(*client, number, log))
            continue;
        client.reset();
        if (!_plan.reconnects)
            return;
    }
}

} // namespace octagent::test
