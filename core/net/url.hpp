// Taking an URL apart, by libcurl's parser, so that checks and requests agree on what it means.
// Errors name what is wrong with the URL, never its text.
#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace gateway::net {

struct url_parts {
    std::string scheme;  // lower case
    std::string host;    // a name or an address; IPv6 without brackets
    std::string target;  // path and query, at least "/"
    std::uint16_t port = 0;
    bool has_user = false;
};

using parsed_url = boost::system::result<url_parts, std::string>;

// Knows the default ports of http, https, ws, wss, socks5 and socks5h; the error is a sentence.
parsed_url parse_url(const std::string& url);

// "host:port", IPv6 in brackets: the form in which failures name a peer.
std::string host_and_port(const url_parts& url);

// Empty when `proxy` is a usable http://, socks5:// or socks5h:// URL, else a sentence.
std::string complaint_about_proxy(const std::string& proxy);

}  // namespace gateway::net
