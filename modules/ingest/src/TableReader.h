#pragma once

// An EventReader driven by a table of the kind's fields. All rules that the kinds share are here: what is
// required, null as absent, keys that stand twice, cut texts, unknown fields.
//
// An optional text that is empty is stored empty, and an empty `status` or `severity` is no reason to put the
// default in its place: the client said something, and it is kept.

#include "EventReader.h"
#include "FieldReader.h"
#include "JsonText.h"
#include "MetadataBuilder.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace octagent::ingest {

template <class E>
using FieldTarget = std::variant<std::string E::*, std::optional<std::string> E::*, std::optional<std::int64_t> E::*,
                                 std::optional<double> E::*>;

template <class E> struct Field {
    std::string_view name;
    FieldTarget<E> target;
    bool isRequired = false; // present, and not empty: texts only
};

// E: TraceEvent or ErrorEvent.
template <class E> class TableReader : public EventReader {
public:
    Event::Ptr read(JsonValue& object, Refusal& refusal) final {
        if (object.kind() != JsonKind::Object) {
            refusal.because("must be a JSON object");
            return {};
        }
        typename E::Ptr event(new E);
        _metadata.reset();
        _keys.clear();
        _seen = 0;
        const bool isRead = object.members([&](std::string_view rawKey, JsonValue& value) {
            return readMember(*event, rawKey, value, refusal);
        }) && checkRequired(*event, refusal) &&
                            complete(*event, refusal) && _metadata.finish(event->metadata, refusal);
        return isRead ? Event::Ptr(event) : Event::Ptr();
    }

protected:
    // `fields` must be constant, and fewer than 31.
    TableReader(std::span<const Field<E>> fields, std::size_t maxTextBytes) noexcept
        : _fields(fields), _maxTextBytes(maxTextBytes), _metadata(maxTextBytes) {}

    // What a kind adds once all of its fields are read.
    virtual bool complete(E& event, Refusal& refusal) = 0;

private:
    static constexpr std::size_t metadataBit = 31;

    bool readMember(E& event, std::string_view rawKey, JsonValue& value, Refusal& refusal) {
        std::string_view key;
        const TextFault fault = _keys.read(rawKey, key);
        if (fault != TextFault::None)
            return refusal.because(describe(fault));
        if (key == MetadataBuilder::fieldName) {
            return markSeen(metadataBit, refusal) &&
                   (value.kind() == JsonKind::Null || _metadata.addMetadata(value, refusal));
        }
        for (std::size_t i = 0; i < _fields.size(); ++i) {
            if (key == _fields[i].name) {
                return markSeen(i, refusal) &&
                       (value.kind() == JsonKind::Null || readField(event, _fields[i], value, refusal));
            }
        }
        return _metadata.addUnknown(rawKey, key, value, refusal);
    }

    bool markSeen(std::size_t bit, Refusal& refusal) {
        const std::uint32_t mask = std::uint32_t{1} << bit;
        if ((_seen & mask) != 0)
            return refusal.because("stands twice");
        _seen |= mask;
        return true;
    }

    bool readField(E& event, const Field<E>& field, JsonValue& value, Refusal& refusal) {
        return std::visit([&](auto member) { return readInto(event.*member, field, value, refusal); }, field.target);
    }

    bool readInto(std::string& target, const Field<E>& field, JsonValue& value, Refusal& refusal) {
        std::size_t bytesBefore = 0;
        if (!readText(value, _maxTextBytes, target, bytesBefore, refusal))
            return false;
        if (bytesBefore > _maxTextBytes)
            _metadata.addTruncated(field.name, bytesBefore);
        return !(field.isRequired && target.empty()) || refusal.because("must not be empty");
    }
    bool readInto(std::optional<std::string>& target, const Field<E>& field, JsonValue& value, Refusal& refusal) {
        return readInto(target.emplace(), field, value, refusal);
    }
    bool readInto(std::optional<std::int64_t>& target, const Field<E>& /*field*/, JsonValue& value, Refusal& refusal) {
        return readInteger(value, target.emplace(), refusal);
    }
    bool readInto(std::optional<double>& target, const Field<E>& /*field*/, JsonValue& value, Refusal& refusal) {
        return readReal(value, target.emplace(), refusal);
    }

    bool checkRequired(const E& event, Refusal& refusal) {
        for (const auto& field : _fields) {
            if (field.isRequired && (event.*std::get<std::string E::*>(field.target)).empty()) {
                refusal.because("is required");
                refusal.insideMember(field.name);
                return false;
            }
        }
        return true;
    }

    std::span<const Field<E>> _fields;
    std::size_t _maxTextBytes;
    MetadataBuilder _metadata;
    JsonKeys _keys;
    std::uint32_t _seen = 0; // a bit for each field
};

} // namespace octagent::ingest
