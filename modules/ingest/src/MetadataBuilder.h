#pragma once

// The text of a row's `metadata`: the client's own, the fields that no column takes, and `_truncated`.
//
// One event at a time: reset(), then the fields in the order of the body, then finish(). It keeps views into
// the body until then. One thread. Throws std::bad_alloc only.
//
// - Where the client's metadata is all there is to tell, a text is stored as it is, any other value as compact
//   JSON.
// - Else it is an object of the client's members, the unknown fields, and `_truncated`. A client's member wins
//   over an unknown field of its name, the agent's `_truncated` over a client's. A metadata of the client's that
//   is no object becomes the member `metadata`.
// - Numbers, escapes and order stay as sent; so do members below the top level that stand twice.
// - Every text is cut at the limit. Keys are names, not texts, and kept whole, within maxMetadataBytes.
// - maxMetadataBytes bounds the result, and what is collected for it on the way: an unknown field counts even
//   where a member of metadata replaces it in the end.

#include "JsonBody.h"
#include "JsonText.h"
#include "Refusal.h"
#include "TruncationNotes.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace octagent::ingest {

class MetadataBuilder {
public:
    static constexpr std::string_view fieldName = "metadata";
    static constexpr std::string_view truncatedName = "_truncated";

    explicit MetadataBuilder(std::size_t maxTextBytes) noexcept : _maxTextBytes(maxTextBytes) {}

    void reset() noexcept;

    // The field `metadata`; not for null.
    bool addMetadata(JsonValue& value, Refusal& refusal);

    // A field without a column. `rawKey` as it stands in the body; `key` without escapes, alive until finish().
    bool addUnknown(std::string_view rawKey, std::string_view key, JsonValue& value, Refusal& refusal);

    // The text of a column was cut; it had so many bytes before.
    void addTruncated(std::string_view column, std::size_t bytesBefore);

    // Sets `metadata`, or leaves it as it is when there is nothing to tell. False when it is too large, or when
    // two unknown fields have one name.
    bool finish(std::optional<std::string>& metadata, Refusal& refusal);

private:
    struct Member { // of the client's metadata
        std::string_view rawKey;
        std::size_t begin; // in _metadata
        std::size_t end;
    };
    struct Unknown {
        std::string_view key;
        std::size_t begin; // in _unknownText
        std::size_t end;
        std::size_t notesBegin; // in _unknownNotes
        std::size_t notesEnd;
        bool isReplaced = false; // by a member of the client's metadata
    };

    bool addObject(JsonValue& value, Refusal& refusal);
    bool addText(std::string_view raw, Refusal& refusal);
    bool sortUnknown(Refusal& refusal);
    void replaceUnknown();
    bool nothingToAdd() const noexcept { return _unknown.empty() && _notes.size() == 0; }
    std::string merge();
    void mergeMetadata(std::string& merged, bool isNoted);

    std::size_t _maxTextBytes;
    std::optional<JsonKind> _kind; // of the client's metadata
    std::string _metadata;         // as it is stored when nothing is added
    std::string_view _rawText;     // when it is a text: as it stands in the body
    std::vector<Member> _members;  // when it is an object
    TruncationNotes _notes;        // of columns and of the client's metadata
    std::vector<Unknown> _unknown;
    std::vector<Unknown*> _byKey;  // after sortUnknown()
    std::string _unknownText;      // "key":value, one behind the other
    TruncationNotes _unknownNotes; // of unknown fields
    JsonKeys _keys;
};

} // namespace octagent::ingest
