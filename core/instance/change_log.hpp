// The log lines about what becomes of an instance: online, and each failure once, by the incarnation that had it.
//
// Loop thread. No state.
#pragma once

#include "instance/roster.hpp"
#include "reconnect/action.hpp"
#include "reconnect/policy.hpp"
#include "reconnect/scheduler.hpp"

namespace gateway::instance {

// A `changed`. The status is for a failure's code and text, which no action carries.
void log_change(const reconnect::action& what, const member& of, const reconnect::scheduler& machine);
// A `gave_up`. `probe`: how often it is tried all the same, if there is a next time.
void log_give_up(const reconnect::action& what, const member& of, reconnect::duration probe);

}  // namespace gateway::instance
