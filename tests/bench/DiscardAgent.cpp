// The agent with writers that discard: everything is as in the agent, from the socket to the batch's
// transaction, but no event becomes a row. What is left is the cost of the way there.
//
// It is the agent's own main() with another list of built-in modules: each of them gets a context whose
// registry puts a discarding writer in the place of every one that the module adds.

#include "host/BuiltinModules.h"
#include "octagent/Module.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

octagent::Module* octagentMake_ingest(); // NOLINT(readability-identifier-naming): the name is the SDK's macro's

namespace octagent {

namespace {

class DiscardingWriter final : public EventWriter {
public:
    explicit DiscardingWriter(std::unique_ptr<EventWriter> writer) : _writer(std::move(writer)) {}
    std::string kind() const override { return _writer->kind(); }
    void prepare(SqlSession& session) override { _writer->prepare(session); }
    std::int64_t write(const Event& /*event*/) override { return 0; }

private:
    std::unique_ptr<EventWriter> _writer;
};

class DiscardingContext final : public ModuleContext, private WriterRegistry {
public:
    explicit DiscardingContext(ModuleContext& context) : _context(context) {}

    const Options& options() const override { return _context.options(); }
    Poco::Logger& logger() override { return _context.logger(); }
    EventSink& events() override { return _context.events(); }
    HealthLine& health() override { return _context.health(); }
    Router& routes() override { return _context.routes(); }
    Router& listen(const std::string& name, const std::string& address, RefusalFormat refusals) override {
        return _context.listen(name, address, std::move(refusals));
    }
    TableRegistry& tables() override { return _context.tables(); }
    WriterRegistry& writers() override { return *this; }
    Counter& counter(const std::string& name, const std::string& help) override { return _context.counter(name, help); }
    Gauge& gauge(const std::string& name, const std::string& help) override { return _context.gauge(name, help); }
    std::unique_ptr<SqlSession> openReadSession(std::chrono::milliseconds limit) override {
        return _context.openReadSession(limit);
    }

private:
    void add(std::unique_ptr<EventWriter> writer) override {
        _context.writers().add(std::make_unique<DiscardingWriter>(std::move(writer)));
    }

    ModuleContext& _context;
};

class DiscardingModule final : public Module {
public:
    explicit DiscardingModule(std::unique_ptr<Module> module) : _module(std::move(module)) {}
    std::string name() const override { return _module->name(); }
    std::string version() const override { return _module->version(); }
    std::vector<Option> options() const override { return _module->options(); }
    void initialize(ModuleContext& context) override {
        _context = std::make_unique<DiscardingContext>(context);
        _module->initialize(*_context);
    }
    void start() override { _module->start(); }
    void stop(std::chrono::steady_clock::time_point deadline) override { _module->stop(deadline); }

private:
    std::unique_ptr<DiscardingContext> _context; // outlives the module
    std::unique_ptr<Module> _module;
};

} // namespace

std::vector<std::unique_ptr<Module>> makeBuiltinModules() {
    std::vector<std::unique_ptr<Module>> modules;
    modules.push_back(std::make_unique<DiscardingModule>(std::unique_ptr<Module>(octagentMake_ingest())));
    return modules;
}

} // namespace octagent
