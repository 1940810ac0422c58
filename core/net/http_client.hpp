// The host's HTTP client: libcurl's multi interface driven by Asio.
//
// Threads    all calls and all handlers on the loop's thread.
// Ownership  the client owns its operations; a handler is destroyed after its call or when its owner is
//            dropped. Destroying the client ends everything silently.
// Errors     start() refuses what cannot be begun (bad_request, limit, file): then no handler runs. What it
//            accepted completes exactly once, always from the loop, never from within start() or cancel().
// Bounds     see net_settings and http_request. Every operation has three deadlines.
//
// Never done: following redirects (URLs carry tokens), cookies, .netrc, proxies from the environment, and
// repeating a request of which a byte may have been written, unless it is a GET or HEAD (README.md, "Retries").
//
// Nothing of libcurl is initialised before the first start().
#pragma once

#include "net/http_types.hpp"
#include "net/settings.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace gateway::net {

class tls_trust;

using http_result = boost::system::result<http_response, failure>;
using http_handler = std::function<void(operation_id, http_result&&)>;

class http_client {
public:
    http_client(boost::asio::io_context& loop, net_settings settings);
    ~http_client();
    http_client(const http_client&) = delete;
    http_client& operator=(const http_client&) = delete;

    boost::system::result<operation_id, failure> start(http_request request, http_handler handler);

    // The operation completes as `cancelled`, unless its result is already on the way. False: unknown id.
    bool cancel(operation_id id);

    // Ends all operations of an owner; their handlers are destroyed uncalled. Returns how many there were.
    std::size_t drop_owner(owner_id owner);

    // For the WebSocket client, so that both parse a ca_file once.
    std::shared_ptr<tls_trust> trust() const;

    std::size_t operations() const noexcept;
    std::size_t operations_of(owner_id owner) const noexcept;

private:
    class impl;
    std::shared_ptr<impl> impl_;
};

}  // namespace gateway::net
