// Within one change of the configuration, what comes connects only when what goes is gone.
//
// A renamed instance is one that goes and one that comes, for the same account: two connections at once would fight
// each other (Telegram answers 409 to both). Which account an instance is for only its adapter knows, so a new or
// changed instance waits for all incarnations of the same module that the same change ends. Their close deadlines
// bound the wait.
//
// Pure, loop thread. Bounded by the number of instances.
#pragma once

#include "instance/record.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::instance {

class handover {
public:
    // This change ends the living incarnation in that slot.
    void goes(reconnect::slot_id slot, std::string_view plugin);
    // This change makes that slot's instance a new one.
    void comes(reconnect::slot_id slot) { coming_.insert(slot); }

    // Whether this incarnation has to wait; if so, it is kept until `gone` hands it out.
    bool holds(key which, std::string_view plugin);

    // That slot's incarnation is destroyed. Which of those that waited need not any more; some may have died since.
    [[nodiscard]] std::vector<key> gone(reconnect::slot_id slot);

private:
    std::map<reconnect::slot_id, std::string> going_;                             // with their modules
    std::map<std::string, std::set<reconnect::slot_id>, std::less<>> by_plugin_;  // the same by module; no empty set
    std::set<reconnect::slot_id> coming_;                           // not connected yet since their change
    std::map<std::string, std::vector<key>, std::less<>> waiting_;  // by module
};

}  // namespace gateway::instance
