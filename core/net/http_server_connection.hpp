// One client of the HTTP server, and what the clients share. Internal to core/net; the states are http_server.hpp's.
//
// Loop thread. The table owns the connections; a connection also lives as long as something is under way on its socket.
#pragma once

#include "net/http_server.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <memory>
#include <optional>
#include <set>
#include <unordered_map>

namespace gateway::net {

class http_server_connection;

class http_server::impl : public std::enable_shared_from_this<http_server::impl> {
public:
    impl(boost::asio::io_context& loop, loop::time_source& time, http_server_limits limits);

    boost::system::error_code open(const boost::asio::generic::stream_protocol::endpoint& at,
                                   http_server_handler& handler);
    bool is_open() const noexcept { return acceptor_.is_open(); }
    std::string address() const;
    bool answer(server_request_id id, server_answer&& what);
    void drain();
    void close();
    void shut();  // close(), and nothing of the time source is used any more

    // For its connections.
    [[nodiscard]] const http_server_limits& limits() const noexcept { return limits_; }
    [[nodiscard]] http_server_handler& handler() const noexcept { return *handler_; }
    [[nodiscard]] loop::time_point now() const { return time_.now(); }
    [[nodiscard]] server_request_id begin_pending(http_server_connection& of);
    void end_pending(server_request_id id) { pending_.erase(id); }
    void watch(loop::time_point deadline);  // on_deadline() is called when it has passed, or earlier
    // Whether `more` fits among the bodies held.
    bool hold(std::size_t more);
    void release(std::size_t bytes) { held_ -= bytes; }
    void forget(const std::shared_ptr<http_server_connection>& connection) { connections_.erase(connection); }

private:
    using protocol = boost::asio::generic::stream_protocol;

    void accept();
    void on_accepted(const boost::system::error_code& error, protocol::socket&& socket);
    void turn_away(protocol::socket&& socket) const;
    void ring();

    loop::time_source& time_;
    http_server_limits limits_;
    http_server_handler* handler_ = nullptr;
    boost::asio::basic_socket_acceptor<protocol> acceptor_;
    std::set<std::shared_ptr<http_server_connection>> connections_;
    std::unordered_map<server_request_id, http_server_connection*> pending_;
    server_request_id last_id_ = 0;
    std::size_t held_ = 0;
    std::optional<loop::time_point> rings_at_;
    std::unique_ptr<loop::alarm> deadlines_;  // one for all
    std::unique_ptr<loop::alarm> again_;      // accepting, after it failed
};

using server_response = boost::beast::http::response<boost::beast::http::string_body>;

// `version` as in Beast: 11 for HTTP/1.1.
server_response make_response(server_answer&& from, unsigned version, bool keep_alive);

class http_server_connection : public std::enable_shared_from_this<http_server_connection> {
public:
    using socket_type = boost::asio::generic::stream_protocol::socket;

    http_server_connection(socket_type socket, std::shared_ptr<http_server::impl> of);

    void await_request();
    void answer(server_answer&& what);
    void drain();
    void end();
    [[nodiscard]] loop::time_point deadline() const noexcept { return deadline_; }
    void on_deadline();

private:
    enum class state : std::uint8_t { waiting, arriving, pending, answering, lingering, over };

    void begin();
    void read_some();
    void on_read(const boost::system::error_code& error);
    void on_broken(const boost::system::error_code& error);
    bool admit();
    void invite_body();
    void hand_over();
    void await_departure();
    void refuse(int status, std::string sentence);
    void linger();
    void discard();
    void expect(std::chrono::milliseconds within);
    void release();

    socket_type socket_;
    boost::beast::flat_buffer buffer_;
    std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
    server_request request_;
    std::optional<server_admission> admission_;
    server_response response_;
    server_request_id id_ = 0;
    std::size_t held_ = 0;
    loop::time_point deadline_;
    state state_ = state::waiting;
    bool too_slow_ = false;
    bool draining_ = false;
    std::shared_ptr<http_server::impl> of_;  // null once it is over
};

}  // namespace gateway::net
