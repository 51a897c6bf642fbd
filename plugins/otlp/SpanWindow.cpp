#include "SpanWindow.h"

#include <utility>

namespace octagent::otlp {

SpanWindow::Flags SpanWindow::flags(const SpanKey& key) const noexcept {
    if (const auto found = _young.find(key); found != _young.end())
        return found->second;
    const auto found = _old.find(key);
    return found == _old.end() ? Flags{0} : found->second;
}

void SpanWindow::add(const SpanKey& key, Flags flags) {
    const auto all = static_cast<Flags>(this->flags(key) | flags);
    if (const auto found = _young.find(key); found != _young.end()) {
        found->second = all;
        return;
    }
    if (_young.size() >= _size) {
        _old = std::move(_young);
        _young.clear();
    }
    _young.emplace(key, all);
}

} // namespace octagent::otlp
