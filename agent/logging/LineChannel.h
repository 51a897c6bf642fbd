#pragma once

// A channel that writes formatted lines, and survives it when they are not taken.

#include "octagent/Log.h"

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>
#include <Poco/Formatter.h>
#include <Poco/Message.h>

#include <cstdint>
#include <mutex>
#include <string>

namespace octagent {

// log() is safe from every thread, writes one line at a time, and throws nothing. Lines that were not taken are
// counted; the next one that is taken is preceded by one that tells the count.
class LineChannel : public Poco::Channel {
public:
    void log(const Poco::Message& message) final;

protected:
    explicit LineChannel(Poco::AutoPtr<Poco::Formatter> formatter);

    // A line of the channel's own, without its end.
    std::string note(const std::string& text, LogFields fields);

    // One or more lines, the last one without its end, which is to be added. Under the lock. False, or an
    // exception, when they were not taken; a part of them may then have been.
    virtual bool write(const std::string& lines) = 0;

private:
    void writeLocked(const Poco::Message& message);

    Poco::AutoPtr<Poco::Formatter> _formatter;
    std::mutex _mutex;
    std::uint64_t _lost = 0; // lines since the last one that was taken
};

} // namespace octagent
