#include "JsonCompactor.h"

#include "JsonText.h"

#include "octagent/ingest/Limits.h"

namespace octagent::ingest {

bool JsonCompactor::append(JsonValue& value, const JsonPath& path) {
    switch (value.kind()) {
    case JsonKind::Object:
        return appendObject(value, path);
    case JsonKind::Array:
        return appendArray(value, path);
    case JsonKind::Text:
        return appendText(value.token(), path);
    default:
        _out += value.token();
        return withinBounds();
    }
}

bool JsonCompactor::appendMember(std::string_view rawKey, JsonValue& value, const JsonPath& path) {
    const auto fault = checkText(rawKey);
    if (fault != TextFault::None)
        return _refusal.because(describe(fault));
    _out += '"';
    _out += rawKey;
    _out += "\":";
    return append(value, path);
}

bool JsonCompactor::appendText(std::string_view raw, const JsonPath& path) {
    _out += '"';
    const auto result = appendEscaped(raw, _maxTextBytes, _out);
    if (result.fault != TextFault::None)
        return _refusal.because(describe(result.fault));
    _out += '"';
    if (result.bytes > _maxTextBytes)
        _notes.add(path, result.bytes);
    return withinBounds();
}

bool JsonCompactor::appendObject(JsonValue& value, const JsonPath& path) {
    _out += '{';
    bool isFirst = true;
    const auto take = [&](std::string_view rawKey, JsonValue& member) {
        if (!isFirst)
            _out += ',';
        isFirst = false;
        return appendMember(rawKey, member, JsonPath(path, rawKey));
    };
    if (!value.members(take))
        return false;
    _out += '}';
    return withinBounds();
}

bool JsonCompactor::appendArray(JsonValue& value, const JsonPath& path) {
    _out += '[';
    std::size_t index = 0;
    const auto take = [&](JsonValue& element) {
        if (index != 0)
            _out += ',';
        return append(element, JsonPath(path, index++));
    };
    if (!value.elements(take))
        return false;
    _out += ']';
    return withinBounds();
}

bool JsonCompactor::withinBounds() {
    return (_out.size() <= maxMetadataBytes && _notes.size() <= maxMetadataBytes) ||
           _refusal.because("makes metadata larger than 64 KiB");
}

} // namespace octagent::ingest
