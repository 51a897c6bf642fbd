#pragma once

// The agent's listeners and what guards them.
//
// One thread per listener turns an event loop: it accepts, reads, checks the framing and the guards, and
// answers. Idle, slow and hanging clients cost a descriptor and a buffer, never a thread. A route that may
// block has its handler run on a small pool of workers, every other one at once on the loop's thread.

#include "octagent/Http.h"
#include "octagent/Option.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace octagent {

struct HttpSettings;

// The keys of the group "http".
std::vector<Option> httpOptions();

// Owned by the application. Lifecycle calls come from the main thread, counters from any.
class HttpServer {
public:
    // Reads its settings; throws Poco::InvalidArgumentException naming the key: listening beyond loopback
    // without a token, a token file that others can read, ...
    explicit HttpServer(const Options& options);
    // With settings that are there already.
    explicit HttpServer(const HttpSettings& settings);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    // How a module's handlers are watched: the name for the log, whether it has failed (its routes then answer
    // 503), and who is told that a handler threw (true) or returned (false).
    struct Owner {
        std::string module;
        std::function<bool()> hasFailed;
        std::function<void(bool threw, const std::string& what)> onHandled;
        // A listener of the module's own cannot be opened. True: the agent starts without it.
        std::function<bool(const std::string& why)> onListenFailed = {};
    };

    // A module's routes on the agent's own listener, or on one of its own. The routers live as long as the
    // server. See Router and ModuleContext for what they throw.
    Router& routes(const Owner& owner);
    Router& listen(const Owner& owner, const std::string& name, const std::string& address,
                   RefusalFormat refusals = {});
    // Ends a module's routes and its listener. Before start(), or after beginStop().
    void remove(const std::string& module);

    // Called on a listener's thread before it reads from a client, with the time until which it may hold up that
    // thread: to slow down who takes events in when what stores them falls behind. The same time for all clients
    // that are ready at once, so that no request waits longer than that. Before start(); none by default.
    void pace(std::function<void(std::chrono::steady_clock::time_point until)> hold);

    // Binds every listener, then serves. Throws Poco::Net::NetException naming the address when one is taken.
    void start();
    // "127.0.0.1:9090", in the order of registration, the agent's own first; the real port where 0 was asked.
    std::vector<std::pair<std::string, std::string>> addresses() const; // name, address

    // No new connections; requests from now on are answered 503; running handlers may end.
    void beginStop();
    // Waits for running handlers until the deadline, then closes everything. False when a handler was left.
    bool stop(std::chrono::steady_clock::time_point deadline);

    struct Counters {
        std::map<int, std::uint64_t> refused; // by status
        std::uint64_t requests = 0;
        std::uint64_t connections = 0; // open now
    };
    Counters counters() const;

private:
    class Implementation;
    std::unique_ptr<Implementation> _implementation;
};

} // namespace octagent
