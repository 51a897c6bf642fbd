#include "logging/ErrorsOnlyChannel.h"

#include <exception>

namespace octagent {

ErrorsOnlyChannel::ErrorsOnlyChannel(Poco::AutoPtr<Poco::Formatter> formatter, Poco::AutoPtr<Poco::Channel> target)
    : _formatter(std::move(formatter)), _target(std::move(target)) {}

void ErrorsOnlyChannel::log(const Poco::Message& message) {
    if (message.getPriority() > Poco::Message::PRIO_ERROR)
        return;
    try {
        std::string line;
        _formatter->format(message, line);
        _target->log(Poco::Message(message, line));
    } catch (const std::exception&) {
        return; // the line stands in the agent's own log
    }
}

} // namespace octagent
