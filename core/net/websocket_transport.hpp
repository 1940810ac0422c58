// A TCP socket with or without TLS as one type, so that Beast's templates are compiled once.
// Internal to core/net. Two things it keeps from Beast:
//   - an answer to the upgrade that refuses it (websocket_answer.hpp): reading then ends in operation_aborted;
//   - a failed write. Beast would stop reading, and what the peer said last, often a close frame with the reason, would
//     be lost. Reading finds the end of the connection by itself.
#pragma once

#include "net/websocket_answer.hpp"
#include "net/websocket_linger.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/role.hpp>

#include <optional>
#include <utility>

namespace gateway::net {

class websocket_transport {
public:
    using tcp = boost::asio::ip::tcp;
    using error_code = boost::system::error_code;
    using executor_type = tcp::socket::executor_type;
    using tls_stream = boost::asio::ssl::stream<tcp::socket&>;

    explicit websocket_transport(tcp::socket socket) : socket_(std::move(socket)) {}

    tls_stream& add_tls(boost::asio::ssl::context& context) { return tls_.emplace(socket_, context); }
    executor_type get_executor() noexcept { return socket_.get_executor(); }
    const websocket_answer& answer() const noexcept { return answer_; }
    const error_code& write_error() const noexcept { return write_error_; }

    template <class Buffers, class Handler>
    void async_read_some(const Buffers& buffers, Handler&& handler) {
        if (answer_.done()) {
            read_some(buffers, std::forward<Handler>(handler));
        } else {
            boost::asio::async_compose<Handler, void(error_code, std::size_t)>(answer_read<Buffers>{*this, buffers},
                                                                               handler, socket_);
        }
    }

    template <class Buffers, class Handler>
    void async_write_some(const Buffers& buffers, Handler&& handler) {
        boost::asio::async_compose<Handler, void(error_code, std::size_t)>(quiet_write<Buffers>{*this, buffers},
                                                                           handler, socket_);
    }

    void close() noexcept {
        error_code ignored;
        socket_.close(ignored);
    }

    // Ends our side; see websocket_linger.hpp. Nothing may be under way.
    void leave() { linger(std::move(socket_)); }

private:
    template <class Buffers>
    struct answer_read {
        websocket_transport& of;
        Buffers into;
        enum { fresh, reading, posted } at = fresh;

        template <class Self>
        void operator()(Self& self, error_code error = {}, std::size_t size = 0) {
            websocket_answer& answer = of.answer_;
            if (at == reading) {
                answer.came(size);
            }
            const bool incomplete = answer.judgement() == websocket_answer::verdict::incomplete;
            if (error) {
                self.complete(error, 0);
            } else if (incomplete) {
                at = reading;
                of.read_some(answer.room(), std::move(self));
            } else if (answer.judgement() != websocket_answer::verdict::upgraded) {
                self.complete(boost::asio::error::operation_aborted, 0);
            } else if (at == fresh) {
                at = posted;
                boost::asio::post(of.get_executor(), std::move(self));
            } else {
                self.complete({}, take());
            }
        }

        std::size_t take() {
            std::size_t taken = 0;
            for (auto part = boost::asio::buffer_sequence_begin(into); part != boost::asio::buffer_sequence_end(into);
                 ++part) {
                if (boost::asio::mutable_buffer{*part}.size() != 0) {
                    taken = of.answer_.take(*part);
                    break;
                }
            }
            return taken;
        }
    };

    template <class Buffers>
    struct quiet_write {
        websocket_transport& of;
        Buffers from;
        bool begun = false;

        template <class Self>
        void operator()(Self& self, error_code error = {}, std::size_t size = 0) {
            if (!std::exchange(begun, true)) {
                const Buffers same = from;
                of.write_some(same, std::move(self));
                return;
            }
            if (error) {
                of.write_error_ = error;
                size = boost::asio::buffer_size(from);
            }
            self.complete({}, size);
        }
    };

    template <class Buffers, class Handler>
    void read_some(const Buffers& buffers, Handler&& handler) {
        if (tls_) {
            tls_->async_read_some(buffers, std::forward<Handler>(handler));
        } else {
            socket_.async_read_some(buffers, std::forward<Handler>(handler));
        }
    }

    template <class Buffers, class Handler>
    void write_some(const Buffers& buffers, Handler&& handler) {
        if (tls_) {
            tls_->async_write_some(buffers, std::forward<Handler>(handler));
        } else {
            socket_.async_write_some(buffers, std::forward<Handler>(handler));
        }
    }

    tcp::socket socket_;
    std::optional<tls_stream> tls_;
    websocket_answer answer_;
    error_code write_error_;
};

inline void beast_close_socket(websocket_transport& transport) {
    transport.close();
}

// After the close frames. The event need not wait for the peer to end its side, which some never do.
template <class Handler>
void async_teardown(boost::beast::role_type, websocket_transport& transport, Handler&& handler) {
    transport.leave();
    boost::asio::post(transport.get_executor(),
                      [handler = std::forward<Handler>(handler)]() mutable { handler(boost::system::error_code{}); });
}

}  // namespace gateway::net
