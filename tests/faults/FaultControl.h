#pragma once

// The test's end of the interposed library.

#include "harness/AgentProcess.h"
#include "interposer/Faults.h"

#include <string>

namespace octagent::test {

class FaultControl {
public:
    // Keeps its file in `directory`, which outlives this.
    explicit FaultControl(const std::string& directory);
    ~FaultControl();
    FaultControl(const FaultControl&) = delete;
    FaultControl& operator=(const FaultControl&) = delete;

    // Has the agent started with the library.
    void addTo(AgentSetup& setup) const;

    Faults& operator*() const { return *_faults; }
    Faults* operator->() const { return _faults; }

private:
    std::string _path;
    Faults* _faults;
};

} // namespace octagent::test
