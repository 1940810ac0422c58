#include "net/http_server.hpp"

#include "net/http_check.hpp"
#include "net/http_server_connection.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

namespace gateway::net {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::seconds accept_pause{1};

}  // namespace

std::string complaint_about_answer(const server_answer& answer) {
    if (answer.status < 200 || answer.status > 599) {
        return "an answer's status is not from 200 to 599";
    }
    if ((answer.status == 204 || answer.status == 304) && !answer.body.empty()) {
        return "an answer with the status " + std::to_string(answer.status) + " has a body";
    }
    for (const auto& header : answer.headers) {
        for (const std::string_view reserved :
             {"content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "trailer"}) {
            if (is_same_name(header.name, reserved)) {
                return "the header " + std::string{reserved} + " is set by the host";
            }
        }
    }
    return complaint_about_headers(answer.headers, server_answer::max_headers, server_answer::max_header_bytes);
}

http_server::impl::impl(asio::io_context& loop, loop::time_source& time, http_server_limits limits)
    : time_(time),
      limits_(limits),
      acceptor_(loop),
      deadlines_(time.make_alarm([this] { ring(); })),
      again_(time.make_alarm([this] { accept(); })) {}

error_code http_server::impl::open(const protocol::endpoint& at, http_server_handler& handler) {
    handler_ = &handler;
    const int family = at.protocol().family();
    error_code error;
    const auto attempt = [&](auto step) {
        if (!error) {
            step();
        }
    };
    attempt([&] { acceptor_.open(protocol(family, 0), error); });
    if (family == AF_INET || family == AF_INET6) {
        // What an earlier host's connections left behind does not keep the address.
        attempt([&] { acceptor_.set_option(asio::socket_base::reuse_address(true), error); });
    }
    if (family == AF_INET6) {
        attempt([&] { acceptor_.set_option(asio::ip::v6_only(true), error); });
    }
    attempt([&] { acceptor_.bind(at, error); });
    attempt([&] { acceptor_.listen(asio::socket_base::max_listen_connections, error); });
    if (error) {
        error_code ignored;
        acceptor_.close(ignored);
        return error;
    }
    accept();
    return {};
}

std::string http_server::impl::address() const {
    error_code error;
    const auto bound = acceptor_.local_endpoint(error);
    const int family = bound.protocol().family();
    if (error || (family != AF_INET && family != AF_INET6)) {
        return {};
    }
    tcp::endpoint at(family == AF_INET ? tcp::v4() : tcp::v6(), 0);
    std::memcpy(at.data(), bound.data(), std::min(bound.size(), at.capacity()));
    const auto host = at.address().to_string();
    const auto port = std::to_string(at.port());
    return family == AF_INET ? host + ":" + port : "[" + host + "]:" + port;
}

void http_server::impl::accept() {
    if (acceptor_.is_open()) {
        acceptor_.async_accept([self = shared_from_this()](const error_code& error, protocol::socket socket) {
            self->on_accepted(error, std::move(socket));
        });
    }
}

void http_server::impl::on_accepted(const error_code& error, protocol::socket&& socket) {
    if (!acceptor_.is_open()) {
        return;
    }
    if (error) {
        again_->set(time_.now() + accept_pause);  // out of descriptors, most likely: trying again at once would spin
        return;
    }
    if (connections_.size() < limits_.connections) {
        error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);  // not for Unix sockets
        const auto client = std::make_shared<http_server_connection>(std::move(socket), shared_from_this());
        connections_.insert(client);
        client->await_request();
    } else {
        turn_away(std::move(socket));
    }
    accept();
}

// One too many. The answer fits into the socket's buffer, so that saying it takes no connection of ours.
void http_server::impl::turn_away(protocol::socket&& socket) const {
    error_code ignored;
    socket.non_blocking(true, ignored);
    const auto busy = make_response(handler_->refusal(503, "there are " + std::to_string(limits_.connections) +
                                                               " connections already; try again later"),
                                    11, false);
    boost::beast::http::write(socket, busy, ignored);
}

server_request_id http_server::impl::begin_pending(http_server_connection& of) {
    pending_.emplace(++last_id_, &of);
    return last_id_;
}

bool http_server::impl::answer(server_request_id id, server_answer&& what) {
    const auto found = pending_.find(id);
    if (found == pending_.end()) {
        return false;
    }
    found->second->answer(std::move(what));
    return true;
}

bool http_server::impl::hold(std::size_t more) {
    if (more > limits_.held_bytes - held_) {
        return false;
    }
    held_ += more;
    return true;
}

void http_server::impl::watch(loop::time_point deadline) {
    if (!rings_at_ || deadline < *rings_at_) {
        rings_at_ = deadline;
        deadlines_->set(deadline);
    }
}

// There are few connections, and most deadlines are moved long before they pass.
void http_server::impl::ring() {
    const auto self = shared_from_this();
    rings_at_.reset();
    const auto now = time_.now();
    const std::vector<std::shared_ptr<http_server_connection>> all(connections_.begin(), connections_.end());
    for (const auto& each : all) {
        if (connections_.contains(each) && each->deadline() <= now) {
            each->on_deadline();
        }
    }
    for (const auto& each : connections_) {
        watch(each->deadline());
    }
}

void http_server::impl::drain() {
    error_code ignored;
    acceptor_.close(ignored);
    again_->set(std::nullopt);
    const std::vector<std::shared_ptr<http_server_connection>> all(connections_.begin(), connections_.end());
    for (const auto& each : all) {
        each->drain();
    }
}

void http_server::impl::close() {
    drain();
    while (!connections_.empty()) {
        (*connections_.begin())->end();
    }
    deadlines_->set(std::nullopt);
}

// What is still under way on a socket keeps this alive longer than the time source.
void http_server::impl::shut() {
    close();
    deadlines_.reset();
    again_.reset();
}

http_server::http_server(asio::io_context& loop, loop::time_source& time, http_server_limits limits)
    : impl_(std::make_shared<impl>(loop, time, limits)) {}

http_server::~http_server() {
    impl_->shut();
}

error_code http_server::open(const asio::generic::stream_protocol::endpoint& at, http_server_handler& handler) {
    return impl_->open(at, handler);
}

bool http_server::is_open() const noexcept {
    return impl_->is_open();
}

std::string http_server::address() const {
    return impl_->address();
}

bool http_server::answer(server_request_id id, server_answer what) {
    return impl_->answer(id, std::move(what));
}

void http_server::drain() {
    impl_->drain();
}

void http_server::close() {
    impl_->close();
}

}  // namespace gateway::net
