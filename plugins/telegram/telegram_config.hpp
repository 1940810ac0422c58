// The instance's table, checked. Pure.
#pragma once

#include <gateway/cpp/http.hpp>
#include <gateway/cpp/status.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace gateway::telegram {

inline constexpr std::size_t max_api_root_bytes = 2'048;
inline constexpr std::size_t max_token_bytes = 256;

struct config {
    std::string base_url;        // "{api_root}/bot{token}/": a secret, like every URL made of it
    std::size_t root_bytes = 0;  // api_root's, in base_url
    std::size_t secret_at = 0;   // in base_url
    std::size_t secret_bytes = 0;
    std::chrono::seconds poll_timeout{50};
    bool addressed_only = false;  // groups = "addressed"
    bool chat_members = false;
    sdk::http_version http = sdk::http_version::automatic;

    // What must not appear in any text: the token, or its random half when that is long enough to be recognised.
    [[nodiscard]] std::string_view secret() const { return std::string_view(base_url).substr(secret_at, secret_bytes); }

    // Of a file by its path: a secret too.
    [[nodiscard]] std::string file_url(std::string_view path) const {
        return base_url.substr(0, root_bytes).append("/file").append(base_url, root_bytes).append(path);
    }
};

// Throws sdk::config_error with the key and what would be right; never with a value.
[[nodiscard]] config parse_config(std::string_view json);

}  // namespace gateway::telegram
