// [reconnect], and reconnect.KEY in an adapter's table: the same keys, the latter on top of the former.
#pragma once

#include "config/complaint.hpp"
#include "config/document.hpp"
#include "reconnect/policy.hpp"

#include <string>

namespace gateway::config {

// `base` with what the table says. Ranges are those of reconnect/policy.hpp.
reconnect::policy read_reconnect(const node::table& table, std::string path, const reconnect::policy& base,
                                 complaints& problems);

}  // namespace gateway::config
