#pragma once

// Where a fault in the bytes of a body stands, for the refusal. simdjson says that a body has such a fault, not
// where: these look again, once a body is known to be refused. They accept nothing.

#include "Refusal.h"

#include <cstddef>
#include <string_view>

namespace octagent::ingest {

// The offset of the first byte that is no UTF-8 (RFC 3629), or body.size().
std::size_t firstInvalidUtf8(std::string_view body) noexcept;

// The offset of the first control character inside a string, or body.size().
std::size_t firstBareControl(std::string_view body) noexcept;

// Adds the field of the event that the byte at `offset` belongs to, as far as the body lets one see.
void nameFieldAt(std::string_view body, std::size_t offset, Refusal& refusal);

} // namespace octagent::ingest
