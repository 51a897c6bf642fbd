#pragma once

// Undoes Content-Encoding: gzip (RFC 1952), within bounds. Pure function.

#include <cstddef>
#include <string>
#include <string_view>

namespace octagent::otlp {

enum class Inflation { Done, TooLarge, Damaged };

// Never holds more than `limit` bytes and one block of the result. Damaged: no gzip, a checksum that is wrong,
// or an end that is missing. One member, as every exporter sends it.
Inflation inflate(std::string_view gzip, std::size_t limit, std::string& out);

} // namespace octagent::otlp
