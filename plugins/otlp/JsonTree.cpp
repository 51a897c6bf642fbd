#include "JsonTree.h"

#include <Poco/Exception.h>
#include <Poco/JSON/Handler.h>
#include <Poco/JSON/Parser.h>
#include <Poco/UTF8Encoding.h>

#include <stdexcept>
#include <utility>

namespace octagent::otlp {

namespace {

class TreeBuilder final : public Poco::JSON::Handler {
public:
    explicit TreeBuilder(std::size_t maxValues) : _left(maxValues) {}

    void reset() override {
        _root = JsonValue();
        _open.clear();
    }
    void startObject() override { _open.push_back(&add(JsonValue{JsonValue::Object()})); }
    void endObject() override { _open.pop_back(); }
    void startArray() override { _open.push_back(&add(JsonValue{JsonValue::Array()})); }
    void endArray() override { _open.pop_back(); }
    void key(const std::string& name) override { _key = name; }
    void null() override { add(JsonValue()); }
    void value(int number) override { add(JsonValue{std::int64_t{number}}); }
    void value(unsigned number) override { add(JsonValue{std::int64_t{number}}); }
    void value(Poco::Int64 number) override { add(JsonValue{std::int64_t{number}}); }
    void value(Poco::UInt64 number) override { add(JsonValue{std::uint64_t{number}}); }
    void value(const std::string& text) override { add(JsonValue{text}); }
    void value(double number) override { add(JsonValue{number}); }
    void value(bool flag) override { add(JsonValue{flag}); }

    JsonValue take() { return std::move(_root); }

private:
    // An open container's address is stable: nothing is added to the one around it before it is closed.
    JsonValue& add(JsonValue value) {
        if (_left-- == 0)
            throw std::length_error("too many JSON values");
        if (_open.empty())
            return _root = std::move(value);
        if (auto* const object = _open.back()->as<JsonValue::Object>()) {
            object->push_back({std::move(_key), std::move(value)});
            return object->back().value;
        }
        auto& array = std::get<JsonValue::Array>(_open.back()->value);
        array.push_back(std::move(value));
        return array.back();
    }

    JsonValue _root;
    std::vector<JsonValue*> _open;
    std::string _key;
    std::size_t _left;
};

} // namespace

JsonValue parseJson(std::string_view text, std::size_t maxDepth, std::size_t maxValues) {
    Poco::SharedPtr<TreeBuilder> builder = new TreeBuilder(maxValues);
    Poco::JSON::Parser parser(builder);
    parser.setDepth(maxDepth);
    parser.parse(std::string(text));
    return builder->take();
}

} // namespace octagent::otlp
