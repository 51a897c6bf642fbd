#pragma once

// The way into the queue. The only way: nothing but the persister writes to the database.

#include "octagent/Event.h"

#include <chrono>

namespace octagent {
inline namespace v1 {

enum class Offer {
    Accepted, // queued: it will be a row, or be counted as lost with a reason
    Full,     // not taken
    Stopping  // not taken, the agent stops
};

// Owned by the agent, lives as long as the process, safe from every thread. Does not throw.
class OCTAGENT_SDK_TYPE EventSink {
public:
    virtual ~EventSink() = default;

    // Never blocks. Full is a drop, and is counted as one: for producers that cannot keep their data.
    virtual Offer offer(Event::Ptr event) noexcept = 0;

    // Waits until the event is taken, the agent stops, or the deadline has passed (Full; no drop is counted).
    // For producers that keep their data and try again. Leaves the last quarter of the queue to offer().
    // Never call it from a route that does not declare mayBlock.
    virtual Offer waitOffer(Event::Ptr event, std::chrono::steady_clock::time_point deadline) noexcept = 0;
};

} // namespace v1
} // namespace octagent
