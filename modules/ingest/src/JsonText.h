#pragma once

// Texts and keys of a JSON body: checks and undoes their escapes, and cuts what is too long.
//
// `raw` is what stands between the quotes, already known to be valid UTF-8 without bare control characters.
// Lengths and limits are in bytes of the text without escapes, as UTF-8. Pure functions, any thread, throw
// std::bad_alloc only. Spec: RFC 8259 section 7; a surrogate that is no half of a pair has no UTF-8 and is a
// fault, and so is a NUL, which SQLite's texts cannot hold.

#include <cstddef>
#include <forward_list>
#include <limits>
#include <string>
#include <string_view>

namespace octagent::ingest {

enum class TextFault { None, UnknownEscape, LoneSurrogate, Nul };

// For a refusal.
std::string_view describe(TextFault fault) noexcept;

struct TextResult {
    TextFault fault = TextFault::None;
    std::size_t bytes = 0; // of the whole text, cut or not; valid without a fault
};

inline constexpr std::size_t noTextLimit = std::numeric_limits<std::size_t>::max();

// Appends the text to `out`, or as many of its first characters as fit into `limit` bytes.
TextResult appendText(std::string_view raw, std::size_t limit, std::string& out);

// The same, keeping the escapes as they were sent: for a text that becomes part of a JSON text again.
TextResult appendEscaped(std::string_view raw, std::size_t limit, std::string& out);

// Only the check.
TextFault checkText(std::string_view raw);

// Keys without escapes, as views. Almost no key has any: those are views into the body, the others are kept
// here until clear().
class JsonKeys {
public:
    TextFault read(std::string_view raw, std::string_view& key);
    void clear() noexcept { _unescaped.clear(); }

private:
    std::forward_list<std::string> _unescaped;
};

} // namespace octagent::ingest
