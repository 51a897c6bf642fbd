#pragma once

// The text of a row's `metadata`: a JSON object within octagent::maxMetadataBytes.
//
// Every text in it is cut at the limit, and told in `_truncated` under its path with its length before. What is
// still too large is made to fit rather than refused, because a client that got a refusal would not send it
// again: texts are cut shorter, then the largest members are left out and counted in dropped_attributes_count.
//
// One row each. Keeps pointers to what it is given until finish(). One thread. Throws std::bad_alloc only.

#include "SpanModel.h"
#include "ValueJson.h"

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace octagent::otlp {

class Metadata {
public:
    explicit Metadata(std::size_t maxTextBytes) noexcept : _maxTextBytes(maxTextBytes) {}

    // Of members with one key the first stays.
    // What the plugin itself has to tell: small, and never left out. An empty text is not told.
    void addOwn(std::string_view key, std::string_view text);
    void addOwn(std::string_view key, std::int64_t number);
    void addOwn(std::string_view key, double number);
    // What the client sent.
    void add(const std::string& key, const AnyValue& value);
    void add(const std::string& key, const Attributes& object);

    // A column's text was cut; it had so many bytes before.
    void addTruncated(std::string_view column, std::size_t bytesBefore) { _notes.add(column, bytesBefore); }
    void addDropped(std::uint64_t attributes) noexcept { _dropped += attributes; }

    std::string finish() const;

private:
    struct Member {
        std::string key;
        std::string own; // rendered; empty for a value of the client's
        const AnyValue* value = nullptr;
        const Attributes* object = nullptr;
    };
    struct Rendered {
        std::string text;
        TruncationNotes notes;
    };

    bool claim(const std::string& key) { return _keys.insert(key).second; }
    static Rendered render(const Member& member, std::size_t limit);
    static std::string join(const std::vector<const Rendered*>& members, const TruncationNotes& notes,
                            std::uint64_t dropped);

    std::size_t _maxTextBytes;
    std::vector<Member> _members;
    std::set<std::string> _keys;
    TruncationNotes _notes;
    std::uint64_t _dropped = 0;
};

} // namespace octagent::otlp
