// Updates that are no messages: reactions, buttons that were pressed, members who come and go. Pure.
#pragma once

#include "telegram_update.hpp"

namespace gateway::telegram {

inline constexpr std::size_t max_reactions = 32;  // of one user to one message; the platform has few

// `update` is the update's id: with the time it tells apart what was done twice in a second.
[[nodiscard]] parsed_update parse_reaction(const boost::json::object& from, std::int64_t update, const reading& how);
[[nodiscard]] parsed_update parse_callback(const boost::json::object& from, const reading& how);
[[nodiscard]] parsed_update parse_member(const boost::json::object& from, std::int64_t update, const reading& how);
[[nodiscard]] parsed_update parse_own_membership(const boost::json::object& from);

}  // namespace gateway::telegram
