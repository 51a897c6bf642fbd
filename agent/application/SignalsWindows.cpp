#include "application/Signals.h"

namespace octagent {

void blockSignals() {}

std::string waitForStop(const std::function<void()>& pocoWait) {
    pocoWait();
    return "stop request";
}

} // namespace octagent
