#include "host/FileTrust.h"

#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/Path.h>

namespace octagent {

std::string distrustOf(const std::string& path) {
    try {
        if (!Poco::Path(path).isAbsolute())
            return path + " is not an absolute path";
        const Poco::File file(path);
        if (!file.exists() || !file.isFile())
            return path + " is not a regular file";
        if (file.isLink())
            return path + " is a link: name the real path";
    } catch (const Poco::Exception& error) {
        return path + ": " + error.displayText();
    }
    return {};
}

} // namespace octagent
