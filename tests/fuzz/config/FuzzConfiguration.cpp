// Whatever bytes a configuration file has, it is resolved or refused: nothing is thrown, no key is lost without a
// word, and what is printed of it means the same when it is read again. The first byte chooses the format: even
// for properties, odd for INI.

#include "config/Configuration.h"
#include "config/ConfigurationFile.h"
#include "config/Help.h"

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>

namespace {

using namespace octagent;

const OptionRegistry& registry() {
    static const OptionRegistry filled = [] {
        OptionRegistry result;
        result.add("http", {{.key = "port",
                             .type = OptionType::Integer,
                             .defaultValue = "9090",
                             .minimum = 0,
                             .maximum = 65535,
                             .environment = "OCT_PORT"},
                            {.key = "address", .defaultValue = "127.0.0.1"},
                            {.key = "token", .secret = true}});
        result.add("log",
                   {{.key = "level", .type = OptionType::Choice, .defaultValue = "info", .choices = {"info", "debug"}},
                    {.key = "colour", .type = OptionType::Boolean, .defaultValue = "false"},
                    {.key = "file", .type = OptionType::Path}});
        result.tolerate("push");
        return result;
    }();
    return filled;
}

void check(bool holds, const char* what) {
    if (holds)
        return;
    std::cerr << what << '\n';
    std::abort();
}

// The entries of a file, as if they had been given one by one: what resolving does to each, without a disk.
Configuration resolve(const FileContents& contents) {
    ConfigurationSources sources;
    sources.baseDirectory = "/";
    for (const auto& entry : contents.entries) {
        check(!entry.key.empty(), "a key is empty");
        check(entry.line > 0, "an entry has no line");
        sources.commandLine[entry.key] = entry.value;
    }
    return Configuration::resolve(registry(), sources);
}

void checkPrinted(const Configuration& configuration) {
    std::ostringstream printed;
    printResolved(printed, registry(), configuration);
    const FileContents contents = parseConfiguration(printed.str(), FileFormat::Properties);
    check(contents.errors.empty(), "what was printed is not read again");
    const Configuration again = resolve(contents);
    check(again.errors().empty(), "what was printed does not resolve");
    for (const auto& [key, value] : configuration.values()) {
        if (!value.secret)
            check(again.values().at(key).text == value.text, "what was printed means something else");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto format = data[0] % 2 == 0 ? FileFormat::Properties : FileFormat::Ini;
    const FileContents contents = parseConfiguration(bytes, format);
    const Configuration configuration = resolve(contents);
    const auto http = configuration.options("http");
    check(http->integer("port") >= 0 && http->integer("port") <= 65535, "a bound does not hold");
    checkPrinted(configuration);
    return 0;
}
