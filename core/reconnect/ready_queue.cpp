#include "reconnect/ready_queue.hpp"

#include <cassert>

namespace gateway::reconnect {

void ready_queue::push(slot_id slot) {
    assert(!contains(slot) && index_of(slot) < max_slots);
    const auto index = static_cast<std::uint32_t>(slot);
    if (index >= links_.size()) {
        links_.resize(std::size_t{index} + 1);
    }
    links_[index] = {tail_, end_of_list};
    if (tail_ == end_of_list) {
        head_ = index;
    } else {
        links_[tail_].next = index;
    }
    tail_ = index;
    ++size_;
}

slot_id ready_queue::pop() {
    assert(!empty());
    const slot_id first{head_};
    clear(first);
    return first;
}

void ready_queue::clear(slot_id slot) {
    if (!contains(slot)) {
        return;
    }
    link& here = links_[index_of(slot)];
    if (here.previous == end_of_list) {
        head_ = here.next;
    } else {
        links_[here.previous].next = here.next;
    }
    if (here.next == end_of_list) {
        tail_ = here.previous;
    } else {
        links_[here.next].previous = here.previous;
    }
    here = {};
    --size_;
}

bool ready_queue::contains(slot_id slot) const {
    return index_of(slot) < links_.size() && links_[index_of(slot)].next != not_listed;
}

bool ready_queue::invariants_hold() const {
    std::size_t listed = 0;
    for (const link& each : links_) {
        listed += each.next != not_listed ? 1U : 0U;
    }
    std::size_t walked = 0;
    std::uint32_t previous = end_of_list;
    for (std::uint32_t at = head_; at != end_of_list; at = links_[at].next) {
        if (at >= links_.size() || links_[at].previous != previous || ++walked > listed) {
            return false;
        }
        previous = at;
    }
    return previous == tail_ && walked == size_ && listed == size_;
}

}  // namespace gateway::reconnect
