// One WebSocket from dialling to its end. Internal to core/net.
//
//     opening ──▶ open ──close(), the peer's close frame──▶ closing
//        │          │                                          │
//        └──────────┴──────────────────────────────────────────┴──▶ ended
//
// How it is opened is websocket_opening's.
#pragma once

#include "net/tcp_dialler.hpp"
#include "net/url.hpp"
#include "net/websocket_types.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace gateway::net {

class websocket_session {
public:
    virtual ~websocket_session() = default;

    // `proxy` is the one in force. False: nothing begun, nothing follows.
    virtual bool start(tcp_dialler& through, const std::string& proxy) = 0;
    virtual send_status send(websocket_kind kind, std::string data, std::uint64_t tag) = 0;
    virtual bool close(std::uint16_t code, std::string reason) = 0;
    virtual void pause() = 0;
    virtual void resume() = 0;
    // No event after this; it ends by itself.
    virtual void abandon() = 0;
    virtual owner_id owner() const noexcept = 0;
};

struct websocket_session_parts {
    boost::asio::io_context& loop;
    websocket_id id;
    websocket_request request;  // checked
    url_parts url;
    websocket_handler& handler;
    boost::asio::ssl::context* tls;  // null for ws://; outlives the session's operations
    std::string user_agent;
    std::function<void(websocket_id)> forget;  // called just before the last event
};

std::shared_ptr<websocket_session> make_websocket_session(websocket_session_parts parts);

}  // namespace gateway::net
