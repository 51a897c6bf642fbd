#pragma once

// Puts a damaged database aside, with its log, under a name with the time; never deletes anything.

#include <cstdint>
#include <string>

namespace octagent {

// One thread. The database must be closed.
class Quarantine {
public:
    // Not twice within an hour: a disk that damages one database after another is not to be filled with them.
    static constexpr std::int64_t intervalMilliseconds = 60LL * 60 * 1000;

    explicit Quarantine(std::string database) : _database(std::move(database)) {}

    // `now` in Unix milliseconds. Knows from the names beside the database what earlier runs have put aside.
    bool isAllowed(std::int64_t now) const;

    // Renames the database to "<database>.damaged-<UTC time>" and its companions likewise; returns the new name.
    // Throws Poco::FileException.
    std::string put(std::int64_t now) const;

private:
    std::string _database;
};

} // namespace octagent
