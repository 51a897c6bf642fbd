#include "Refusal.h"

#include "octagent/ingest/Limits.h"

namespace octagent::ingest {

namespace {

// A message names a place, it does not repeat the body: keys come from the client and may be of any length.
constexpr std::size_t maxPathBytes = 256;

} // namespace

bool Refusal::because(std::string_view reason, Status status) {
    if (!happened()) {
        _reason = reason;
        _status = status;
    }
    return false;
}

void Refusal::insideMember(std::string_view key) { prepend(key.substr(0, truncatedLength(key, maxPathBytes))); }

void Refusal::insideElement(std::size_t index) { prepend("[" + std::to_string(index) + "]"); }

std::string Refusal::message() const { return _path.empty() ? _reason : _path + ": " + _reason; }

void Refusal::prepend(std::string_view step) {
    std::string path(step);
    if (!_path.empty() && _path.front() != '[')
        path += '.';
    path += _path;
    path.resize(truncatedLength(path, maxPathBytes));
    _path = std::move(path);
}

} // namespace octagent::ingest
