#pragma once

// The resolved configuration: one value for each declared key, with where it came from.
//
// Later sources win: default, file, environment, command line. Nothing is ignored: an unknown key or a value
// that does not parse is an error, and all errors are found before the first is told.

#include "config/OptionRegistry.h"
#include "octagent/Option.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace octagent {

struct ConfigurationSources {
    std::string file;                               // .properties or .ini; empty: no file
    std::map<std::string, std::string> environment; // the whole of it; variables with OCT_ are looked at
    std::map<std::string, std::string> commandLine; // key=value
};

// Made once on the main thread, constant afterwards, safe from every thread.
class Configuration {
public:
    struct Value {
        std::string text;
        std::string origin; // "default", "/etc/octagent/octagent.properties", "OCT_PORT", "command line"
        bool secret = false;
    };

    // Does not throw on bad input: see errors(). `registry` must outlive the result.
    static Configuration resolve(const OptionRegistry& registry, const ConfigurationSources& sources);

    // Each names its key or variable, its origin, and what would be right.
    const std::vector<std::string>& errors() const { return _errors; }
    const std::vector<std::string>& warnings() const { return _warnings; }

    // By full key, in the order of declaration. A secret's text is not masked here: use shown().
    const std::map<std::string, Value>& values() const { return _values; }
    static std::string shown(const Value& value); // masked when secret and not empty

    // One group's values as its owner reads them. Throws nothing; a group without options reads nothing.
    std::unique_ptr<Options> options(const std::string& group) const;

private:
    const OptionRegistry* _registry = nullptr;
    std::map<std::string, Value> _values;
    std::vector<std::string> _errors;
    std::vector<std::string> _warnings;
};

} // namespace octagent
