#include "reconnect/scheduler.hpp"

#include "reconnect/scheduler_record.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace gateway::reconnect {

scheduler::scheduler(const settings& s, action_list& out, std::uint64_t jitter_seed)
    : settings_{s}, out_{out}, random_{jitter_seed} {}

scheduler::~scheduler() = default;

void scheduler::reserve(std::size_t slots) {
    records_.reserve(slots);
    deadlines_.reserve(slots);
    ready_.reserve(slots);
}

void scheduler::set(const settings& s, time_point now) {
    settings_ = s;
    settle(now);
}

void scheduler::begin_changes() {
    changing_ = true;
}

void scheduler::end_changes(time_point now) {
    changing_ = false;
    settle(now);
}

outcome scheduler::add(slot_id slot, const policy& p, time_point now) {
    assert(!problem(p));
    const std::size_t index = index_of(slot);
    if (index >= max_slots || stopping_ || find(slot) != nullptr) {
        return outcome::stale;
    }
    if (index >= records_.size()) {
        counts_[static_cast<std::size_t>(state::absent)] += index + 1 - records_.size();
        records_.resize(index + 1);
    }
    record& r = records_[index];
    r.rules = intern(p);
    r.retry = {};
    r.next_at = now;
    ++configured_;
    enter(slot, r, state::waiting, now);
    settle(now);
    return outcome::applied;
}

outcome scheduler::reconfigure(slot_id slot, const policy& p, time_point now) {
    assert(!problem(p));
    record* const r = find(slot);
    if (r == nullptr) {
        return outcome::stale;
    }
    adopt(*r, p);
    if (r->cold) {
        r->cold->quick.clear();
    }
    return new_generation(slot, now);
}

outcome scheduler::set_policy(slot_id slot, const policy& p, time_point now) {
    assert(!problem(p));
    record* const r = find(slot);
    if (r == nullptr) {
        return outcome::stale;
    }
    adopt(*r, p);
    return r->at == state::gave_up ? new_generation(slot, now) : outcome::applied;
}

void scheduler::adopt(record& r, const policy& p) {
    release(std::exchange(r.rules, intern(p)));
}

outcome scheduler::remove(slot_id slot, time_point now) {
    record* const r = find(slot);
    if (r == nullptr) {
        return outcome::stale;
    }
    if (r->at == state::closing) {
        r->after = state::absent;
    } else if (is_alive(r->at)) {
        begin_close(slot, *r, state::absent, now);
    } else {
        enter(slot, *r, state::absent, now);
    }
    settle(now);
    return outcome::applied;
}

outcome scheduler::create_failed(slot_id slot, incarnation_id incarnation, failure why, time_point now) {
    record* const r = find_alive(slot, incarnation);
    if (r == nullptr || r->at == state::online) {
        return outcome::stale;
    }
    if (r->at == state::connecting) {
        remember(*r, std::move(why));
        enter(slot, *r, state::failed, now);
    } else {
        enter(slot, *r, r->after, now);
    }
    settle(now);
    return outcome::applied;
}

outcome scheduler::module_missing(slot_id slot, incarnation_id incarnation, failure why, time_point now) {
    if (record* const r = find_alive(slot, incarnation); r != nullptr && r->at == state::connecting) {
        r->awaits = true;
    }
    return create_failed(slot, incarnation, std::move(why), now);
}

outcome scheduler::connected(slot_id slot, incarnation_id incarnation, time_point now) {
    record* const r = find_alive(slot, incarnation);
    if (r == nullptr || r->at != state::connecting) {
        return outcome::stale;
    }
    became_online(r->retry);
    if (r->cold) {
        r->cold->has_failure = false;
    }
    enter(slot, *r, state::online, now);
    settle(now);
    return outcome::applied;
}

outcome scheduler::lost(slot_id slot, incarnation_id incarnation, failure why, time_point now) {
    record* const r = find_alive(slot, incarnation);
    if (r == nullptr || r->at == state::closing) {
        return outcome::stale;
    }
    fail(slot, *r, std::move(why), now);
    settle(now);
    return outcome::applied;
}

outcome scheduler::closed(slot_id slot, incarnation_id incarnation, time_point now) {
    record* const r = find_alive(slot, incarnation);
    if (r == nullptr || r->at != state::closing) {
        return outcome::stale;
    }
    destroy(slot, *r, false, now);
    settle(now);
    return outcome::applied;
}

outcome scheduler::pause(slot_id slot, time_point now) {
    record* const r = find(slot);
    if (r == nullptr) {
        return outcome::stale;
    }
    if (r->at == state::closing) {
        if (r->after != state::absent) {
            r->after = state::paused;
        }
    } else if (is_alive(r->at)) {
        begin_close(slot, *r, state::paused, now);
    } else if (r->at != state::paused) {
        enter(slot, *r, state::paused, now);
    }
    settle(now);
    return outcome::applied;
}

outcome scheduler::resume(slot_id slot, time_point now) {
    record* const r = find(slot);
    return r != nullptr && is_paused(*r) ? reconnect(slot, now) : outcome::stale;
}

outcome scheduler::reconnect(slot_id slot, time_point now) {
    record* const r = find(slot);
    if (r == nullptr) {
        return outcome::stale;
    }
    restart(slot, *r, now);
    settle(now);
    return outcome::applied;
}

outcome scheduler::new_generation(slot_id slot, time_point now) {
    record* const r = find(slot);
    if (r == nullptr) {
        return outcome::stale;
    }
    return is_paused(*r) ? outcome::applied : reconnect(slot, now);
}

void scheduler::advance(time_point now) {
    for (std::uint32_t due = 0; due < max_due_per_advance && !deadlines_.empty(); ++due) {
        if (deadlines_.next_deadline() > now) {
            break;
        }
        const slot_id slot = deadlines_.next_slot();
        on_deadline(slot, records_[index_of(slot)], now);
    }
    settle(now);
}

std::optional<time_point> scheduler::next_deadline() const {
    return deadlines_.empty() ? std::nullopt : std::optional{deadlines_.next_deadline()};
}

void scheduler::stop_all(duration budget, time_point now) {
    stopping_ = true;
    stop_by_ = now + std::clamp(budget, duration::zero(), longest_setting);
    for (std::size_t index = 0; index < records_.size(); ++index) {
        const slot_id slot{static_cast<std::uint32_t>(index)};
        record& r = records_[index];
        if (r.at == state::closing) {
            r.after = state::absent;
            deadlines_.set(slot, std::min(deadlines_.deadline_of(slot), stop_by_));
        } else if (is_alive(r.at)) {
            begin_close(slot, r, state::absent, now);
        } else if (r.at != state::absent) {
            enter(slot, r, state::absent, now);
        }
    }
    settle(now);
}

std::optional<status> scheduler::status_of(slot_id slot) const {
    if (index_of(slot) >= records_.size() || records_[index_of(slot)].at == state::absent) {
        return std::nullopt;
    }
    const record& r = records_[index_of(slot)];
    status s{r.at, r.since, r.retry.attempts, std::nullopt, std::nullopt, incarnation_id{r.incarnation}};
    const state leads_to = r.at == state::closing ? r.after : r.at;
    if ((leads_to == state::waiting || leads_to == state::gave_up) && r.next_at != never) {
        s.next_retry = r.next_at;
    }
    if (r.cold && r.cold->has_failure) {
        s.why = status::reason{r.cold->cls, r.cold->code, r.cold->text, incarnation_id{r.cold->incarnation}};
    }
    return s;
}

}  // namespace gateway::reconnect
