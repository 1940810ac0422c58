// What the command line of gateway-host says. Plain values.
#pragma once

#include "log/log.hpp"

#include <filesystem>
#include <optional>

namespace gateway {

struct options {
    std::filesystem::path plugins_dir = "/usr/lib/gateway";
    std::filesystem::path config_file = "/etc/gateway/gateway.toml";
    bool config_given = false;  // else an absent file means: no instances
    std::filesystem::path state_dir = "/var/lib/gateway";
    std::optional<log::level> log_level;  // unset: the configuration's
    std::optional<log::line_format> log_format;
};

}  // namespace gateway
