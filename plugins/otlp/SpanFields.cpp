#include "SpanFields.h"
#include "JsonText.h"
#include "JsonTree.h"
#include "ValueJson.h"

#include <Poco/DateTime.h>
#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeParser.h>
#include <Poco/Exception.h>
#include <Poco/NumberParser.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace octagent::otlp {

namespace {

std::optional<double> numberOf(const AnyValue& value) {
    if (const auto* const integer = std::get_if<std::int64_t>(&value.value))
        return static_cast<double>(*integer);
    if (const auto* const real = std::get_if<double>(&value.value))
        return *real;
    double parsed = 0;
    if (const auto* const text = std::get_if<std::string>(&value.value);
        text != nullptr && Poco::NumberParser::tryParseFloat(*text, parsed))
        return parsed;
    return std::nullopt;
}

std::optional<std::int64_t> countOf(const AnyValue& value) {
    if (const auto* const integer = std::get_if<std::int64_t>(&value.value))
        return *integer >= 0 ? std::optional(*integer) : std::nullopt;
    constexpr double most = 9007199254740992.0; // 2^53: beyond it a double is no exact count
    const auto number = numberOf(value);
    if (!number || !(*number >= 0 && *number <= most) || *number != std::trunc(*number))
        return std::nullopt;
    return static_cast<std::int64_t>(*number);
}

bool isUsable(Field field, const AnyValue& value) {
    switch (field) {
    case Field::InputTokens:
    case Field::OutputTokens:
    case Field::TotalTokens:
    case Field::CacheRead:
    case Field::CacheCreation:
    case Field::Reasoning:
    case Field::OpenClawInput:
    case Field::OpenClawCacheRead:
    case Field::OpenClawCacheWrite:
        return countOf(value).has_value();
    case Field::Cost:
    case Field::FirstChunkSeconds:
    case Field::FirstChunkMilliseconds: {
        const auto number = numberOf(value);
        return number && *number >= 0 && std::isfinite(*number);
    }
    default:
        break;
    }
    if (const auto* const text = std::get_if<std::string>(&value.value))
        return !text->empty();
    return value.value.index() != 0;
}

// Langfuse's details: a JSON object of numbers. The sum of those whose name begins with `prefix`: its names are
// exclusive of each other, "input" does not contain "input_cached_tokens".
std::optional<double> sumOf(const AnyValue* value, std::string_view prefix) {
    const auto* const text = value == nullptr ? nullptr : std::get_if<std::string>(&value->value);
    if (text == nullptr)
        return std::nullopt;
    constexpr std::size_t maxDepth = 8;
    constexpr std::size_t maxValues = 1000;
    JsonValue json;
    try {
        json = parseJson(*text, maxDepth, maxValues);
    } catch (const Poco::Exception&) {
        return std::nullopt;
    } catch (const std::length_error&) {
        return std::nullopt;
    }
    const auto* const members = json.as<JsonValue::Object>();
    if (members == nullptr)
        return std::nullopt;
    std::optional<double> sum;
    for (const auto& member : *members) {
        if (!std::string_view(member.key).starts_with(prefix))
            continue;
        if (const auto* const integer = member.value.as<std::int64_t>())
            sum = sum.value_or(0) + static_cast<double>(*integer);
        else if (const auto* const real = member.value.as<double>())
            sum = sum.value_or(0) + *real;
    }
    return sum && *sum >= 0 && std::isfinite(*sum) ? sum : std::nullopt;
}

std::optional<std::int64_t> countOf(std::optional<double> number) {
    return number ? countOf(AnyValue{*number}) : std::nullopt;
}

constexpr std::string_view messageSuffix = ".message";

// A message of the conversation as an event (GenAI conventions before 1.37): its attributes are its members, and
// the role is told by the event's name where none is among them.
void appendMessage(std::string& out, const SpanEvent& event) {
    Attributes members = event.attributes;
    const auto hasRole =
        std::any_of(members.begin(), members.end(), [](const KeyValue& member) { return member.key == "role"; });
    constexpr std::string_view prefix = "gen_ai.";
    const std::string_view name = event.name;
    if (!hasRole && name.ends_with(messageSuffix)) {
        const std::string_view role = name.substr(prefix.size(), name.size() - prefix.size() - messageSuffix.size());
        members.insert(members.begin(), KeyValue{"role", AnyValue{std::string(role)}});
    }
    TruncationNotes notes;
    appendAttributes(out, members, noLimit, {}, notes);
}

std::string messagesOf(const std::vector<const SpanEvent*>& events) {
    std::string text = "[";
    for (const auto* const event : events) {
        if (text.size() > 1)
            text += ',';
        appendMessage(text, *event);
    }
    return text + ']';
}

} // namespace

