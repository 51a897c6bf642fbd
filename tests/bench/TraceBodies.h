#pragma once

// Traces that look like real ones: prose with code, links, numbers, quotes, line ends and other scripts in it,
// from clients that escape everything beyond ASCII and from clients that do not.
//
// The same size gives the same traces on every machine. One thread.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace octagent::bench {

struct TraceBody {
    std::string json; // as a client sends it

    // The same as it is stored.
    std::string_view provider;
    std::string_view model;
    std::string inputText;
    std::string outputText;
    std::uint64_t promptTokens = 0;
    std::uint64_t completionTokens = 0;
    double costUsd = 0;
    std::uint64_t latencyMs = 0;
    std::string_view status;
    std::optional<std::string_view> errorType;
    std::string metadata;
};

class TraceBodies {
public:
    // Bodies of about so many bytes: 0.8 to 1.2 of it, as texts vary.
    explicit TraceBodies(std::size_t bytes);
    ~TraceBodies();

    TraceBody next();

private:
    class Dice;
    const std::size_t _bytes;
    std::unique_ptr<Dice> _dice;
};

} // namespace octagent::bench
