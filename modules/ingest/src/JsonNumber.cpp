#include "JsonNumber.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <limits>
#include <system_error>

namespace octagent::ingest {

namespace {

bool isDigit(char c) noexcept { return c >= '0' && c <= '9'; }

std::size_t digitsAt(std::string_view token, std::size_t at) noexcept {
    std::size_t end = at;
    while (end < token.size() && isDigit(token[end]))
        ++end;
    return end - at;
}

// A number as 0.d1d2d3... * 10^point, where d1 is not 0. `digits` may have a decimal point in it, to be skipped;
// zero has no digits.
struct Decimal {
    bool isNegative = false;
    std::string_view digits;
    std::int64_t count = 0; // of the digits up to the last that is not 0
    std::int64_t point = 0;
};

std::int64_t exponentOf(std::string_view text) noexcept {
    // Far beyond any number's range, far below overflow when a body's length is added.
    constexpr std::int64_t bound = 1'000'000'000'000;
    const bool isNegative = text.front() == '-';
    if (!isDigit(text.front()))
        text.remove_prefix(1);
    std::int64_t exponent = 0;
    for (const char c : text)
        exponent = std::min(exponent * 10 + (c - '0'), bound);
    return isNegative ? -exponent : exponent;
}

Decimal decompose(std::string_view token) noexcept {
    Decimal decimal;
    if (token.front() == '-') {
        decimal.isNegative = true;
        token.remove_prefix(1);
    }
    std::int64_t exponent = 0;
    const auto e = token.find_first_of("eE");
    if (e != std::string_view::npos) {
        exponent = exponentOf(token.substr(e + 1));
        token = token.substr(0, e);
    }
    const auto whole = static_cast<std::int64_t>(std::min(token.find('.'), token.size()));
    const auto first = token.find_first_not_of("0.");
    if (first == std::string_view::npos)
        return decimal; // zero, whatever its exponent
    const auto last = token.find_last_not_of("0.");
    const auto begin = static_cast<std::int64_t>(first);
    const auto end = static_cast<std::int64_t>(last) + 1;
    decimal.digits = token.substr(first, last + 1 - first);
    decimal.count = end - begin - (begin < whole && whole < end ? 1 : 0);
    decimal.point = exponent + (begin < whole ? whole - begin : whole + 1 - begin);
    return decimal;
}

} // namespace

bool isJsonNumber(std::string_view token) noexcept {
    std::size_t at = !token.empty() && token.front() == '-' ? 1 : 0;
    const auto whole = digitsAt(token, at);
    if (whole == 0 || (whole > 1 && token[at] == '0'))
        return false;
    at += whole;
    if (at < token.size() && token[at] == '.') {
        const auto fraction = digitsAt(token, at + 1);
        if (fraction == 0)
            return false;
        at += 1 + fraction;
    }
    if (at < token.size() && (token[at] == 'e' || token[at] == 'E')) {
        ++at;
        if (at < token.size() && (token[at] == '+' || token[at] == '-'))
            ++at;
        const auto exponent = digitsAt(token, at);
        if (exponent == 0)
            return false;
        at += exponent;
    }
    return at == token.size();
}

NumberResult toInteger(std::string_view token, std::int64_t& value) noexcept {
    // from_chars reads all of what nearly every client sends.
    const char* const end = token.data() + token.size();
    const auto [stop, error] = std::from_chars(token.data(), end, value);
    if (stop == end && error == std::errc())
        return value < 0 ? NumberResult::Negative : NumberResult::Ok;

    const Decimal decimal = decompose(token);
    value = 0;
    if (decimal.digits.empty())
        return NumberResult::Ok;
    if (decimal.isNegative)
        return NumberResult::Negative;
    if (decimal.count > decimal.point)
        return NumberResult::Fractional;
    if (decimal.point > std::numeric_limits<std::int64_t>::digits10 + 1)
        return NumberResult::TooLarge;
    constexpr auto largest = std::numeric_limits<std::int64_t>::max();
    auto position = decimal.digits.begin();
    for (std::int64_t place = 0; place < decimal.point; ++place) {
        std::int64_t digit = 0;
        if (place < decimal.count) {
            if (*position == '.')
                ++position;
            digit = *position++ - '0';
        }
        if (value > (largest - digit) / 10)
            return NumberResult::TooLarge;
        value = value * 10 + digit;
    }
    return NumberResult::Ok;
}

NumberResult toReal(std::string_view token, double& value) noexcept {
    const auto error = std::from_chars(token.data(), token.data() + token.size(), value).ec;
    if (error == std::errc::result_out_of_range) {
        // Said of the too large and of the too small, with nothing to tell them apart.
        const Decimal decimal = decompose(token);
        if (decimal.point > 0 && !decimal.isNegative)
            return NumberResult::TooLarge;
        value = 0;
        return decimal.isNegative ? NumberResult::Negative : NumberResult::Ok;
    }
    if (value < 0)
        return NumberResult::Negative;
    value += 0.0; // -0 becomes 0
    return NumberResult::Ok;
}

} // namespace octagent::ingest
