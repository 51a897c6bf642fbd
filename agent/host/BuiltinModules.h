#pragma once

// The modules that are part of the executable. The list is written by the build, which knows them; the agent
// knows none by name.

#include "octagent/Module.h"

#include <memory>
#include <vector>

namespace octagent {

std::vector<std::unique_ptr<Module>> makeBuiltinModules();

} // namespace octagent
