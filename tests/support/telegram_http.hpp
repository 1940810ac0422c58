#pragma once
// One HTTP/1.1 connection of the test server, plain or TLS: requests in order of arrival, one answered at a time
// (pipelined ones wait), kept alive, faults carried out. Runs on the thread of its io_context and keeps itself alive
// until it is closed. Bounds: max_pipelined requests read ahead, max_body_bytes per body.

#include "support/telegram_exchange.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace gateway::test {

inline constexpr std::size_t max_pipelined = 16;
inline constexpr std::uint64_t max_body_bytes = 64 * 1024 * 1024;

// Takes a request and its answer's way back; returns what drops that way.
using http_handler = std::function<std::function<void()>(api_request, std::function<void(api_response)>)>;

class http_connection {
public:
    http_connection() = default;
    http_connection(const http_connection&) = delete;
    http_connection& operator=(const http_connection&) = delete;
    virtual ~http_connection() = default;

    virtual void start() = 0;
    virtual void close(bool with_reset) = 0;
    // No request is being answered, and none waits.
    virtual bool is_idle() const = 0;
};

// `on_closed` is called once. Without a context the connection is plain.
std::shared_ptr<http_connection> make_http_connection(boost::asio::ip::tcp::socket socket,
                                                      boost::asio::ssl::context* tls, std::uint64_t number,
                                                      http_handler handler, std::function<void()> on_closed);

}  // namespace gateway::test
