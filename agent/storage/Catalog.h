#pragma once

// What the modules registered: whose table and whose kind is what.

#include "octagent/EventWriter.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace octagent {

struct CatalogModule {
    std::string name;
    bool isPlugin = false;
    std::function<void(const std::string& reason)> onFailed;
    std::unique_ptr<Schema> schema; // null when it has no tables
    std::vector<Table> tables;
    std::vector<std::unique_ptr<EventWriter>> writers;
    int failuresInRow = 0;
    bool isFailed = false; // its writers are not called any more
};

// Filled on the main thread before the database is opened, then used on the persister's.
class Catalog {
public:
    struct Entry {
        std::string kind;
        EventWriter* writer = nullptr;
        CatalogModule* module = nullptr;
    };

    // Gets or makes a module's entry.
    CatalogModule& module(const std::string& name, bool isPlugin,
                          const std::function<void(const std::string& reason)>& onFailed);

    // Throw Poco::ExistsException when taken, Poco::InvalidArgumentException when the declaration is none.
    void add(CatalogModule& module, std::unique_ptr<Schema> schema);
    void add(CatalogModule& module, std::unique_ptr<EventWriter> writer);
    void remove(const std::string& module);

    const std::vector<std::unique_ptr<CatalogModule>>& modules() const noexcept { return _modules; }
    std::vector<std::string> tableNames() const;

    // Null when nobody stores this kind.
    const Entry* find(std::string_view kind) const noexcept;

private:
    std::vector<std::unique_ptr<CatalogModule>> _modules;
    std::vector<Entry> _entries; // a handful: searched from the front
};

// An identifier as it stands in SQL.
std::string quoted(const std::string& identifier);

} // namespace octagent
