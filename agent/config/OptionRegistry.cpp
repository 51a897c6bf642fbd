#include "config/OptionRegistry.h"

#include "config/OptionValue.h"

#include <Poco/Exception.h>

#include <algorithm>

namespace octagent {

namespace {

bool isName(const std::string& text) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
               c == '.';
    };
    return !text.empty() && std::all_of(text.begin(), text.end(), fits);
}

// A variable of the existing system may mean something to several modules, but it must mean the same to all.
bool sharesVariable(const Option& one, const Option& other) {
    return one.type == other.type && one.minimum == other.minimum && one.maximum == other.maximum &&
           one.choices == other.choices;
}

} // namespace

void OptionRegistry::add(const std::string& group, const std::vector<Option>& options) {
    std::vector<Entry> added = _entries;
    const auto isTaken = [&](const Option& option, const std::string& key) {
        return std::any_of(added.begin(), added.end(), [&](const Entry& other) {
            return other.key == key || (!option.environment.empty() && other.option.environment == option.environment &&
                                        (other.group == group || !sharesVariable(option, other.option)));
        });
    };
    for (Option option : options) {
        const std::string key = group + "." + option.key;
        if (!isName(group) || !isName(option.key))
            throw Poco::InvalidArgumentException("malformed name of an option", key);
        if (isTaken(option, key))
            throw Poco::ExistsException("an option, or its variable, is declared twice", key);
        std::string wrong;
        const auto value = parseValue(option, option.defaultValue, wrong);
        if (!value)
            throw Poco::InvalidArgumentException("a default " + wrong, key);
        option.defaultValue = *value;
        added.push_back({key, group, std::move(option)});
    }
    _entries = std::move(added);
}

void OptionRegistry::tolerate(const std::string& group) {
    if (!isTolerated(group))
        _tolerated.push_back(group);
}

bool OptionRegistry::isTolerated(const std::string& group) const {
    return std::find(_tolerated.begin(), _tolerated.end(), group) != _tolerated.end();
}

const OptionRegistry::Entry* OptionRegistry::find(const std::string& key) const {
    const auto at = std::find_if(_entries.begin(), _entries.end(), [&key](const Entry& e) { return e.key == key; });
    return at == _entries.end() ? nullptr : &*at;
}

const OptionRegistry::Entry* OptionRegistry::findVariable(const std::string& name) const {
    if (name.empty())
        return nullptr;
    const auto at = std::find_if(_entries.begin(), _entries.end(),
                                 [&name](const Entry& e) { return e.option.environment == name; });
    return at == _entries.end() ? nullptr : &*at;
}

} // namespace octagent
