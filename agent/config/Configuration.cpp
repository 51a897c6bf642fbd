#include "config/Configuration.h"

#include "config/ConfigurationFile.h"
#include "config/OptionValue.h"
#include "config/Text.h"

#include <Poco/Exception.h>
#include <Poco/Path.h>
#include <Poco/String.h>

namespace octagent {

namespace {

std::string meant(const std::string& guess) { return guess.empty() ? "" : "; did you mean " + guess + "?"; }

// A module's values, parsed before.
class ResolvedOptions final : public Options {
public:
    void add(const Option& option, const std::string& text) { _values[option.key] = {option.type, text}; }

    std::string text(const std::string& key) const override {
        const Typed& value = find(key);
        if (value.type == OptionType::Integer || value.type == OptionType::Boolean)
            throw Poco::InvalidArgumentException("not an option of text", key);
        return value.text;
    }

    std::int64_t integer(const std::string& key) const override {
        const Typed& value = find(key);
        if (value.type != OptionType::Integer)
            throw Poco::InvalidArgumentException("not an integer option", key);
        return parseInteger(value.text).value();
    }

    bool boolean(const std::string& key) const override {
        const Typed& value = find(key);
        if (value.type != OptionType::Boolean)
            throw Poco::InvalidArgumentException("not a Boolean option", key);
        return value.text == "true";
    }

private:
    struct Typed {
        OptionType type = OptionType::Text;
        std::string text;
    };

    const Typed& find(const std::string& key) const {
        const auto at = _values.find(key);
        if (at == _values.end())
            throw Poco::NotFoundException("no such option was declared", key);
        return at->second;
    }

    std::map<std::string, Typed> _values;
};

} // namespace

Configuration Configuration::resolve(const OptionRegistry& registry, const ConfigurationSources& sources) {
    Configuration configuration;
    configuration._registry = &registry;
    configuration._baseDirectory = sources.baseDirectory.empty() ? Poco::Path::current() : sources.baseDirectory;
    configuration.applyDefaults();
    if (!sources.file.empty())
        configuration.applyFile(sources.file);
    configuration.applyEnvironment(sources.environment);
    configuration.applyCommandLine(sources.commandLine);
    return configuration;
}

void Configuration::applyDefaults() {
    for (const auto& entry : _registry->entries())
        set(entry, entry.option.defaultValue, "default");
}

void Configuration::applyFile(const std::string& path) {
    FileContents contents;
    try {
        contents = readConfiguration(path);
    } catch (const Poco::Exception& error) {
        _errors.push_back(error.message());
        return;
    }
    for (const auto& error : contents.errors)
        _errors.push_back(std::string(path).append(", ").append(error));
    std::map<std::string, std::size_t> firstLines;
    for (const auto& entry : contents.entries) {
        const std::string origin = path + ":" + std::to_string(entry.line);
        const auto [first, isNew] = firstLines.emplace(entry.key, entry.line);
        if (isNew)
            apply(entry.key, entry.value, origin);
        else
            _errors.push_back(printable(entry.key) + " (" + origin + ") stands twice, first in line " +
                              std::to_string(first->second) + ": remove one of them");
    }
}

void Configuration::applyEnvironment(const std::map<std::string, std::string>& environment) {
    std::vector<std::string> known;
    for (const auto& entry : _registry->entries()) {
        const std::string& name = entry.option.environment;
        if (name.empty())
            continue;
        known.push_back(name);
        const auto set = environment.find(name);
        if (set != environment.end() && !Poco::trim(set->second).empty())
            apply(entry.key, set->second, name);
    }
    for (const auto& [name, value] : environment) {
        if (name.starts_with("OCT_") && _registry->findVariable(name) == nullptr)
            _warnings.push_back("the environment variable " + printable(name) + " is not known to the agent" +
                                meant(nearest(name, known)));
    }
}

void Configuration::applyCommandLine(const std::map<std::string, std::string>& commandLine) {
    for (const auto& [key, value] : commandLine)
        apply(key, value, "command line");
}

void Configuration::apply(const std::string& key, const std::string& text, const std::string& origin) {
    const auto* entry = _registry->find(key);
    if (entry == nullptr) {
        applyUnknown(key, origin);
        return;
    }
    std::string wrong;
    const std::string trimmed = Poco::trim(text);
    if (entry->option.type == OptionType::Path && trimmed.empty())
        set(*entry, entry->option.defaultValue, "default");
    else if (auto value = parseValue(entry->option, trimmed, wrong))
        set(*entry, std::move(*value), origin);
    else
        _errors.push_back(key + " (" + origin + ") " + wrong);
}

void Configuration::set(const OptionRegistry::Entry& entry, std::string value, const std::string& origin) {
    if (entry.option.type == OptionType::Path && !value.empty())
        value = Poco::Path(value).makeAbsolute(Poco::Path(_baseDirectory).makeDirectory()).toString();
    _values[entry.key] = {std::move(value), origin, entry.option.secret};
}

void Configuration::applyUnknown(const std::string& key, const std::string& origin) {
    const auto dot = key.find('.');
    if (dot != std::string::npos && _registry->isTolerated(key.substr(0, dot))) {
        _warnings.push_back(printable(key) + " (" + origin + ") belongs to a plugin that is not loaded");
        return;
    }
    std::vector<std::string> known;
    for (const auto& entry : _registry->entries())
        known.push_back(entry.key);
    _errors.push_back(printable(key) + " (" + origin + ") is not a key of the agent" + meant(nearest(key, known)));
}

std::string Configuration::shown(const Value& value) {
    return value.secret && !value.text.empty() ? "********" : value.text;
}

std::unique_ptr<Options> Configuration::options(const std::string& group) const {
    auto options = std::make_unique<ResolvedOptions>();
    if (_registry == nullptr)
        return options;
    for (const auto& entry : _registry->entries()) {
        if (entry.group == group)
            options->add(entry.option, _values.at(entry.key).text);
    }
    return options;
}

} // namespace octagent
