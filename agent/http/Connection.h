#pragma once

// What the loop knows of one client's connection.

#include "http/ChunkedBody.h"
#include "http/DeadlineList.h"
#include "http/InputBuffer.h"
#include "http/RouteTable.h"

#include <Poco/Net/StreamSocket.h>

#include <cstddef>
#include <string>

namespace octagent {

struct Listener;

// What the poller's tags point to.
struct PollSource {
    explicit PollSource(bool listens) noexcept : isListener(listens) {}
    const bool isListener;
};

// Owned and used by its loop, except while Busy: then the worker alone uses `input`, `socket` and `reply`.
struct Connection : PollSource, DeadlineEntry {
    enum class Phase {
        Head,     // of a request, or between requests
        Body,     // its head was accepted
        Busy,     // a worker runs its handler
        Lingering // answered for good: what still comes is thrown away until the client has seen the end
    };
    enum class Ending { None, Close, Linger }; // what follows the answer

    Connection(const Poco::Net::StreamSocket& client, const Listener& acceptedBy)
        : PollSource(false), socket(client), listener(acceptedBy) {}

    Poco::Net::StreamSocket socket;
    const Listener& listener;
    std::size_t index = 0; // among the loop's connections
    unsigned interest = 0; // as the poller has it
    bool isPolled = false;
    bool isClosed = false;
    bool isAbandoned = false; // to be closed once its worker has done
    bool peerEnded = false;   // nothing more will come
    bool isNewRequest = true; // the deadline starts anew
    Phase phase = Phase::Head;
    Ending ending = Ending::None;

    // Only while a request is incomplete, waits or runs; most are served from the loop's own buffer.
    InputBuffer input;
    std::size_t charged = 0; // bytes of it that count as large
    std::size_t scanned = 0; // bytes of an incomplete head that hold no end of it

    // The request in Body and Busy.
    RouteEntry* route = nullptr;
    std::size_t headSize = 0;
    std::size_t bodySize = 0; // announced, or as decoded
    std::size_t requestSize = 0;
    bool isChunked = false;
    ChunkedBody chunks;
    bool mayKeepAlive = false;
    std::string reply;
    int replyStatus = 0;

    // What the client has not taken yet.
    std::string output;
    std::size_t outputAt = 0;
    std::size_t outputMark = 0; // must be passed by the deadline
    std::size_t lingerBudget = 0;
};

} // namespace octagent
