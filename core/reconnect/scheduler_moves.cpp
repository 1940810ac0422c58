// The scheduler's moves: what entering and leaving each state means for deadlines, queues, counts and actions.

#include "reconnect/scheduler.hpp"
#include "reconnect/scheduler_record.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <utility>

namespace gateway::reconnect {

scheduler::record* scheduler::find(slot_id slot) {
    const std::size_t index = index_of(slot);
    return index < records_.size() && records_[index].at != state::absent ? &records_[index] : nullptr;
}

scheduler::record* scheduler::find_alive(slot_id slot, incarnation_id incarnation) {
    record* const r = find(slot);
    return r != nullptr && is_alive(r->at) && incarnation_id{r->incarnation} == incarnation ? r : nullptr;
}

bool scheduler::is_paused(const record& r) {
    return r.at == state::paused || (r.at == state::closing && r.after == state::paused);
}

bool scheduler::place_free() const {
    return !stopping_ && count(state::connecting) < settings_.max_connecting;
}

void scheduler::emit(action_kind kind, slot_id slot, const record& r) {
    out_.push_back({.kind = kind, .slot = slot, .incarnation = incarnation_id{r.incarnation}});
}

duration scheduler::until_next(const record& r, state at, time_point now) {
    if ((at != state::waiting && at != state::gave_up) || r.next_at == never) {
        return action::no_retry;
    }
    return std::max(duration::zero(), std::chrono::duration_cast<duration>(r.next_at - now));
}

void scheduler::remember(record& r, failure&& why) {
    cold_part& cold = r.detail();
    cold.incarnation = r.incarnation;
    cold.cls = why.cls;
    cold.code = std::move(why.code);
    cold.text = std::move(why.text);
    shorten(cold.code, max_failure_code_bytes);
    shorten(cold.text, max_failure_text_bytes);
    cold.has_failure = true;
}

/// The bookkeeping of each move: the table, the counts, the trace. What it entails is enter()'s.
void scheduler::move(slot_id slot, record& r, state to, time_point now) {
    assert(may_move(r.at, to));
    if (std::exchange(r.counted, false)) {
        --(r.at == state::failed ? unmendable_ : unprobed_);
    }
    if (r.at == state::failed && std::exchange(r.awaits, false)) {
        --awaiting_;
    }
    --counts_[static_cast<std::size_t>(r.at)];
    ++counts_[static_cast<std::size_t>(to)];
    const bool ends_incarnation = r.at == state::connecting || r.at == state::closing;
    const bool is_its_failure = r.cold && r.cold->has_failure && r.cold->incarnation == r.incarnation;
    out_.push_back({.kind = action_kind::changed,
                    .from = r.at,
                    .to = to,
                    .reports_failure = ends_incarnation && is_its_failure && !is_alive(to) && to != state::absent,
                    .slot = slot,
                    .incarnation = incarnation_id{r.incarnation},
                    .attempts = r.retry.attempts,
                    .retry_in = until_next(r, to, now)});
    r.at = to;
    r.since = now;
}

void scheduler::enter(slot_id slot, record& r, state to, time_point now) {
    ready_.clear(slot);
    move(slot, r, to, now);
    std::optional<time_point> deadline;
    switch (to) {
        case state::waiting:
            if (r.next_at > now) {
                deadline = r.next_at;
            } else {
                ready_.push(slot);
            }
            break;
        case state::connecting:
            deadline = now + r.rules->connect_timeout;
            emit(action_kind::create, slot, r);
            break;
        case state::online:
            if (r.rules->stable_after > duration::zero()) {
                deadline = now + r.rules->stable_after;
            } else {
                became_stable(r.retry);
            }
            emit(action_kind::publish, slot, r);
            break;
        case state::closing:
            deadline = std::min(now + r.rules->close_timeout, stop_by_);
            break;
        case state::gave_up:
            if (r.next_at != never) {
                deadline = r.next_at;
            } else {
                r.counted = true;
                ++unprobed_;
            }
            if (std::exchange(r.announce, false)) {
                out_.push_back({.kind = action_kind::gave_up,
                                .slot = slot,
                                .incarnation = incarnation_id{r.incarnation},
                                .attempts = r.retry.attempts,
                                .retry_in = until_next(r, to, now)});
            }
            break;
        case state::failed:
            if (r.awaits) {
                ++awaiting_;
            }
            if (r.cold && needs_configuration(r.cold->cls)) {
                r.counted = true;
                ++unmendable_;
            }
            break;
        case state::paused:
            break;
        case state::absent:
            emit(action_kind::removed, slot, r);
            release(std::exchange(r.rules, nullptr));
            r.cold.reset();
            --configured_;
            break;
    }
    if (deadline) {
        deadlines_.set(slot, *deadline);
    } else {
        deadlines_.clear(slot);
    }
}

void scheduler::begin_connect(slot_id slot, record& r, time_point now) {
    ++r.incarnation;
    enter(slot, r, state::connecting, now);
}

void scheduler::begin_close(slot_id slot, record& r, state after, time_point now) {
    const bool was_online = r.at == state::online;
    r.after = after;
    enter(slot, r, state::closing, now);
    if (was_online) {
        emit(action_kind::unpublish, slot, r);
    }
    emit(action_kind::close, slot, r);
}

void scheduler::destroy(slot_id slot, record& r, bool abandoned, time_point now) {
    out_.push_back({.kind = action_kind::destroy,
                    .abandoned = abandoned,
                    .slot = slot,
                    .incarnation = incarnation_id{r.incarnation}});
    enter(slot, r, r.after, now);
}

/// Queue first, tear down after: what follows is decided and recorded before the old incarnation is touched.
void scheduler::fail(slot_id slot, record& r, failure&& why, time_point now) {
    const auto decide = r.at == state::online ? after_loss : after_failed_connect;
    if (r.at == state::online && now - r.since >= r.rules->stable_after) {
        became_stable(r.retry);
    }
    const decision next = decide(r.retry, *r.rules, why, r.detail().quick, now, random_);
    r.next_at = next.has_next ? next.next : never;
    r.announce = next.exhausted_now;
    remember(r, std::move(why));
    switch (next.what) {
        case verdict::retry:
            begin_close(slot, r, state::waiting, now);
            break;
        case verdict::give_up:
            begin_close(slot, r, state::gave_up, now);
            break;
        case verdict::fail:
            begin_close(slot, r, state::failed, now);
            break;
    }
}

/// Someone acted: with all attempts forgotten, a fresh incarnation as soon as the old one is gone.
void scheduler::restart(slot_id slot, record& r, time_point now) {
    if (r.at == state::closing && r.after == state::absent) {
        return;
    }
    r.retry = {};
    r.next_at = now;
    if (r.at == state::closing) {
        r.after = state::waiting;
    } else if (is_alive(r.at)) {
        begin_close(slot, r, state::waiting, now);
    } else if (r.at != state::waiting) {
        enter(slot, r, state::waiting, now);
    } else if (!ready_.contains(slot)) {
        deadlines_.clear(slot);
        ready_.push(slot);
    }
}

void scheduler::on_deadline(slot_id slot, record& r, time_point now) {
    switch (r.at) {
        case state::waiting:
        case state::gave_up:
            if (ready_.empty() && place_free()) {
                begin_connect(slot, r, now);
            } else {
                deadlines_.clear(slot);
                ready_.push(slot);
            }
            break;
        case state::connecting:
            fail(slot, r,
                 {.cls = failure_class::transient,
                  .code = "connect_timeout",
                  .text = "it was not online within its connect timeout",
                  .retry_after = std::nullopt},
                 now);
            break;
        case state::online:
            became_stable(r.retry);
            deadlines_.clear(slot);
            break;
        case state::closing:
            destroy(slot, r, true, now);
            break;
        case state::absent:
        case state::failed:
        case state::paused:
            assert(false && "these states have no deadline");
            break;
    }
}

const policy* scheduler::intern(const policy& p) {
    const auto place = policies_.try_emplace(p, 0U).first;
    ++place->second;
    return &place->first;
}

void scheduler::release(const policy* p) {
    const auto place = policies_.find(*p);
    if (--place->second == 0) {
        policies_.erase(place);
    }
}

/// Ends every event: free places are used at once, and what holds for the whole fleet is judged.
void scheduler::settle(time_point now) {
    while (place_free() && !ready_.empty()) {
        const slot_id slot = ready_.pop();
        begin_connect(slot, records_[index_of(slot)], now);
    }
    if (stopping_) {
        if (configured_ == 0 && !std::exchange(stopped_said_, true)) {
            out_.push_back({.kind = action_kind::stopped_all});
        }
        return;
    }
    const bool may_exit =
        settings_.on_all_failed == all_failed::exit && !changing_ && configured_ > 0 && awaiting_ == 0;
    if (may_exit && count(state::failed) + unprobed_ == configured_ && !std::exchange(exit_said_, true)) {
        const int code = unmendable_ == configured_ ? exit_configuration : exit_failure;
        out_.push_back({.kind = action_kind::exit, .exit_code = code});
    }
}

}  // namespace gateway::reconnect
