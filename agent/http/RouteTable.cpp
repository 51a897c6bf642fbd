#include "http/RouteTable.h"

#include <Poco/Exception.h>

#include <algorithm>
#include <chrono>

namespace octagent {

namespace {

// Whether the route's path is `path`, or a prefix of it that ends at a slash.
bool matches(const Route& route, std::string_view path) noexcept {
    if (path.size() < route.path.size() || path.substr(0, route.path.size()) != route.path)
        return false;
    if (path.size() == route.path.size())
        return true;
    return route.isPrefix && (route.path.back() == '/' || path[route.path.size()] == '/');
}

} // namespace

bool RouteOwner::enter() noexcept {
    _running.fetch_add(1);
    if (!_ended.load())
        return true;
    leave();
    return false;
}

void RouteOwner::leave() noexcept {
    if (_running.fetch_sub(1) == 1 && _ended.load()) {
        const std::lock_guard lock(_mutex);
        _idle.notify_all();
    }
}

bool RouteOwner::end(std::chrono::milliseconds atMost) {
    _ended.store(true);
    std::unique_lock lock(_mutex);
    return _idle.wait_for(lock, atMost, [this] { return _running.load() == 0; });
}

class RouteTable::ModuleRouter final : public Router {
public:
    ModuleRouter(RouteTable& table, std::shared_ptr<RouteOwner> owner) : _table(table), _owner(std::move(owner)) {}

    void add(const Route& route, Poco::Net::HTTPRequestHandlerFactory::Ptr factory) override {
        _table.add(_owner, route, std::move(factory));
    }

    const std::string& module() const noexcept { return _owner->module(); }

private:
    RouteTable& _table;
    std::shared_ptr<RouteOwner> _owner;
};

RouteTable::RouteTable(std::size_t maxBodyBytes) : _maxBodyBytes(maxBodyBytes) {}
RouteTable::~RouteTable() = default;

Router& RouteTable::routerOf(const std::shared_ptr<RouteOwner>& owner) {
    for (const auto& router : _routers)
        if (router->module() == owner->module())
            return *router;
    _routers.push_back(std::make_unique<ModuleRouter>(*this, owner));
    return *_routers.back();
}

void RouteTable::add(const std::shared_ptr<RouteOwner>& owner, const Route& route,
                     Poco::Net::HTTPRequestHandlerFactory::Ptr factory) {
    if (_isClosed)
        throw Poco::IllegalStateException("routes are added in initialize() only", route.path);
    if (route.method.empty() || route.path.empty() || route.path.front() != '/' || factory.isNull())
        throw Poco::InvalidArgumentException("a route needs a method, a path that begins with /, and a factory",
                                             route.path);
    for (const auto& entry : _entries)
        if (entry->route.method == route.method && entry->route.path == route.path)
            throw Poco::ExistsException("route taken by " + entry->owner->module(), route.method + " " + route.path);
    auto entry = std::make_unique<RouteEntry>(RouteEntry{route, std::move(factory), owner, _wording});
    if (entry->route.maxBodyBytes == 0)
        entry->route.maxBodyBytes = _maxBodyBytes;
    _entries.push_back(std::move(entry));
}

void RouteTable::remove(const std::string& module) {
    std::erase_if(_entries, [&module](const auto& entry) { return entry->owner->module() == module; });
}

RouteEntry* RouteTable::find(std::string_view method, std::string_view path, bool& pathExists) const noexcept {
    RouteEntry* best = nullptr;
    pathExists = false;
    for (const auto& entry : _entries) {
        if (!matches(entry->route, path))
            continue;
        pathExists = true;
        if (entry->route.method == method && (best == nullptr || entry->route.path.size() > best->route.path.size()))
            best = entry.get();
    }
    return best;
}

std::string RouteTable::allowedMethods(std::string_view path) const {
    std::vector<std::string_view> methods;
    for (const auto& entry : _entries)
        if (matches(entry->route, path))
            methods.emplace_back(entry->route.method);
    std::sort(methods.begin(), methods.end());
    methods.erase(std::unique(methods.begin(), methods.end()), methods.end());
    std::string list;
    for (const auto method : methods)
        list.append(list.empty() ? "" : ", ").append(method);
    return list;
}

} // namespace octagent
