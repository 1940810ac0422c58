// What the fleet shows of itself.

#include "instance/fleet.hpp"
#include "log/secrets.hpp"

#include <algorithm>
#include <utility>

namespace gateway::instance {

void fleet::on_journal_trouble(std::string sentence) {
    journal_trouble_ = std::move(sentence);
    on_change_();
}

instance_status fleet::describe(reconnect::slot_id slot) const {
    const auto& of = roster_.at(slot);
    instance_status shown;
    shown.name = of.name;
    shown.plugin = of.plugin;
    shown.account = of.account;
    shown.pending = with_.plane.pending(static_cast<std::uint32_t>(slot));
    if (of.module != nullptr) {
        shown.version = of.module->description->version;
        shown.generation = of.module->generation;
    }
    const auto status = scheduler_.status_of(slot);
    if (!status) {
        return shown;
    }
    const auto now = with_.time.now();
    const auto in_ms = [](auto span) { return std::chrono::duration_cast<std::chrono::milliseconds>(span); };
    shown.state = status->at;
    shown.since_ms = with_.time.unix_ms() - in_ms(now - status->since).count();
    shown.attempts = status->attempts;
    shown.incarnation = static_cast<std::uint32_t>(status->incarnation);
    if (status->next_retry) {
        shown.next_retry = std::max(std::chrono::milliseconds{0}, in_ms(*status->next_retry - now));
    }
    if (status->why) {
        shown.failure = reconnect::failure{status->why->cls, std::string(status->why->code),
                                           log::redact(status->why->text), std::nullopt};
    }
    return shown;
}

std::vector<instance_status> fleet::statuses() const {
    std::vector<instance_status> all;
    all.reserve(size());
    for (const auto& [name, slot] : roster_.by_name()) {
        all.push_back(describe(slot));
    }
    return all;
}

std::optional<instance_status> fleet::status_of(std::string_view name) const {
    const auto slot = roster_.find(name);
    return slot ? std::optional(describe(*slot)) : std::nullopt;
}

// Called whenever the answer may be another one.
void fleet::judge(reconnect::slot_id slot) {
    auto& of = at(slot);
    const auto status = scheduler_.status_of(slot);
    const bool is_troubled = status && status->why && status->at != reconnect::state::paused && !of.leaving;
    troubled_ -= std::exchange(of.troubled, is_troubled) ? 1 : 0;
    troubled_ += is_troubled ? 1 : 0;
}

fleet_health fleet::health() const {
    fleet_health all;
    all.journal_trouble = journal_trouble_;
    all.troubled = troubled_;
    all.mended = mended_;
    for (std::size_t i = 0; i < reconnect::state_count; ++i) {
        const auto state = static_cast<reconnect::state>(i);
        all.in_state[i] = state == reconnect::state::absent ? 0 : scheduler_.count(state);
    }
    return all;
}

}  // namespace gateway::instance
