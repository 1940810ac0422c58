#include "instance/handover.hpp"

#include <utility>

namespace gateway::instance {

void handover::goes(reconnect::slot_id slot, std::string_view plugin) {
    if (going_.emplace(slot, plugin).second) {
        by_plugin_[std::string{plugin}].insert(slot);
    }
}

bool handover::holds(key which, std::string_view plugin) {
    if (coming_.erase(which.slot) == 0 || by_plugin_.find(plugin) == by_plugin_.end()) {
        return false;
    }
    waiting_[std::string{plugin}].push_back(which);
    return true;
}

std::vector<key> handover::gone(reconnect::slot_id slot) {
    const auto found = going_.find(slot);
    if (found == going_.end()) {
        return {};
    }
    const std::string plugin = std::move(found->second);
    going_.erase(found);
    const auto others = by_plugin_.find(plugin);
    others->second.erase(slot);
    if (!others->second.empty()) {
        return {};
    }
    by_plugin_.erase(others);
    auto freed = waiting_.extract(plugin);
    return freed.empty() ? std::vector<key>{} : std::move(freed.mapped());
}

}  // namespace gateway::instance
