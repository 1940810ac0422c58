// The function tables that modules see: gw_host and the host's extensions.
//
// Each function checks thread, call and incarnation, then hands over to the service that does the work. The tables are
// constants; the instance_host they speak to is the active one of the process.
#pragma once

#include <gateway/gateway.h>

#include <set>
#include <string>

namespace gateway::instance {
class instance_host;
}

namespace gateway::instance::host_api {

[[nodiscard]] const gw_host* table();

// The names that a manifest may require.
[[nodiscard]] const std::set<std::string, std::less<>>& extensions();

// Null: no host; every function then answers GW_ERR_STALE.
void activate(instance_host* host);

}  // namespace gateway::instance::host_api
