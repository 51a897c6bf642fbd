#pragma once

// Received bytes that are not used up yet.

#include "octagent/Http.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace octagent {

// Always followed by HttpRequest::bodyPadding bytes that may be read. For one thread at a time.
class InputBuffer {
public:
    bool hasMemory() const noexcept { return _memory != nullptr; }
    std::size_t capacity() const noexcept { return _capacity; }
    std::size_t size() const noexcept { return _end - _begin; }
    bool isEmpty() const noexcept { return _end == _begin; }
    char* data() noexcept { return _memory.get() + _begin; }
    std::string_view view() const noexcept { return {_memory.get() + _begin, size()}; }

    // Where more can be received to.
    char* tail() noexcept { return _memory.get() + _end; }
    std::size_t room() const noexcept { return _capacity - _end; }
    void added(std::size_t count) noexcept { _end += count; }

    void consume(std::size_t count) noexcept { _begin += count; }
    void clear() noexcept { _begin = _end = 0; }
    void release() noexcept {
        _memory.reset();
        _begin = _end = _capacity = 0;
    }

    // Makes data() the start of at least `capacity` bytes. May move the bytes; throws std::bad_alloc.
    void reserve(std::size_t capacity) {
        if (capacity > _capacity) {
            auto memory = std::make_unique_for_overwrite<char[]>(capacity + HttpRequest::bodyPadding);
            if (size() > 0)
                std::memcpy(memory.get(), data(), size());
            _memory = std::move(memory);
            _capacity = capacity;
        } else if (_begin + capacity > _capacity) {
            std::memmove(_memory.get(), data(), size());
        } else {
            return;
        }
        _end -= _begin;
        _begin = 0;
    }

    // Takes over what is left in `other`.
    void take(InputBuffer& other) {
        reserve(std::max(_capacity, size() + other.size()));
        std::memcpy(tail(), other.data(), other.size());
        _end += other.size();
        other.clear();
    }

    // Removes bytes [from, to), counted from data().
    void cut(std::size_t from, std::size_t to) noexcept {
        if (from == to)
            return;
        std::memmove(data() + from, data() + to, size() - to);
        _end -= to - from;
    }

private:
    std::unique_ptr<char[]> _memory;
    std::size_t _capacity = 0; // without the padding
    std::size_t _begin = 0;
    std::size_t _end = 0;
};

} // namespace octagent
