// Mixed load with one random fault after the other, for as long as the argument says (seconds). Prints a line for
// each kind of fault, and ends with the accounting identity. Not a test of the suite: ./soak builds and runs it.

#include "FaultControl.h"
#include "harness/AgentProcess.h"
#include "harness/Books.h"
#include "harness/Database.h"
#include "harness/HttpClient.h"
#include "harness/LoadClient.h"
#include "harness/Poll.h"
#include "harness/TemporaryDirectory.h"

#include <cppunit/Exception.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iomanip>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace octagent::test;
using Steady = std::chrono::steady_clock;

namespace {

struct Fault {
    std::string name;
    std::function<void(Steady::time_point until)> run;
    std::size_t times = 0;
    Books sum{};
};

void idleUntil(Steady::time_point until) {
    waitUntil([until] { return Steady::now() >= until; }, std::chrono::minutes(5));
}

class Soak {
public:
    explicit Soak(std::chrono::seconds duration) : _end(Steady::now() + duration), _faults(_directory.path()) {
        AgentSetup how;
        how.directory = _directory.path();
        how.keys["http.requestTimeoutSeconds"] = "3";
        _faults.addTo(how);
        _agent = std::make_unique<AgentProcess>(how);
        _agent->awaitListening();
        _kinds = {
            {"none", idleUntil},
            {"writes fail (EIO)", [this](auto until) { fail(_faults->writeError, EIO, until); }},
            {"no space (ENOSPC)", [this](auto until) { fail(_faults->writeError, ENOSPC, until); }},
            {"syncs fail (EIO)", [this](auto until) { fail(_faults->syncError, EIO, until); }},
            {"reads fail (EIO)", [this](auto until) { fail(_faults->readError, EIO, until); }},
            {"foreign writer holds the lock", [this](auto until) { holdLock(until); }},
            {"reader holds a transaction", [this](auto until) { holdTransaction(until); }},
            {"clock leaps", [this](auto until) { leap(until); }},
            {"100 clients hang", [this](auto until) { hang(until); }},
            {"clients send garbage", [this](auto until) { sendGarbage(until); }},
            {"SIGHUP", [this](auto until) { _agent->signal(SIGHUP), idleUntil(until); }},
        };
    }

    void run() {
        LoadPlan plan;
        plan.port = _agent->port();
        plan.connections = 8;
        plan.eachSecond = 500;
        plan.textBytes = 2000;
        plan.hasErrors = true;
        plan.reconnects = true;
        LoadClient load(plan);
        while (Steady::now() < _end) {
            Fault& fault = _kinds[std::uniform_int_distribution<std::size_t>(0, _kinds.size() - 1)(_random)];
            const Books before = readBooks(_agent->port());
            const auto length = std::chrono::milliseconds(std::uniform_int_distribution<int>(500, 8000)(_random));
            fault.run(Steady::now() + length);
            eventually("storing works again",
                       [this] { return get(_agent->port(), "/health").text("db_status") == "ok"; });
            add(fault, before, readBooks(_agent->port()));
            assertWithin(_agent->pid(), {});
            assertUntouched(fault.name);
        }
        load.stop();
        const auto log = load.finish();
        const Books books = settledBooks(_agent->port());
        printTable();
        std::cout << "in all: sent " << log.sent() << ", accepted " << log.accepted.size() << ", unanswered "
                  << log.unanswered << ", " << books.shown() << '\n';
        assertAccounted(books, log, _agent->databasePath());
        assertSound(_agent->databasePath());
        const Usage usage = usageOf(_agent->pid());
        std::cout << "RSS " << usage.residentKilobytes << " kB, threads " << usage.threads << ", descriptors "
                  << usage.descriptors << '\n';
        if (_agent->stop() != 0)
            throw std::runtime_error("the agent did not stop cleanly");
    }

