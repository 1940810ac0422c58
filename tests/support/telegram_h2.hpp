#pragma once
// The Bot API model behind HTTP/2 on 127.0.0.1, beside or instead of the HTTP/1.1 front end: plain with prior
// knowledge, or TLS with ALPN "h2". Lives on the thread of its io_context and borrows the model. Of the injected
// faults it knows whole answers, stalls and resets: a reset, cut or broken answer becomes RST_STREAM, a dripping one
// comes whole, and faults of connections are left to HTTP/1.1.

#include "support/net_h2_server.hpp"
#include "support/telegram_api.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace gateway::test {

class telegram_h2_server {
public:
    // `tls` outlives this; null: plain. Port 0: a free one.
    telegram_h2_server(boost::asio::io_context& io, telegram_api& api, std::uint16_t port = 0,
                       boost::asio::ssl::context* tls = nullptr);

    std::string url() const { return server_.url(""); }
    std::size_t connection_count() const { return server_.open_connections(); }
    void drop_connections() { server_.drop_connections(); }

private:
    h2_server server_;
};

}  // namespace gateway::test
