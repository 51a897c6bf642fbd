#include "application/SelfTest.h"

#include <Poco/Exception.h>
#include <Poco/FileStream.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/NumberParser.h>
#include <Poco/StreamCopier.h>
#include <Poco/String.h>
#include <Poco/Thread.h>

#include <chrono>
#include <ostream>
#include <string>

namespace octagent {

namespace {

constexpr std::chrono::seconds patience{25}; // far more than a batch takes, and than a busy disk does
constexpr long pauseMilliseconds = 50;

struct Answer {
    int status = 0;
    std::string body;
};

class RunningAgent {
public:
    explicit RunningAgent(const Options& http)
        : _session(reachable(http.text("address")), static_cast<Poco::UInt16>(http.integer("port"))),
          _token(tokenOf(http)) {
        _session.setTimeout(Poco::Timespan(5, 0));
        _session.setKeepAlive(true);
    }

    Answer get(const std::string& path) { return exchange("GET", path, "", ""); }
    Answer post(const SelfTest& test) { return exchange("POST", test.path, test.contentType, test.body); }

    // The sum of a counter's series.
    std::int64_t metric(const std::string& name) {
        const auto answer = get("/metrics");
        if (answer.status != Poco::Net::HTTPResponse::HTTP_OK)
            throw Poco::IOException("GET /metrics was answered " + std::to_string(answer.status));
        std::int64_t sum = 0;
        for (std::size_t at = 0; at < answer.body.size();) {
            const auto end = std::min(answer.body.find('\n', at), answer.body.size());
            const auto line = answer.body.substr(at, end - at);
            const bool isMeant = Poco::startsWith(line, name) && line.find_first_of(" {") == name.size();
            if (isMeant)
                sum += static_cast<std::int64_t>(Poco::NumberParser::parseFloat(line.substr(line.rfind(' ') + 1)));
            at = end + 1;
        }
        return sum;
    }

private:
    // An address that stands for every interface is reached over loopback.
    static std::string reachable(const std::string& address) {
        if (address == "0.0.0.0")
            return "127.0.0.1";
        return address == "::" || address == "[::]" ? "::1" : address;
    }

    static std::string tokenOf(const Options& http) {
        if (http.text("tokenFile").empty())
            return http.text("token");
        std::string token;
        Poco::FileInputStream file(http.text("tokenFile"));
        std::getline(file, token);
        return Poco::trim(token);
    }

    Answer exchange(const std::string& method, const std::string& path, const std::string& type,
                    const std::string& body) {
        Poco::Net::HTTPRequest request(method, path, Poco::Net::HTTPMessage::HTTP_1_1);
        if (!_token.empty())
            request.set("Authorization", "Bearer " + _token);
        if (!type.empty()) {
            request.setContentType(type);
            request.setContentLength64(static_cast<Poco::Int64>(body.size()));
        }
        _session.sendRequest(request) << body;
        Poco::Net::HTTPResponse response;
        Answer answer;
        Poco::StreamCopier::copyToString(_session.receiveResponse(response), answer.body);
        answer.status = response.getStatus();
        return answer;
    }

    Poco::Net::HTTPClientSession _session;
    const std::string _token;
};

bool follow(RunningAgent& agent, const SelfTest& test, std::ostream& out) {
    const auto lostBefore = agent.metric("octagent_events_lost_total");
    const auto answer = agent.post(test);
    out << "POST " << test.path << ": " << answer.status << ' ' << answer.body << '\n';
    if (answer.status != Poco::Net::HTTPResponse::HTTP_ACCEPTED || answer.body.find("trace_id") == std::string::npos)
        return false;
    // The queue keeps its order: once all that was received by now is settled, so is this event.
    const auto received = agent.metric("octagent_events_received_total");
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < deadline) {
        const auto lost = agent.metric("octagent_events_lost_total");
        const auto persisted = agent.metric("octagent_events_persisted_total");
        if (persisted + lost >= received) {
            out << "  received " << received << ", persisted " << persisted << ", lost " << lost << '\n';
            return lost == lostBefore;
        }
        Poco::Thread::sleep(pauseMilliseconds);
    }
    out << "  it was not stored within " << patience.count() << " s: see the agent's log and /health\n";
    return false;
}

} // namespace

bool testRunningAgent(const Options& http, const std::vector<SelfTest>& tests, std::ostream& out) {
    bool isGood = true;
    try {
        RunningAgent agent(http);
        const auto health = agent.get("/health");
        out << "GET /health: " << health.status << ' ' << health.body << '\n';
        for (const auto& test : tests)
            isGood = follow(agent, test, out) && isGood;
    } catch (const Poco::Exception& error) {
        out << "no agent answers at " << http.text("address") << ':' << http.integer("port") << ": "
            << error.displayText() << "\nIs it running, with this configuration?\n";
        isGood = false;
    }
    out << (isGood ? "self-test passed: every event was stored\n" : "self-test FAILED\n");
    return isGood;
}

} // namespace octagent
