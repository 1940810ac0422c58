#include "support/net_websocket_peer.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>

namespace gateway::test {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

using plain_stream = websocket::stream<tcp::socket>;
using secure_stream = websocket::stream<asio::ssl::stream<tcp::socket>>;

template <class Stream>
class peer_over final : public websocket_peer {
public:
    peer_over(Stream& stream, websocket_seen& seen) : stream_(stream), seen_(seen) {
        stream_.control_callback([&seen](websocket::frame_type kind, beast::string_view) {
            seen.pings += kind == websocket::frame_type::ping ? 1 : 0;
            seen.pongs += kind == websocket::frame_type::pong ? 1 : 0;
        });
    }

    asio::awaitable<std::string> read() override {
        beast::flat_buffer buffer;
        error_code error;
        co_await stream_.async_read(buffer, asio::redirect_error(asio::use_awaitable, error));
        if (error) {
            seen_.close_code = stream_.reason().code;
            seen_.close_reason = stream_.reason().reason.c_str();
            throw boost::system::system_error(error);
        }
        co_return beast::buffers_to_string(buffer.data());
    }

    bool got_text() const override { return stream_.got_text(); }

    asio::awaitable<void> read_to_end() override {
        try {
            for (;;) {
                co_await read();
            }
        } catch (const boost::system::system_error&) {
            // The end.
        }
    }

    asio::awaitable<void> write(std::string data, bool text) override {
        stream_.text(text);
        co_await stream_.async_write(asio::buffer(data), asio::use_awaitable);
    }

    asio::awaitable<void> write_fragment(std::string data, bool last) override {
        co_await stream_.async_write_some(last, asio::buffer(data), asio::use_awaitable);
    }

    asio::awaitable<void> ping(std::string data) override {
        co_await stream_.async_ping({data.c_str(), data.size()}, asio::use_awaitable);
    }

    asio::awaitable<void> close(std::uint16_t code, std::string reason) override {
        websocket::close_reason how{static_cast<websocket::close_code>(code), reason};
        if (code == 1005) {
            how = websocket::close_code::none;
        }
        co_await stream_.async_close(how, asio::use_awaitable);
    }

    asio::awaitable<void> hold() override {
        asio::steady_timer forever{stream_.get_executor(), asio::steady_timer::time_point::max()};
        co_await forever.async_wait(asio::use_awaitable);
    }

    tcp::socket& socket() override { return beast::get_lowest_layer(stream_); }

private:
    Stream& stream_;
    websocket_seen& seen_;
};

template <class Stream>
asio::awaitable<void> serve(Stream& stream, const websocket_script& then, const websocket_options& options) {
    websocket_seen unwatched;
    websocket_seen& seen = options.seen == nullptr ? unwatched : *options.seen;
    beast::flat_buffer buffer;
    beast::http::request<beast::http::string_body> upgrade;
    co_await beast::http::async_read(stream.next_layer(), buffer, upgrade, asio::use_awaitable);
    seen = {};
    seen.target = std::string{upgrade.target()};
    for (const auto& field : upgrade) {
        seen.headers.emplace_back(field.name_string(), field.value());
    }
    stream.set_option(websocket::stream_base::decorator([&options](websocket::response_type& response) {
        if (!options.subprotocol.empty()) {
            response.set(beast::http::field::sec_websocket_protocol, options.subprotocol);
        }
    }));
    co_await stream.async_accept(upgrade, asio::use_awaitable);
    peer_over<Stream> peer{stream, seen};
    co_await then(peer);
}

}  // namespace

std::string websocket_seen::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (beast::iequals(key, name)) {
            return value;
        }
    }
    return {};
}

test_tcp_server::script accepts(websocket_script then, websocket_options options) {
    return [then = std::move(then), options = std::move(options)](tcp::socket socket) -> asio::awaitable<void> {
        if (options.tls == nullptr) {
            plain_stream stream{std::move(socket)};
            co_await serve(stream, then, options);
        } else {
            secure_stream stream{std::move(socket), *options.tls};
            co_await stream.next_layer().async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
            co_await serve(stream, then, options);
        }
    };
}

asio::awaitable<void> echo(websocket_peer& peer) {
    for (;;) {
        std::string message = co_await peer.read();
        co_await peer.write(std::move(message), peer.got_text());
    }
}

}  // namespace gateway::test
