#include "FieldReader.h"

#include "JsonNumber.h"
#include "JsonText.h"

namespace octagent::ingest {

bool readText(const JsonValue& value, std::size_t limit, std::string& text, std::size_t& bytesBefore,
              Refusal& refusal) {
    if (value.kind() != JsonKind::Text)
        return refusal.because("must be a string");
    text.clear();
    const auto result = appendText(value.token(), limit, text);
    bytesBefore = result.bytes;
    return result.fault == TextFault::None || refusal.because(describe(result.fault));
}

bool readInteger(const JsonValue& value, std::int64_t& number, Refusal& refusal) {
    if (value.kind() != JsonKind::Number)
        return refusal.because("must be an integer");
    switch (toInteger(value.token(), number)) {
    case NumberResult::Ok:
        return true;
    case NumberResult::Negative:
        return refusal.because("must not be negative");
    case NumberResult::Fractional:
        return refusal.because("must be an integer");
    case NumberResult::TooLarge:
        break;
    }
    return refusal.because("is larger than 9223372036854775807");
}

bool readReal(const JsonValue& value, double& number, Refusal& refusal) {
    if (value.kind() != JsonKind::Number)
        return refusal.because("must be a number");
    switch (toReal(value.token(), number)) {
    case NumberResult::Ok:
        return true;
    case NumberResult::Negative:
        return refusal.because("must not be negative");
    default:
        return refusal.because("is too large for a number");
    }
}

} // namespace octagent::ingest
