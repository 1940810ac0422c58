#pragma once
// Slots that are due and wait for a free place among the connecting: first come, first served.
//
// A doubly linked list threaded through one array by slot, so that each operation costs O(1) and none
// allocates once the array has grown. Owned by the scheduler; not thread-safe; no errors. Bounds: each slot
// at most once, 8 bytes per slot.

#include "reconnect/slot.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace gateway::reconnect {

class ready_queue {
public:
    void reserve(std::size_t count) { links_.reserve(count); }

    void push(slot_id slot);   // requires !contains(slot)
    slot_id pop();             // requires !empty()
    void clear(slot_id slot);  // nothing happens when it is not there

    bool contains(slot_id slot) const;
    bool empty() const { return size_ == 0; }
    std::size_t size() const { return size_; }

    bool invariants_hold() const;  // O(n), for tests

private:
    static constexpr std::uint32_t end_of_list = std::numeric_limits<std::uint32_t>::max();
    static constexpr std::uint32_t not_listed = end_of_list - 1;

    struct link {
        std::uint32_t previous = not_listed;
        std::uint32_t next = not_listed;
    };

    std::vector<link> links_;  // by slot
    std::uint32_t head_ = end_of_list;
    std::uint32_t tail_ = end_of_list;
    std::size_t size_ = 0;
};

}  // namespace gateway::reconnect
