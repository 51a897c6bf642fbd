#pragma once

// One span looked through once: which of its attributes is what, by the table of AttributeNames.h.
//
// Keeps pointers into the span and views of its keys: the span must stay as it is for as long. One thread. Throws
// std::bad_alloc only; a value that does not fit its field is as good as absent.

#include "AttributeNames.h"
#include "FlatMessages.h"
#include "SpanModel.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace octagent::otlp {

class SpanFields {
public:
    explicit SpanFields(const Span& span);

    const Span& span() const noexcept { return *_span; }
    bool has(Field field) const noexcept { return rank(field) != noRank; }
    // The attribute's name in the table; empty when there is none.
    std::string_view nameOf(Field field) const noexcept;

    // A text that is not empty.
    std::optional<std::string> text(Field field) const;
    // The same without a copy, for fields whose value is a string on the wire; empty otherwise.
    std::string_view view(Field field) const noexcept;
    // Not negative.
    std::optional<std::int64_t> count(Field field) const;
    std::optional<double> amount(Field field) const;

    // Tokens and cost as columns tell them: whichever convention said it. Cached tokens are part of inputTokens.
    std::optional<std::int64_t> inputTokens() const;
    std::optional<std::int64_t> outputTokens() const;
    std::optional<std::int64_t> totalTokens() const;
    std::optional<double> cost() const;
    std::optional<std::int64_t> cacheRead() const;
    std::optional<std::int64_t> cacheCreation() const;
    std::optional<double> firstChunkSeconds() const;
    bool hasUsage() const;

    // Attributes, in the span's order, that no column has taken: what remains for metadata. An attribute that
    // says the same as one that a column took (a second form of the messages) is not among them.
    std::vector<const KeyValue*> remaining() const;
    // Events that are not messages of the conversation.
    std::vector<const SpanEvent*> remainingEvents() const;

    // The last recorded exception; null when there is none.
    const SpanEvent* exception() const noexcept { return _exception; }
    static std::string_view attributeOf(const SpanEvent& event, std::string_view key) noexcept;

    bool isOpenClaw() const noexcept { return _isOpenClaw; }
    bool isGenAi() const noexcept { return _isGenAi; } // has an attribute gen_ai.*

private:
    struct Found {
        std::size_t rank = noRank;
        const AnyValue* value = nullptr;
    };

    void look(const KeyValue& attribute);
    void readEvent(const SpanEvent& event);
    std::size_t rank(Field field) const noexcept { return found(field).rank; }
    const Found& found(Field field) const noexcept { return _found[static_cast<std::size_t>(field)]; }
    bool isTaken(const KeyValue& attribute) const;

    const Span* _span;
    std::array<Found, fieldCount> _found;
    FlatMessages _flatInput;
    FlatMessages _flatOutput;
    std::size_t _flatInputRank = noRank;
    std::size_t _flatOutputRank = noRank;
    std::vector<const SpanEvent*> _inputEvents;
    std::vector<const SpanEvent*> _outputEvents;
    std::vector<const SpanEvent*> _otherEvents;
    const SpanEvent* _exception = nullptr;
    bool _isOpenClaw = false;
    bool _isGenAi = false;
};

} // namespace octagent::otlp
