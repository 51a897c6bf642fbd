#pragma once

// What is remembered of the spans seen last, by trace and span id, in bounded memory.
//
// Two generations: entries go into the young one; when it holds `size` of them, it becomes the old one and the
// one before is forgotten. So at least the last `size` spans are known and at most twice as many. One thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <unordered_map>

namespace octagent::otlp {

class SpanKey {
public:
    static constexpr std::size_t traceIdBytes = 16;
    static constexpr std::size_t spanIdBytes = 8;

    // Ids of another length than they ought to have are cut or filled up with zeros.
    SpanKey(std::string_view traceId, std::string_view spanId) noexcept {
        traceId.copy(_bytes.data(), traceIdBytes);
        spanId.copy(_bytes.data() + traceIdBytes, spanIdBytes);
    }
    bool operator==(const SpanKey& other) const noexcept = default;
    std::size_t hash() const noexcept {
        return std::hash<std::string_view>()(std::string_view(_bytes.data(), _bytes.size()));
    }

private:
    std::array<char, traceIdBytes + spanIdBytes> _bytes{};
};

struct SpanKeyHash {
    std::size_t operator()(const SpanKey& key) const noexcept { return key.hash(); }
};

class SpanWindow {
public:
    using Flags = std::uint8_t;

    explicit SpanWindow(std::size_t size) noexcept : _size(size) {}

    // 0 when the span is not known (any more).
    Flags flags(const SpanKey& key) const noexcept;
    // Sets these flags, besides those that are set.
    void add(const SpanKey& key, Flags flags);
    std::size_t size() const noexcept { return _young.size() + _old.size(); }

private:
    using Generation = std::unordered_map<SpanKey, Flags, SpanKeyHash>;

    std::size_t _size;
    Generation _young;
    Generation _old;
};

} // namespace octagent::otlp
