// What a request must look like before anything is begun. Internal to core/net.
#pragma once

#include "net/http_types.hpp"
#include "net/url.hpp"

#include <optional>

namespace gateway::net {

// A failure of kind bad_request with a sentence, or nothing and the URL taken apart. `default_proxy` is the
// one of the settings.
std::optional<failure> check_request(const http_request& request, const std::string& default_proxy, url_parts& ret_url);

// A sentence, or empty. Names must be tokens; values must not contain line ends; both sum up to `max_bytes`.
std::string complaint_about_headers(const std::vector<http_header>& headers, std::size_t max_count,
                                    std::size_t max_bytes);

}  // namespace gateway::net
