#pragma once

// An agent with the otlp plugin, and short ways to its listener.

#include "Wire.h"
#include "integration/AgentFixture.h"

#include <Poco/DeflatingStream.h>
#include <Poco/JSON/Parser.h>

#include <sys/stat.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace octagent::test {

class OtlpFixture : public AgentFixture {
protected:
    static constexpr std::string_view traceId = "5b8efff798038103d269b633813fc60c";
    static constexpr std::string_view traceIdUpper = "5B8EFFF798038103D269B633813FC60C";

    AgentSetup otlpSetup(const std::map<std::string, std::string>& keys = {}) const {
        AgentSetup how = setup();
        const std::string plugins = how.directory + "/plugins";
        ::mkdir(plugins.c_str(), 0700);
        const std::string library = plugins + "/octagent-otlp.so";
        std::filesystem::copy_file(OTLP_PLUGIN, library, std::filesystem::copy_options::overwrite_existing);
        ::chmod(library.c_str(), 0600);
        how.keys["otlp.listen"] = "127.0.0.1:0";
        for (const auto& [key, value] : keys)
            how.keys[key] = value;
        return how;
    }

    AgentProcess& startWith(const AgentSetup& how) {
        start(how);
        // The agent's own listener comes first; the plugin's may take another moment, unless it was refused.
        eventually("the otlp listener", [this] {
            return agent().portOf("otlp") != 0 || agent().output().find("left out") != std::string::npos;
        });
        CPPUNIT_ASSERT_MESSAGE(agent().output(), agent().portOf("otlp") != 0);
        return agent();
    }
    AgentProcess& startOtlp(const std::map<std::string, std::string>& keys = {}) { return startWith(otlpSetup(keys)); }

    std::uint16_t otlpPort() { return agent().portOf("otlp"); }

    HttpReply post(const std::string& path, std::string_view body, const HttpHeaders& headers) {
        return test::post(otlpPort(), path, body, headers);
    }
    HttpReply traces(std::string_view body, const HttpHeaders& headers = {}) {
        return post("/v1/traces", body, headers);
    }

    // A span with a number for an id, and members besides.
    static std::string span(int number, const std::string& members) {
        std::ostringstream text;
        text << R"({"traceId":")" << traceId << R"(","spanId":")" << std::string(10, '0');
        text.width(6);
        text.fill('0');
        text << number << R"(",)" << members << '}';
        return text.str();
    }
    static std::string request(const std::string& spans) {
        return R"({"resourceSpans":[{"scopeSpans":[{"spans":[)" + spans + "]}]}]}";
    }
    static std::string gzip(const std::string& text) {
        std::ostringstream out;
        Poco::DeflatingOutputStream stream(out, Poco::DeflatingStreamBuf::STREAM_GZIP);
        stream << text;
        stream.close();
        return out.str();
    }

    std::int64_t count(const std::string& table) const {
        return Database(databasePath()).number("SELECT count(*) FROM " + table);
    }
    // The rows of llm_traces, once there are so many.
    std::vector<Row> awaitRows(std::int64_t expected) const {
        eventually(std::to_string(expected) + " rows", [&] { return count("llm_traces") >= expected; });
        const auto rows = Database(databasePath()).query("SELECT * FROM llm_traces ORDER BY id");
        CPPUNIT_ASSERT_EQUAL(static_cast<std::size_t>(expected), rows.size());
        return rows;
    }
    // Stops the agent, which stores all that it has, and counts.
    void assertRowsStay(std::int64_t expected) {
        CPPUNIT_ASSERT_EQUAL(0, agent().stop());
        CPPUNIT_ASSERT_EQUAL(expected, count("llm_traces"));
    }
    static std::string metadata(const Row& row, const std::string& name) {
        const auto object = Poco::JSON::Parser().parse(shown(row, "metadata")).extract<Poco::JSON::Object::Ptr>();
        return object->has(name) ? object->get(name).toString() : "absent";
    }
};

} // namespace octagent::test