SpanFields::SpanFields(const Span& span) : _span(&span) {
    for (const auto& attribute : span.attributes)
        look(attribute);
    for (const auto& event : span.events)
        readEvent(event);
}

void SpanFields::look(const KeyValue& attribute) {
    const std::string_view key = attribute.key;
    _isOpenClaw = _isOpenClaw || key.starts_with("openclaw.");
    _isGenAi = _isGenAi || key.starts_with("gen_ai.");
    std::string_view rest;
    const std::size_t rank = rankOf(key, rest);
    if (rank == noRank)
        return;
    const Field field = attributeNames()[rank].field;
    if (!rest.empty()) {
        // Of two numbered forms the first in the table counts.
        std::size_t& flatRank = field == Field::Input ? _flatInputRank : _flatOutputRank;
        FlatMessages& flat = field == Field::Input ? _flatInput : _flatOutput;
        if (rank > flatRank)
            return;
        if (rank < flatRank)
            flat = FlatMessages();
        flatRank = rank;
        flat.add(rest, attribute.value);
    }
    Found& best = _found[static_cast<std::size_t>(field)];
    if (rank >= best.rank || (rest.empty() && !isUsable(field, attribute.value)))
        return;
    best.rank = rank;
    best.value = rest.empty() ? &attribute.value : nullptr;
}

void SpanFields::readEvent(const SpanEvent& event) {
    const std::string_view name = event.name;
    const bool isMessage = name.starts_with("gen_ai.");
    if (name == "exception") {
        _exception = &event;
        _otherEvents.push_back(&event);
    } else if (isMessage && (name == "gen_ai.choice")) {
        _outputEvents.push_back(&event);
    } else if (isMessage && name.ends_with(messageSuffix)) {
        _inputEvents.push_back(&event);
    } else if (isMessage) {
        // gen_ai.content.prompt and .completion, gen_ai.client.inference.operation.details: the same attributes
        // as a span may have.
        for (const auto& attribute : event.attributes)
            look(attribute);
    } else {
        _otherEvents.push_back(&event);
    }
}

std::string_view SpanFields::nameOf(Field field) const noexcept {
    return has(field) ? attributeNames()[rank(field)].name : std::string_view();
}

std::string_view SpanFields::view(Field field) const noexcept {
    const auto* const value = found(field).value;
    const auto* const text = value == nullptr ? nullptr : std::get_if<std::string>(&value->value);
    return text == nullptr ? std::string_view() : std::string_view(*text);
}

std::optional<std::string> SpanFields::text(Field field) const {
    const Found& best = found(field);
    if (best.value != nullptr)
        return textOf(*best.value);
    if (best.rank != noRank)
        return (field == Field::Input ? _flatInput : _flatOutput).json();
    if (field == Field::Input && !_inputEvents.empty())
        return messagesOf(_inputEvents);
    if (field == Field::Output && !_outputEvents.empty())
        return messagesOf(_outputEvents);
    return std::nullopt;
}

std::optional<std::int64_t> SpanFields::count(Field field) const {
    const auto* const value = found(field).value;
    return value == nullptr ? std::nullopt : countOf(*value);
}

std::optional<double> SpanFields::amount(Field field) const {
    const auto* const value = found(field).value;
    return value == nullptr ? std::nullopt : numberOf(*value);
}

std::optional<std::int64_t> SpanFields::inputTokens() const {
    if (rank(Field::InputTokens) < rank(Field::LangfuseUsage))
        return count(Field::InputTokens);
    if (auto tokens = countOf(sumOf(found(Field::LangfuseUsage).value, "input")))
        return tokens;
    if (auto tokens = count(Field::InputTokens))
        return tokens;
    // OpenClaw's own count leaves out what the cache read and wrote; its gen_ai.usage.input_tokens adds it too.
    if (auto tokens = count(Field::OpenClawInput))
        return *tokens + count(Field::OpenClawCacheRead).value_or(0) + count(Field::OpenClawCacheWrite).value_or(0);
    return std::nullopt;
}

