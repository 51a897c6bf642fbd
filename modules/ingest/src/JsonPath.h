#pragma once

// The way to a value in an event, such as metadata.a.b[2]: steps that live on the stack of who walks there,
// linked upwards, so that a path costs nothing unless it must be told. A step must not outlive its parent, nor
// the key it names. Keys keep their escapes: a path is fit to be written between quotes.

#include <cstddef>
#include <string>
#include <string_view>

namespace octagent::ingest {

class JsonPath {
public:
    // A field of the event.
    explicit JsonPath(std::string_view rawKey) noexcept : _rawKey(rawKey) {}

    JsonPath(const JsonPath& parent, std::string_view rawKey) noexcept : _parent(&parent), _rawKey(rawKey) {}
    JsonPath(const JsonPath& parent, std::size_t index) noexcept : _parent(&parent), _index(index), _isElement(true) {}

    void appendTo(std::string& text) const {
        if (_parent != nullptr)
            _parent->appendTo(text);
        if (_isElement) {
            text += '[';
            text += std::to_string(_index);
            text += ']';
        } else {
            if (_parent != nullptr)
                text += '.';
            text += _rawKey;
        }
    }

private:
    const JsonPath* _parent = nullptr;
    std::string_view _rawKey;
    std::size_t _index = 0;
    bool _isElement = false;
};

} // namespace octagent::ingest
