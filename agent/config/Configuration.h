#pragma once

// The resolved configuration: one value for each declared key, with where it came from.
//
// Later sources win: default, file, environment, command line. Nothing is ignored: an unknown key or a value
// that does not parse is an error, and all errors are found before the first is told.
//
//   - Keys are case-sensitive. A key that stands twice in one file is an error.
//   - Blanks around a value do not count, in any source. Nothing in it is expanded.
//   - A text may be empty; an integer, a Boolean or a choice may not. An empty path is the default: the place
//     that the platform has for it.
//   - An empty environment variable counts as not set: that is what a shell or a compose file makes of one.
//   - A variable that starts with OCT_ and that nobody declared is a warning, as is a key of a group that the
//     registry tolerates.

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
    std::string baseDirectory;                      // what relative paths start from; empty: the current one
};

// Made once on the main thread, constant afterwards, safe from every thread.
class Configuration {
public:
    struct Value {
        std::string text;
        std::string origin; // "default", "/etc/octagent/octagent.properties:12", "OCT_PORT", "command line"
        bool secret = false;
    };

    // Does not throw on bad input: see errors(). `registry` must outlive the result.
    static Configuration resolve(const OptionRegistry& registry, const ConfigurationSources& sources);

    // Each names its key or variable, its origin, and what would be right; none holds a value. A key with an
    // error keeps the value of the source below.
    const std::vector<std::string>& errors() const { return _errors; }
    const std::vector<std::string>& warnings() const { return _warnings; }

    // By full key. A secret's text is not masked here: use shown().
    const std::map<std::string, Value>& values() const { return _values; }
    static std::string shown(const Value& value); // masked when secret and not empty

    // One group's values as its owner reads them: a copy, which may outlive this. Throws nothing; a group
    // without options reads nothing.
    std::unique_ptr<Options> options(const std::string& group) const;

private:
    void applyDefaults();
    void applyFile(const std::string& path);
    void applyEnvironment(const std::map<std::string, std::string>& environment);
    void applyCommandLine(const std::map<std::string, std::string>& commandLine);
    void apply(const std::string& key, const std::string& text, const std::string& origin);
    void applyUnknown(const std::string& key, const std::string& origin);
    void set(const OptionRegistry::Entry& entry, std::string value, const std::string& origin);

    const OptionRegistry* _registry = nullptr;
    std::string _baseDirectory;
    std::map<std::string, Value> _values;
    std::vector<std::string> _errors;
    std::vector<std::string> _warnings;
};

} // namespace octagent
