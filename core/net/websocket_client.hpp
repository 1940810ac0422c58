// The host's WebSocket client: Boost.Beast over connections made by the dialler.
//
// Threads    all calls and all events on the loop's thread; no event from within a call of this class.
// Ownership  the client owns its sockets. A handler must outlive its sockets or drop them first
//            (drop(), drop_owner()); the data of an event is borrowed until the event returns.
// Errors     open() refuses what cannot be begun (bad_request, limit): then no event comes. What it accepted
//            ends in exactly one of on_closed and on_failed, after which the id is unknown.
// Bounds     one message in (max_message_bytes, else the socket is closed with 1009 and fails as
//            body_too_large), messages out (max_queued_*), opening, silence and closing by deadlines.
#pragma once

#include "net/failure.hpp"
#include "net/http_types.hpp"
#include "net/settings.hpp"

#include <boost/system/result.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace gateway::net {

class tls_trust;

using websocket_id = std::uint64_t;  // never 0, never reused

enum class websocket_kind : std::uint8_t { text, binary };

struct websocket_request {
    owner_id owner = 0;
    std::string url;  // ws:// or wss://
    std::vector<http_header> headers;
    std::vector<std::string> subprotocols;
    std::optional<std::string> proxy;  // unset: the one of the settings; "": direct
    std::size_t max_message_bytes = 16 * 1024 * 1024;
    std::size_t max_queued_bytes = 4 * 1024 * 1024;  // accepted by send() and not yet written
    std::size_t max_queued_messages = 1024;
    std::chrono::milliseconds open_timeout{30000};  // resolving, connecting, TLS and upgrade together
    std::chrono::milliseconds idle_timeout{60000};  // without a byte; a ping goes out after half of it
    std::chrono::milliseconds close_timeout{5000};  // for the peer's answer to our close
    bool compress = false;                          // offer permessage-deflate
};

struct websocket_close {
    std::uint16_t code = 1005;  // 1005: the peer gave none
    std::string reason;
    bool clean = false;  // both sides' close frames were exchanged in time
};

class websocket_handler {
public:
    virtual void on_open(websocket_id id, std::string_view subprotocol) = 0;
    virtual void on_message(websocket_id id, websocket_kind kind, std::string_view data) = 0;
    // Each accepted send, in order: handed to the kernel, or (before the last event) lost.
    virtual void on_sent(websocket_id id, std::uint64_t tag, bool written) = 0;
    virtual void on_closed(websocket_id id, const websocket_close& close) = 0;
    virtual void on_failed(websocket_id id, const failure& why) = 0;

protected:
    ~websocket_handler() = default;
};

enum class send_status : std::uint8_t { accepted, not_open, queue_full };

class websocket_client {
public:
    // `trust`: the HTTP client's, to share it; null: its own.
    websocket_client(boost::asio::io_context& loop, net_settings settings, std::shared_ptr<tls_trust> trust = nullptr);
    ~websocket_client();
    websocket_client(const websocket_client&) = delete;
    websocket_client& operator=(const websocket_client&) = delete;

    boost::system::result<websocket_id, failure> open(websocket_request request, websocket_handler& handler);

    // not_open: unknown, still opening, or closing. queue_full: nothing was taken. `tag` comes back in on_sent.
    send_status send(websocket_id id, websocket_kind kind, std::string data, std::uint64_t tag);

    // Sends what is queued, then the close frame; on_closed (or on_failed) follows within close_timeout.
    // While opening: gives up, and on_failed(cancelled) follows. False: unknown id or closing already.
    bool close(websocket_id id, std::uint16_t code, std::string reason);

    // Ends it silently: no further event. False: unknown id.
    bool drop(websocket_id id);
    std::size_t drop_owner(owner_id owner);

    std::size_t sockets() const noexcept;

private:
    class impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace gateway::net
