#pragma once

// From a JSON object to an event.
//
// Made for one request, used for each of its events in turn. One thread. Does not block. Throws std::bad_alloc
// and what Event's constructor throws (no source of random bytes).

#include "JsonBody.h"
#include "Refusal.h"

#include "octagent/Event.h"

namespace octagent::ingest {

class EventReader {
public:
    virtual ~EventReader() = default;

    // Null when the object is no such event; `refusal` then says why.
    virtual Event::Ptr read(JsonValue& object, Refusal& refusal) = 0;
};

} // namespace octagent::ingest
