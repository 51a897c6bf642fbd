#pragma once

// The bodies of a listener's refusals: {"error":"<message>"}, or what the module says whose listener it is.

#include "octagent/Http.h"

#include <string>
#include <string_view>

namespace octagent {

// Constant once its listener serves; safe from every thread.
class RefusalWording {
public:
    RefusalWording() = default;
    explicit RefusalWording(RefusalFormat format) : _format(std::move(format)) {}

    // Whether the request's type makes a difference.
    bool asksForType() const noexcept { return _format != nullptr; }

    // A module that throws is logged, and the agent's own words are used.
    RefusalBody body(int status, const std::string& message, std::string_view requestType) const;

private:
    RefusalFormat _format;
};

} // namespace octagent
