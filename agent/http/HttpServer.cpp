#include "http/HttpServer.h"
#include "http/EventLoop.h"
#include "http/HttpSettings.h"
#include "octagent/Log.h"

#include <Poco/Exception.h>
#include <Poco/Net/IPAddress.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/ThreadPool.h>

#include <algorithm>
#include <new>

namespace octagent {

namespace {

// How long remove() waits for a module's running handlers.
constexpr std::chrono::seconds removalPatience{2};
// What run() needs to end once it was told to, if no handler holds it up.
constexpr std::chrono::seconds quitPatience{1};
// What a handler gets that outlived the stop's deadline, before it is left behind for good.
constexpr std::chrono::milliseconds lastPatience{100};

// Throws Poco::InvalidArgumentException naming the key.
void requireTokenBeyondLoopback(const Poco::Net::SocketAddress& address, const HttpSettings& settings,
                                const std::string& key) {
    if (!address.host().isLoopback() && settings.token.empty())
        throw Poco::InvalidArgumentException(key + ": listening on " + address.host().toString() +
                                             " lets others than this machine in, so http.token or http.tokenFile "
                                             "must be set");
}

template <class Parse> Poco::Net::SocketAddress parseAddress(const std::string& key, Parse parse) {
    try {
        return parse();
    } catch (const Poco::Exception& error) {
        throw Poco::InvalidArgumentException(key + ": no such address", error.displayText());
    }
}

} // namespace

class HttpServer::Implementation {
public:
    explicit Implementation(HttpSettings settings) : _shared(std::make_shared<HttpShared>(std::move(settings))) {
        const HttpSettings& checked = _shared->settings;
        _address = parseAddress("http.address",
                                [&checked] { return Poco::Net::SocketAddress(checked.address, checked.port); });
        requireTokenBeyondLoopback(_address, checked, "http.address");
        _places.push_back({"", "http", _address, std::make_shared<EventLoop>(_shared), {}});
    }

    ~Implementation() {
        if (_threads == nullptr || stop(std::chrono::steady_clock::now() + lastPatience))
            return;
        // A handler does not return: its thread is left behind, and with it all that it may still touch.
        static_cast<void>(_threads.release());
        static_cast<void>(new (std::nothrow) std::vector<Place>(_places));
    }
    Implementation(const Implementation&) = delete;
    Implementation& operator=(const Implementation&) = delete;

    Router& routes(const Owner& owner) { return _places.front().loop->routes().routerOf(ownerOf(owner)); }

    Router& listen(const Owner& owner, const std::string& name, const std::string& text, RefusalFormat refusals) {
        if (_threads != nullptr)
            throw Poco::IllegalStateException("listeners are added in initialize() only", name);
        const std::string key = owner.module + ": listener " + name;
        const auto address = parseAddress(key, [&text] { return Poco::Net::SocketAddress(text); });
        requireTokenBeyondLoopback(address, _shared->settings, key);
        for (const Place& place : _places)
            if (place.name == name)
                throw Poco::ExistsException("listener", name);
        _places.push_back({owner.module, name, address, std::make_shared<EventLoop>(_shared), {}});
        RouteTable& routes = _places.back().loop->routes();
        routes.word(std::move(refusals));
        return routes.routerOf(ownerOf(owner));
    }

    void remove(const std::string& module) {
        const auto found = std::find_if(_owners.begin(), _owners.end(),
                                        [&module](const auto& owner) { return owner->module() == module; });
        if (found == _owners.end())
            return;
        if (!(*found)->end(removalPatience))
            logWarning(Poco::Logger::get("http"), "a handler still runs though its module ends", {{"module", module}});
        if (_threads != nullptr)
            return;
        for (const Place& place : _places)
            place.loop->routes().remove(module);
        std::erase_if(_places, [&module](const Place& place) { return place.module == module; });
        _owners.erase(found);
    }

    void pace(std::function<void(std::chrono::steady_clock::time_point)> hold) { _shared->pace = std::move(hold); }

