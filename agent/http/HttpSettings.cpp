#include "http/HttpSettings.h"
#include "http/HttpServer.h"
#include "http/Text.h"

#include <Poco/Exception.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace octagent {

namespace {

[[noreturn]] void refuseKey(const std::string& key, const std::string& why) {
    throw Poco::InvalidArgumentException("http." + key + ": " + why);
}

// What can stand in a header field (RFC 6750, section 2.1, is narrower; nothing is gained by asking for that).
bool isTransmissible(const std::string& token) {
    return std::all_of(token.begin(), token.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

std::string readTokenFile(const std::string& path) {
    namespace fs = std::filesystem;
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::is_regular_file(status))
        refuseKey("tokenFile", "no regular file: " + path);
    constexpr auto others = fs::perms::group_all | fs::perms::others_all;
    // Windows has access lists instead, of which these bits say nothing.
    if constexpr (fs::path::preferred_separator == '/') {
        if ((status.permissions() & others) != fs::perms::none)
            refuseKey("tokenFile", "others than its owner may use the file, chmod 0600 it: " + path);
    }
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    if (file.bad() || (file.fail() && !file.eof()))
        refuseKey("tokenFile", "cannot be read: " + path);
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t'))
        line.pop_back();
    if (line.empty())
        refuseKey("tokenFile", "its first line is empty: " + path);
    return line;
}

std::vector<std::string> splitHosts(const std::string& list) {
    std::vector<std::string> hosts;
    std::string_view rest = list;
    while (!rest.empty()) {
        std::string host(trimBlanks(takeUntil(rest, ',')));
        std::transform(host.begin(), host.end(), host.begin(), toLowerAscii);
        if (host.find_first_of("/* \t") != std::string::npos)
            refuseKey("hosts", "not a host's name: " + host);
        if (!host.empty())
            hosts.push_back(std::move(host));
    }
    return hosts;
}

Option number(std::string key, std::string value, std::int64_t least, std::int64_t most, std::string description) {
    Option option;
    option.key = std::move(key);
    option.type = OptionType::Integer;
    option.defaultValue = std::move(value);
    option.description = std::move(description);
    option.minimum = least;
    option.maximum = most;
    return option;
}

Option text(std::string key, std::string value, std::string description) {
    Option option;
    option.key = std::move(key);
    option.defaultValue = std::move(value);
    option.description = std::move(description);
    return option;
}

} // namespace

std::vector<Option> httpOptions() {
    std::vector<Option> options;
    options.push_back(
        text("address", "127.0.0.1",
             "IP address to listen on; anything but loopback needs a token (http.token, http.tokenFile)"));
    options.push_back(number("port", "9090", 0, 65535, "TCP port to listen on; 0 takes any free one"));
    options.back().environment = "OCT_PORT";
    options.push_back(text("unixSocket", "", "Path of an additional Unix-domain socket, for the agent's user alone"));
    options.back().type = OptionType::Path;
    options.push_back(number("maxBodyBytes", "8388608", 1024, std::int64_t{1} << 30,
                             "Bytes of a request's body; larger ones are refused with 413"));
    options.push_back(number("requestTimeoutSeconds", "10", 1, 3600,
                             "Seconds that a client may take to send a whole request, or to read its answer"));
    options.push_back(number("keepAliveTimeoutSeconds", "60", 1, 86400,
                             "Seconds after which a connection without a request is closed"));
    options.push_back(number("maxConnections", "1024", 8, 100000,
                             "Open connections per listener; one more closes the one that is idle longest"));
    options.push_back(number("workers", "4", 1, 64, "Threads for requests that may have to wait"));
    options.push_back(
        text("hosts", "", "Names, besides loopback and the address, that a Host header may carry (comma)"));
    options.push_back(
        text("token", "", "Bearer token that every request but GET /health must carry; empty asks for none"));
    options.back().secret = true;
    options.push_back(text("tokenFile", "", "File with the token in its first line, readable by its owner only"));
    options.back().type = OptionType::Path;
    return options;
}

HttpSettings HttpSettings::from(const Options& options) {
    HttpSettings settings;
    settings.address = options.text("address");
    settings.port = static_cast<std::uint16_t>(options.integer("port"));
    settings.unixSocket = options.text("unixSocket");
    settings.maxBodyBytes = static_cast<std::size_t>(options.integer("maxBodyBytes"));
    settings.maxConnections = static_cast<std::size_t>(options.integer("maxConnections"));
    settings.workers = static_cast<std::size_t>(options.integer("workers"));
    settings.requestTimeout = std::chrono::seconds(options.integer("requestTimeoutSeconds"));
    settings.keepAliveTimeout = std::chrono::seconds(options.integer("keepAliveTimeoutSeconds"));
    settings.hosts = splitHosts(options.text("hosts"));
    settings.token = options.text("token");

    const std::string tokenFile = options.text("tokenFile");
    if (!tokenFile.empty()) {
        if (!settings.token.empty())
            refuseKey("tokenFile", "http.token is set too; use one of them");
        settings.token = readTokenFile(tokenFile);
    }
    if (!isTransmissible(settings.token))
        refuseKey(tokenFile.empty() ? "token" : "tokenFile", "the token holds blanks or characters beyond ASCII");
    return settings;
}

} // namespace octagent
