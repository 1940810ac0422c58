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
        const auto at = in->by_chat.try_emplace(each.chat).first;
        auto& of = at->second;
        of.chat = &at->first;
        const auto unknown = each.total - of.behind;  // those behind were committed since the instance was added
        machine_->add(*in, unknown, now);
        news += unknown;
        of.behind = each.total - each.first.size();
        machine_->append(slot, *in, of, each.first, now, unix_ms, ret_actions);
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

void lanes::closing(std::uint32_t slot) {
    if (auto* in = machine_->group(slot); in != nullptr) {
        in->open = false;
    }
}

void lanes::offline(std::uint32_t slot, time_point now, actions& ret_actions) {
    auto* in = machine_->group(slot);
    if (in == nullptr) {
        return;
    }
    in->open = false;
    for (const auto& each : std::vector<lane_place>(in->places)) {
        if (each.of->window.front().at == in_flight) {
            machine_->outcome_unknown(slot, *in, *each.of, "outcome_unknown",
                                      "the connection ended again and again while it was sent", ret_actions);
        } else {
            machine::take_back(*in, *each.of);
        }
        machine_->advance(slot, *in, *each.of, now, ret_actions);
    }
}

bool lanes::submitted(std::uint32_t slot, const std::string& chat, std::uint64_t id, time_point now) {
    auto* in = machine_->group(slot);
    if (in == nullptr) {
        return false;
    }
    const auto at = in->by_chat.try_emplace(chat).first;
    auto& of = at->second;
    of.chat = &at->first;
    machine_->add(*in, 1, now);
    if (!in->loaded || of.behind + of.behind_uncommitted > 0 || of.window.size() >= machine_->options.window) {
        ++of.behind_uncommitted;
        return false;
    }
    const bool starts = of.window.empty() && in->waiting.empty() && machine_->may_start(*in, of, now) &&
                        in->places.size() < machine_->options.max_in_flight;
    of.last_id = id;
    of.window.push_back(
        {id, now + machine_->options.ttl, starts ? 1U : 0U, false, starts ? committing_marked : committing});
    if (starts) {
        in->places.push_back({id, &of, now});
    }
    return starts;
}

bool lanes::committed(std::uint32_t slot, const std::string& chat, std::uint64_t id, time_point now,
                      actions& ret_actions) {
    auto* in = machine_->group(slot);
    if (in == nullptr) {
        return false;
    }
    auto& of = in->by_chat.at(chat);
    auto* found = of.find(id);
    if (found == nullptr) {
        --of.behind_uncommitted;
        ++of.behind;
    } else if (found->at == committing_marked && in->open) {
        found->at = ready;
        return true;
    } else if (found->at == committing_marked) {
        machine::take_back(*in, of);
        found->at = queued;
    } else {
        found->at = queued;
    }
    machine_->advance(slot, *in, of, now, ret_actions);
    return false;
}

void lanes::withdrawn(std::uint32_t slot, const std::string& chat, std::uint64_t id, time_point now,
                      actions& ret_actions) {
    auto* in = machine_->group(slot);
    if (in == nullptr) {
        return;
    }
    auto& of = in->by_chat.at(chat);
    if (auto* found = of.find(id); found != nullptr) {
        machine::free(*in, id);
        of.window.erase(of.window.begin() + (found - of.window.data()));
    } else {
        --of.behind_uncommitted;
    }
    --in->pending;
    --machine_->pending;
    machine_->advance(slot, *in, of, now, ret_actions);
    machine_->fill(slot, *in, now, ret_actions);
}

bool lanes::marked(std::uint32_t slot, std::uint64_t id, std::uint32_t attempt) {
    auto* in = machine_->group(slot);
    auto* taken = in != nullptr ? machine::place(*in, id) : nullptr;
    if (taken == nullptr) {
        return false;
    }
    auto& first = taken->of->window.front();
    if (first.at != marking || first.attempt != attempt) {
        return false;
    }
    first.at = ready;
    return true;
}

