#include "application/Signals.h"

#include <csignal>

namespace octagent {

namespace {

sigset_t stopSignals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGQUIT);
    return set;
}

} // namespace

void blockSignals() {
    const sigset_t set = stopSignals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGHUP, SIG_IGN);
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
}

std::string waitForStop(const std::function<void()>& /*pocoWait*/) {
    const sigset_t set = stopSignals();
    int taken = 0;
    while (sigwait(&set, &taken) != 0) {
    }
    switch (taken) {
    case SIGTERM:
        return "SIGTERM";
    case SIGINT:
        return "SIGINT";
    default:
        return "SIGQUIT";
    }
}

} // namespace octagent
