// [[routes]]: patterns and an instance, or a bridge of addresses.
#pragma once

#include "config/config.hpp"
#include "config/document.hpp"

#include <vector>

namespace gateway::config {

// `instances` are the names of all configured ones, sorted.
std::vector<route_config> read_routes(const node::list& routes, const std::vector<std::string>& instances,
                                      complaints& problems);

}  // namespace gateway::config
