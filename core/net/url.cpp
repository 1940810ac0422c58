#include "net/url.hpp"

#include <curl/curl.h>

#include <charconv>
#include <memory>
#include <utility>

namespace gateway::net {

namespace {

struct curlu_cleanup {
    void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};

std::string part_of(CURLU* url, CURLUPart part) {
    char* text = nullptr;
    if (curl_url_get(url, part, &text, 0) != CURLUE_OK || text == nullptr) {
        return {};
    }
    std::string copy = text;
    curl_free(text);
    return copy;
}

std::uint16_t default_port(std::string_view scheme) noexcept {
    if (scheme == "http" || scheme == "ws") {
        return 80;
    }
    if (scheme == "https" || scheme == "wss") {
        return 443;
    }
    return scheme == "socks5" || scheme == "socks5h" ? 1080 : 0;
}

parsed_url complain(std::string text) {
    return {boost::system::in_place_error, std::move(text)};
}

}  // namespace

parsed_url parse_url(const std::string& url) {
    const std::unique_ptr<CURLU, curlu_cleanup> parsed{curl_url()};
    if (parsed == nullptr) {
        return complain("out of memory");
    }
    if (url.find("://") == std::string::npos || url.find('\0') != std::string::npos) {
        return complain("the URL must have the form scheme://host[:port]/…");
    }
    const CURLUcode code = curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME);
    if (code != CURLUE_OK) {
        return complain(std::string{"the URL cannot be used: "} + curl_url_strerror(code));
    }
    url_parts parts;
    parts.scheme = part_of(parsed.get(), CURLUPART_SCHEME);
    parts.host = part_of(parsed.get(), CURLUPART_HOST);
    parts.has_user = !part_of(parsed.get(), CURLUPART_USER).empty();
    if (parts.host.size() > 2 && parts.host.front() == '[') {
        parts.host = parts.host.substr(1, parts.host.size() - 2);
    }
    if (parts.host.empty()) {
        return complain("the URL names no host");
    }
    const std::string port = part_of(parsed.get(), CURLUPART_PORT);
    parts.port = default_port(parts.scheme);
    if (!port.empty()) {
        std::from_chars(port.data(), port.data() + port.size(), parts.port);
    }
    parts.target = part_of(parsed.get(), CURLUPART_PATH);
    if (parts.target.empty()) {
        parts.target.assign(1, '/');
    }
    if (const std::string query = part_of(parsed.get(), CURLUPART_QUERY); !query.empty()) {
        parts.target.append("?").append(query);
    }
    return parts;
}

std::string host_and_port(const url_parts& url) {
    const bool ipv6 = url.host.find(':') != std::string::npos;
    std::string text = ipv6 ? "[" : "";
    text.append(url.host).append(ipv6 ? "]:" : ":").append(std::to_string(url.port));
    return text;
}

std::string complaint_about_proxy(const std::string& proxy) {
    const auto parts = parse_url(proxy);
    if (!parts) {
        return "the proxy cannot be used: " + parts.error();
    }
    if (parts->scheme != "http" && parts->scheme != "socks5" && parts->scheme != "socks5h") {
        return "the proxy's scheme must be http, socks5 or socks5h, not " + parts->scheme;
    }
    return {};
}

}  // namespace gateway::net
