#pragma once

// The agent's own routes.

#include "octagent/Http.h"

#include <functional>
#include <string>

namespace octagent {

// GET `path`, answered 200 with what `body` returns. `body` must not block; it is called on a listener's
// thread.
void addStatusRoute(Router& router, const std::string& path, Access access, const std::string& contentType,
                    std::function<std::string()> body);

} // namespace octagent
