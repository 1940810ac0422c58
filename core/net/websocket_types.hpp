// WebSockets as whoever uses them sees them: requests, events, and the port through which they are opened and driven.
// core/net's own port is websocket_client; a test's is a script.
//
// Threads    all calls and all events on the loop's thread; no event from within a call.
// Ownership  a handler must outlive its sockets or drop them first (drop(), drop_owner()); the data of an event is
//            borrowed until the event returns.
// Errors     open() refuses what cannot be begun (bad_request, limit): then no event comes. What it accepted
//            ends in exactly one of on_closed and on_failed, after which the id is unknown.
// Bounds     one message in (max_message_bytes, else the socket is closed with 1009 and fails as
//            body_too_large), messages out (max_queued_*), opening, silence and closing by deadlines. Messages in are
//            not queued here: who cannot keep up pauses the socket.
#pragma once

#include "net/failure.hpp"
#include "net/http_types.hpp"

#include <boost/system/result.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::net {

using websocket_id = std::uint64_t;  // never 0, never reused

enum class websocket_kind : std::uint8_t { text, binary };

struct websocket_request {
    owner_id owner = 0;
    std::string url;  // ws:// or wss://
    std::vector<http_header> headers;
    std::optional<std::string> proxy;  // unset: the one of the settings; "": direct
    std::size_t max_message_bytes = 1024 * 1024;
    std::size_t max_queued_bytes = 4 * 1024 * 1024;  // accepted by send() and not yet written
    std::size_t max_queued_messages = 1024;
    std::chrono::milliseconds open_timeout{30000};  // resolving, connecting, TLS and upgrade together
    std::chrono::milliseconds idle_timeout{60000};  // without a byte; a ping goes out after half of it
    std::chrono::milliseconds close_timeout{5000};  // for the peer's answer to our close
};

// The peer's close frame was received, as the first or as the answer to ours.
struct websocket_close {
    static constexpr std::size_t max_reason_bytes = 123;  // RFC 6455, 5.5: a control frame holds 125, two are the code

    std::uint16_t code = 1005;  // 1005: the peer gave none
    std::string reason;
    bool clean = false;  // ours was sent as well
};

class websocket_handler {
public:
    virtual void on_open(websocket_id id) = 0;
    virtual void on_message(websocket_id id, websocket_kind kind, std::string_view data) = 0;
    // Each accepted send, in order: handed to the kernel, or (before the last event) lost.
    virtual void on_sent(websocket_id id, std::uint64_t tag, bool written) = 0;
    virtual void on_closed(websocket_id id, const websocket_close& close) = 0;
    // Also after close(): timeout_close or reset, when the peer's close frame never came.
    virtual void on_failed(websocket_id id, const failure& why) = 0;

protected:
    ~websocket_handler() = default;
};

enum class send_status : std::uint8_t { accepted, not_open, queue_full };

class websocket_port {
public:
    virtual boost::system::result<websocket_id, failure> open(websocket_request request,
                                                              websocket_handler& handler) = 0;

    // not_open: unknown, still opening, or closing. queue_full: nothing was taken. `tag` comes back in on_sent.
    virtual send_status send(websocket_id id, websocket_kind kind, std::string data, std::uint64_t tag) = 0;

    // Sends what is queued, then the close frame, with at most max_reason_bytes; on_closed or on_failed follows within
    // close_timeout. While opening: gives up, and on_failed(cancelled) follows. False: unknown id or closing already.
    virtual bool close(websocket_id id, std::uint16_t code, std::string reason) = 0;

    // No on_message between the two; unknown ids are ignored. A paused socket reads one message ahead, so that pings
    // are answered and the peer's end is noticed until then. From that message on it neither reads nor counts silence.
    virtual void pause(websocket_id id) = 0;
    virtual void resume(websocket_id id) = 0;

    // Ends it silently: no further event. False: unknown id.
    virtual bool drop(websocket_id id) = 0;
    virtual std::size_t drop_owner(owner_id owner) = 0;

protected:
    ~websocket_port() = default;
};

}  // namespace gateway::net
