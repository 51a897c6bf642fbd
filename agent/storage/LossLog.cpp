#include "storage/LossLog.h"

#include "octagent/Log.h"

namespace octagent {

void LossLog::add(LossReason reason, std::uint64_t events, const std::string& kind, const std::string& why) {
    if (events == 0)
        return;
    Sum& sum = _sums[static_cast<std::size_t>(reason)];
    sum.events += events;
    sum.kind = kind;
    sum.why = why;
    _hasAny = true;
}

void LossLog::flush(bool now) {
    if (!_hasAny || (!now && std::chrono::steady_clock::now() < _next))
        return;
    _next = std::chrono::steady_clock::now() + interval;
    _hasAny = false;
    for (std::size_t i = 0; i < _sums.size(); ++i) {
        Sum& sum = _sums[i];
        if (sum.events == 0)
            continue;
        logError(Poco::Logger::get("storage"), "events were lost",
                 {{"reason", std::string(lossReasonNames[i])},
                  {"events", std::to_string(sum.events)},
                  {"last_kind", sum.kind},
                  {"last_error", sum.why}});
        sum = Sum();
    }
}

} // namespace octagent
