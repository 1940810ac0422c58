#include "config/names.hpp"

#include "log/utf8.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <netinet/in.h>

namespace gateway::config {
namespace {

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_name_char(char c) {
    return is_lower(c) || is_digit(c) || c == '_' || c == '-';
}

// [user[:password]@]host:port of a URL; empty when there is no "://".
std::string_view authority_of(std::string_view url) {
    const std::size_t at = url.find("://");
    return at == std::string_view::npos ? std::string_view{} : url.substr(at + 3);
}

}  // namespace

std::optional<std::string> instance_name_problem(std::string_view name) {
    if (name.empty()) {
        return "is empty; a name has 1 to 64 of a-z, 0-9, '_' and '-'";
    }
    if (name.size() > max_instance_name_bytes) {
        return "is longer than 64 characters";
    }
    if (!is_lower(name.front()) && !is_digit(name.front())) {
        return "does not start with one of a-z or 0-9";
    }
    if (!std::all_of(name.begin(), name.end(), is_name_char)) {
        return "has a character other than a-z, 0-9, '_' and '-'";
    }
    return std::nullopt;
}

std::optional<std::string> plugin_name_problem(std::string_view name) {
    if (name.empty() || name.size() > max_plugin_name_bytes || !is_lower(name.front()) ||
        !std::all_of(name.begin(), name.end(), is_name_char)) {
        return "is no module's name; those have 1 to 32 of a-z, 0-9, '_' and '-' and start with a letter, such as "
               "\"telegram\"";
    }
    return std::nullopt;
}

boost::system::result<listen_address, mistake> parse_listen_address(std::string_view text) {
    constexpr std::string_view form = "; write for example \"127.0.0.1:8443\" or \"[::1]:8443\"";
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return mistake{"has no port" + std::string{form}};
    }
    std::string_view host = text.substr(0, colon);
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) {
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != std::string_view::npos) {
        return mistake{"has an IPv6 address without brackets" + std::string{form}};
    }
    listen_address found{std::string{host}, 0};
    in6_addr ignored{};
    if (host.find('\0') != std::string_view::npos ||
        ::inet_pton(bracketed ? AF_INET6 : AF_INET, found.host.c_str(), &ignored) != 1) {
        return mistake{"does not begin with an IP address (all of the machine's: 0.0.0.0 or [::])" + std::string{form}};
    }
    const std::string_view port = text.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), found.port);
    if (error != std::errc{} || end != port.data() + port.size()) {
        return mistake{"has a port that is no number from 0 to 65535" + std::string{form}};
    }
    return found;
}

std::optional<std::string> proxy_problem(std::string_view url) {
    constexpr std::string_view form = "; write for example \"socks5h://127.0.0.1:1080\"";
    constexpr std::array<std::string_view, 3> schemes{"http://", "socks5://", "socks5h://"};
    if (std::none_of(schemes.begin(), schemes.end(), [&](std::string_view s) { return url.starts_with(s); })) {
        return "does not start with http://, socks5:// or socks5h://" + std::string{form};
    }
    if (log::to_printable(url) != url || url.find(' ') != std::string_view::npos) {
        return "has a space or control character" + std::string{form};
    }
    std::string_view place = authority_of(url);
    if (const std::size_t at = place.rfind('@'); at != std::string_view::npos) {
        place.remove_prefix(at + 1);
    }
    if (place.ends_with('/')) {
        place.remove_suffix(1);
    }
    const std::size_t colon = place.rfind(':');
    if (place.find('/') != std::string_view::npos || colon == std::string_view::npos || colon == 0) {
        return "has no host and port" + std::string{form};
    }
    const std::string_view host = place.substr(0, colon);
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (host.find(':') != std::string_view::npos && !bracketed) {
        return "has an IPv6 address without brackets; write for example \"http://[::1]:8080\"";
    }
    const std::string_view port = place.substr(colon + 1);
    unsigned number = 0;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (error != std::errc{} || end != port.data() + port.size() || number < 1 || number > 65535) {
        return "has a port that is no number from 1 to 65535" + std::string{form};
    }
    return std::nullopt;
}

std::string_view proxy_password(std::string_view url) {
    std::string_view place = authority_of(url);
    const std::size_t at = place.rfind('@');
    if (at == std::string_view::npos) {
        return {};
    }
    const std::string_view user = place.substr(0, at);
    const std::size_t colon = user.find(':');
    return colon == std::string_view::npos ? std::string_view{} : user.substr(colon + 1);
}

}  // namespace gateway::config
