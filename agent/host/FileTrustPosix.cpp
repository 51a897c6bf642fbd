#include "host/FileTrust.h"

#include <cerrno>
#include <cstring>
#include <sys/stat.h>
#include <unistd.h>

namespace octagent {

namespace {

std::string distrustOfEntry(const std::string& path, bool isFile) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0)
        return path + ": " + std::strerror(errno);
    if (S_ISLNK(info.st_mode))
        return path + " is a symbolic link: name the real path";
    if (isFile && !S_ISREG(info.st_mode))
        return path + " is not a regular file";
    if (info.st_uid != 0 && info.st_uid != ::geteuid())
        return path + " is owned by neither root nor the agent's user";
    const bool isStickyOfRoot = !isFile && info.st_uid == 0 && (info.st_mode & S_ISVTX) != 0;
    if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0 && !isStickyOfRoot)
        return path + " is writable by group or others: chmod go-w";
    return {};
}

} // namespace

std::string distrustOf(const std::string& path) {
    if (path.empty() || path.front() != '/')
        return path + " is not an absolute path";
    auto reason = distrustOfEntry(path, true);
    for (auto end = path.rfind('/'); reason.empty(); end = path.rfind('/', end - 1)) {
        reason = distrustOfEntry(end == 0 ? "/" : path.substr(0, end), false);
        if (end == 0)
            break;
    }
    return reason;
}

} // namespace octagent
