#include "net/websocket_client.hpp"

#include "net/tls_trust.hpp"

#include <utility>

namespace gateway::net {

class websocket_client::impl {
public:
    impl(net_settings settings, std::shared_ptr<tls_trust> trust)
        : settings_{std::move(settings)}, trust_{std::move(trust)} {}

private:
    net_settings settings_;
    std::shared_ptr<tls_trust> trust_;
};

websocket_client::websocket_client(boost::asio::io_context& /*loop*/, net_settings settings,
                                   std::shared_ptr<tls_trust> trust)
    : impl_{std::make_shared<impl>(std::move(settings), std::move(trust))} {}

websocket_client::~websocket_client() = default;

boost::system::result<websocket_id, failure> websocket_client::open(websocket_request /*request*/,
                                                                    websocket_handler& /*handler*/) {
    return failure{.kind = failure_kind::limit, .text = "no WebSocket can be opened"};
}

send_status websocket_client::send(websocket_id /*id*/, websocket_kind /*kind*/, std::string /*data*/,
                                   std::uint64_t /*tag*/) {
    return send_status::not_open;
}

bool websocket_client::close(websocket_id /*id*/, std::uint16_t /*code*/, std::string /*reason*/) {
    return false;
}

bool websocket_client::drop(websocket_id /*id*/) {
    return false;
}

std::size_t websocket_client::drop_owner(owner_id /*owner*/) {
    return 0;
}

std::size_t websocket_client::sockets() const noexcept {
    return 0;
}

}  // namespace gateway::net
