#pragma once

// A directory of a test's own, mode 0700, removed with everything in it when this ends.

#include <string>

namespace octagent::test {

class TemporaryDirectory {
public:
    TemporaryDirectory();
    ~TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    const std::string& path() const { return _path; }
    std::string operator/(const std::string& name) const { return _path + "/" + name; }

    // Writes a file below it and returns its path.
    std::string write(const std::string& name, const std::string& content) const;

private:
    std::string _path;
};

// The whole file; empty when it does not exist.
std::string readFile(const std::string& path);

} // namespace octagent::test
