#pragma once

// The one envelope in which everything travels from a handler to the database.

#include "octagent/Sdk.h"
#include "octagent/TraceId.h"

#include <Poco/AutoPtr.h>
#include <Poco/Notification.h>

#include <cstdint>
#include <string_view>

namespace octagent {
inline namespace v1 {

// A module derives its payload from Event and names its kind; the EventWriter registered for that kind stores
// it. Reference-counted by Poco: whoever offers an event gives it away and must not change it afterwards, the
// persister reads it on its own thread.
// NOLINTNEXTLINE(cppcoreguidelines-virtual-class-destructor): counted, its release() alone deletes it
class OCTAGENT_SDK_TYPE Event : public Poco::Notification {
public:
    using Ptr = Poco::AutoPtr<Event>;

    // `kind` must live as long as the process: a literal.
    explicit Event(std::string_view kind) : _kind(kind), _traceId(TraceId::random()) {}

    std::string_view kind() const noexcept { return _kind; }
    const TraceId& traceId() const noexcept { return _traceId; }

    // Unix milliseconds at which the queue took the event; 0 before that.
    std::int64_t acceptedAt() const noexcept { return _acceptedAt; }

    // For the queue alone, at the moment it takes the event.
    void stampAccepted(std::int64_t unixMilliseconds) noexcept { _acceptedAt = unixMilliseconds; }

protected:
    ~Event() override = default;

private:
    std::string_view _kind;
    TraceId _traceId;
    std::int64_t _acceptedAt = 0;
};

} // namespace v1
} // namespace octagent
