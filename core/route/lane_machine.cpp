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

void lane::add(lane_entry&& last) {
    if (entries.full()) {
        entries.set_capacity(std::max<std::size_t>(2, entries.size() * 2));
    }
    entries.push_back(std::move(last));
}

lane_entry* lane::find(std::uint64_t id) {
    const auto found = std::ranges::lower_bound(entries, id, {}, &lane_entry::id);
    return found != entries.end() && found->id == id ? &*found : nullptr;
}

lane_group* lanes::machine::group(std::uint32_t slot) const {
    return slot < groups.size() ? groups[slot].get() : nullptr;
}

lane& lanes::machine::lane_of(lane_group& in, const std::string& chat) {
    const auto at = in.by_chat.try_emplace(chat).first;
    at->second.chat = &at->first;
    return at->second;
}

lanes::machine::awaited lanes::machine::awaiting(std::uint32_t slot, const std::string& chat, std::uint64_t id,
                                                 std::uint32_t run) const {
    auto* in = group(slot);
    if (in == nullptr) {
        return {};
    }
    const auto of = in->by_chat.find(chat);
    auto* found = of != in->by_chat.end() ? of->second.find(id) : nullptr;
    return found != nullptr && found->at == marking && found->run == run ? awaited{in, &of->second, found} : awaited{};
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
    while (!of.entries.empty() && of.entries.front().expires <= now &&
           (of.entries.front().at == queued || of.entries.front().at == ready)) {
        finish(in, of,
               {slot, *of.chat, of.entries.front().id, GW_OUTCOME_FAILED, {}, "expired", "it waited for too long"},
               out);
    }
    if (of.marked == 0) {
        free(in, of);
    }
    if (of.entries.empty()) {
        in.by_chat.erase(in.by_chat.find(*of.chat));
        return;
    }
    if (!may_start(in, of, now)) {
        return;
    }
    auto& first = of.entries.front();
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
        if (!of.entries.empty() && of.entries.front().at == queued && may_start(in, of, now)) {
            in.places.push_back({of.entries.front().id, &of, now});
            mark_run(slot, in, of, out);
        }
    }
}

void lanes::machine::mark_run(std::uint32_t slot, lane_group& in, lane& of, actions& out) {
    mark_action next{slot, *of.chat, {}, ++last_run};
    for (auto& each : of.entries) {
        if (of.marked >= in.run || each.at != queued || (of.marked > 0 && !each.is_small)) {
            break;
        }
        each.at = marking;
        each.run = next.run;
        ++each.attempt;
        ++of.marked;
        next.marks.push_back({each.id, each.attempt, true, each.repeated});
    }
    out.emplace_back(std::move(next));
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
    if (&what == &of.entries.front()) {
        of.entries.pop_front();
    } else {
        of.entries.erase(std::ranges::find(of.entries, what.id, &lane_entry::id));
    }
    --in.pending;
    --pending;
}

void lanes::machine::finish(lane_group& in, lane& of, record_action what, actions& out) {
    remove(in, of, *of.find(what.id));
    out.emplace_back(std::move(what));
}

void lanes::machine::outcome_unknown(std::uint32_t slot, lane_group& in, lane& of, bool is_last, std::string code,
                                     std::string text, actions& out) {
    auto& first = of.entries.front();
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

// A row of the journal becomes the lane's last. One that was marked may have been sent.
void lanes::machine::append(std::uint32_t slot, lane_group& in, lane& of, const store::waiting& row, time_point now,
                            std::int64_t unix_ms, actions& out) {
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
        return;
    }
    // A clock that was set back must not keep it for longer than its time to live.
    const auto left = std::min(std::chrono::milliseconds(row.created_unix_ms - unix_ms) + options.ttl, options.ttl);
    of.add({.id = row.id,
            .expires = now + left,
            .content = nullptr,
            .attempt = row.attempt,
            .repeated = row.handed || row.repeated,
            .is_small = row.bytes <= options.ahead_bytes});
}

void lanes::machine::sweep(time_point now, actions& out) {
    for (std::uint32_t slot = 0; slot < groups.size(); ++slot) {
        auto* in = groups[slot].get();
        if (in == nullptr || in->pending == 0) {
            continue;
        }
        for (const auto& each : std::vector<lane_place>(in->places)) {
            const auto& first = each.of->entries.front();
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
    unmark_action back{slot, *of.chat, {}, {}};
    auto left = of.marked;
    for (auto each = of.entries.begin(); left > 0; ++each) {
        if (!is_marked(each->at)) {
            continue;
        }
        --left;
        if (each->at != in_flight) {
            each->at = each->at == committing_marked ? committing : queued;
            each->content.reset();
            --each->attempt;
            --of.marked;
            back.marks.push_back({each->id, each->attempt, false, each->repeated});
        }
    }
    if (!back.marks.empty()) {
        out.emplace_back(std::move(back));
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
