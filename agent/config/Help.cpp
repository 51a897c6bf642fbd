#include "config/Help.h"

#include "config/OptionValue.h"

#include <Poco/String.h>

#include <ostream>

namespace octagent {

namespace {

// As a properties file spells a value.
std::string escaped(const std::string& value) { return Poco::replace(value, "\\", "\\\\"); }

std::string shownDefault(const Option& option) {
    return option.defaultValue.empty() ? "empty by default" : "default " + option.defaultValue;
}

} // namespace

void printKeys(std::ostream& out, const OptionRegistry& registry) {
    std::string group;
    for (const auto& entry : registry.entries()) {
        if (entry.group != group && !group.empty())
            out << '\n';
        group = entry.group;
        out << "  " << entry.key << " (" << expectation(entry.option) << ", " << shownDefault(entry.option);
        if (!entry.option.environment.empty())
            out << ", variable " << entry.option.environment;
        out << ")\n      " << entry.option.description << '\n';
    }
}

void printResolved(std::ostream& out, const OptionRegistry& registry, const Configuration& configuration) {
    std::string group;
    for (const auto& entry : registry.entries()) {
        if (entry.group != group && !group.empty())
            out << '\n';
        group = entry.group;
        const auto& value = configuration.values().at(entry.key);
        out << "# from " << value.origin;
        const std::string shown = Configuration::shown(value);
        if (shown == value.text)
            out << '\n' << entry.key << (shown.empty() ? " =" : " = ") << escaped(shown) << '\n';
        else
            out << ", not shown\n#" << entry.key << " = " << shown << '\n';
    }
}

} // namespace octagent
