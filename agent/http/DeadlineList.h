#pragma once

// Connections with the same kind of deadline, in the order of it.
//
// Each kind has one duration, so whoever is put at the end has the latest deadline: the order is kept for
// nothing, the front is the next to expire and the longest there. A list of links in the elements themselves:
// no allocation, nothing throws. For one thread.

#include <chrono>

namespace octagent {

using Monotonic = std::chrono::steady_clock::time_point;

class DeadlineList;

class DeadlineEntry {
public:
    DeadlineEntry() = default;
    DeadlineEntry(const DeadlineEntry&) = delete;
    DeadlineEntry& operator=(const DeadlineEntry&) = delete;
    ~DeadlineEntry() { unlink(); }

    Monotonic deadline() const noexcept { return _deadline; }
    bool isIn(const DeadlineList& list) const noexcept { return _list == &list; }

    void unlink() noexcept {
        if (_list == nullptr)
            return;
        _previous->_next = _next;
        _next->_previous = _previous;
        _list = nullptr;
    }

private:
    friend class DeadlineList;

    Monotonic _deadline;
    const DeadlineList* _list = nullptr;
    DeadlineEntry* _previous = this;
    DeadlineEntry* _next = this;
};

// Must outlive its entries, or be emptied.
class DeadlineList {
public:
    bool isEmpty() const noexcept { return _end._next == &_end; }
    DeadlineEntry* front() noexcept { return isEmpty() ? nullptr : _end._next; }

    // Moves the entry here, from wherever it is. `deadline` is not before that of the last one.
    void append(DeadlineEntry& entry, Monotonic deadline) noexcept {
        entry.unlink();
        entry._deadline = deadline;
        entry._list = this;
        entry._previous = _end._previous;
        entry._next = &_end;
        _end._previous->_next = &entry;
        _end._previous = &entry;
    }

private:
    DeadlineEntry _end; // a ring: its neighbours are the last and the first
};

} // namespace octagent
