#pragma once

// Every key that the agent understands, from the declarations of its own rooms and of the modules.

#include "octagent/Option.h"

#include <string>
#include <vector>

namespace octagent {

// Filled on the main thread before the configuration is resolved; constant afterwards.
class OptionRegistry {
public:
    struct Entry {
        std::string key; // "<group>.<key of the declaration>", as it stands in a file
        std::string group;
        Option option;
    };

    // Throws Poco::ExistsException when a key is declared twice, or a variable (two groups may share one, with the
    // same type and bounds: it then sets both); Poco::InvalidArgumentException when a name is malformed or a
    // default does not pass its own declaration. Then nothing was added.
    void add(const std::string& group, const std::vector<Option>& options);

    // Groups that may stand in a file without being known: those of plugins that are not loaded.
    void tolerate(const std::string& group);
    bool isTolerated(const std::string& group) const;

    const Entry* find(const std::string& key) const;          // null when unknown
    const Entry* findVariable(const std::string& name) const; // by the variable that overrides it; null when unknown
    const std::vector<Entry>& entries() const { return _entries; }

private:
    std::vector<Entry> _entries;
    std::vector<std::string> _tolerated;
};

} // namespace octagent
