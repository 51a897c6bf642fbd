#include "config/ConfigurationFile.h"

#include "config/Text.h"

#include <Poco/Ascii.h>
#include <Poco/AutoPtr.h>
#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/FileStream.h>
#include <Poco/Path.h>
#include <Poco/String.h>
#include <Poco/Util/IniFileConfiguration.h>
#include <Poco/Util/PropertyFileConfiguration.h>

#include <algorithm>
#include <istream>
#include <sstream>
#include <streambuf>

namespace octagent {

namespace {

std::string atLine(std::size_t line, const std::string& what) { return "line " + std::to_string(line) + ": " + what; }

bool isBlank(char c) { return Poco::Ascii::isSpace(c); }

// Reads from memory, and knows how far it was read.
class MemoryBuffer : public std::streambuf {
public:
    explicit MemoryBuffer(std::string& text) { setg(text.data(), text.data(), text.data() + text.size()); }
    std::size_t position() const { return static_cast<std::size_t>(gptr() - eback()); }
};

// Poco's parser hands each pair to setRaw(): here it is kept with its place, instead of overwriting another.
class PropertiesReader : public Poco::Util::PropertyFileConfiguration {
public:
    explicit PropertiesReader(std::string& text) : _text(text), _buffer(text) {
        std::istream stream(&_buffer);
        load(stream);
    }

    FileContents takeContents() { return std::move(_contents); }

protected:
    void setRaw(const std::string& key, const std::string& value) override {
        skipToKey();
        const std::size_t line = _line;
        const std::size_t end = _buffer.position();
        const std::string_view raw(_text.data() + _at, end - _at);
        advance(end);
        const auto separator = raw.find_first_of("=:\r\n");
        if (separator == std::string_view::npos || raw[separator] == '\r' || raw[separator] == '\n')
            _contents.errors.push_back(atLine(line, "has no '='"));
        else if (key.empty())
            _contents.errors.push_back(atLine(line, "has no key before the '='"));
        else if (escapesNothing(raw.substr(separator)))
            _contents.errors.push_back(
                atLine(line, printable(key) + ": a backslash escapes in a properties file: write / or \\\\"));
        else
            _contents.entries.push_back({key, value, line});
    }

private:
    // Past the blank lines and comments that the parser has skipped before this pair.
    void skipToKey() {
        const std::size_t end = _buffer.position();
        for (;;) {
            while (_at < end && isBlank(_text[_at]))
                advance(_at + 1);
            if (_at >= end || (_text[_at] != '#' && _text[_at] != '!'))
                return;
            while (_at < end && _text[_at] != '\n' && _text[_at] != '\r')
                advance(_at + 1);
        }
    }

    void advance(std::size_t to) {
        for (; _at < to; ++_at) {
            if (_text[_at] == '\n' || (_text[_at] == '\r' && (_at + 1 == _text.size() || _text[_at + 1] != '\n')))
                ++_line;
        }
    }

    static bool escapesNothing(std::string_view raw) {
        constexpr std::string_view escapable = "\\trnf\r\n =:#!";
        for (auto at = raw.find('\\'); at != std::string_view::npos; at = raw.find('\\', at + 2)) {
            if (at + 1 == raw.size() || escapable.find(raw[at + 1]) == std::string_view::npos)
                return true;
        }
        return false;
    }

    std::string& _text;
    MemoryBuffer _buffer;
    FileContents _contents;
    std::size_t _at = 0; // how far lines were counted
    std::size_t _line = 1;
};

// Poco's INI parser keeps one key of those that differ in case only: it is given a line at a time.
class IniReader {
public:
    void read(const std::string& text) {
        std::istringstream lines(text);
        std::string line;
        for (std::size_t number = 1; std::getline(lines, line); ++number)
            readLine(Poco::trim(line), number);
    }

    FileContents takeContents() { return std::move(_contents); }

private:
    void readLine(const std::string& line, std::size_t number) {
        if (line.empty() || line[0] == ';' || line[0] == '#')
            return;
        if (line[0] == '[')
            readSection(line, number);
        else
            readPair(line, number);
    }