void lanes::mark_failed(std::uint32_t slot, std::uint64_t id, std::uint32_t attempt, bool gone, time_point now,
                        actions& ret_actions) {
    auto* in = machine_->group(slot);
    auto* taken = in != nullptr ? machine::place(*in, id) : nullptr;
    if (taken == nullptr) {
        return;
    }
    auto& of = *taken->of;
    const auto& first = of.window.front();
    if (first.at != marking || first.attempt != attempt) {
        return;
    }
    if (gone) {
        machine_->finish(*in, of, {slot, *of.chat, id, GW_OUTCOME_FAILED, {}, "gone", "the journal does not hold it"},
                         ret_actions);
    } else {
        machine::take_back(*in, of);
        machine_->pause_group(slot, *in, now + machine_->options.retry_first);
    }
    machine_->advance(slot, *in, of, now, ret_actions);
    machine_->fill(slot, *in, now, ret_actions);
}

std::optional<hand_over> lanes::start(std::uint32_t slot, std::uint64_t id, time_point now) {
    auto* in = machine_->group(slot);
    auto* taken = in != nullptr ? machine::place(*in, id) : nullptr;
    if (taken == nullptr || taken->of->window.front().at != ready) {
        return std::nullopt;
    }
    auto& first = taken->of->window.front();
    if (!in->open) {
        machine::take_back(*in, *taken->of);
        return std::nullopt;
    }
    first.at = in_flight;
    taken->since = now;
    return hand_over{first.attempt, first.repeated};
}

void lanes::not_taken(std::uint32_t slot, std::uint64_t id) {
    auto* in = machine_->group(slot);
    if (in == nullptr) {
        return;
    }
    in->open = false;
    if (auto* taken = machine::place(*in, id); taken != nullptr && taken->of->window.front().at == in_flight) {
        machine::take_back(*in, *taken->of);
    }
}

bool lanes::receipt(std::uint32_t slot, message::receipt&& what, time_point now, actions& ret_actions) {
    auto* in = machine_->group(slot);
    auto* taken = in != nullptr ? machine::place(*in, what.delivery) : nullptr;
    if (taken == nullptr || taken->of->window.front().at != in_flight) {
        return false;
    }
    auto& of = *taken->of;
    auto& first = of.window.front();
    const auto& options = machine_->options;
    if (what.outcome == GW_OUTCOME_UNKNOWN && !first.repeated) {
        machine_->pause_lane(slot, of, now + options.retry_first);
        machine_->outcome_unknown(slot, *in, of, std::move(what.code), std::move(what.text), ret_actions);
    } else if (what.outcome == GW_OUTCOME_RETRY && first.attempt < options.max_attempts) {
        machine::free(*in, first.id);
        first.at = queued;
        ret_actions.emplace_back(
            record_action{slot, *of.chat, first.id, GW_OUTCOME_RETRY, {}, std::move(what.code), std::move(what.text)});
        const auto asked =
            std::chrono::milliseconds(std::clamp<std::int64_t>(what.retry_after_ms, 0, options.ttl.count()));
        const auto until = now + (asked.count() > 0 ? asked : machine_->pace(first.attempt));
        if (what.scope == GW_SCOPE_INSTANCE) {
            machine_->pause_group(slot, *in, until);
        } else {
            machine_->pause_lane(slot, of, until);
        }
    } else {
        const bool exhausted = what.outcome == GW_OUTCOME_RETRY;
        machine_->finish(
            *in, of,
            {slot, *of.chat, first.id, exhausted ? GW_OUTCOME_FAILED : what.outcome, std::move(what.message_id),
             exhausted ? "attempts_exhausted" : std::move(what.code), std::move(what.text)},
            ret_actions);
    }
    machine_->advance(slot, *in, of, now, ret_actions);
    machine_->fill(slot, *in, now, ret_actions);
    return true;
}

void lanes::refilled(std::uint32_t slot, const std::string& chat, const std::vector<store::waiting>& next,
                     time_point now, std::int64_t unix_ms, actions& ret_actions) {
    auto* in = machine_->group(slot);
    if (in == nullptr) {
        return;
    }
    auto& of = in->by_chat.at(chat);
    of.refilling = false;
    if (next.empty()) {  // whoever removed them from the journal, there is nothing to wait for
        in->pending -= of.behind;
        machine_->pending -= of.behind;
        of.behind = 0;
    }
    of.behind -= next.size();
    machine_->append(slot, *in, of, next, now, unix_ms, ret_actions);
    machine_->advance(slot, *in, of, now, ret_actions);
}

void lanes::refill_failed(std::uint32_t slot, const std::string& chat, time_point now) {
    if (auto* in = machine_->group(slot); in != nullptr) {
        auto& of = in->by_chat.at(chat);
        of.refilling = false;
        machine_->pause_lane(slot, of, now + machine_->options.retry_first);
    }
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
