#pragma once

// Writes a value of the body as compact JSON: without white space, texts cut at the limit, all else to the
// character as it was sent. Lives for one value; what it refers to must outlive it. One thread. Throws
// std::bad_alloc only.

#include "JsonBody.h"
#include "JsonPath.h"
#include "Refusal.h"
#include "TruncationNotes.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace octagent::ingest {

class JsonCompactor {
public:
    JsonCompactor(std::size_t maxTextBytes, std::string& out, TruncationNotes& notes, Refusal& refusal) noexcept
        : _maxTextBytes(maxTextBytes), _out(out), _notes(notes), _refusal(refusal) {}

    // False when the value is malformed, or when the output or the notes outgrow maxMetadataBytes. `path` is
    // that of the value.
    bool append(JsonValue& value, const JsonPath& path);

    // "key":value
    bool appendMember(std::string_view rawKey, JsonValue& value, const JsonPath& path);

    // "text"
    bool appendText(std::string_view raw, const JsonPath& path);

private:
    bool appendObject(JsonValue& value, const JsonPath& path);
    bool appendArray(JsonValue& value, const JsonPath& path);
    bool withinBounds();

    std::size_t _maxTextBytes;
    std::string& _out;
    TruncationNotes& _notes;
    Refusal& _refusal;
};

} // namespace octagent::ingest
