#include "MetadataBuilder.h"

#include "JsonCompactor.h"
#include "JsonPath.h"

#include "octagent/ingest/Limits.h"

#include <algorithm>

namespace octagent::ingest {

namespace {

// Members are written with a comma behind each: this turns the last one into the closing brace.
void closeObject(std::string& text) {
    if (text.back() == ',')
        text.back() = '}';
    else
        text += '}';
}

} // namespace

void MetadataBuilder::reset() noexcept {
    _kind.reset();
    _metadata.clear();
    _rawText = {};
    _members.clear();
    _notes.clear();
    _unknown.clear();
    _byKey.clear();
    _unknownText.clear();
    _unknownNotes.clear();
    _keys.clear();
}

bool MetadataBuilder::addMetadata(JsonValue& value, Refusal& refusal) {
    _kind = value.kind();
    switch (value.kind()) {
    case JsonKind::Object:
        return addObject(value, refusal);
    case JsonKind::Text:
        return addText(value.token(), refusal);
    default:
        return JsonCompactor(_maxTextBytes, _metadata, _notes, refusal).append(value, JsonPath(fieldName));
    }
}

// As JsonCompactor does it, but remembers the members for merge().
bool MetadataBuilder::addObject(JsonValue& value, Refusal& refusal) {
    JsonCompactor compactor(_maxTextBytes, _metadata, _notes, refusal);
    const JsonPath path(fieldName);
    _metadata += '{';
    const auto take = [&](std::string_view rawKey, JsonValue& member) {
        if (!_members.empty())
            _metadata += ',';
        const auto begin = _metadata.size();
        if (!compactor.appendMember(rawKey, member, JsonPath(path, rawKey)))
            return false;
        _members.push_back({rawKey, begin, _metadata.size()});
        return true;
    };
    if (!value.members(take))
        return false;
    _metadata += '}';
    return true;
}

bool MetadataBuilder::addText(std::string_view raw, Refusal& refusal) {
    _rawText = raw;
    const auto result = appendText(raw, _maxTextBytes, _metadata);
    if (result.fault != TextFault::None)
        return refusal.because(describe(result.fault));
    if (result.bytes > _maxTextBytes)
        addTruncated(fieldName, result.bytes);
    return true;
}

bool MetadataBuilder::addUnknown(std::string_view rawKey, std::string_view key, JsonValue& value, Refusal& refusal) {
    Unknown field{key, _unknownText.size(), 0, _unknownNotes.size(), 0};
    JsonCompactor compactor(_maxTextBytes, _unknownText, _unknownNotes, refusal);
    if (!compactor.appendMember(rawKey, value, JsonPath(rawKey)))
        return false;
    field.end = _unknownText.size();
    field.notesEnd = _unknownNotes.size();
    _unknown.push_back(field);
    return true;
}

void MetadataBuilder::addTruncated(std::string_view column, std::size_t bytesBefore) {
    _notes.add(JsonPath(column), bytesBefore);
}

bool MetadataBuilder::finish(std::optional<std::string>& metadata, Refusal& refusal) {
    if (nothingToAdd()) {
        if (_kind)
            metadata = std::move(_metadata);
    } else {
        if (!sortUnknown(refusal))
            return false;
        replaceUnknown();
        metadata = merge();
    }
    if (metadata && metadata->size() > maxMetadataBytes) {
        refusal.because("is more than 64 KiB, with the fields that are kept in it");
        refusal.insideMember(fieldName);
        return false;
    }
    return true;
}

bool MetadataBuilder::sortUnknown(Refusal& refusal) {
    for (auto& field : _unknown)
        _byKey.push_back(&field);
    std::sort(_byKey.begin(), _byKey.end(), [](const Unknown* a, const Unknown* b) { return a->key < b->key; });
    const auto twice = std::adjacent_find(_byKey.begin(), _byKey.end(),
                                          [](const Unknown* a, const Unknown* b) { return a->key == b->key; });
    if (twice == _byKey.end())
        return true;
    refusal.because("stands twice");
    refusal.insideMember((*twice)->key);
    return false;
}

void MetadataBuilder::replaceUnknown() {
    if (_byKey.empty())
        return;
    for (const auto& member : _members) {
        std::string_view key;
        _keys.read(member.rawKey, key);
        const auto found = std::lower_bound(_byKey.begin(), _byKey.end(), key,
                                            [](const Unknown* a, std::string_view name) { return a->key < name; });
        if (found != _byKey.end() && (*found)->key == key)
            (*found)->isReplaced = true;
    }
}

std::string MetadataBuilder::merge() {
    std::string notes = _notes.text();
    for (const auto& field : _unknown) {
        if (!field.isReplaced)
            notes.append(_unknownNotes.text(), field.notesBegin, field.notesEnd - field.notesBegin);
    }

    std::string merged;
    merged.reserve(_metadata.size() + _unknownText.size() + notes.size() + 64);
    merged += '{';
    mergeMetadata(merged, !notes.empty());
    for (const auto& field : _unknown) {
        if (field.isReplaced || (field.key == truncatedName && !notes.empty()))
            continue;
        merged.append(_unknownText, field.begin, field.end - field.begin);
        merged += ',';
    }
    if (!notes.empty()) {
        merged += '"';
        merged += truncatedName;
        merged += "\":{";
        merged += notes;
        closeObject(merged);
    }
    closeObject(merged);
    return merged;
}

// `isNoted`: the agent has a `_truncated` of its own to tell.
void MetadataBuilder::mergeMetadata(std::string& merged, bool isNoted) {
    if (!_kind)
        return;
    if (_kind == JsonKind::Object) {
        for (const auto& member : _members) {
            std::string_view key;
            _keys.read(member.rawKey, key);
            if (isNoted && key == truncatedName)
                continue;
            merged.append(_metadata, member.begin, member.end - member.begin);
            merged += ',';
        }
        return;
    }
    merged += '"';
    merged += fieldName;
    merged += "\":";
    if (_kind == JsonKind::Text) {
        merged += '"';
        appendEscaped(_rawText, _maxTextBytes, merged);
        merged += '"';
    } else {
        merged += _metadata;
    }
    merged += ',';
}

} // namespace octagent::ingest
