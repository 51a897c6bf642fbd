#pragma once

// Lines of the log in a file, through Poco's FileChannel.
//
// Rotation is done here: Poco's own creates the new file readable for everybody, and uses the old one after it
// was deleted when the new one cannot be opened. A file that has reached its size becomes <path>.1, which was
// <path>.2 before, and so on; the file is mode 0600. After an error (a full disk) the file is opened anew for the
// next line.

#include "logging/LineChannel.h"

#include <Poco/FileChannel.h>

#include <cstdint>
#include <string>

namespace octagent {

class RotatingFileChannel final : public LineChannel {
public:
    // `rotateBytes` 0 never rotates. Throws Poco::OpenFileException when the file cannot be opened.
    RotatingFileChannel(Poco::AutoPtr<Poco::Formatter> formatter, const std::string& path, std::uint64_t rotateBytes,
                        int keepFiles);

protected:
    bool write(const std::string& lines) override;

private:
    void openFile();
    void closeFile();
    // Returns a line to be written first when it was not possible; the file then grows by its size once more.
    std::string rotate(std::uint64_t size);
    std::string numbered(int number) const;

    std::string _path;
    std::uint64_t _rotateBytes;
    std::uint64_t _rotateAt; // the size that is not to be reached
    int _keepFiles;
    Poco::AutoPtr<Poco::FileChannel> _file;
    bool _isOpen = false;
};

} // namespace octagent
