#pragma once

// What the modules say of their health, for GET /health.

#include "octagent/Health.h"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace octagent {

// Owned by the application; the lines live as long as it does. Safe from every thread.
class HealthBoard {
public:
    HealthBoard();
    ~HealthBoard();

    // The line of one module; always the same one.
    HealthLine& line(const std::string& module);

    // A module has failed for good: what its line says from now on cannot take that back. Logged once.
    void fail(const std::string& module, const std::string& reason);

    bool isDegraded() const;

    struct Push {
        std::int64_t unixMilliseconds = 0;
        std::string status;
    };
    std::optional<Push> lastPush() const; // empty while no module has pushed

private:
    class Line;

    mutable std::mutex _mutex;
    std::map<std::string, std::unique_ptr<Line>> _lines;
    std::optional<Push> _lastPush;
};

} // namespace octagent
