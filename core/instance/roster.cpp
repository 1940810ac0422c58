#include "instance/roster.hpp"

#include <cassert>
#include <cstdint>
#include <utility>

namespace gateway::instance {

reconnect::slot_id roster::add(member who) {
    assert(!by_name_.contains(who.name));
    reconnect::slot_id slot{static_cast<std::uint32_t>(members_.size())};
    if (free_.empty()) {
        members_.emplace_back();
    } else {
        slot = free_.back();
        free_.pop_back();
    }
    by_name_.emplace(who.name, slot);
    members_[reconnect::index_of(slot)] = std::make_unique<member>(std::move(who));
    return slot;
}

member roster::take(reconnect::slot_id slot) {
    const auto taken = std::exchange(members_[reconnect::index_of(slot)], nullptr);
    by_name_.erase(taken->name);
    free_.push_back(slot);
    return std::move(*taken);
}

std::optional<reconnect::slot_id> roster::find(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<reconnect::slot_id> roster::find_staying(std::string_view name) const {
    const auto found = find(name);
    return found && !at(*found).leaving ? found : std::nullopt;
}

}  // namespace gateway::instance
