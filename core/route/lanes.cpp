#include "route/lanes.hpp"

#include "route/lane_machine.hpp"

#include <algorithm>
#include <utility>

namespace gateway::route {

using enum delivery_step;

lanes::lanes(lane_settings options) : machine_(std::make_unique<machine>()) {
    machine_->options = options;
}

lanes::~lanes() = default;

void lanes::add_instance(std::uint32_t slot) {
    auto& groups = machine_->groups;
    if (slot >= groups.size()) {
        groups.resize(slot + 1);
    }
    groups[slot] = std::make_unique<lane_group>();
}

std::uint64_t lanes::remove_instance(std::uint32_t slot) {
    auto* in = machine_->group(slot);
    if (in == nullptr) {
        return 0;
    }
    const auto left = in->pending;
    machine_->pending -= left;
    machine_->groups[slot].reset();
    return left;
}

std::uint64_t lanes::loaded(std::uint32_t slot, const std::vector<store::waiting_lane>& found, time_point now,
                            std::int64_t unix_ms, actions& ret_actions) {
    auto* in = machine_->group(slot);
    if (in == nullptr || in->loaded) {
        return 0;
    }
    std::uint64_t news = 0;
    for (const auto& each : found) {
        auto& of = machine::lane_of(*in, each.chat);
        auto younger = std::exchange(of.entries, decltype(of.entries)());  // submitted since the instance was added
        for (const auto& row : each.deliveries) {
            if (younger.empty() || row.id < younger.front().id) {
                machine_->add(*in, 1, now);
                ++news;
                machine_->append(slot, *in, of, row, now, unix_ms, ret_actions);
            }
        }
        for (auto& one : younger) {
            of.add(std::move(one));
        }
    }
    in->loaded = true;
    machine_->advance_all(slot, *in, now, ret_actions);
    return news;
}

void lanes::online(std::uint32_t slot, time_point now, actions& ret_actions) {
    if (auto* in = machine_->group(slot); in != nullptr) {
        in->open = true;
        machine_->advance_all(slot, *in, now, ret_actions);
    }
}

void lanes::closing(std::uint32_t slot, actions& ret_actions) {
    if (auto* in = machine_->group(slot); in != nullptr) {
        in->open = false;
        machine::take_back_all(slot, *in, ret_actions);
    }
}

void lanes::offline(std::uint32_t slot, time_point now, actions& ret_actions) {
    auto* in = machine_->group(slot);
    if (in == nullptr) {
        return;
    }
    in->open = false;
    for (const auto& each : std::vector<lane_place>(in->places)) {
        if (each.of->entries.front().at == in_flight) {
            machine_->outcome_unknown(slot, *in, *each.of, false, "outcome_unknown",
                                      "the connection ended again and again while it was sent", ret_actions);
        }
        machine::take_back(slot, *in, *each.of, ret_actions);
        machine_->advance(slot, *in, *each.of, now, ret_actions);
    }
}

bool lanes::submitted(std::uint32_t slot, const std::string& chat, std::uint64_t id, std::size_t bytes,
                      time_point now) {
    auto* in = machine_->group(slot);
    if (in == nullptr) {
        return false;
    }
    auto& of = machine::lane_of(*in, chat);
    machine_->add(*in, 1, now);
    const bool is_small = bytes <= machine_->options.ahead_bytes;
    const bool has_room = of.entries.empty() ? in->places.size() < machine_->options.max_in_flight
                                             : of.marked == of.entries.size() && of.marked < in->run && is_small;
    const bool starts = has_room && in->waiting.empty() && machine::may_start(*in, of, now);
    if (starts && of.entries.empty()) {
        in->places.push_back({id, &of, now});
    }
    of.marked += starts ? 1 : 0;
    of.add({.id = id,
            .expires = now + machine_->options.ttl,
            .content = nullptr,
            .attempt = starts ? 1U : 0U,
            .is_small = is_small,
            .at = starts ? committing_marked : committing});
    return starts;
}

void lanes::committed(std::uint32_t slot, message::delivery&& what, time_point now, actions& ret_actions) {
    auto* in = machine_->group(slot);
    if (in == nullptr) {
        return;
    }
    auto& of = in->by_chat.at(what.message.chat);
    auto& found = *of.find(what.id);
    if (found.at == committing_marked) {
        found.at = ready;
        found.content = std::make_unique<message::delivery>(std::move(what));
    } else {
        found.at = queued;
    }
    machine_->advance(slot, *in, of, now, ret_actions);
}

void lanes::withdrawn(std::uint32_t slot, const std::string& chat, std::uint64_t id, time_point now,
                      actions& ret_actions) {
    auto* in = machine_->group(slot);
    if (in == nullptr) {
        return;
    }
    auto& of = in->by_chat.at(chat);
    machine_->remove(*in, of, *of.find(id));
    machine_->advance(slot, *in, of, now, ret_actions);
}

void lanes::marked(std::uint32_t slot, const std::string& chat, std::uint32_t run,
                   std::vector<std::unique_ptr<message::delivery>>&& contents, time_point now, actions& ret_actions) {
    auto* in = machine_->group(slot);
    if (in == nullptr) {
        return;
    }
    const auto at = in->by_chat.find(chat);
    if (at == in->by_chat.end()) {
        return;
    }
    auto& of = at->second;
    for (auto& each : contents) {
        auto* found = each != nullptr ? of.find(each->id) : nullptr;
        if (found != nullptr && found->at == marking && found->run == run) {
            found->at = ready;
            found->content = std::move(each);
        }
    }
    machine_->advance(slot, *in, of, now, ret_actions);
}

void lanes::mark_failed(std::uint32_t slot, const std::string& chat, std::uint64_t id, std::uint32_t run, bool gone,
                        time_point now, actions& ret_actions) {
    const auto [in, of, found] = machine_->awaiting(slot, chat, id, run);
    if (found == nullptr) {
        return;
    }
    if (gone) {
        machine_->finish(*in, *of, {slot, *of->chat, id, GW_OUTCOME_FAILED, {}, "gone", "the journal does not hold it"},
                         ret_actions);
    } else {
        found->at = queued;
        --found->attempt;
        --of->marked;
        machine_->pause_group(slot, *in, now + machine_->options.retry_first, ret_actions);
    }
    machine_->advance(slot, *in, *of, now, ret_actions);
}

std::unique_ptr<message::delivery> lanes::take(std::uint32_t slot, std::uint64_t id, time_point now) {
    auto* in = machine_->group(slot);
    auto* has = in != nullptr ? machine::place(*in, id) : nullptr;
    if (has == nullptr || has->of->entries.front().at != called) {
        return nullptr;
    }
    auto& first = has->of->entries.front();
    first.at = in_flight;
    first.content->attempt = first.attempt;
    first.content->flags = first.repeated ? GW_DELIVERY_REPEATED : 0;
    has->since = now;
    return std::move(first.content);
}

bool lanes::receipt(std::uint32_t slot, message::receipt&& what, time_point now, actions& ret_actions) {
    auto* in = machine_->group(slot);
    auto* has = in != nullptr ? machine::place(*in, what.delivery) : nullptr;
    if (has == nullptr || has->of->entries.front().at != in_flight) {
        return false;
    }
    auto& of = *has->of;
    auto& first = of.entries.front();
    const auto& options = machine_->options;
    in->run =
        now - has->since < options.ahead_below ? std::min(in->run * 2, options.max_run) : std::max(in->run / 2, 1U);
    if (what.outcome == GW_OUTCOME_UNKNOWN) {
        if (!first.repeated) {
            machine_->pause_lane(slot, of, now + options.retry_first);
        }
        machine_->outcome_unknown(slot, *in, of, first.repeated, std::move(what.code), std::move(what.text),
                                  ret_actions);
    } else if (what.outcome == GW_OUTCOME_RETRY && first.attempt < options.max_attempts) {
        const auto asked =
            std::chrono::milliseconds(std::clamp<std::int64_t>(what.retry_after_ms, 0, options.ttl.count()));
        const auto until = now + (asked.count() > 0 ? asked : machine_->pace(first.attempt));
        first.at = queued;
        --of.marked;
        ret_actions.emplace_back(
            unmark_action{slot, *of.chat, {{first.id, first.attempt, false, first.repeated}}, std::move(what.code)});
        machine::take_back(slot, *in, of, ret_actions);
        if (what.scope == GW_SCOPE_INSTANCE) {
            machine_->pause_group(slot, *in, until, ret_actions);
        } else {
            machine_->pause_lane(slot, of, until);
        }
    } else {
        const bool exhausted = what.outcome == GW_OUTCOME_RETRY;
        machine_->finish(*in, of,
                         {slot, *of.chat, first.id, exhausted ? GW_OUTCOME_FAILED : what.outcome,
                          what.message_ids.empty() ? std::string{} : std::move(what.message_ids.front()),
                          exhausted ? "attempts_exhausted" : std::move(what.code), std::move(what.text)},
                         ret_actions);
    }
    machine_->advance(slot, *in, of, now, ret_actions);
    return true;
}

std::optional<lanes::time_point> lanes::next_tick() const {
    auto next = machine_->sweep_at;
    if (!machine_->pauses.empty()) {
        const auto pause = machine_->pauses.begin()->first;
        next = next ? std::min(*next, pause) : pause;
    }
    return next;
}

void lanes::tick(time_point now, actions& ret_actions) {
    auto& pauses = machine_->pauses;
    while (!pauses.empty() && pauses.begin()->first <= now) {
        const auto due = std::move(pauses.begin()->second);
        pauses.erase(pauses.begin());
        auto* in = machine_->group(due.slot);
        if (in == nullptr) {
            continue;
        }
        if (due.chat.empty()) {
            machine_->advance_all(due.slot, *in, now, ret_actions);
        } else if (const auto found = in->by_chat.find(due.chat); found != in->by_chat.end()) {
            machine_->advance(due.slot, *in, found->second, now, ret_actions);
        }
    }
    if (machine_->sweep_at && *machine_->sweep_at <= now) {
        machine_->sweep(now, ret_actions);
    }
}

std::uint64_t lanes::pending() const {
    return machine_->pending;
}

std::uint64_t lanes::pending(std::uint32_t slot) const {
    const auto* in = machine_->group(slot);
    return in != nullptr ? in->pending : 0;
}

bool lanes::full(std::uint32_t slot) const {
    return pending(slot) >= machine_->options.max_pending;
}

std::size_t lanes::lane_count(std::uint32_t slot) const {
    const auto* in = machine_->group(slot);
    return in != nullptr ? in->by_chat.size() : 0;
}

}  // namespace gateway::route
