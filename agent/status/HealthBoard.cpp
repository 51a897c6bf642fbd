#include "status/HealthBoard.h"

#include "octagent/Log.h"

#include <algorithm>
#include <utility>

namespace octagent {

class HealthBoard::Line final : public HealthLine {
public:
    Line(HealthBoard& board, std::string module) : _board(board), _module(std::move(module)) {}

    void degraded(const std::string& reason) override {
        if (change(reason))
            logWarning(Poco::Logger::get(_module), "health is degraded", {{"reason", reason}});
    }

    void ok() override {
        if (change(""))
            logInfo(Poco::Logger::get(_module), "health is ok again");
    }

    void lastPush(std::int64_t unixMilliseconds, const std::string& status) override {
        const std::lock_guard lock(_board._mutex);
        _board._lastPush = Push{unixMilliseconds, status};
    }

    void fail(const std::string& reason) {
        {
            const std::lock_guard lock(_board._mutex);
            if (_failed)
                return;
            _failed = true;
        }
        logError(Poco::Logger::get(_module), "module has failed: its routes answer 503 until the agent restarts",
                 {{"module", _module}, {"reason", reason}});
    }

    bool isDegradedLocked() const { return _failed || !_reason.empty(); }

private:
    bool change(const std::string& reason) {
        const std::lock_guard lock(_board._mutex);
        if (_reason == reason)
            return false;
        _reason = reason;
        return true;
    }

    HealthBoard& _board;
    const std::string _module;
    std::string _reason; // guarded by the board's lock, as _failed is
    bool _failed = false;
};

HealthBoard::HealthBoard() = default;
HealthBoard::~HealthBoard() = default;

HealthLine& HealthBoard::line(const std::string& module) {
    const std::lock_guard lock(_mutex);
    auto& line = _lines[module];
    if (!line)
        line = std::make_unique<Line>(*this, module);
    return *line;
}

void HealthBoard::fail(const std::string& module, const std::string& reason) {
    static_cast<Line&>(line(module)).fail(reason);
}

bool HealthBoard::isDegraded() const {
    const std::lock_guard lock(_mutex);
    return std::any_of(_lines.begin(), _lines.end(),
                       [](const auto& entry) { return entry.second->isDegradedLocked(); });
}

std::optional<HealthBoard::Push> HealthBoard::lastPush() const {
    const std::lock_guard lock(_mutex);
    return _lastPush;
}

} // namespace octagent
