#pragma once

// The body of GET /health. Its fields and the rules of `status` are fixed by the system's contract.

#include "queue/Ledger.h"
#include "status/HealthBoard.h"

#include <cstdint>
#include <optional>
#include <string>

namespace octagent {

// What storage has to say, so that this room need not know it.
struct StorageHealth {
    bool lastAttemptFailed = false;
    std::uint64_t databaseBytes = 0;
    std::uint64_t walBytes = 0;
    std::int64_t unsyncedRows = 0;
};

struct HealthInput {
    Ledger ledger;
    StorageHealth storage;
    bool isModuleDegraded = false;
    std::optional<HealthBoard::Push> lastPush;
    std::int64_t uptimeSeconds = 0;
    std::string version;
};

// "ok", "degraded" or "error".
std::string healthStatus(const HealthInput& input);

// The whole body, as compact JSON.
std::string healthJson(const HealthInput& input);

} // namespace octagent
