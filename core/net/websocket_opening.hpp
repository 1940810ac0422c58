// From a request to an open WebSocket: dial → TLS → upgrade, under one deadline. Internal to core/net.
#pragma once

#include "net/tcp_dialler.hpp"
#include "net/url.hpp"
#include "net/websocket_stream.hpp"
#include "net/websocket_types.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/result.hpp>

#include <functional>
#include <memory>
#include <string>

namespace gateway::net {

class websocket_opening : public std::enable_shared_from_this<websocket_opening> {
public:
    using result = boost::system::result<std::unique_ptr<websocket_stream>, failure>;
    using handler = std::function<void(result)>;

    // `tls`: null for ws://; outlives the attempt. The request is checked, and `url` is its URL taken apart.
    websocket_opening(boost::asio::io_context& loop, websocket_request request, url_parts url,
                      boost::asio::ssl::context* tls, std::string user_agent);

    // `done` is called once, from the loop. False: nothing begun, nothing follows.
    bool start(tcp_dialler& through, const std::string& proxy, handler done);

    // `done` is not called any more.
    void give_up();

    // Whether a byte of the upgrade may have reached the peer.
    request_written written() const noexcept { return upgrading_ ? request_written::maybe : request_written::none; }

private:
    void on_dialled(tcp_dialler::result dialled);
    void begin_tls();
    void begin_upgrade();
    void decorate(websocket::request_type& upgrade) const;
    void on_upgraded(const error_code& error);
    void fail(failure_kind kind, std::string text);
    void finish(result outcome);

    websocket_request request_;
    url_parts url_;
    boost::asio::ssl::context* tls_;
    std::string user_agent_;
    std::string peer_;
    handler done_;
    std::unique_ptr<dial_attempt> dialling_;
    std::unique_ptr<websocket_stream> stream_;
    websocket::response_type answer_;
    boost::asio::steady_timer deadline_;
    bool upgrading_ = false;
    bool finished_ = false;
};

}  // namespace gateway::net
