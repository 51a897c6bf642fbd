#include "FlatMessages.h"
#include "JsonText.h"
#include "ValueJson.h"

#include <algorithm>

namespace octagent::otlp {

namespace {

// What nests deeper keeps its path as its name.
constexpr std::size_t maxPathDepth = 8;

bool isNumber(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view withoutZeros(std::string_view number) {
    const std::size_t first = number.find_first_not_of('0');
    return first == std::string_view::npos ? std::string_view() : number.substr(first);
}

} // namespace

bool FlatMessages::ByNumber::operator()(std::string_view left, std::string_view right) const noexcept {
    const bool isLeftNumber = isNumber(left);
    if (isLeftNumber != isNumber(right))
        return isLeftNumber;
    if (isLeftNumber) {
        const std::string_view a = withoutZeros(left);
        const std::string_view b = withoutZeros(right);
        if (a.size() != b.size())
            return a.size() < b.size();
        return a < b;
    }
    return left < right;
}

void FlatMessages::Node::add(std::string_view path, const AnyValue& leaf, std::size_t depth) {
    const std::size_t dot = depth < maxPathDepth ? path.find('.') : std::string_view::npos;
    Node& child = children[path.substr(0, dot)];
    if (dot != std::string_view::npos)
        child.add(path.substr(dot + 1), leaf, depth + 1);
    else if (child.value == nullptr)
        child.value = &leaf;
}

void FlatMessages::Node::append(std::string& out) const {
    if (children.empty()) {
        TruncationNotes notes;
        appendValue(out, *value, noLimit, {}, notes);
        return;
    }
    // Where a name has both a value and members, its members tell more.
    const bool isArray = isNumber(children.rbegin()->first);
    const char* separator = "";
    out += isArray ? '[' : '{';
    for (const auto& [name, child] : children) {
        out += separator;
        if (!isArray) {
            appendQuoted(out, cleanText(name));
            out += ':';
        }
        const bool isWrapped = isArray && child.children.size() == 1 && child.children.begin()->first == "message";
        (isWrapped ? child.children.begin()->second : child).append(out);
        separator = ",";
    }
    out += isArray ? ']' : '}';
}

std::string FlatMessages::json() const {
    std::string text;
    _root.append(text);
    return text;
}

} // namespace octagent::otlp
