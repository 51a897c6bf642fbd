#pragma once

// How a module declares what can be configured, and how it reads the result.
//
// An option is declared once. The declaration drives parsing, the refusal of unknown keys and bad values,
// --help, --check-config, and the test that holds etc/octagent.properties against the code.

#include "octagent/Sdk.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace octagent {
inline namespace v1 {

enum class OptionType {
    Text,
    Path,    // made absolute, from the directory in which the agent was started
    Integer, // decimal, within [minimum, maximum]
    Boolean, // true or false
    Choice   // one of `choices`
};

struct Option {
    std::string key = {}; // without the module's name: the agent puts "<module>." before it
    OptionType type = OptionType::Text;
    std::string defaultValue = {};
    std::string description = {}; // one line, told by --help
    std::int64_t minimum = std::numeric_limits<std::int64_t>::min();
    std::int64_t maximum = std::numeric_limits<std::int64_t>::max();
    std::vector<std::string> choices = {};
    std::string environment = {}; // name of the variable that overrides the file, or empty
    bool secret = false;          // masked wherever the agent prints it
};

// The resolved values of one module's options. Owned by the agent, unchanged from before initialize() until
// the process ends, safe from every thread.
class OCTAGENT_SDK_TYPE Options {
public:
    virtual ~Options() = default;

    // Keys are those of the declarations. A key that was not declared, or one of another type, is a
    // programming error: throws Poco::NotFoundException or Poco::InvalidArgumentException.
    virtual std::string text(const std::string& key) const = 0; // Text, Path and Choice
    virtual std::int64_t integer(const std::string& key) const = 0;
    virtual bool boolean(const std::string& key) const = 0;
};

} // namespace v1
} // namespace octagent
