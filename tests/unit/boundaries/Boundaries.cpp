#include "Boundaries.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace octagent::test {

namespace {

namespace fs = std::filesystem;

// Who may link whom among the rooms. The application puts all of them together.
const std::map<std::string, std::set<std::string>>& doors() {
    static const std::map<std::string, std::set<std::string>> table{
        {"config", {}},
        {"logging", {}},
        {"queue", {}},
        {"http", {}},
        {"status", {"queue"}},
        {"storage", {"queue"}},
        {"host", {"config", "http", "queue", "status", "storage"}},
        {"application", {"config", "logging", "queue", "storage", "http", "status", "host"}},
    };
    return table;
}

bool startsWith(const std::string& text, const std::string& start) { return text.rfind(start, 0) == 0; }

bool isDatabaseHeader(const std::string& header) {
    return startsWith(header, "Poco/Data/") || header == "sqlite3.h" || header == "sqlite3ext.h";
}

bool isDatabaseTarget(const std::string& target) {
    return startsWith(target, "Poco::Data") || startsWith(target, "SQLite::") || target == "sqlite3" ||
           startsWith(target, "PocoData");
}

// <vector>, <cstdint>: no slash, no extension.
bool isStandardHeader(const std::string& header) {
    return header.find('/') == std::string::npos && header.find('.') == std::string::npos;
}

struct Include {
    std::size_t line = 0;
    std::string header;
    bool isQuoted = false;
};

std::vector<Include> includesOf(const fs::path& path) {
    static const std::regex directive(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
    std::vector<Include> includes;
    std::ifstream file(path);
    std::size_t number = 0;
    for (std::string line; std::getline(file, line);) {
        ++number;
        std::smatch match;
        if (std::regex_search(line, match, directive))
            includes.push_back({number, match[2].str(), match[1].str() == "\""});
    }
    return includes;
}

std::vector<fs::path> sourcesBelow(const fs::path& folder) {
    static const std::set<std::string> extensions{".h", ".hpp", ".cpp", ".cc", ".c", ".in"};
    std::vector<fs::path> files;
    if (fs::exists(folder))
        for (const auto& entry : fs::recursive_directory_iterator(folder))
            if (entry.is_regular_file() && extensions.count(entry.path().extension().string()) == 1)
                files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

std::vector<std::string> parts(const std::string& path) {
    std::vector<std::string> result;
    std::istringstream text(path);
    for (std::string part; std::getline(text, part, '/');)
        result.push_back(part);
    return result;
}

// "agent/http" -> "http"; empty for anything that is no room.
std::string roomOf(const std::string& folder) {
    const auto path = parts(folder);
    return path.size() >= 2 && path[0] == "agent" && path[1] != "include" ? path[1] : std::string();
}

class Search {
public:
    Search(fs::path root, const std::vector<LinkedTarget>& targets) : _root(std::move(root)) {
        for (const auto& target : targets)
            _links[target.name] = target.linked;
    }

    std::vector<std::string> run() {
        for (const auto& file : sourcesBelow(_root / "agent/include"))
            eachInclude(file, [this](const auto& include, const auto&) { return whySdkMayNot(include); });
        for (const auto& room : foldersOf("agent"))
            if (room != "include")
                for (const auto& file : sourcesBelow(_root / "agent" / room))
                    eachInclude(file, [&](const auto& include, const auto&) { return whyRoomMayNot(room, include); });
        for (const auto& top : {std::string("modules"), std::string("plugins")})
            for (const auto& name : foldersOf(top))
                for (const auto& file : sourcesBelow(_root / top / name))
                    eachInclude(file, [&](const auto& include, const auto& path) {
                        return whyModuleMayNot(top, name, include, path);
                    });
        return std::move(_findings);
    }

private:
    using Rule = std::function<std::string(const Include&, const fs::path&)>;

    void eachInclude(const fs::path& file, const Rule& rule) {
        for (const auto& include : includesOf(file)) {
            std::string why;
            if (include.header.find("..") != std::string::npos)
                why = "climbs out of its folder";
            else
                why = rule(include, file);
            if (!why.empty())
                _findings.push_back(fs::relative(file, _root).string() + ":" + std::to_string(include.line) +
                                    ": includes " + include.header + ": " + why);
        }
    }

    std::vector<std::string> foldersOf(const std::string& top) const {
        std::vector<std::string> names;
        if (fs::exists(_root / top))
            for (const auto& entry : fs::directory_iterator(_root / top))
                if (entry.is_directory())
                    names.push_back(entry.path().filename().string());
        std::sort(names.begin(), names.end());
        return names;
    }

    bool isSdkHeader(const std::string& header) const {
        return startsWith(header, "octagent/") && parts(header).size() == 2 &&
               fs::exists(_root / "agent/include" / header);
    }

    std::string whySdkMayNot(const Include& include) const {
        if (isDatabaseHeader(include.header))
            return "the SDK does not know the database";
        if (startsWith(include.header, "Poco/") || isSdkHeader(include.header) ||
            (!include.isQuoted && isStandardHeader(include.header)))
            return {};
        return "an SDK header includes only Poco, the standard library and other SDK headers";
    }

    std::string whyRoomMayNot(const std::string& room, const Include& include) const {
        if (isDatabaseHeader(include.header) && room != "storage")
            return "only agent/storage knows the database";
        if (!include.isQuoted)
            return {};
        if (isSdkHeader(include.header))
            return {};
        const auto path = parts(include.header);
        if (path.size() < 2 || !fs::exists(_root / "agent" / include.header))
            return "the agent includes the SDK and \"room/Header.h\", nothing else";
        if (path[0] != room && !reaches("octagent-" + room, "octagent-" + path[0]))
            return "agent/" + room + " does not link octagent-" + path[0];
        return {};
    }

    std::string whyModuleMayNot(const std::string& top, const std::string& name, const Include& include,
                                const fs::path& file) const {
        if (isDatabaseHeader(include.header))
            return "modules and plugins store through the persister";
        if (!include.isQuoted)
            return startsWith(include.header, "octagent/") ? "octagent's own headers are included in quotes" : "";
        if (isSdkHeader(include.header))
            return {};
        const auto path = parts(include.header);
        if (path[0] == "octagent" && path.size() > 2) {
            const bool isPublic = fs::exists(_root / "modules" / path[1] / "include" / include.header);
            if (isPublic && (top == "plugins" || path[1] == name))
                return {};
            return isPublic ? "a module does not include another one" : "no public header of a module";
        }
        const fs::path own = _root / top / name;
        for (const auto& folder : {file.parent_path(), own, own / "src", own / "include"})
            if (fs::exists(folder / include.header))
                return {};
        // What a library's generator writes (protobuf) is not in the tree.
        if (std::regex_search(include.header, std::regex(R"(\.pb\.h$)")))
            return {};
        return "modules and plugins include the SDK, Poco, their own files and libraries of their own";
    }

    bool reaches(const std::string& from, const std::string& to) const {
        std::set<std::string> seen;
        std::vector<std::string> open{from};
        while (!open.empty()) {
            const auto target = open.back();
            open.pop_back();
            if (!seen.insert(target).second)
                continue;
            if (target == to)
                return true;
            const auto links = _links.find(target);
            if (links != _links.end())
                open.insert(open.end(), links->second.begin(), links->second.end());
        }
        return false;
    }

    fs::path _root;
    std::map<std::string, std::set<std::string>> _links;
    std::vector<std::string> _findings;
};

// The folder of the target of this name; empty when it is none of the house's.
std::string folderOf(const std::string& name, const std::vector<LinkedTarget>& targets) {
    const auto found = std::find_if(targets.begin(), targets.end(),
                                    [&name](const LinkedTarget& target) { return target.name == name; });
    return found == targets.end() ? std::string() : found->folder;
}

std::string whyTargetMayNot(const LinkedTarget& target, const std::string& linked,
                            const std::vector<LinkedTarget>& targets) {
    const auto room = roomOf(target.folder);
    if (isDatabaseTarget(linked) && room != "storage")
        return "only agent/storage links the database";
    static const std::set<std::string> common{"octagent-sdk", "octagent::sdk", "octagent-flags"};
    if ((!startsWith(linked, "octagent-") && !startsWith(linked, "octagent::")) || common.count(linked) == 1)
        return {};
    if (startsWith(target.folder, "modules"))
        return "a module links the SDK and libraries of its own";
    if (startsWith(target.folder, "plugins"))
        return folderOf(linked, targets) == target.folder ? "" : "a plugin links the SDK and libraries of its own";
    if (startsWith(linked, "octagent-module"))
        return "the agent does not know its modules";
    if (room.empty() || linked == "octagent-rooms" || linked == "octagent-pch")
        return {};
    const auto allowed = doors().find(room);
    if (allowed == doors().end())
        return "the table of rooms does not name agent/" + room;
    const std::string other = linked.substr(std::string("octagent-").size());
    return allowed->second.count(other) == 1 ? "" : "no door leads from " + room + " to " + other;
}

} // namespace

std::vector<LinkedTarget> readLinks(const std::string& path) {
    std::ifstream file(path);
    if (!file)
        throw std::runtime_error("cannot read " + path);
    std::vector<LinkedTarget> targets;
    for (std::string line; std::getline(file, line);) {
        std::istringstream text(line);
        LinkedTarget target;
        std::getline(text, target.folder, '|');
        std::getline(text, target.name, '|');
        for (std::string linked; std::getline(text, linked, ';');)
            target.linked.insert(linked);
        targets.push_back(std::move(target));
    }
    return targets;
}

std::vector<std::string> findForbiddenIncludes(const std::string& root, const std::vector<LinkedTarget>& targets) {
    return Search(root, targets).run();
}

std::vector<std::string> findForbiddenLinks(const std::vector<LinkedTarget>& targets) {
    std::vector<std::string> findings;
    for (const auto& target : targets) {
        for (const auto& linked : target.linked) {
            const auto why = whyTargetMayNot(target, linked, targets);
            if (why.empty())
                continue;
            const std::string what = target.name + " links " + linked + ": ";
            findings.push_back(target.folder + "/CMakeLists.txt: " + what + why);
        }
    }
    return findings;
}

} // namespace octagent::test
