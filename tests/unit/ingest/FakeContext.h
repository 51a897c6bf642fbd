#pragma once

// A module's context that keeps what the module registers.

#include "FakeSink.h"

#include "octagent/ModuleContext.h"

#include <Poco/Exception.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

class FakeContext : public octagent::ModuleContext,
                    private octagent::Options,
                    private octagent::HealthLine,
                    private octagent::Router,
                    private octagent::TableRegistry,
                    private octagent::WriterRegistry {
public:
    std::map<std::string, std::int64_t> integers;
    FakeSink sink;
    std::map<std::string, std::pair<octagent::Route, Poco::Net::HTTPRequestHandlerFactory::Ptr>> added; // by path
    std::vector<std::unique_ptr<octagent::Schema>> schemas;
    std::map<std::string, std::unique_ptr<octagent::EventWriter>> kinds;

    const octagent::Options& options() const override { return *this; }
    Poco::Logger& logger() override { return Poco::Logger::get("ingest"); }
    octagent::EventSink& events() override { return sink; }
    octagent::HealthLine& health() override { return *this; }
    octagent::Router& routes() override { return *this; }
    octagent::Router& listen(const std::string& /*name*/, const std::string& /*address*/,
                             octagent::RefusalFormat /*refusals*/) override {
        return *this;
    }
    octagent::TableRegistry& tables() override { return *this; }
    octagent::WriterRegistry& writers() override { return *this; }
    octagent::Counter& counter(const std::string& /*name*/, const std::string& /*help*/) override { return _counter; }
    octagent::Gauge& gauge(const std::string& /*name*/, const std::string& /*help*/) override { return _gauge; }
    std::unique_ptr<octagent::SqlSession> openReadSession(std::chrono::milliseconds /*limit*/) override {
        throw Poco::NotImplementedException();
    }

private:
    std::string text(const std::string& key) const override { throw Poco::NotFoundException(key); }
    std::int64_t integer(const std::string& key) const override {
        const auto found = integers.find(key);
        return found == integers.end() ? throw Poco::NotFoundException(key) : found->second;
    }
    bool boolean(const std::string& key) const override { throw Poco::NotFoundException(key); }

    void degraded(const std::string& /*reason*/) override {}
    void ok() override {}
    void lastPush(std::int64_t /*unixMilliseconds*/, const std::string& /*status*/) override {}

    void add(const octagent::Route& route, Poco::Net::HTTPRequestHandlerFactory::Ptr factory) override {
        added[route.path] = {route, factory};
    }
    void add(std::unique_ptr<octagent::Schema> schema) override { schemas.push_back(std::move(schema)); }
    void add(std::unique_ptr<octagent::EventWriter> writer) override {
        const std::string kind = writer->kind();
        kinds[kind] = std::move(writer);
    }

    octagent::Counter _counter;
    octagent::Gauge _gauge;
};
