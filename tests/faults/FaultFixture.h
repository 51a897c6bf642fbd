#pragma once

// Base of the fault suites: an agent that can be made to fail, load on it, and the books at the end.

#include "FaultControl.h"
#include "harness/AgentProcess.h"
#include "harness/Books.h"
#include "harness/Database.h"
#include "harness/HttpClient.h"
#include "harness/LoadClient.h"
#include "harness/Poll.h"
#include "harness/TemporaryDirectory.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <chrono>
#include <memory>
#include <string>

namespace octagent::test {

class FaultFixture : public CppUnit::TestFixture {
public:
    void setUp() override {
        _directory = std::make_unique<TemporaryDirectory>();
        _faults = std::make_unique<FaultControl>(_directory->path());
    }
    void tearDown() override {
        _load.reset();
        _agent.reset();
        _faults.reset();
        _directory.reset();
    }

protected:
    AgentSetup setup() const {
        AgentSetup result;
        result.directory = _directory->path();
        return result;
    }
    // With the interposed library.
    AgentSetup faultySetup() const {
        AgentSetup result = setup();
        _faults->addTo(result);
        return result;
    }
    AgentProcess& start(AgentSetup how) {
        _agent.reset();
        _agent = std::make_unique<AgentProcess>(std::move(how));
        return _agent->awaitListening();
    }
    AgentProcess& agent() { return *_agent; }
    FaultControl& faults() { return *_faults; }
    const TemporaryDirectory& directory() const { return *_directory; }
    std::string databasePath() const { return *_directory / "octagent.db"; }

    // Goes on until finishLoad().
    LoadClient& startLoad(std::size_t eachSecond, std::size_t connections = 4, std::size_t textBytes = 900) {
        LoadPlan plan;
        plan.port = _agent->port();
        plan.connections = connections;
        plan.eachSecond = eachSecond;
        plan.textBytes = textBytes;
        plan.hasErrors = true;
        plan.reconnects = _loadReconnects;
        _load = std::make_unique<LoadClient>(plan);
        return *_load;
    }
    // Before startLoad(): its clients come again when their connection is closed on them.
    void letLoadReconnect() { _loadReconnects = true; }
    ClientLog finishLoad() {
        _load->stop();
        return _load->finish();
    }

    std::string health(const std::string& field) { return get(_agent->port(), "/health").text(field); }
    std::int64_t healthNumber(const std::string& field) {
        return get(_agent->port(), "/health").json()->getValue<std::int64_t>(field);
    }
    double metric(const std::string& series) { return readMetrics(_agent->port()).at(series); }

    void awaitDbStatus(const std::string& status) {
        eventually("db_status " + status, [&] { return health("db_status") == status; });
    }
    void awaitPersisted(std::uint64_t atLeast) {
        eventually("rows are persisted", [&] { return readBooks(_agent->port()).persisted >= atLeast; });
    }
    void awaitProgress() { awaitPersisted(readBooks(_agent->port()).persisted + 100); }

    // The end of every fault: the books are settled and equal to what the client knows and the file holds, the
    // database is sound, the process is small, and it stops with nothing lost. Prints the fault's line.
    Books assertRecovered(const std::string& fault, const ClientLog& log, std::int64_t foreignRows = 0) {
        const Books books = settledBooks(_agent->port());
        assertAccounted(books, log, databasePath(), foreignRows);
        assertSound(databasePath());
        assertWithin(_agent->pid(), {});
        std::cout << "\n  " << fault << ": sent " << log.sent() << ", " << books.shown() << '\n';
        CPPUNIT_ASSERT_EQUAL(0, _agent->stop());
        return books;
    }

private:
    std::unique_ptr<TemporaryDirectory> _directory;
    std::unique_ptr<FaultControl> _faults;
    std::unique_ptr<AgentProcess> _agent;
    std::unique_ptr<LoadClient> _load;
    bool _loadReconnects = false;
};

} // namespace octagent::test
