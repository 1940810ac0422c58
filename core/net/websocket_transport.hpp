// A TCP socket with or without TLS as one type, so that Beast's templates are compiled once. Internal to
// websocket_session.cpp.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/role.hpp>

#include <array>
#include <memory>
#include <optional>
#include <utility>

namespace gateway::net {

class websocket_transport {
public:
    using tcp = boost::asio::ip::tcp;
    using executor_type = tcp::socket::executor_type;
    using tls_stream = boost::asio::ssl::stream<tcp::socket&>;

    explicit websocket_transport(tcp::socket socket) : socket_(std::move(socket)) {}

    tls_stream& add_tls(boost::asio::ssl::context& context) { return tls_.emplace(socket_, context); }
    tcp::socket& socket() noexcept { return socket_; }
    executor_type get_executor() noexcept { return socket_.get_executor(); }

    template <class Buffers, class Handler>
    void async_read_some(const Buffers& buffers, Handler&& handler) {
        if (tls_) {
            tls_->async_read_some(buffers, std::forward<Handler>(handler));
        } else {
            socket_.async_read_some(buffers, std::forward<Handler>(handler));
        }
    }

    template <class Buffers, class Handler>
    void async_write_some(const Buffers& buffers, Handler&& handler) {
        if (tls_) {
            tls_->async_write_some(buffers, std::forward<Handler>(handler));
        } else {
            socket_.async_write_some(buffers, std::forward<Handler>(handler));
        }
    }

    void close() noexcept {
        boost::system::error_code ignored;
        socket_.close(ignored);
    }

private:
    tcp::socket socket_;
    std::optional<tls_stream> tls_;
};

inline void beast_close_socket(websocket_transport& transport) {
    transport.close();
}

// After the close frames: end our side and read until the peer has ended its own, so that the kernel does not reset the
// connection under our last frame. The session's deadline bounds it.
struct websocket_teardown {
    websocket_transport& transport;
    std::unique_ptr<std::array<char, 4096>> scratch = std::make_unique<std::array<char, 4096>>();
    bool begun = false;

    template <class Self>
    void operator()(Self& self, boost::system::error_code error = {}, std::size_t = 0) {
        if (!std::exchange(begun, true)) {
            boost::system::error_code ignored;
            transport.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
        }
        if (error) {
            transport.close();
            self.complete({});
            return;
        }
        auto& into = *scratch;
        transport.socket().async_read_some(boost::asio::buffer(into), std::move(self));
    }
};

template <class Handler>
void async_teardown(boost::beast::role_type, websocket_transport& transport, Handler&& handler) {
    boost::asio::async_compose<Handler, void(boost::system::error_code)>(websocket_teardown{transport}, handler,
                                                                         transport.socket());
}

}  // namespace gateway::net
