#pragma once

// What the house allows, and the search for what breaks it. Each finding is one line that says where and what.
//
//   agent/include/octagent/   the SDK: Poco (not its database), the standard library, the SDK
//   agent/<room>/             Poco, the SDK, its own room, and rooms that its CMake target links; the database
//                             (Poco::Data, sqlite3) in storage alone
//   modules/<module>/         the SDK, Poco (not its database), its own files, libraries of its own
//   plugins/<plugin>/         the same, and public headers of modules
//
// Includes are held against link lines, and link lines against a table of the rooms: whoever opens a door
// between two rooms changes it here first.

#include <map>
#include <set>
#include <string>
#include <vector>

namespace octagent::test {

struct LinkedTarget {
    std::string folder; // "agent/http"
    std::string name;   // "octagent-http"
    std::set<std::string> linked;
};

// Of the file that CMake writes: folder|target|what;what
std::vector<LinkedTarget> readLinks(const std::string& path);

// `root` is the folder that holds agent/, modules/ and plugins/.
std::vector<std::string> findForbiddenIncludes(const std::string& root, const std::vector<LinkedTarget>& targets);
std::vector<std::string> findForbiddenLinks(const std::vector<LinkedTarget>& targets);

} // namespace octagent::test
