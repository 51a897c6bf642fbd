#pragma once

// A module's part of GET /health. The fields there are fixed, so a module speaks through them: it can turn
// `status` to degraded, and a push plugin fills last_push_time and last_push_status.

#include "octagent/Sdk.h"

#include <cstdint>
#include <string>

namespace octagent {
inline namespace v1 {

// Owned by the agent, lives as long as the process, safe from every thread.
class OCTAGENT_SDK_TYPE HealthLine {
public:
    virtual ~HealthLine() = default;

    // `status` is at least `degraded` until ok() is called; the reason is logged, once per change.
    virtual void degraded(const std::string& reason) = 0;
    virtual void ok() = 0;

    // Unix milliseconds of the last push and a word about it, as the push plugin defines it.
    virtual void lastPush(std::int64_t unixMilliseconds, const std::string& status) = 0;
};

} // namespace v1
} // namespace octagent
