// The log lines about what becomes of an instance: online, and each failure once, by the incarnation that had it.
//
// Loop thread. No state.
#pragma once

#include "instance/roster.hpp"
#include "reconnect/action.hpp"
#include "reconnect/policy.hpp"
#include "reconnect/scheduler.hpp"

#include <optional>

namespace gateway::instance {

void log_change(const reconnect::action& what, const member& of, const std::optional<reconnect::status>& status,
                reconnect::time_point now);
// `probe`: how often it is tried all the same; zero: never.
void log_give_up(const member& of, std::uint32_t attempts, reconnect::duration probe);

}  // namespace gateway::instance
