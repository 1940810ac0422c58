// Files of messages: getFile says where one is, and from there it is downloaded. Pure.
//
// Bots get files of at most 20 MB; a server of one's own has no such bound, but gives paths on its own machine when it
// runs with --local, which cannot be downloaded.
#pragma once

#include "telegram_protocol.hpp"

#include <gateway/cpp/http.hpp>
#include <gateway/cpp/status.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gateway::telegram {

inline constexpr std::size_t max_file_path_bytes = 1'024;

// Why there is no file: GW_ERR_NOT_FOUND, _TOO_LARGE, _NETWORK, _TIMEOUT or _IO, with what host_handle::fetched wants.
struct no_file {
    sdk::status result = sdk::status::not_found;
    std::string code{};
    std::string text{};
};

// Where the file is, or why it cannot be got.
struct found_file {
    std::string path{};  // after ".../file/bot{token}/", as it stands in a URL; empty: there is none
    no_file why{};
};

[[nodiscard]] request get_file_request(std::string_view file_id);
[[nodiscard]] found_file parse_file(const answer& given, std::int64_t max_size);

// Why the download failed; not for one that was answered with 2xx. `secret` is kept out of what it says.
[[nodiscard]] no_file failed_download(const sdk::http_response& response, std::string_view secret);

}  // namespace gateway::telegram
