#include "ProtobufShape.h"

#include <array>
#include <cstdint>

namespace octagent::otlp {

namespace {

// The messages of trace.proto that repeat, as a graph: which field of which holds which.
enum class Kind { Request, ResourceSpans, Resource, ScopeSpans, Scope, Span, Event, KeyValue, AnyValue, Array, List };

struct Edge {
    Kind from;
    std::uint64_t field;
    Kind to;
};

constexpr std::array edges = {
    Edge{Kind::Request, 1, Kind::ResourceSpans},
    Edge{Kind::ResourceSpans, 1, Kind::Resource},
    Edge{Kind::ResourceSpans, 2, Kind::ScopeSpans},
    Edge{Kind::Resource, 1, Kind::KeyValue},
    Edge{Kind::ScopeSpans, 1, Kind::Scope},
    Edge{Kind::ScopeSpans, 2, Kind::Span},
    Edge{Kind::Scope, 3, Kind::KeyValue},
    Edge{Kind::Span, 9, Kind::KeyValue},
    Edge{Kind::Span, 11, Kind::Event},
    Edge{Kind::Event, 3, Kind::KeyValue},
    Edge{Kind::KeyValue, 2, Kind::AnyValue},
    Edge{Kind::AnyValue, 5, Kind::Array},
    Edge{Kind::AnyValue, 6, Kind::List},
    Edge{Kind::Array, 1, Kind::AnyValue},
    Edge{Kind::List, 1, Kind::KeyValue},
};

// Deeper than this the decoder refuses.
constexpr int maxMessageDepth = 100;

enum WireType : std::uint64_t { Varint = 0, Fixed64 = 1, Delimited = 2, StartGroup = 3, EndGroup = 4, Fixed32 = 5 };

class Counter {
public:
    Counter(std::size_t maxSpans, std::size_t maxParts) : _spans(maxSpans), _parts(maxParts) {}

    // False once there are too many. Ends silently where the bytes make no sense.
    bool count(std::string_view bytes, Kind kind, int depth) noexcept {
        constexpr std::size_t fixed64Bytes = 8;
        constexpr std::size_t fixed32Bytes = 4;
        std::uint64_t tag = 0;
        while (readVarint(bytes, tag)) {
            std::uint64_t length = 0;
            switch (tag & 7U) {
            case Varint:
                if (!readVarint(bytes, length))
                    return true;
                continue;
            case Fixed64:
                length = fixed64Bytes;
                break;
            case Fixed32:
                length = fixed32Bytes;
                break;
            case Delimited:
                if (!readVarint(bytes, length))
                    return true;
                break;
            default: // groups: not used by OTLP, skipped by the decoder field by field as here
                continue;
            }
            if (length > bytes.size())
                return true;
            if ((tag & 7U) == Delimited && depth < maxMessageDepth &&
                !enter(bytes.substr(0, length), kind, tag >> 3U, depth))
                return false;
            bytes.remove_prefix(length);
        }
        return true;
    }

private:
    bool enter(std::string_view bytes, Kind from, std::uint64_t field, int depth) noexcept {
        for (const auto& edge : edges) {
            if (edge.from != from || edge.field != field)
                continue;
            std::size_t& left = edge.to == Kind::Span ? _spans : _parts;
            return left-- > 0 && count(bytes, edge.to, depth + 1);
        }
        return true;
    }

    static bool readVarint(std::string_view& bytes, std::uint64_t& number) noexcept {
        constexpr unsigned bitsPerByte = 7;
        constexpr unsigned bits = 64;
        number = 0;
        for (unsigned shift = 0; shift < bits && !bytes.empty(); shift += bitsPerByte) {
            const auto byte = static_cast<unsigned char>(bytes.front());
            bytes.remove_prefix(1);
            number |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
            if ((byte & 0x80U) == 0)
                return true;
        }
        return false;
    }

    std::size_t _spans;
    std::size_t _parts;
};

} // namespace

bool hasFewParts(std::string_view body, std::size_t maxSpans, std::size_t maxParts) noexcept {
    return Counter(maxSpans, maxParts).count(body, Kind::Request, 0);
}

} // namespace octagent::otlp
