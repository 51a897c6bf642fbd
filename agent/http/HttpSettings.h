#pragma once

// The group "http" of the configuration, checked.

#include "octagent/Option.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace octagent {

// A plain value. Times are finer here than in the configuration, which speaks of seconds, for the tests' sake.
struct HttpSettings {
    std::string address = "127.0.0.1"; // an IP address or "localhost"
    std::uint16_t port = 9090;         // 0: any free one
    std::string unixSocket;            // path, or empty
    std::size_t maxBodyBytes = 8 * 1024 * 1024;
    std::size_t maxConnections = 1024;
    std::size_t workers = 4;
    std::vector<std::string> hosts; // in lower case
    std::string token;              // empty: none is asked for

    std::chrono::milliseconds requestTimeout{10000};   // first byte to complete body; also for reading an answer
    std::chrono::milliseconds keepAliveTimeout{60000}; // between requests
    std::chrono::milliseconds lingerTimeout{2000};     // for a refused client to read why

    // Throws Poco::InvalidArgumentException naming the key: a token file that others can read, ...
    static HttpSettings from(const Options& options);
};

} // namespace octagent
