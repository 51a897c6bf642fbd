#include "Gzip.h"

#include <Poco/Exception.h>
#include <Poco/InflatingStream.h>
#include <Poco/MemoryStream.h>

#include <array>
#include <cstdint>

namespace octagent::otlp {

namespace {

// The last four bytes: the length of the member's content, modulo 2^32. Poco takes an end that is missing for
// the end, so this is what tells it.
std::uint32_t statedLength(std::string_view gzip) {
    constexpr std::size_t bytes = 4;
    constexpr unsigned bitsPerByte = 8;
    std::uint32_t length = 0;
    for (std::size_t i = 0; i < bytes; ++i)
        length |= static_cast<std::uint32_t>(static_cast<unsigned char>(gzip[gzip.size() - bytes + i]))
                  << (bitsPerByte * i);
    return length;
}

} // namespace

Inflation inflate(std::string_view gzip, std::size_t limit, std::string& out) {
    constexpr std::size_t shortest = 18; // header and trailer
    constexpr std::size_t blockBytes = 16384;
    out.clear();
    if (gzip.size() < shortest)
        return Inflation::Damaged;
    Poco::MemoryInputStream source(gzip.data(), static_cast<std::streamsize>(gzip.size()));
    Poco::InflatingInputStream stream(source, Poco::InflatingStreamBuf::STREAM_GZIP);
    std::array<char, blockBytes> block{};
    do {
        stream.read(block.data(), static_cast<std::streamsize>(block.size()));
        out.append(block.data(), static_cast<std::size_t>(stream.gcount()));
        if (out.size() > limit)
            return Inflation::TooLarge;
    } while (stream.good());
    // The stream turns what zlib refuses into badbit.
    if (stream.bad() || static_cast<std::uint32_t>(out.size()) != statedLength(gzip))
        return Inflation::Damaged;
    return Inflation::Done;
}

} // namespace octagent::otlp
