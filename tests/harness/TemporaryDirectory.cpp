#include "harness/TemporaryDirectory.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace octagent::test {

TemporaryDirectory::TemporaryDirectory()
    : _path((std::filesystem::temp_directory_path() / "octagent-XXXXXX").string()) {
    if (mkdtemp(_path.data()) == nullptr)
        throw std::runtime_error("cannot make a directory like " + _path);
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored; // what is left in /tmp fails no test
    std::filesystem::remove_all(_path, ignored);
}

std::string TemporaryDirectory::write(const std::string& name, const std::string& content) const {
    std::string path = *this / name;
    std::ofstream file(path, std::ios::binary);
    file << content;
    if (!file.flush())
        throw std::runtime_error("cannot write " + path);
    return path;
}

std::string readFile(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

} // namespace octagent::test
