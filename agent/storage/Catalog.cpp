#include "storage/Catalog.h"

#include <Poco/Exception.h>
#include <Poco/String.h>

#include <algorithm>
#include <utility>

namespace octagent {

CatalogModule& Catalog::module(const std::string& name, bool isPlugin,
                               const std::function<void(const std::string& reason)>& onFailed) {
    const auto same = [&name](const auto& known) { return known->name == name; };
    const auto found = std::find_if(_modules.begin(), _modules.end(), same);
    if (found != _modules.end())
        return **found;
    auto& made = _modules.emplace_back(std::make_unique<CatalogModule>());
    made->name = name;
    made->isPlugin = isPlugin;
    made->onFailed = onFailed;
    return *made;
}

void Catalog::add(CatalogModule& module, std::unique_ptr<Schema> schema) {
    if (module.schema)
        throw Poco::ExistsException("module " + module.name + " has declared its tables already");
    if (schema->version() < 1)
        throw Poco::InvalidArgumentException("module " + module.name + ": schema versions count from 1");
    auto tables = schema->tables();
    for (const auto& table : tables) {
        if (table.name.empty() || table.timeColumn.empty())
            throw Poco::InvalidArgumentException("module " + module.name +
                                                 ": a table needs its name and its time column");
        // SQLite's names know no case.
        const auto lower = Poco::toLower(table.name);
        if (lower.starts_with("octagent_") || lower.starts_with("sqlite_"))
            throw Poco::ExistsException("table " + table.name + " belongs to the agent, not to module " + module.name);
        for (const auto& other : _modules)
            for (const auto& taken : other->tables)
                if (Poco::icompare(taken.name, table.name) == 0)
                    throw Poco::ExistsException("table " + table.name + " belongs to module " + other->name +
                                                ", and cannot be module " + module.name + "'s too");
    }
    module.tables = std::move(tables);
    module.schema = std::move(schema);
}

void Catalog::add(CatalogModule& module, std::unique_ptr<EventWriter> writer) {
    const std::string kind = writer->kind();
    if (const Entry* taken = find(kind))
        throw Poco::ExistsException("events of kind " + kind + " are stored by module " + taken->module->name +
                                    ", and cannot be by module " + module.name + " too");
    _entries.push_back({kind, writer.get(), &module});
    module.writers.push_back(std::move(writer));
}

void Catalog::remove(const std::string& module) {
    std::erase_if(_entries, [&module](const Entry& entry) { return entry.module->name == module; });
    std::erase_if(_modules, [&module](const auto& known) { return known->name == module; });
}

std::vector<std::string> Catalog::tableNames() const {
    std::vector<std::string> names;
    for (const auto& module : _modules)
        for (const auto& table : module->tables)
            names.push_back(table.name);
    return names;
}

const Catalog::Entry* Catalog::find(std::string_view kind) const noexcept {
    for (const auto& entry : _entries)
        if (entry.kind == kind)
            return &entry;
    return nullptr;
}

std::string quoted(const std::string& identifier) {
    std::string result = "\"";
    for (const char letter : identifier) {
        if (letter == '"')
            result += '"';
        result += letter;
    }
    return result + "\"";
}

} // namespace octagent
