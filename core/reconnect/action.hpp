#pragma once
// What the scheduler asks its driver to do. Carried out in the order given; see scheduler.hpp.
//
// Plain values in a vector that the driver owns and reuses. They say how it was when it happened: when an action's turn
// comes, the instance may have moved on already. Only a failure's code and text are not copied; those of a
// `reports_failure` stay in the status until the next `create` of that slot is carried out.

#include "reconnect/policy.hpp"
#include "reconnect/slot.hpp"
#include "reconnect/state.hpp"

#include <cstdint>
#include <vector>

namespace gateway::reconnect {

enum class action_kind : std::uint8_t {
    changed,      // the instance moved `from` → `to`: one log line, one metric
    create,       // make a fresh incarnation and connect it; report create_failed, connected or lost
    publish,      // it went online: hand over its settings, let waiting deliveries flow, rebuild the directory
    unpublish,    // it is online no more: stop handing it deliveries
    close,        // ask the incarnation to close; report closed. Its deadline runs
    destroy,      // the incarnation ends here, whatever it still does; `abandoned`: it did not close in time
    gave_up,      // attempts are exhausted: say so loudly
    removed,      // the slot is free again
    stopped_all,  // nothing is left after stop_all: the host may end
    exit          // the stop rule: nothing is left that could come back by itself; end with `exit_code`
};

struct action {
    action_kind kind{};
    state from{};                  // changed only
    state to{};                    // changed only
    bool abandoned = false;        // destroy only
    bool reports_failure = false;  // changed only: the incarnation's own failure led here, told once
    slot_id slot{};                // all but stopped_all and exit
    incarnation_id incarnation{};  // the one meant; for changed the latest so far
    int exit_code = 0;             // exit only
    std::uint32_t attempts = 0;    // changed and gave_up
    duration retry_in = no_retry;  // changed and gave_up: until the next retry or probe; not negative

    static constexpr duration no_retry{-1};

    bool operator==(const action&) const = default;
};

using action_list = std::vector<action>;

}  // namespace gateway::reconnect
