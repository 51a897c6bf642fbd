#include "logging/LineChannel.h"

#include <exception>

namespace octagent {

LineChannel::LineChannel(Poco::AutoPtr<Poco::Formatter> formatter) : _formatter(std::move(formatter)) {}

void LineChannel::log(const Poco::Message& message) {
    const std::lock_guard lock(_mutex);
    try {
        writeLocked(message);
    } catch (const std::exception&) {
        ++_lost; // nowhere is left to say more
    }
}

std::string LineChannel::note(const std::string& text, LogFields fields) {
    Poco::Message message("logging", text, Poco::Message::PRIO_WARNING);
    setLogFields(message, fields);
    std::string line;
    _formatter->format(message, line);
    return line;
}

void LineChannel::writeLocked(const Poco::Message& message) {
    std::string lines;
    if (_lost > 0) {
        // What went before may have been cut in the middle of its line.
        lines =
            '\n' + note("lines of the log were lost: they could not be written", {{"lines", std::to_string(_lost)}});
        lines += '\n';
    }
    _formatter->format(message, lines);
    if (write(lines))
        _lost = 0;
    else
        ++_lost;
}

} // namespace octagent
