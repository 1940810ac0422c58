#include "reconnect/deadline_queue.hpp"

#include <algorithm>
#include <cassert>

namespace gateway::reconnect {

deadline_queue::deadline_queue() : heap_(root) {}

void deadline_queue::reserve(std::size_t count) {
    heap_.reserve(root + count);
    places_.reserve(count);
}

void deadline_queue::set(slot_id slot, time_point deadline) {
    const std::size_t index = index_of(slot);
    assert(index < max_slots);
    if (index >= places_.size()) {
        places_.resize(index + 1, nowhere);
    }
    const entry e{deadline, slot};
    std::size_t place = places_[index];
    if (place == nowhere) {
        place = heap_.size();
        heap_.push_back(e);
        sift_up(place, e);
    } else if (before(e, heap_[place])) {
        sift_up(place, e);
    } else {
        sift_down(place, e);
    }
}

void deadline_queue::clear(slot_id slot) {
    if (!contains(slot)) {
        return;
    }
    const std::size_t place = places_[index_of(slot)];
    places_[index_of(slot)] = nowhere;
    const entry last = heap_.back();
    heap_.pop_back();
    if (place == heap_.size()) {
        return;
    }
    if (place != root && before(last, heap_[parent(place)])) {
        sift_up(place, last);
    } else {
        sift_down(place, last);
    }
}

bool deadline_queue::contains(slot_id slot) const {
    return index_of(slot) < places_.size() && places_[index_of(slot)] != nowhere;
}

time_point deadline_queue::deadline_of(slot_id slot) const {
    assert(contains(slot));
    return heap_[places_[index_of(slot)]].deadline;
}

bool deadline_queue::invariants_hold() const {
    for (std::size_t place = root; place < heap_.size(); ++place) {
        const std::size_t index = index_of(heap_[place].slot);
        if (index >= places_.size() || places_[index] != place) {
            return false;
        }
        if (place != root && before(heap_[place], heap_[parent(place)])) {
            return false;
        }
    }
    const auto absent = static_cast<std::size_t>(std::count(places_.begin(), places_.end(), nowhere));
    return places_.size() - absent == size();
}

void deadline_queue::put(std::size_t place, const entry& e) {
    heap_[place] = e;
    places_[index_of(e.slot)] = static_cast<std::uint32_t>(place);
}

void deadline_queue::sift_up(std::size_t place, const entry& e) {
    while (place != root && before(e, heap_[parent(place)])) {
        put(place, heap_[parent(place)]);
        place = parent(place);
    }
    put(place, e);
}

void deadline_queue::sift_down(std::size_t place, const entry& e) {
    for (;;) {
        const std::size_t child = first_child(place);
        if (child >= heap_.size()) {
            break;
        }
        const std::size_t end = std::min(child + 4, heap_.size());
        std::size_t least = child;
        for (std::size_t other = child + 1; other < end; ++other) {
            if (before(heap_[other], heap_[least])) {
                least = other;
            }
        }
        if (!before(heap_[least], e)) {
            break;
        }
        put(place, heap_[least]);
        place = least;
    }
    put(place, e);
}

}  // namespace gateway::reconnect
