#include "config/Text.h"

#include <Poco/String.h>

#include <algorithm>
#include <cstdint>
#include <numeric>

namespace octagent {

namespace {

// Bytes of the well-formed character at the start of `text` (Unicode 15, table 3-7), or 0.
std::size_t characterLength(std::string_view text) noexcept {
    const auto byte = [text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const auto continues = [&](std::size_t i, std::uint8_t low = 0x80, std::uint8_t high = 0xBF) {
        return i < text.size() && byte(i) >= low && byte(i) <= high;
    };
    const std::uint8_t lead = byte(0);
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        return continues(1) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF) {
        const std::uint8_t low = lead == 0xE0 ? 0xA0 : 0x80;
        const std::uint8_t high = lead == 0xED ? 0x9F : 0xBF;
        return continues(1, low, high) && continues(2) ? 3 : 0;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        const std::uint8_t low = lead == 0xF0 ? 0x90 : 0x80;
        const std::uint8_t high = lead == 0xF4 ? 0x8F : 0xBF;
        return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
    }
    return 0;
}

// Levenshtein's distance.
std::size_t distance(const std::string& a, const std::string& b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({substituted, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

} // namespace

bool isValidUtf8(std::string_view text) noexcept {
    while (!text.empty()) {
        const std::size_t length = characterLength(text);
        if (length == 0)
            return false;
        text.remove_prefix(length);
    }
    return true;
}

bool hasControlCharacter(std::string_view text) noexcept {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<std::uint8_t>(text[i]);
        if (byte < 0x20 || byte == 0x7F)
            return true;
        if (byte == 0xC2 && i + 1 < text.size() && static_cast<std::uint8_t>(text[i + 1]) < 0xA0)
            return true;
    }
    return false;
}

std::string printable(std::string_view text) {
    constexpr std::size_t longest = 80;
    std::string shown;
    while (!text.empty() && shown.size() < longest) {
        const std::size_t length = characterLength(text);
        const auto character = text.substr(0, std::max<std::size_t>(length, 1));
        if (length == 0 || hasControlCharacter(character))
            shown += '?';
        else
            shown += character;
        text.remove_prefix(character.size());
    }
    if (!text.empty())
        shown += "...";
    return shown;
}

std::string nearest(const std::string& text, const std::vector<std::string>& candidates) {
    constexpr std::size_t longest = 100;
    if (text.size() > longest)
        return {};
    const std::string lower = Poco::toLower(text);
    std::string best;
    std::size_t bestDistance = std::max<std::size_t>(2, text.size() / 4) + 1;
    for (const auto& candidate : candidates) {
        const std::size_t steps = distance(lower, Poco::toLower(candidate));
        if (steps < bestDistance) {
            best = candidate;
            bestDistance = steps;
        }
    }
    if (!best.empty())
        return best;
    // Written without its group.
    for (const auto& candidate : candidates) {
        if (Poco::toLower(candidate).ends_with('.' + lower))
            return candidate;
    }
    return {};
}

} // namespace octagent
