#pragma once

// Whether a file may be loaded as code.
//
// A plugin runs with all the agent's rights, so nobody else may be able to put it there or change it: the path
// is absolute and without symbolic links, the file and every directory above it are owned by root or the
// agent's own user and not writable by group or others. A root-owned directory with the sticky bit passes
// (/tmp): others can add files there but not replace ours. On Windows the installation directory's access list
// is what protects it, and only the form of the path is checked.

#include <string>

namespace octagent {

// Empty when the file is trustworthy, else the reason why not, naming the path at fault. Does not throw.
std::string distrustOf(const std::string& path);

} // namespace octagent
