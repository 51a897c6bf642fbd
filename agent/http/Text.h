#pragma once

// Small comparisons on views of ASCII text, as HTTP needs them. Nothing allocates or throws.

#include <cstddef>
#include <string_view>

namespace octagent {

inline constexpr char toLowerAscii(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

// Without regard to case. `lower` must be in lower case.
inline constexpr bool equalsLower(std::string_view text, std::string_view lower) noexcept {
    if (text.size() != lower.size())
        return false;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (toLowerAscii(text[i]) != lower[i])
            return false;
    return true;
}

inline constexpr bool startsWithLower(std::string_view text, std::string_view lower) noexcept {
    return text.size() >= lower.size() && equalsLower(text.substr(0, lower.size()), lower);
}

// Without leading and trailing spaces and tabs.
inline constexpr std::string_view trimBlanks(std::string_view text) noexcept {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

// Takes the part up to `separator` off the front of `rest`; the whole of it when there is none.
inline constexpr std::string_view takeUntil(std::string_view& rest, char separator) noexcept {
    const std::size_t end = rest.find(separator);
    const std::string_view part = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    return part;
}

} // namespace octagent
