#pragma once

// Base of the suites that need a running agent: a directory and an agent of its own for each test.

#include "harness/AgentProcess.h"
#include "harness/Database.h"
#include "harness/HttpClient.h"
#include "harness/Poll.h"
#include "harness/TemporaryDirectory.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <csignal>
#include <memory>
#include <string>

namespace octagent::test {

class AgentFixture : public CppUnit::TestFixture {
public:
    void setUp() override { _directory = std::make_unique<TemporaryDirectory>(); }

    void tearDown() override {
        _agent.reset();
        _directory.reset();
    }

protected:
    AgentSetup setup() const {
        AgentSetup result;
        result.directory = _directory->path();
        return result;
    }

    // Starts it, or starts it again on the same files, and waits until it listens.
    AgentProcess& start(AgentSetup how) {
        _agent.reset();
        _agent = std::make_unique<AgentProcess>(std::move(how));
        return _agent->awaitListening();
    }
    AgentProcess& start() { return start(setup()); }

    AgentProcess& agent() { return *_agent; }
    const TemporaryDirectory& directory() const { return *_directory; }
    std::string databasePath() const { return *_directory / "octagent.db"; }

    HttpReply post(const std::string& path, std::string_view body, const HttpHeaders& headers = {}) {
        return test::post(_agent->port(), path, body, headers);
    }
    HttpReply get(const std::string& path, const HttpHeaders& headers = {}) {
        return test::get(_agent->port(), path, headers);
    }

    // The row that this body became.
    Row stored(const std::string& path, const std::string& body) {
        const auto reply = post(path, body);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(reply.body, 202, reply.status);
        return awaitRow(databasePath(), path == "/v1/traces" ? "llm_traces" : "error_events", reply.text("trace_id"));
    }

private:
    std::unique_ptr<TemporaryDirectory> _directory;
    std::unique_ptr<AgentProcess> _agent;
};

// What a column holds, as a failed assertion should show it.
inline std::string shown(const Row& row, const std::string& column) {
    const auto& value = row.at(column);
    return value ? *value : "NULL";
}

#define ASSERT_COLUMN(row, column, expected)                                                                           \
    CPPUNIT_ASSERT_EQUAL_MESSAGE(column, std::string(expected), octagent::test::shown(row, column))

} // namespace octagent::test
