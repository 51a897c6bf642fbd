#pragma once

// The OpenTelemetry receiver: a plugin with a listener of its own.

#include "OtlpHandlers.h"
#include "TraceReceiver.h"

#include "octagent/Module.h"

#include <array>
#include <memory>

namespace octagent::otlp {

class OtlpModule final : public Module {
public:
    std::string name() const override { return "otlp"; }
    std::string version() const override;
    std::vector<Option> options() const override;

    void initialize(ModuleContext& context) override;

private:
    std::unique_ptr<TraceReceiver> _receiver;
    std::array<DiscardedSignal, 2> _discarded{DiscardedSignal{"metrics"}, DiscardedSignal{"logs"}};
};

} // namespace octagent::otlp
