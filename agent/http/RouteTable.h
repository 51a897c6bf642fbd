#pragma once

// The routes of one listener and whose they are.

#include "http/HttpServer.h"
#include "http/RefusalWording.h"
#include "octagent/Http.h"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace octagent {

// A module as the server sees it. Shared by its routes and the handlers that run; safe from every thread.
class RouteOwner {
public:
    explicit RouteOwner(HttpServer::Owner owner) : _owner(std::move(owner)) {}

    const std::string& module() const noexcept { return _owner.module; }
    bool hasFailed() const { return _owner.hasFailed && _owner.hasFailed(); }
    void onHandled(bool threw, const std::string& what) const {
        if (_owner.onHandled)
            _owner.onHandled(threw, what);
    }
    bool mayListenFail(const std::string& why) const { return _owner.onListenFailed && _owner.onListenFailed(why); }

    // Stands around each run of a handler.
    class Visit {
    public:
        explicit Visit(RouteOwner& owner) noexcept : _owner(owner), _admitted(owner.enter()) {}
        ~Visit() {
            if (_admitted)
                _owner.leave();
        }
        Visit(const Visit&) = delete;
        Visit& operator=(const Visit&) = delete;
        bool isAdmitted() const noexcept { return _admitted; } // false: the module's routes have ended

    private:
        RouteOwner& _owner;
        bool _admitted;
    };

    // Ends the module's routes and waits for its running handlers; false when one still ran after `atMost`.
    bool end(std::chrono::milliseconds atMost);

private:
    bool enter() noexcept;
    void leave() noexcept;

    const HttpServer::Owner _owner;
    // Changed without the lock as long as the routes live, which is nearly always.
    std::atomic<int> _running{0};
    std::atomic<bool> _ended{false};
    std::mutex _mutex;
    std::condition_variable _idle;
};

struct RouteEntry {
    Route route;
    Poco::Net::HTTPRequestHandlerFactory::Ptr factory;
    std::shared_ptr<RouteOwner> owner;
    const RefusalWording& wording; // the table's
};

// Filled before the listener starts, constant afterwards.
class RouteTable {
public:
    explicit RouteTable(std::size_t maxBodyBytes);
    ~RouteTable();
    RouteTable(const RouteTable&) = delete;
    RouteTable& operator=(const RouteTable&) = delete;

    // A module's view of the table; lives as long as the table. The same one for the same module.
    Router& routerOf(const std::shared_ptr<RouteOwner>& owner);
    // How this listener's refusals are worded. Before close().
    void word(RefusalFormat refusals) { _wording = RefusalWording(std::move(refusals)); }
    const RefusalWording& wording() const noexcept { return _wording; }
    // Drops a module's routes. Before close().
    void remove(const std::string& module);
    // No more additions.
    void close() noexcept { _isClosed = true; }

    // The exact path first, then the longest prefix. Null when there is none; `pathExists` then tells whether
    // another method would do.
    RouteEntry* find(std::string_view method, std::string_view path, bool& pathExists) const noexcept;
    // "GET, POST"
    std::string allowedMethods(std::string_view path) const;

private:
    class ModuleRouter;

    void add(const std::shared_ptr<RouteOwner>& owner, const Route& route,
             Poco::Net::HTTPRequestHandlerFactory::Ptr factory);

    std::size_t _maxBodyBytes;
    RefusalWording _wording;
    std::vector<std::unique_ptr<RouteEntry>> _entries; // found by pointer from running requests
    std::vector<std::unique_ptr<ModuleRouter>> _routers;
    bool _isClosed = false;
};

} // namespace octagent
