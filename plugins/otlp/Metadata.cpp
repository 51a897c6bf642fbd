#include "Metadata.h"
#include "JsonText.h"

#include "octagent/ingest/Limits.h"

#include <algorithm>
#include <array>
#include <utility>

namespace octagent::otlp {

namespace {

// Of texts that come from the client but are told under a name of the plugin's: ids, names.
constexpr std::size_t maxOwnTextBytes = 1024;
constexpr std::size_t maxKeyBytes = 256;
constexpr std::string_view truncatedName = "_truncated";
constexpr std::string_view droppedName = "dropped_attributes_count";

} // namespace

void Metadata::addOwn(std::string_view key, std::string_view text) {
    if (text.empty() || !claim(std::string(key)))
        return;
    std::size_t bytesBefore = 0;
    const std::string kept = cutText(text, std::min(maxOwnTextBytes, _maxTextBytes), bytesBefore);
    if (kept.size() < bytesBefore)
        _notes.add(key, bytesBefore);
    std::string json;
    appendQuoted(json, kept);
    _members.push_back({std::string(key), std::move(json)});
}

void Metadata::addOwn(std::string_view key, std::int64_t number) {
    if (claim(std::string(key)))
        _members.push_back({std::string(key), std::to_string(number)});
}

void Metadata::addOwn(std::string_view key, double number) {
    if (!claim(std::string(key)))
        return;
    std::string json;
    appendNumber(json, number);
    _members.push_back({std::string(key), std::move(json)});
}

void Metadata::add(const std::string& key, const AnyValue& value) {
    std::size_t bytesBefore = 0;
    Member member;
    member.key = cutText(key, maxKeyBytes, bytesBefore);
    member.value = &value;
    if (member.key != truncatedName && member.key != droppedName && claim(member.key))
        _members.push_back(std::move(member));
}

void Metadata::add(const std::string& key, const Attributes& object) {
    Member member;
    member.key = key;
    member.object = &object;
    if (!object.empty() && claim(key))
        _members.push_back(std::move(member));
}

Metadata::Rendered Metadata::render(const Member& member, std::size_t limit) {
    Rendered result;
    appendQuoted(result.text, member.key);
    result.text += ':';
    if (member.value != nullptr)
        appendValue(result.text, *member.value, limit, member.key, result.notes);
    else if (member.object != nullptr)
        appendAttributes(result.text, *member.object, limit, member.key, result.notes);
    else
        result.text += member.own;
    return result;
}

std::string Metadata::join(const std::vector<const Rendered*>& members, const TruncationNotes& notes,
                           std::uint64_t dropped) {
    std::string text = "{";
    TruncationNotes all = notes;
    for (const auto* const member : members) {
        if (member == nullptr)
            continue;
        text += member->text;
        text += ',';
        all.append(member->notes);
    }
    if (dropped > 0) {
        appendQuoted(text, droppedName);
        text += ':' + std::to_string(dropped) + ',';
    }
    if (!all.text().empty()) {
        appendQuoted(text, truncatedName);
        text += ":{" + all.text();
        text.back() = '}';
        text += ',';
    }
    if (text.size() == 1)
        return "{}";
    text.back() = '}';
    return text;
}

std::string Metadata::finish() const {
    constexpr std::array<std::size_t, 4> shorterLimits = {4096, 1024, 256, 64};
    std::vector<Rendered> rendered;
    std::vector<const Rendered*> all;
    std::string text;
    const auto renderAll = [&](std::size_t limit) {
        rendered.clear();
        all.clear();
        for (const auto& member : _members)
            rendered.push_back(render(member, limit));
        for (const auto& member : rendered)
            all.push_back(&member);
        text = join(all, _notes, _dropped);
        return text.size() <= maxMetadataBytes;
    };
    if (renderAll(_maxTextBytes))
        return text;
    for (const std::size_t limit : shorterLimits)
        if (limit < _maxTextBytes && renderAll(limit))
            return text;

    // Many members rather than long texts: leave out the largest of the client's.
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < _members.size(); ++i)
        if (_members[i].own.empty())
            order.push_back(i);
    const auto sizeOf = [&](std::size_t i) { return rendered[i].text.size() + rendered[i].notes.text().size(); };
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return sizeOf(a) > sizeOf(b); });
    std::size_t size = text.size() + droppedName.size() + std::to_string(_dropped + order.size()).size() + 4;
    std::uint64_t dropped = _dropped;
    for (const std::size_t i : order) {
        if (size <= maxMetadataBytes)
            break;
        all[i] = nullptr;
        size -= sizeOf(i) + 1;
        ++dropped;
    }
    return join(all, _notes, dropped);
}

} // namespace octagent::otlp
