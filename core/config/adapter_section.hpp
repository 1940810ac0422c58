// [adapters.NAME]: the host's own keys, and the rest as JSON for the adapter.
#pragma once

#include "config/config.hpp"
#include "config/document.hpp"

#include <filesystem>
#include <optional>
#include <vector>

namespace gateway::config {

// What an instance's table builds on.
struct adapter_defaults {
    reconnect::policy reconnect;
    std::string proxy;
    std::filesystem::path folder;  // of the configuration's file
    const environment& env;
};

struct file_findings {
    complaints& problems;
    complaints& warnings;
};

// All of [adapters], ordered by name. What is wrong within an instance's table stands in its `mistakes`; the problems
// found are those of names, and of what is no table.
std::vector<adapter_config> read_adapters(const node::table& adapters, const adapter_defaults& defaults,
                                          file_findings findings);

// A `proxy` key: a URL, a secret's source that holds one, or "direct" for none. Nothing when absent or wrong.
std::optional<std::string> read_proxy(const member& member, const std::string& key, const std::filesystem::path& folder,
                                      const environment& environment, file_findings findings);

}  // namespace gateway::config
