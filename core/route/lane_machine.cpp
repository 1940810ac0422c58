#include "route/lane_machine.hpp"

#include <algorithm>
#include <utility>

namespace gateway::route {

using enum delivery_step;

lane_entry* lane::find(std::uint64_t id) {
    const auto found = std::ranges::lower_bound(window, id, {}, &lane_entry::id);
    return found != window.end() && found->id == id ? &*found : nullptr;
}

lane_group* lanes::machine::group(std::uint32_t slot) const {
    return slot < groups.size() ? groups[slot].get() : nullptr;
}

bool lanes::machine::may_start(const lane_group& in, const lane& of, time_point now) const {
    return in.open && in.loaded && now >= of.paused_until && now >= in.paused_until;
}

void lanes::machine::advance(std::uint32_t slot, lane_group& in, lane& of, time_point now, actions& out) {
    while (!of.window.empty() && of.window.front().at == queued && of.window.front().expires <= now) {
        finish(in, of,
               {slot, *of.chat, of.window.front().id, GW_OUTCOME_FAILED, {}, "expired", "it waited for too long"}, out);
    }
    if (in.loaded && !of.refilling && of.behind > 0 && of.window.size() <= options.window / 2) {
        of.refilling = true;
        out.emplace_back(refill_action{slot, *of.chat, of.last_id});
    }
    if (of.pending() == 0) {
        in.by_chat.erase(in.by_chat.find(*of.chat));
        return;
    }
    if (of.window.empty() || of.window.front().at != queued || !may_start(in, of, now)) {
        return;
    }
    if (in.places.size() >= options.max_in_flight) {
        if (!of.is_linked()) {
            in.waiting.push_back(of);
        }
        return;
    }
    auto& first = of.window.front();
    first.at = marking;
    ++first.attempt;
    in.places.push_back({first.id, &of, now});
    out.emplace_back(mark_action{slot, *of.chat, first.id, first.attempt, first.repeated});
}

void lanes::machine::advance_all(std::uint32_t slot, lane_group& in, time_point now, actions& out) {
    for (auto at = in.by_chat.begin(); at != in.by_chat.end();) {
        auto& of = (at++)->second;  // first, since a lane may end here
        advance(slot, in, of, now, out);
    }
}

void lanes::machine::fill(std::uint32_t slot, lane_group& in, time_point now, actions& out) {
    while (in.open && now >= in.paused_until && in.places.size() < options.max_in_flight && !in.waiting.empty()) {
        auto& of = in.waiting.front();
        in.waiting.pop_front();
        advance(slot, in, of, now, out);
    }
}

void lanes::machine::add(lane_group& in, std::uint64_t count, time_point now) {
    in.pending += count;
    pending += count;
    if (pending > 0 && !sweep_at) {
        sweep_at = now + options.sweep_every;
    }
}

void lanes::machine::remove_first(lane_group& in, lane& of) {
    free(in, of.window.front().id);
    of.window.erase(of.window.begin());
    --in.pending;
    --pending;
}

void lanes::machine::finish(lane_group& in, lane& of, record_action what, actions& out) {
    remove_first(in, of);
    out.emplace_back(std::move(what));
}

void lanes::machine::outcome_unknown(std::uint32_t slot, lane_group& in, lane& of, std::string code, std::string text,
                                     actions& out) {
    auto& first = of.window.front();
    if (first.attempt >= options.max_attempts) {
        finish(in, of, {slot, *of.chat, first.id, GW_OUTCOME_UNKNOWN, {}, std::move(code), std::move(text)}, out);
        return;
    }
    free(in, first.id);
    first.repeated = true;
    first.at = queued;
}

void lanes::machine::pause_lane(std::uint32_t slot, lane& of, time_point until) {
    if (until > of.paused_until) {
        of.paused_until = until;
        pauses.emplace(until, due{slot, *of.chat});
    }
}

void lanes::machine::pause_group(std::uint32_t slot, lane_group& in, time_point until) {
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
        of.window.push_back({row.id, now + left, row.attempt, row.handed || row.repeated, queued});
    }
}

void lanes::machine::sweep(time_point now, actions& out) {
    for (std::uint32_t slot = 0; slot < groups.size(); ++slot) {
        auto* in = groups[slot].get();
        if (in == nullptr || in->pending == 0) {
            continue;
        }
        for (const auto& each : std::vector<lane_place>(in->places)) {
            if (each.of->window.front().at == in_flight && each.since + options.receipt_timeout <= now) {
                outcome_unknown(slot, *in, *each.of, "receipt_timeout", "no receipt came in time", out);
            }
        }
        advance_all(slot, *in, now, out);
        fill(slot, *in, now, out);
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

void lanes::machine::free(lane_group& in, std::uint64_t id) {
    if (auto* taken = place(in, id); taken != nullptr) {
        *taken = in.places.back();
        in.places.pop_back();
    }
}

void lanes::machine::take_back(lane_group& in, lane& of) {
    auto& first = of.window.front();
    free(in, first.id);
    first.at = first.at == committing_marked ? committing : queued;
    --first.attempt;
}

}  // namespace gateway::route
