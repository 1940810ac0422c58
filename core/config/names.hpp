// What names and proxies look like. (Addresses and patterns: message/address.hpp.)
//
// Pure; each function answers with what is wrong, as the end of a sentence whose subject is the name, or with nothing.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gateway::config {

// What the host itself reads in [adapters.NAME]; all other keys are the adapter's.
inline constexpr std::array<std::string_view, 5> host_keys{"plugin", "enabled", "reconnect", "proxy", "chats"};

inline constexpr std::size_t max_instance_name_bytes = 64;
inline constexpr std::size_t max_plugin_name_bytes = 32;
inline constexpr std::size_t max_id_bytes = 255;  // of a chat, as in the ABI

// [a-z0-9] first, then [a-z0-9_-]; ':', '#', '/' and '*' would not be tellable from an address.
std::optional<std::string> instance_name_problem(std::string_view name);

// As in a module's manifest: [a-z][a-z0-9_-]{0,31}.
std::optional<std::string> plugin_name_problem(std::string_view name);

// http://, socks5:// or socks5h://, then [user[:password]@]host:port. The text is not repeated: it may hold a password.
std::optional<std::string> proxy_problem(std::string_view url);

// The password in a proxy's URL as it stands there (percent-encoded); empty when there is none.
std::string_view proxy_password(std::string_view url);

}  // namespace gateway::config