    void readSection(const std::string& line, std::size_t number) {
        const auto end = line.find(']');
        const std::string rest = end == std::string::npos ? "" : Poco::trim(line.substr(end + 1));
        const std::string name = end == std::string::npos ? "" : Poco::trim(line.substr(1, end - 1));
        if (name.empty() || !(rest.empty() || rest[0] == ';' || rest[0] == '#'))
            _contents.errors.push_back(atLine(number, "must be [group], alone on its line"));
        _section = name;
    }

    void readPair(const std::string& line, std::size_t number) {
        if (line.find('=') == std::string::npos) {
            _contents.errors.push_back(atLine(number, "has no '='"));
            return;
        }
        const std::string key = Poco::trim(line.substr(0, line.find('=')));
        if (key.empty()) {
            _contents.errors.push_back(atLine(number, "has no key before the '='"));
            return;
        }
        std::istringstream stream(line);
        const Poco::AutoPtr<Poco::Util::IniFileConfiguration> parsed(new Poco::Util::IniFileConfiguration(stream));
        const std::string value = parsed->getRawString(key, "");
        _contents.entries.push_back({_section.empty() ? key : _section + "." + key, value, number});
    }

    std::string _section;
    FileContents _contents;
};

// What makes a file no text in UTF-8: told once, since each of its lines would be wrong.
std::string encodingError(std::string_view bytes) {
    if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF"))
        return "is UTF-16: save it as UTF-8";
    const auto lineOf = [bytes](std::size_t at) {
        return 1 + static_cast<std::size_t>(
                       std::count(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    };
    if (const auto nul = bytes.find('\0'); nul != std::string_view::npos)
        return atLine(lineOf(nul), "holds a NUL byte: is this a text file?");
    std::size_t line = 1;
    for (std::size_t start = 0; start < bytes.size(); ++line) {
        const auto end = std::min(bytes.find('\n', start), bytes.size());
        if (!isValidUtf8(bytes.substr(start, end - start)))
            return atLine(line, "is not valid UTF-8: save the file as UTF-8");
        start = end + 1;
    }
    return {};
}

std::string readAll(const std::string& path) {
    constexpr std::size_t largest = 1024 * 1024;
    Poco::FileInputStream stream(path);
    std::string bytes(largest + 1, '\0');
    stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (stream.bad())
        throw Poco::ReadFileException("it cannot be read");
    bytes.resize(static_cast<std::size_t>(stream.gcount()));
    if (bytes.size() > largest)
        throw Poco::FileException("it is larger than 1 MiB");
    return bytes;
}

} // namespace

FileContents parseConfiguration(std::string_view bytes, FileFormat format) {
    constexpr std::string_view byteOrderMark = "\xEF\xBB\xBF";
    if (bytes.starts_with(byteOrderMark))
        bytes.remove_prefix(byteOrderMark.size());
    if (std::string error = encodingError(bytes); !error.empty())
        return {{}, {std::move(error)}};
    std::string text(bytes);
    if (format == FileFormat::Ini) {
        IniReader reader;
        reader.read(text);
        return reader.takeContents();
    }
    return Poco::AutoPtr<PropertiesReader>(new PropertiesReader(text))->takeContents();
}

FileContents readConfiguration(const std::string& path) {
    const std::string cannot = "cannot read the configuration file " + path + ": ";
    std::string bytes;
    try {
        const Poco::File file(path);
        if (!file.exists())
            throw Poco::FileNotFoundException("it does not exist");
        if (file.isDirectory())
            throw Poco::FileException("it is a directory");
        bytes = readAll(path);
    } catch (const Poco::FileNotFoundException&) {
        throw Poco::FileNotFoundException(cannot + "it does not exist");
    } catch (const Poco::FileAccessDeniedException&) {
        throw Poco::FileAccessDeniedException(cannot + "access is denied");
    } catch (const Poco::Exception& error) {
        throw Poco::FileException(cannot + (error.message().empty() ? error.name() : error.message()));
    }
    const bool isIni = Poco::icompare(Poco::Path(path).getExtension(), "ini") == 0;
    return parseConfiguration(bytes, isIni ? FileFormat::Ini : FileFormat::Properties);
}

} // namespace octagent
