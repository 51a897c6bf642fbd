#include "config/OptionValue.h"

#include "config/Text.h"

#include <Poco/String.h>

#include <charconv>

namespace octagent {

namespace {

// The declared spelling of `text`, or empty.
std::optional<std::string> spelled(const std::vector<std::string>& choices, const std::string& text) {
    for (const auto& choice : choices) {
        if (choice == text)
            return choice;
    }
    for (const auto& choice : choices) {
        if (Poco::icompare(choice, text) == 0)
            return choice;
    }
    return std::nullopt;
}

std::optional<std::string> parseBounded(const Option& option, const std::string& text) {
    const auto number = parseInteger(text);
    if (!number || *number < option.minimum || *number > option.maximum)
        return std::nullopt;
    return std::to_string(*number);
}

} // namespace

std::optional<std::int64_t> parseInteger(std::string_view text) noexcept {
    std::int64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || at != end)
        return std::nullopt;
    return number;
}

std::optional<std::string> parseValue(const Option& option, const std::string& text, std::string& wrong) {
    if (!isValidUtf8(text)) {
        wrong = "is not valid UTF-8";
        return std::nullopt;
    }
    if (hasControlCharacter(text)) {
        wrong = "holds a control character (a backslash escapes in a properties file: write / or \\\\)";
        return std::nullopt;
    }
    std::optional<std::string> value;
    switch (option.type) {
    case OptionType::Text:
    case OptionType::Path:
        value = text;
        break;
    case OptionType::Integer:
        value = parseBounded(option, text);
        break;
    case OptionType::Boolean:
        value = spelled({"true", "false"}, text);
        break;
    case OptionType::Choice:
        value = spelled(option.choices, text);
        break;
    }
    if (!value) {
        wrong = text.empty() ? "is empty, and must be " : "must be ";
        wrong += expectation(option);
    }
    return value;
}

std::string expectation(const Option& option) {
    constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
    constexpr auto highest = std::numeric_limits<std::int64_t>::max();
    switch (option.type) {
    case OptionType::Integer:
        if (option.minimum == lowest && option.maximum == highest)
            return "an integer";
        if (option.maximum == highest)
            return "an integer of at least " + std::to_string(option.minimum);
        if (option.minimum == lowest)
            return "an integer of at most " + std::to_string(option.maximum);
        return "an integer from " + std::to_string(option.minimum) + " to " + std::to_string(option.maximum);
    case OptionType::Boolean:
        return "true or false";
    case OptionType::Choice:
        return "one of " + Poco::cat(std::string(", "), option.choices.begin(), option.choices.end());
    case OptionType::Path:
        return "a path";
    case OptionType::Text:
        break;
    }
    return "a text";
}

} // namespace octagent
