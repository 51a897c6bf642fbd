#pragma once

// The bytes of a configuration file as keys and values, with the line of each.
//
// Poco's own parsers do the reading. Around them stands what they are silent about: of a key that stands twice
// they take the last, a line without '=' is an empty value, a backslash that escapes nothing is dropped (and so
// C:\data becomes C:data), and INI keys lose their case. Here each of these is seen. Values are taken as they
// stand: ${...} is not expanded.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace octagent {

enum class FileFormat { Properties, Ini };

struct FileEntry {
    std::string key; // "group.key", not empty
    std::string value;
    std::size_t line = 0; // from 1, where the key stands
};

struct FileContents {
    std::vector<FileEntry> entries;  // in the order of the file; a key may stand twice
    std::vector<std::string> errors; // "line 3: ..."
};

// Never throws on bad input.
FileContents parseConfiguration(std::string_view bytes, FileFormat format);

// Properties, unless the path ends in .ini. Takes up to 1 MiB. Throws Poco::FileException, with a message that
// names the path, when it cannot be read.
FileContents readConfiguration(const std::string& path);

} // namespace octagent
