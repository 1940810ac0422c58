// An HTTP request and its answer as plain data.
#pragma once

#include "net/failure.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::net {

using owner_id = std::uint64_t;      // one incarnation of an instance
using operation_id = std::uint64_t;  // never 0, never reused

struct http_header {
    std::string name;
    std::string value;
};

// Whether two header names are the same: case does not count (RFC 9110, 5.1).
bool is_same_name(std::string_view left, std::string_view right) noexcept;

enum class http_version : std::uint8_t {
    automatic,              // http1 or http2, see http_version_choice.hpp; plain http:// is HTTP/1.1
    http1,                  // HTTP/1.1 only
    http2,                  // https:// only: HTTP/2 if TLS negotiates it, else HTTP/1.1
    http2_prior_knowledge,  // HTTP/2 without negotiation, for plain http:// servers known to speak it
};

// One part of a multipart/form-data body: `file` streams from disk, otherwise `data` is sent.
struct http_part {
    std::string name;
    std::string data;
    std::string file;          // path; empty: none
    std::string file_name;     // what the server is told; empty: none
    std::string content_type;  // empty: libcurl's choice
};

struct http_timeouts {
    std::chrono::milliseconds connect{10000};  // until the request can be written, waiting for a connection included
    std::chrono::milliseconds idle{60000};     // without a byte, from when the request goes out
    std::chrono::milliseconds total{120000};   // from start() to the end of the answer
};

// At most one of body, body_file and form may be set.
struct http_request {
    owner_id owner = 0;
    std::string method = "GET";  // upper case
    std::string url;             // http:// or https://
    std::vector<http_header> headers;
    std::string body;
    std::string body_file;        // path, streamed from disk
    std::vector<http_part> form;  // multipart/form-data, at most max_parts
    http_version version = http_version::automatic;
    std::optional<std::string> proxy;  // unset: the one of the settings; "": direct
    http_timeouts timeouts;            // each above zero and at most max_timeout
    std::size_t max_header_bytes = 32 * 1024;
    std::uint64_t max_body_bytes = 1024 * 1024;  // of the answer, in memory or on disk
    // A path: a 2xx answer's body goes to a temporary file beside it, which takes this name at success.
    // Other answers keep their body in memory (at most 1 MiB).
    std::string save_to;

    static constexpr std::size_t max_url_bytes = 16 * 1024;
    static constexpr std::size_t max_headers = 64;
    static constexpr std::size_t max_request_header_bytes = 64 * 1024;
    static constexpr std::size_t max_parts = 64;
    static constexpr std::chrono::hours max_timeout{24};
};

struct http_response {
    int status = 0;
    std::vector<http_header> headers;  // names in lower case, in the order received, at most max_headers
    std::string body;                  // empty when the body went to save_to
    std::uint64_t body_bytes = 0;

    static constexpr std::size_t max_headers = 256;
    // The first value of that name (lower case), or null.
    const std::string* header(std::string_view name) const noexcept;
};

}  // namespace gateway::net
