// Who is in the fleet: a slot and a name for each member.
//
// A member that leaves keeps both until its teardown is over, so a name always means one member, and a slot one
// instance. Slots are dense and reused, as the scheduler wants them.
//
// Pure, loop thread. Owns the members. Every call but the list costs O(log n) at most.
#pragma once

#include "instance/listener.hpp"
#include "instance/record.hpp"
#include "module/catalogue.hpp"
#include "reconnect/slot.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::instance {

// One configured instance.
struct member {
    std::string name;
    std::string plugin;
    std::shared_ptr<const instance_spec> spec;
    const module::loaded_module* module = nullptr;  // of the latest incarnation
    identity account;
    std::optional<reconnect::incarnation_id> awaits_module;  // to be created when its module is loaded
    bool checked = false;                                    // its table against the module's schema
    bool leaving = false;                                    // removed from the configuration, its teardown under way
    bool troubled = false;                                   // as fleet_health counts it
};

class roster {
public:
    using name_index = std::map<std::string, reconnect::slot_id, std::less<>>;

    // Nobody has the name.
    reconnect::slot_id add(member who);
    // Its slot and its name are free again.
    member take(reconnect::slot_id slot);

    [[nodiscard]] member& at(reconnect::slot_id slot) { return *members_[reconnect::index_of(slot)]; }
    [[nodiscard]] const member& at(reconnect::slot_id slot) const { return *members_[reconnect::index_of(slot)]; }
    // Also one that leaves.
    [[nodiscard]] std::optional<reconnect::slot_id> find(std::string_view name) const;
    // Only one that stays.
    [[nodiscard]] std::optional<reconnect::slot_id> find_staying(std::string_view name) const;
    // All of them, also those that leave, ordered by name.
    [[nodiscard]] const name_index& by_name() const { return by_name_; }

private:
    std::vector<std::unique_ptr<member>> members_;  // by slot; null: free
    std::vector<reconnect::slot_id> free_;          // the one that became free last is at the end
    name_index by_name_;
};

}  // namespace gateway::instance