    // For the one who looks for the cause: what the agent said, and its files.
    void explainFailure() const {
        for (const auto& line : _agent->log())
            if (line->getValue<std::string>("level") != "info") {
                line->stringify(std::cerr);
                std::cerr << '\n';
            }
        const std::string kept = _directory.path() + ".kept";
        std::filesystem::copy(_directory.path(), kept, std::filesystem::copy_options::recursive);
        std::cerr << "the files are kept in " << kept << '\n';
    }

private:
    // None of these faults damages the file or makes rows old.
    void assertUntouched(const std::string& fault) const {
        for (const auto& [series, value] : readMetrics(_agent->port())) {
            const bool isForbidden =
                series.rfind("octagent_rows_deleted_total", 0) == 0 || series == "octagent_storage_quarantined_total";
            if (isForbidden && value != 0)
                throw std::runtime_error("after \"" + fault + "\": " + series + " " + std::to_string(value));
        }
    }

    static void add(Fault& fault, const Books& before, const Books& after) {
        ++fault.times;
        fault.sum.received += after.received - before.received;
        fault.sum.dropped += after.dropped - before.dropped;
        fault.sum.persisted += after.persisted - before.persisted;
        fault.sum.lost["any"] += after.lostTotal() - before.lostTotal();
    }

    void printTable() const {
        std::cout << std::left << std::setw(32) << "fault" << std::right << std::setw(7) << "times" << std::setw(10)
                  << "received" << std::setw(10) << "persisted" << std::setw(10) << "dropped" << std::setw(7) << "lost"
                  << '\n';
        for (const auto& fault : _kinds)
            std::cout << std::left << std::setw(32) << fault.name << std::right << std::setw(7) << fault.times
                      << std::setw(10) << fault.sum.received << std::setw(10) << fault.sum.persisted << std::setw(10)
                      << fault.sum.dropped << std::setw(7) << fault.sum.lostTotal() << '\n';
    }

    static void fail(std::atomic<int>& which, int error, Steady::time_point until) {
        which = error;
        idleUntil(until);
        which = 0;
    }

    void holdLock(Steady::time_point until) {
        const Database foreign(_agent->databasePath(), Database::Mode::ReadWrite);
        foreign.execute("PRAGMA busy_timeout = 30000; BEGIN IMMEDIATE");
        idleUntil(until);
        foreign.execute("ROLLBACK");
    }

    void holdTransaction(Steady::time_point until) {
        const Database reader(_agent->databasePath());
        reader.execute("BEGIN; SELECT count(*) FROM llm_traces");
        idleUntil(until);
        reader.execute("COMMIT");
    }

    // By hours: what retention believes, and deletes nothing by.
    void leap(Steady::time_point until) {
        _faults->clockOffsetSeconds = std::uniform_int_distribution<int>(-36000, 36000)(_random);
        idleUntil(until);
        _faults->clockOffsetSeconds = 0;
    }

    void hang(Steady::time_point until) {
        std::vector<std::unique_ptr<HttpClient>> clients;
        for (int i = 0; i < 100; ++i) {
            clients.push_back(std::make_unique<HttpClient>(_agent->port()));
            clients.back()->send("POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n");
        }
        idleUntil(until);
    }

    void sendGarbage(Steady::time_point until) {
        while (Steady::now() < until) {
            HttpClient client(_agent->port());
            std::string garbage(std::uniform_int_distribution<std::size_t>(1, 5000)(_random), ' ');
            for (auto& byte : garbage)
                byte = static_cast<char>(_random());
            try {
                client.send("POST /v1/traces HTTP/1.1\r\nHost: localhost\r\n" + garbage);
                client.shutdownSend();
                client.isClosed();
            } catch (const Poco::Exception&) {
                // The agent has closed it already.
            }
        }
    }

    const Steady::time_point _end;
    TemporaryDirectory _directory;
    FaultControl _faults;
    std::unique_ptr<AgentProcess> _agent;
    std::mt19937 _random{std::random_device{}()};
    std::vector<Fault> _kinds;
};

} // namespace

int main(int argc, char** argv) {
    const int seconds = argc > 1 ? std::atoi(argv[1]) : 60;
    std::unique_ptr<Soak> soak;
    try {
        soak = std::make_unique<Soak>(std::chrono::seconds(seconds));
        soak->run();
    } catch (const std::exception& error) { // CppUnit's failed assertions too
        std::cerr << "soak FAILED: " << error.what() << '\n';
        if (soak)
            soak->explainFailure();
        return 1;
    }
    std::cout << "soak passed: " << seconds << " s\n";
    return 0;
}
