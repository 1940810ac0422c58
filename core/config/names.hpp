// What names and proxies look like. (Addresses and patterns: message/address.hpp.)
//
// Pure; each function answers with what is wrong, as the end of a sentence whose subject is the name, or with nothing.
#pragma once

#include "config/complaint.hpp"

#include <boost/system/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
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

// Where the host listens: an IP address, without brackets, and a port (0: any that is free).
struct listen_address {
    std::string host;
    std::uint16_t port = 0;

    bool operator==(const listen_address&) const = default;
};

// "127.0.0.1:8443", "[::1]:8443". A name is refused: it may stand for several addresses, and for others tomorrow.
boost::system::result<listen_address, mistake> parse_listen_address(std::string_view text);

// http://, socks5:// or socks5h://, then [user[:password]@]host:port. The text is not repeated: it may hold a password.
std::optional<std::string> proxy_problem(std::string_view url);

// The password in a proxy's URL as it stands there (percent-encoded); empty when there is none.
std::string_view proxy_password(std::string_view url);

}  // namespace gateway::config
