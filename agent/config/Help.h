#pragma once

// What --help and --check-config print, from the same declarations that are parsed.

#include "config/Configuration.h"
#include "config/OptionRegistry.h"

#include <iosfwd>

namespace octagent {

// Every key with its type, bounds or choices, default, variable and description, by group.
void printKeys(std::ostream& out, const OptionRegistry& registry);

// Every resolved value with its origin, secrets masked: a valid properties file with comments.
void printResolved(std::ostream& out, const OptionRegistry& registry, const Configuration& configuration);

} // namespace octagent
