// The host's WebSocket client: Boost.Beast over connections made by the dialler. The port's rules are
// websocket_types.hpp's; the client owns its sockets, and how many there may be is in net_settings.
#pragma once

#include "net/settings.hpp"
#include "net/websocket_types.hpp"

#include <memory>

namespace boost::asio {
class io_context;
}

namespace gateway::net {

class tls_trust;

class websocket_client final : public websocket_port {
public:
    // `trust`: the HTTP client's, to share it; null: its own.
    websocket_client(boost::asio::io_context& loop, net_settings settings, std::shared_ptr<tls_trust> trust = nullptr);
    virtual ~websocket_client();
    websocket_client(const websocket_client&) = delete;
    websocket_client& operator=(const websocket_client&) = delete;

    boost::system::result<websocket_id, failure> open(websocket_request request, websocket_handler& handler) override;
    send_status send(websocket_id id, websocket_kind kind, std::string data, std::uint64_t tag) override;
    bool close(websocket_id id, std::uint16_t code, std::string reason) override;
    void pause(websocket_id id) override;
    void resume(websocket_id id) override;
    bool drop(websocket_id id) override;
    std::size_t drop_owner(owner_id owner) override;

    std::size_t sockets() const noexcept;

private:
    class impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace gateway::net
