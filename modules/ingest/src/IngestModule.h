#pragma once

// The built-in module `ingest`: traces and errors over HTTP into their tables.

#include "octagent/Module.h"

#include <string>
#include <vector>

namespace octagent::ingest {

class IngestModule final : public Module {
public:
    std::string name() const override { return "ingest"; }
    std::string version() const override { return "1.0"; }
    std::vector<Option> options() const override;
    std::vector<SelfTest> selfTests() const override;
    void initialize(ModuleContext& context) override;
};

} // namespace octagent::ingest
