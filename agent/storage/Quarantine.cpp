#include "storage/Quarantine.h"

#include <Poco/DateTime.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/DateTimeParser.h>
#include <Poco/DirectoryIterator.h>
#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/Path.h>
#include <Poco/Timestamp.h>

#include <array>
#include <cstdlib>

namespace octagent {

namespace {

constexpr std::int64_t microsecondsPerMillisecond = 1000;
const char* const timeFormat = "%Y%m%dT%H%M%SZ";
constexpr std::size_t timeLength = 16;

} // namespace

bool Quarantine::isAllowed(std::int64_t now) const {
    const Poco::Path path(_database);
    const std::string prefix = path.getFileName() + ".damaged-";
    try {
        for (Poco::DirectoryIterator entry(path.parent()), end; entry != end; ++entry) {
            const std::string& name = entry.name();
            if (name.size() != prefix.size() + timeLength || !name.starts_with(prefix))
                continue;
            Poco::DateTime time;
            int zone = 0;
            if (!Poco::DateTimeParser::tryParse(timeFormat, name.substr(prefix.size()), time, zone))
                continue;
            const std::int64_t then = time.timestamp().epochMicroseconds() / microsecondsPerMillisecond;
            if (std::llabs(now - then) < intervalMilliseconds)
                return false;
        }
    } catch (const Poco::Exception&) {
        return false; // the directory cannot be read: nothing can be renamed in it either
    }
    return true;
}

std::string Quarantine::put(std::int64_t now) const {
    const Poco::Timestamp time(now * microsecondsPerMillisecond);
    std::string target = _database + ".damaged-" + Poco::DateTimeFormatter::format(time, timeFormat);
    if (Poco::File(target).exists())
        throw Poco::FileExistsException(target);
    for (const char* suffix : std::array{"-wal", "-shm", "-journal", ""}) {
        Poco::File file(_database + suffix);
        if (file.exists())
            file.renameTo(target + suffix);
    }
    return target;
}

} // namespace octagent
