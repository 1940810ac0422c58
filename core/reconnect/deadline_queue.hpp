#pragma once
// The deadlines of the whole fleet, at most one per slot: an indexed 4-ary heap.
//
// Insert, move and remove cost O(log n), the next deadline O(1). An entry is 16 bytes, and the four children
// of a node share one cache line (the root stands at place 3 of an array aligned to 64 bytes), so that a walk
// down a million entries touches ten lines. Equal deadlines come in the order of their slots, so that the
// order never depends on history.
//
// Owned by the scheduler; not thread-safe; no errors. Bounds: one entry per slot, slots below max_slots; 20
// bytes per slot in all, kept for the most that were ever there.

#include "reconnect/policy.hpp"
#include "reconnect/slot.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <vector>

namespace gateway::reconnect {

class deadline_queue {
public:
    deadline_queue();

    /// Makes room beforehand for slots 0 … count−1.
    void reserve(std::size_t count);

    /// Gives the slot this deadline, in place of the one it had.
    void set(slot_id slot, time_point deadline);
    /// Takes the slot's deadline away; nothing happens when it has none.
    void clear(slot_id slot);

    bool contains(slot_id slot) const;
    time_point deadline_of(slot_id slot) const;  // requires contains(slot)

    bool empty() const { return heap_.size() == root; }
    std::size_t size() const { return heap_.size() - root; }
    time_point next_deadline() const { return heap_[root].deadline; }  // requires !empty()
    slot_id next_slot() const { return heap_[root].slot; }             // requires !empty()

    bool invariants_hold() const;  // O(n), for tests

private:
    struct entry {
        time_point deadline;
        slot_id slot;
    };

    template <typename T>
    struct line_allocator {
        using value_type = T;
        line_allocator() = default;
        template <typename U>
        explicit line_allocator(const line_allocator<U>& /*other*/) {}
        T* allocate(std::size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), line)); }
        void deallocate(T* p, std::size_t /*n*/) { ::operator delete(p, line); }
        bool operator==(const line_allocator&) const = default;
        static constexpr std::align_val_t line{64};
    };

    static constexpr std::size_t root = 3;  // children of place p: 4(p−2) … 4(p−2)+3
    static constexpr std::uint32_t nowhere = std::numeric_limits<std::uint32_t>::max();

    static bool before(const entry& a, const entry& b) {
        return a.deadline != b.deadline ? a.deadline < b.deadline : a.slot < b.slot;
    }
    static std::size_t parent(std::size_t place) { return place / 4 + 2; }
    static std::size_t first_child(std::size_t place) { return 4 * (place - 2); }

    void put(std::size_t place, const entry& e);
    void sift_up(std::size_t place, const entry& e);
    void sift_down(std::size_t place, const entry& e);

    std::vector<entry, line_allocator<entry>> heap_;  // the first `root` entries are padding
    std::vector<std::uint32_t> places_;               // by slot: its place in heap_, or nowhere
};

}  // namespace gateway::reconnect
