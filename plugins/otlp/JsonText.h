#pragma once

// Texts of clients made fit to be stored, and written as JSON. Pure functions, throw std::bad_alloc only.

#include <cstdint>
#include <string>
#include <string_view>

namespace octagent::otlp {

// The text as UTF-8 (RFC 3629): each byte that is part of no character becomes U+FFFD, and so does NUL, which
// SQLite's texts cannot hold.
std::string cleanText(std::string_view bytes);

// The same, at most `limit` bytes of it, cut between characters; `bytesBefore` is the length without the limit.
std::string cutText(std::string_view bytes, std::size_t limit, std::size_t& bytesBefore);

// Between quotes, escaped as RFC 8259 section 7 asks for and no more. `text` is UTF-8.
void appendQuoted(std::string& out, std::string_view text);

// The shortest digits that read back as the same number; what JSON has no number for (NaN, infinities) as a
// text, as Protobuf's JSON mapping does.
void appendNumber(std::string& out, double number);

std::string toHex(std::string_view bytes);

} // namespace octagent::otlp
