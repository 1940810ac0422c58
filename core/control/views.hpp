// What the control API shows, as JSON. Pure; secrets are redacted by the server, once, in the finished text.
#pragma once

#include "instance/fleet.hpp"
#include "module/catalogue.hpp"
#include "route/message_plane.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace gateway::control {

// RFC 3339 with milliseconds, in UTC: "2026-01-31T09:15:02.417Z".
[[nodiscard]] std::string rfc3339(std::int64_t unix_ms);

[[nodiscard]] boost::json::object view(const instance::instance_status& of);
[[nodiscard]] boost::json::array view(const std::vector<instance::instance_status>& all);
[[nodiscard]] boost::json::object view(const instance::fleet_health& of);
[[nodiscard]] boost::json::object view(const module::catalogue& modules);
[[nodiscard]] boost::json::array view(const std::vector<route::directory_entry>& chats);
[[nodiscard]] boost::json::object view(const route::counters& count);

}  // namespace gateway::control
