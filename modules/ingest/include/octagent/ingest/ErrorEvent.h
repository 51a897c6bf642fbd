#pragma once

// The `error` event: something failed, as it becomes a row of error_events. Public like TraceEvent.

#include "octagent/Event.h"

#include <optional>
#include <string>

namespace octagent {
inline namespace v1 {

// NOLINTNEXTLINE(cppcoreguidelines-virtual-class-destructor): counted, its release() alone deletes it
class OCTAGENT_SDK_TYPE ErrorEvent : public Event {
public:
    static constexpr std::string_view kindName = "error";
    using Ptr = Poco::AutoPtr<ErrorEvent>;

    ErrorEvent() : Event(kindName) {}

    // Required, not empty.
    std::string errorType;
    std::string message;
    // Absent ones become NULL.
    std::optional<std::string> stackTrace;
    std::string severity = "error";
    std::optional<std::string> metadata;

protected:
    ~ErrorEvent() override = default;
};

} // namespace v1
} // namespace octagent