std::optional<std::int64_t> SpanFields::outputTokens() const {
    if (rank(Field::OutputTokens) < rank(Field::LangfuseUsage))
        return count(Field::OutputTokens);
    if (auto tokens = countOf(sumOf(found(Field::LangfuseUsage).value, "output")))
        return tokens;
    return count(Field::OutputTokens);
}

std::optional<std::int64_t> SpanFields::totalTokens() const {
    const auto input = inputTokens();
    const auto output = outputTokens();
    auto total = count(Field::TotalTokens);
    if (!total)
        total = countOf(sumOf(found(Field::LangfuseUsage).value, "total"));
    if (input && output && total.value_or(0) == 0)
        return *input + *output;
    return total;
}

std::optional<double> SpanFields::cost() const {
    if (rank(Field::Cost) < rank(Field::LangfuseCost))
        return amount(Field::Cost);
    const AnyValue* const details = found(Field::LangfuseCost).value;
    if (auto total = sumOf(details, "total"))
        return total;
    if (auto all = sumOf(details, {}))
        return all;
    return amount(Field::Cost);
}

std::optional<std::int64_t> SpanFields::cacheRead() const {
    auto tokens = count(Field::CacheRead);
    return tokens ? tokens : count(Field::OpenClawCacheRead);
}

std::optional<std::int64_t> SpanFields::cacheCreation() const {
    auto tokens = count(Field::CacheCreation);
    return tokens ? tokens : count(Field::OpenClawCacheWrite);
}

std::optional<double> SpanFields::firstChunkSeconds() const {
    if (auto seconds = amount(Field::FirstChunkSeconds))
        return seconds;
    constexpr double perSecond = 1e3;
    if (auto milliseconds = amount(Field::FirstChunkMilliseconds))
        return *milliseconds / perSecond;
    // A time, as Langfuse's SDKs write it: a JSON text, between quotes.
    std::string time(view(Field::LangfuseFirstToken));
    time.erase(std::remove(time.begin(), time.end(), '"'), time.end());
    Poco::DateTime parsed;
    int zone = 0;
    if (time.empty() || !Poco::DateTimeParser::tryParse(Poco::DateTimeFormat::ISO8601_FRAC_FORMAT, time, parsed, zone))
        return std::nullopt;
    parsed.makeUTC(zone);
    constexpr double nanoseconds = 1e9;
    constexpr double microseconds = 1e6;
    const double seconds = static_cast<double>(parsed.timestamp().epochMicroseconds()) / microseconds -
                           static_cast<double>(_span->startTimeUnixNano) / nanoseconds;
    return seconds >= 0 ? std::optional(seconds) : std::nullopt;
}

bool SpanFields::hasUsage() const { return inputTokens() || outputTokens() || totalTokens() || cost(); }

bool SpanFields::isTaken(const KeyValue& attribute) const {
    std::string_view rest;
    const std::size_t rank = rankOf(attribute.key, rest);
    if (rank == noRank)
        return false;
    const Field field = attributeNames()[rank].field;
    // What a tool was called with is no second form of the messages.
    const bool isOfTool = attribute.key.find("tool") != std::string::npos;
    switch (field) {
    case Field::Input:
    case Field::Output:
        return !isOfTool || found(field).rank == rank;
    case Field::Provider:
    case Field::Model:
        return found(field).value == &attribute.value;
    default:
        return false;
    }
}

std::vector<const KeyValue*> SpanFields::remaining() const {
    std::vector<const KeyValue*> result;
    result.reserve(_span->attributes.size());
    for (const auto& attribute : _span->attributes)
        if (!isTaken(attribute))
            result.push_back(&attribute);
    return result;
}

std::vector<const SpanEvent*> SpanFields::remainingEvents() const { return _otherEvents; }

std::string_view SpanFields::attributeOf(const SpanEvent& event, std::string_view key) noexcept {
    for (const auto& attribute : event.attributes)
        if (attribute.key == key)
            if (const auto* const text = std::get_if<std::string>(&attribute.value.value))
                return *text;
    return {};
}

} // namespace octagent::otlp
