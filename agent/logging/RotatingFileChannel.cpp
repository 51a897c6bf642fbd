#include "logging/RotatingFileChannel.h"

#include "logging/LogPlatform.h"

#include <Poco/Exception.h>
#include <Poco/File.h>

namespace octagent {

RotatingFileChannel::RotatingFileChannel(Poco::AutoPtr<Poco::Formatter> formatter, const std::string& path,
                                         std::uint64_t rotateBytes, int keepFiles)
    : LineChannel(std::move(formatter)), _path(path), _rotateBytes(rotateBytes), _rotateAt(rotateBytes),
      _keepFiles(keepFiles), _file(new Poco::FileChannel(path)) {
    try {
        openFile();
    } catch (const Poco::Exception& error) {
        throw Poco::OpenFileException("cannot write the log to " + path + " (log.file): " + error.displayText());
    }
}

void RotatingFileChannel::openFile() {
    createPrivateFile(_path);
    _file->open();
    _isOpen = true;
}

void RotatingFileChannel::closeFile() {
    _file->close();
    _isOpen = false;
}

bool RotatingFileChannel::write(const std::string& lines) {
    try {
        if (!_isOpen)
            openFile();
        const std::uint64_t size = _file->size();
        std::string trouble;
        if (_rotateAt > 0 && size > 0 && size + lines.size() >= _rotateAt)
            trouble = rotate(size);
        if (!trouble.empty())
            trouble += '\n';
        _file->log(Poco::Message("", trouble + lines, Poco::Message::PRIO_INFORMATION));
        return true;
    } catch (const Poco::Exception&) {
        closeFile(); // its stream would refuse every line from now on
        return false;
    }
}

std::string RotatingFileChannel::rotate(std::uint64_t size) {
    std::string trouble;
    closeFile();
    try {
        for (int number = _keepFiles - 1; number > 0; --number) {
            Poco::File file(numbered(number));
            if (file.exists())
                file.renameTo(numbered(number + 1));
        }
        Poco::File(_path).renameTo(numbered(1));
        _rotateAt = _rotateBytes;
    } catch (const Poco::Exception& error) {
        _rotateAt = size + _rotateBytes;
        trouble = note("the log cannot be rotated and goes on growing: make its directory writable",
                       {{"error", error.displayText()}});
    }
    openFile();
    return trouble;
}

std::string RotatingFileChannel::numbered(int number) const { return _path + "." + std::to_string(number); }

} // namespace octagent