    void start() {
        for (Place& place : _places) {
            place.loop->routes().close();
            listenAt(place);
        }
        Place& own = _places.front();
        if (!_shared->settings.unixSocket.empty())
            own.addresses.emplace_back("unix", own.loop->listenOnUnixSocket(_shared->settings.unixSocket));

        const std::size_t workers = _shared->settings.workers;
        _threads = std::make_unique<Poco::ThreadPool>("http", 1, static_cast<int>(_places.size() + workers));
        _shared->workers = std::make_unique<WorkerPool>(*_threads, workers);
        for (const Place& place : _places)
            _threads->start(*place.loop);
    }

    std::vector<std::pair<std::string, std::string>> addresses() const {
        std::vector<std::pair<std::string, std::string>> all;
        for (const Place& place : _places)
            all.insert(all.end(), place.addresses.begin(), place.addresses.end());
        return all;
    }

    void beginStop() {
        if (_threads == nullptr)
            return;
        for (const Place& place : _places)
            place.loop->beginStop();
    }

    bool stop(std::chrono::steady_clock::time_point deadline) {
        if (_threads == nullptr)
            return true;
        beginStop();
        for (const Place& place : _places)
            place.loop->waitUntilDrained(deadline);
        bool isClean = _shared->workers->stop(deadline);
        for (const Place& place : _places)
            isClean = place.loop->quit(std::chrono::steady_clock::now() + quitPatience) && isClean;
        return isClean;
    }

    Counters counters() const {
        const HttpStatistics& statistics = _shared->statistics;
        Counters counters;
        counters.requests = statistics.requests();
        counters.connections = statistics.connections();
        for (int status = HttpStatistics::firstRefusal; status <= HttpStatistics::lastRefusal; ++status)
            if (const std::uint64_t count = statistics.refused(status))
                counters.refused[status] = count;
        return counters;
    }

private:
    struct Place {
        std::string module; // empty: the agent's own
        std::string name;
        Poco::Net::SocketAddress address; // as asked for
        std::shared_ptr<EventLoop> loop;
        std::vector<std::pair<std::string, std::string>> addresses; // name, address, as bound
    };

    // A plugin's address that somebody else has must not keep the agent from its own work.
    void listenAt(Place& place) {
        try {
            place.addresses.emplace_back(place.name, place.loop->listenOn(place.address));
        } catch (const Poco::Exception& error) {
            const auto owner = std::find_if(_owners.begin(), _owners.end(),
                                            [&place](const auto& one) { return one->module() == place.module; });
            if (owner == _owners.end() || !(*owner)->mayListenFail(error.displayText()))
                throw;
        }
    }

    std::shared_ptr<RouteOwner> ownerOf(const Owner& owner) {
        for (const auto& known : _owners)
            if (known->module() == owner.module)
                return known;
        _owners.push_back(std::make_shared<RouteOwner>(owner));
        return _owners.back();
    }

    std::shared_ptr<HttpShared> _shared;
    Poco::Net::SocketAddress _address;
    std::vector<std::shared_ptr<RouteOwner>> _owners;
    std::vector<Place> _places;                 // the agent's own first
    std::unique_ptr<Poco::ThreadPool> _threads; // set: started
};

HttpServer::HttpServer(const Options& options) : HttpServer(HttpSettings::from(options)) {}
HttpServer::HttpServer(const HttpSettings& settings) : _implementation(std::make_unique<Implementation>(settings)) {}
HttpServer::~HttpServer() = default;

Router& HttpServer::routes(const Owner& owner) { return _implementation->routes(owner); }
Router& HttpServer::listen(const Owner& owner, const std::string& name, const std::string& address,
                           RefusalFormat refusals) {
    return _implementation->listen(owner, name, address, std::move(refusals));
}
void HttpServer::remove(const std::string& module) { _implementation->remove(module); }
void HttpServer::pace(std::function<void(std::chrono::steady_clock::time_point)> hold) {
    _implementation->pace(std::move(hold));
}
void HttpServer::start() { _implementation->start(); }
std::vector<std::pair<std::string, std::string>> HttpServer::addresses() const { return _implementation->addresses(); }
void HttpServer::beginStop() { _implementation->beginStop(); }
bool HttpServer::stop(std::chrono::steady_clock::time_point deadline) { return _implementation->stop(deadline); }
HttpServer::Counters HttpServer::counters() const { return _implementation->counters(); }

} // namespace octagent
