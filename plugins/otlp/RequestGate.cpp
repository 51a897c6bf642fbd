#include "RequestGate.h"

#include <algorithm>

namespace octagent::otlp {

RequestGate::Pass RequestGate::enter(Deadline deadline) {
    std::unique_lock lock(_mutex);
    const std::uint64_t ticket = _nextTicket++;
    _line.push_back(ticket);
    if (_turn.wait_until(lock, deadline, [this, ticket] { return _line.front() == ticket; }))
        return Pass(*this);
    _line.erase(std::find(_line.begin(), _line.end(), ticket));
    return {};
}

std::size_t RequestGate::waiting() const {
    const std::lock_guard lock(_mutex);
    return _line.empty() ? 0 : _line.size() - 1;
}

void RequestGate::leave() noexcept {
    const std::lock_guard lock(_mutex);
    _line.pop_front();
    _turn.notify_all();
}

} // namespace octagent::otlp
