// What must hold after every event, whatever happened. The tests ask for all of it after each step, the running host
// for a slot or two.

#include "reconnect/scheduler.hpp"
#include "reconnect/scheduler_record.hpp"

#include <algorithm>

namespace gateway::reconnect {

bool scheduler::invariants_hold() const {
    std::array<std::size_t, state_count> seen{};
    std::size_t unmendable = 0;
    std::size_t unprobed = 0;
    std::size_t awaiting = 0;
    for (std::size_t index = 0; index < records_.size(); ++index) {
        const record& r = records_[index];
        ++seen[static_cast<std::size_t>(r.at)];
        unmendable += r.at == state::failed && r.counted ? 1U : 0U;
        unprobed += r.at == state::gave_up && r.counted ? 1U : 0U;
        awaiting += r.at == state::failed && r.awaits ? 1U : 0U;
        if (!slot_invariants_hold(slot_id{static_cast<std::uint32_t>(index)}, r)) {
            return false;
        }
    }
    if (seen != counts_) {
        return false;
    }
    std::size_t policies_used = 0;
    for (const auto& [rules, users] : policies_) {
        policies_used += users;
    }
    return records_.size() - seen[0] == configured_ && policies_used == configured_ && unmendable == unmendable_ &&
           unprobed == unprobed_ && awaiting == awaiting_ && (ready_.empty() || !place_free()) &&
           ready_.invariants_hold() && deadlines_.invariants_hold();
}

bool scheduler::slot_invariants_hold(slot_id slot, const record& r) const {
    const bool has_deadline = deadlines_.contains(slot);
    const bool is_ready = ready_.contains(slot);
    const bool idle = !has_deadline && !is_ready;
    if ((r.at == state::absent) != (r.rules == nullptr) ||
        (r.counted && r.at != state::failed && r.at != state::gave_up)) {
        return false;
    }
    switch (r.at) {
        case state::waiting:
            return has_deadline != is_ready && (is_ready || deadlines_.deadline_of(slot) == r.next_at);
        case state::gave_up:
            return r.next_at == never ? idle && r.counted : has_deadline != is_ready && !r.counted;
        case state::connecting:
        case state::closing:
            return has_deadline && !is_ready && r.incarnation > 0;
        case state::online:
            return !is_ready && r.incarnation > 0;
        case state::absent:
        case state::failed:
        case state::paused:
            return idle;
    }
    return false;
}

std::optional<slot_id> scheduler::check(slot_id changed, time_point now) {
    cursor_ = cursor_ + 1 < records_.size() ? cursor_ + 1 : 0;
    for (const slot_id each : {changed, slot_id{static_cast<std::uint32_t>(cursor_)}}) {
        if (index_of(each) < records_.size() && !slot_invariants_hold(each, records_[index_of(each)])) {
            mend(each, records_[index_of(each)], now);
            return each;
        }
    }
    return std::nullopt;
}

/// The deadline follows from the state again. One whose time cannot be known any more is due now, and what happens then
/// is what always happens at its deadline.
void scheduler::mend(slot_id slot, record& r, time_point now) {
    deadlines_.clear(slot);
    ready_.clear(slot);
    switch (r.at) {
        case state::waiting:
            r.next_at = std::min(r.next_at, now + r.rules->max);
            deadlines_.set(slot, r.next_at);
            break;
        case state::gave_up:
            if (r.next_at != never) {
                deadlines_.set(slot, r.next_at);
            }
            break;
        case state::connecting:
        case state::closing:
            deadlines_.set(slot, now);
            break;
        case state::online:
        case state::absent:
        case state::failed:
        case state::paused:
            break;
    }
}

}  // namespace gateway::reconnect
