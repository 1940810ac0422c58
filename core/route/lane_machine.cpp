#include "route/lane_machine.hpp"

#include <algorithm>
#include <utility>

namespace gateway::route {

using enum delivery_step;

namespace {

bool is_marked(delivery_step at) {
    return at != committing && at != queued;
}

}  // namespace

lane_entry* lane::find(std::uint64_t id) {
    const auto found = std::ranges::lower_bound(window, id, {}, &lane_entry::id);
    return found != window.end() && found->id == id ? &*found : nullptr;
}

lane_group* lanes::machine::group(std::uint32_t slot) const {
    return slot < groups.size() ? groups[slot].get() : nullptr;
}

lanes::machine::awaited lanes::machine::awaiting(std::uint32_t slot, const std::string& chat, std::uint64_t id,
                                                 std::uint32_t mark) const {
    auto* in = group(slot);
    if (in == nullptr) {
        return {};
    }
    const auto of = in->by_chat.find(chat);
    auto* found = of != in->by_chat.end() ? of->second.find(id) : nullptr;
    return found != nullptr && found->at == marking && found->mark == mark ? awaited{in, &of->second, found}
                                                                           : awaited{};
}

bool lanes::machine::takes(const lane_group& in, time_point now) {
    return in.open && in.loaded && now >= in.paused_until;
}

bool lanes::machine::may_start(const lane_group& in, const lane& of, time_point now) {
    return takes(in, now) && now >= of.paused_until;
}

void lanes::machine::advance(std::uint32_t slot, lane_group& in, lane& of, time_point now, actions& out) {
    look_after(slot, in, of, now, out);
    fill(slot, in, now, out);
}

void lanes::machine::advance_all(std::uint32_t slot, lane_group& in, time_point now, actions& out) {
    for (auto at = in.by_chat.begin(); at != in.by_chat.end();) {
        auto& of = (at++)->second;  // first, since a lane may end here
        look_after(slot, in, of, now, out);
    }
    fill(slot, in, now, out);
}

void lanes::machine::look_after(std::uint32_t slot, lane_group& in, lane& of, time_point now, actions& out) {
    while (!of.window.empty() && of.window.front().expires <= now &&
           (of.window.front().at == queued || of.window.front().at == ready)) {
        finish(in, of,
               {slot, *of.chat, of.window.front().id, GW_OUTCOME_FAILED, {}, "expired", "it waited for too long"}, out);
    }
    if (in.loaded && !of.refilling && of.behind > 0 && of.window.size() <= options.window / 2) {
        of.refilling = true;
        out.emplace_back(refill_action{slot, *of.chat, of.last_id});
    }
    if (of.marked == 0) {
        free(in, of);
    }
    if (of.pending() == 0) {
        in.by_chat.erase(in.by_chat.find(*of.chat));
        return;
    }
    if (of.window.empty() || !may_start(in, of, now)) {
        return;
    }
    auto& first = of.window.front();
    if (auto* has = place(in, of); has == nullptr) {
        if (first.at == queued && !of.is_linked()) {
            in.waiting.push_back(of);
        }
        return;
    } else if (has->id = first.id; first.at == ready) {
        first.at = called;
        out.emplace_back(deliver_action{slot, first.id});
    }
}

void lanes::machine::fill(std::uint32_t slot, lane_group& in, time_point now, actions& out) {
    while (takes(in, now) && in.places.size() < options.max_in_flight && !in.waiting.empty()) {
        auto& of = in.waiting.front();
        in.waiting.pop_front();
        if (!of.window.empty() && of.window.front().at == queued && may_start(in, of, now)) {
            in.places.push_back({of.window.front().id, &of, now});
            mark_run(slot, in, of, out);
        }
    }
}

void lanes::machine::mark_run(std::uint32_t slot, lane_group& in, lane& of, actions& out) {
    for (auto& each : of.window) {
        const bool is_committing = each.at == committing || each.at == committing_marked;
        if (of.marked >= in.run || is_committing || (of.marked > 0 && !each.is_small)) {
            return;
        }
        if (each.at == queued) {
            each.at = marking;
            each.mark = ++last_mark;
            ++each.attempt;
            ++of.marked;
            out.emplace_back(mark_action{slot, *of.chat, each.id, each.attempt, each.repeated, each.mark});
        }
    }
}

void lanes::machine::add(lane_group& in, std::uint64_t count, time_point now) {
    in.pending += count;
    pending += count;
    if (pending > 0 && !sweep_at) {
        sweep_at = now + options.sweep_every;
    }
}

void lanes::machine::remove(lane_group& in, lane& of, lane_entry& what) {
    of.marked -= is_marked(what.at) ? 1 : 0;
    of.window.erase(of.window.begin() + (&what - of.window.data()));
    --in.pending;
    --pending;
}

void lanes::machine::finish(lane_group& in, lane& of, record_action what, actions& out) {
    remove(in, of, *of.find(what.id));
    out.emplace_back(std::move(what));
}

void lanes::machine::outcome_unknown(std::uint32_t slot, lane_group& in, lane& of, bool is_last, std::string code,
                                     std::string text, actions& out) {
    auto& first = of.window.front();
    if (is_last || first.attempt >= options.max_attempts) {
        finish(in, of, {slot, *of.chat, first.id, GW_OUTCOME_UNKNOWN, {}, std::move(code), std::move(text)}, out);
        return;
    }
    first.repeated = true;
    first.at = queued;
    --of.marked;
    take_back(slot, in, of, out);
}

void lanes::machine::pause_lane(std::uint32_t slot, lane& of, time_point until) {
    if (until > of.paused_until) {
        of.paused_until = until;
        pauses.emplace(until, due{slot, *of.chat});
    }
}

void lanes::machine::pause_group(std::uint32_t slot, lane_group& in, time_point until, actions& out) {
    take_back_all(slot, in, out);
    if (until > in.paused_until) {
        in.paused_until = until;
        pauses.emplace(until, due{slot, {}});
    }
}

std::chrono::milliseconds lanes::machine::pace(std::uint32_t attempt) const {
    auto delay = options.retry_first;
    for (std::uint32_t i = 1; i < attempt && delay < options.retry_max; ++i) {
        delay *= 2;
    }
    return std::min(delay, options.retry_max);
}

// Rows of the journal become the lane's window. One that was marked may have been sent.
void lanes::machine::append(std::uint32_t slot, lane_group& in, lane& of, const std::vector<store::waiting>& rows,
                            time_point now, std::int64_t unix_ms, actions& out) {
    for (const auto& row : rows) {
        of.last_id = row.id;
        if (row.handed && row.attempt >= options.max_attempts) {
            --in.pending;
            --pending;
            out.emplace_back(record_action{slot,
                                           *of.chat,
                                           row.id,
                                           GW_OUTCOME_UNKNOWN,
                                           {},
                                           "outcome_unknown",
                                           "the host ended again and again while it was sent"});
            continue;
        }
        // A clock that was set back must not keep it for longer than its time to live.
        const auto left = std::min(std::chrono::milliseconds(row.created_unix_ms - unix_ms) + options.ttl, options.ttl);
        of.window.push_back({.id = row.id,
                             .expires = now + left,
                             .content = nullptr,
                             .attempt = row.attempt,
                             .repeated = row.handed || row.repeated,
                             .is_small = row.bytes <= options.ahead_bytes});
    }
}

void lanes::machine::sweep(time_point now, actions& out) {
    for (std::uint32_t slot = 0; slot < groups.size(); ++slot) {
        auto* in = groups[slot].get();
        if (in == nullptr || in->pending == 0) {
            continue;
        }
        for (const auto& each : std::vector<lane_place>(in->places)) {
            const auto& first = each.of->window.front();
            if (first.at == in_flight && each.since + options.receipt_timeout <= now) {
                outcome_unknown(slot, *in, *each.of, first.repeated, "receipt_timeout", "no receipt came in time", out);
            }
        }
        advance_all(slot, *in, now, out);
    }
    sweep_at.reset();
    if (pending > 0) {
        sweep_at = now + options.sweep_every;
    }
}

lane_place* lanes::machine::place(lane_group& in, std::uint64_t id) {
    const auto found = std::ranges::find(in.places, id, &lane_place::id);
    return found != in.places.end() ? &*found : nullptr;
}

lane_place* lanes::machine::place(lane_group& in, const lane& of) {
    const auto found = std::ranges::find(in.places, &of, &lane_place::of);
    return found != in.places.end() ? &*found : nullptr;
}

void lanes::machine::free(lane_group& in, const lane& of) {
    if (auto* has = place(in, of); has != nullptr) {
        *has = in.places.back();
        in.places.pop_back();
    }
}

void lanes::machine::take_back(std::uint32_t slot, lane_group& in, lane& of, actions& out) {
    for (auto& each : of.window) {
        if (is_marked(each.at) && each.at != in_flight) {
            each.at = each.at == committing_marked ? committing : queued;
            each.content.reset();
            --each.attempt;
            --of.marked;
            out.emplace_back(unmark_action{slot, *of.chat, each.id, each.attempt, each.repeated, {}});
        }
    }
    if (of.marked == 0) {
        free(in, of);
    }
}

void lanes::machine::take_back_all(std::uint32_t slot, lane_group& in, actions& out) {
    for (auto i = in.places.size(); i-- > 0;) {  // a place that is freed is taken by one behind it
        take_back(slot, in, *in.places[i].of, out);
    }
}

}  // namespace gateway::route
