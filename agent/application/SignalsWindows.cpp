#include "application/Signals.h"

namespace octagent {

void blockSignals() {}

bool isStopRequested() { return false; }

std::string waitForStop(const std::function<void()>& pocoWait) {
    pocoWait();
    return "stop request";
}

} // namespace octagent
