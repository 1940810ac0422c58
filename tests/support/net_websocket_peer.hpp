// The server's side of a WebSocket as a coroutine drives it: the script of a test_tcp_server. For peers that keep the
// protocol; those that break it are made of bytes (net_websocket_server.hpp).
#pragma once

#include "support/net_tcp_server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gateway::test {

// What one side of a server saw of its last client.
struct websocket_seen {
    std::string target;
    std::vector<std::pair<std::string, std::string>> headers;
    int pings = 0;
    int pongs = 0;
    int close_code = 0;  // of the client's close frame
    std::string close_reason;

    std::string header(std::string_view name) const;  // empty: absent
};

struct websocket_options {
    boost::asio::ssl::context* tls = nullptr;  // outlives the server
    std::string subprotocol{};                 // the one chosen; empty: none
    websocket_seen* seen = nullptr;            // outlives the server
};

class websocket_peer {
public:
    virtual ~websocket_peer() = default;

    // Throws when the connection or the WebSocket ends.
    virtual boost::asio::awaitable<std::string> read() = 0;
    virtual bool got_text() const = 0;  // the message read last
    // Discards messages until then.
    virtual boost::asio::awaitable<void> read_to_end() = 0;
    virtual boost::asio::awaitable<void> write(std::string data, bool text = true) = 0;
    virtual boost::asio::awaitable<void> write_fragment(std::string data, bool last) = 0;
    virtual boost::asio::awaitable<void> ping(std::string data) = 0;
    // 1005: a close frame without a code.
    virtual boost::asio::awaitable<void> close(std::uint16_t code, std::string reason) = 0;
    // Neither reads nor writes nor closes until the loop is gone.
    virtual boost::asio::awaitable<void> hold() = 0;
    // Below the WebSocket and TLS.
    virtual boost::asio::ip::tcp::socket& socket() = 0;
};

using websocket_script = std::function<boost::asio::awaitable<void>(websocket_peer&)>;

// The upgrade, and then the script.
test_tcp_server::script accepts(websocket_script then, websocket_options options = {});

boost::asio::awaitable<void> echo(websocket_peer& peer);

}  // namespace gateway::test
