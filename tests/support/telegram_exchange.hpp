#pragma once
// One HTTP exchange as the Bot API model sees it: no sockets, no HTTP library, so that an HTTP/1.1 and an HTTP/2
// front end can feed the same model. Plain values; whoever holds one owns it.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace gateway::test {

using http_headers = std::vector<std::pair<std::string, std::string>>;

struct api_request {
    std::string method = "POST";   // the HTTP method
    std::string target{};          // path and query, still percent-encoded
    http_headers headers{};        // names as received; compared without case
    std::string body{};            // complete
    std::uint64_t connection = 0;  // which connection it came over, counted by the front end
    unsigned http_version = 11;    // 10, 11 or 20
};

// How the front end has to carry an answer out. Everything but `whole` is an injected fault.
enum class delivery {
    whole,   // head and body, connection kept
    reset,   // nothing but a TCP reset (HTTP/2: RST_STREAM)
    cut,     // head announcing the whole body, `cut_at` bytes of it, then an orderly close
    broken,  // as `cut`, but ended by a reset
    drip,    // head, then the body `drip_bytes` at a time every `drip_interval`
};

struct api_response {
    unsigned status = 200;
    http_headers headers;  // without Content-Length and Connection, which belong to the front end
    std::string body;
    delivery how = delivery::whole;
    std::size_t cut_at = 0;
    std::size_t drip_bytes = 1;
    std::chrono::milliseconds drip_interval{10};
};

// What a front end does with a connection that it has just accepted.
enum class connection_verdict { serve, reset, stall };

}  // namespace gateway::test
