#include "control/server.hpp"

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <set>
#include <sys/stat.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace gateway::control {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using socket_type = asio::local::stream_protocol::socket;

constexpr std::chrono::seconds accept_pause{1};

http::response<http::string_body> response_of(answer&& served, unsigned version, bool keep_alive) {
    http::response<http::string_body> made;
    made.version(version);
    made.keep_alive(keep_alive);
    made.result(served.status);
    made.set(http::field::content_type, "application/json");
    if (!served.allow.empty()) {
        made.set(http::field::allow, boost::beast::string_view(served.allow.data(), served.allow.size()));
    }
    made.body() = std::move(served.body);
    made.prepare_payload();
    return made;
}

// What to say of a request that cannot be read; nothing when nobody is there to hear it.
std::optional<answer> answer_to(const boost::system::error_code& error, std::size_t most_bytes) {
    if (error == http::error::body_limit) {
        return problem(413, "a request's body has at most " + std::to_string(most_bytes) + " bytes");
    }
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
        return problem(431, "a request's header has at most " + std::to_string(most_bytes) + " bytes");
    }
    static const auto& of_http = make_error_code(http::error::bad_method).category();
    if (error == http::error::end_of_stream || error.category() != of_http) {
        return std::nullopt;
    }
    return problem(400, "this is no HTTP request: " + error.message());
}

}  // namespace

class server::impl : public std::enable_shared_from_this<server::impl> {
public:
    impl(asio::io_context& loop, handler&& serve, const control_limits& limits)
        : serve_(std::move(serve)), limits_(limits), acceptor_(loop), pause_(loop) {}

    boost::system::result<void, std::string> open(const std::filesystem::path& path);
    void close();

private:
    class connection;

    void accept();
    void accept_later();
    void turn_away(socket_type&& socket) const;

    handler serve_;
    control_limits limits_;
    asio::local::stream_protocol::acceptor acceptor_;
    asio::steady_timer pause_;
    std::filesystem::path path_;
    std::set<std::shared_ptr<connection>> connections_;
};

// One client: requests one after another until it goes, is silent for too long, or breaks the protocol.
class server::impl::connection : public std::enable_shared_from_this<connection> {
public:
    connection(socket_type socket, std::shared_ptr<impl> of)
        : socket_(std::move(socket)),
          deadline_(socket_.get_executor()),
          buffer_(2 * of->limits_.request_bytes),
          of_(std::move(of)) {}

    void read() {
        parser_.emplace();
        parser_->body_limit(of_->limits_.request_bytes);
        parser_->header_limit(static_cast<std::uint32_t>(of_->limits_.request_bytes));
        expect();
        http::async_read(socket_, buffer_, *parser_, [self = shared_from_this()](auto error, std::size_t) {
            if (!self->of_) {
                return;
            }
            if (!error) {
                self->respond();
            } else if (auto refusal = answer_to(error, self->of_->limits_.request_bytes)) {
                self->send(response_of(std::move(*refusal), 11, false));
            } else if (self->too_slow_) {
                self->send(response_of(problem(408, "the request did not arrive in time"), 11, false));
            } else {
                self->end();
            }
        });
    }

    void end() {
        boost::system::error_code ignored;
        socket_.close(ignored);
        deadline_.cancel();
        if (const auto of = std::exchange(of_, nullptr)) {
            of->connections_.erase(shared_from_this());
        }
    }

private:
    void expect() {
        deadline_.expires_after(of_->limits_.step);
        deadline_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
            const auto self = weak.lock();
            if (!self || error || self->deadline_.expiry() > std::chrono::steady_clock::now()) {
                return;
            }
            // Half a request is worth an answer; silence is not, and neither is who does not take an answer.
            if (self->parser_->got_some() && !self->parser_->is_done() && !self->too_slow_) {
                self->too_slow_ = true;
                self->socket_.cancel();
            } else {
                self->end();
            }
        });
    }

    void respond() {
        const auto& request = parser_->get();
        const auto method = request.method_string();
        const auto target = request.target();
        auto served = of_->serve_({method.data(), method.size()}, {target.data(), target.size()});
        auto response = response_of(std::move(served), request.version(), request.keep_alive());
        if (request.method() == http::verb::head) {
            response.body().clear();
        }
        send(std::move(response));
    }

    void send(http::response<http::string_body>&& response) {
        response_ = std::move(response);
        expect();
        http::async_write(socket_, response_, [self = shared_from_this()](auto error, std::size_t) {
            if (error || !self->of_ || !self->response_.keep_alive()) {
                self->end();
                return;
            }
            self->read();
        });
    }

    socket_type socket_;
    asio::steady_timer deadline_;
    boost::beast::flat_buffer buffer_;  // more than a header may have, so that its own limit is met first
    std::optional<http::request_parser<http::string_body>> parser_;
    http::response<http::string_body> response_;
    bool too_slow_ = false;
    std::shared_ptr<impl> of_;
};

// One too many. The answer fits into the socket's buffer, so that saying it takes no connection of ours.
void server::impl::turn_away(socket_type&& socket) const {
    boost::system::error_code ignored;
    socket.non_blocking(true, ignored);
    const auto busy = response_of(
        problem(503, "there are " + std::to_string(limits_.connections) + " connections already; try again later"), 11,
        false);
    http::write(socket, busy, ignored);
}

boost::system::result<void, std::string> server::impl::open(const std::filesystem::path& path) {
    if (path.string().size() >= sizeof(sockaddr_un::sun_path)) {
        return path.string() +
               " is longer than a Unix socket's path may be (107 bytes); choose a shorter state directory";
    }
    // Whoever holds the state directory's lock may take away what an earlier host left.
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
        return path.string() + " cannot be removed: " + std::strerror(errno);
    }
    try {
        acceptor_.open();
        // No moment with wider rights: the mode is the socket's from its first second on.
        const auto mask = ::umask(S_IRWXG | S_IRWXO | S_IXUSR);
        boost::system::error_code error;
        acceptor_.bind(path.string(), error);
        ::umask(mask);
        if (error) {
            acceptor_.close();
            return path.string() + " cannot be bound: " + error.message();
        }
        acceptor_.listen();
    } catch (const boost::system::system_error& error) {
        return path.string() + " cannot be opened: " + error.code().message();
    }
    path_ = path;
    accept();
    return {};
}

void server::impl::accept() {
    acceptor_.async_accept([self = shared_from_this()](boost::system::error_code error, socket_type socket) {
        if (!self->acceptor_.is_open()) {
            return;
        }
        if (error) {
            self->accept_later();  // out of descriptors, most likely: trying again at once would spin
            return;
        }
        if (self->connections_.size() < self->limits_.connections) {
            const auto client = std::make_shared<connection>(std::move(socket), self);
            self->connections_.insert(client);
            client->read();
        } else {
            self->turn_away(std::move(socket));
        }
        self->accept();
    });
}

void server::impl::accept_later() {
    pause_.expires_after(accept_pause);
    pause_.async_wait([self = shared_from_this()](boost::system::error_code error) {
        if (!error && self->acceptor_.is_open()) {
            self->accept();
        }
    });
}

void server::impl::close() {
    if (!acceptor_.is_open()) {
        return;
    }
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    ::unlink(path_.c_str());
    while (!connections_.empty()) {
        (*connections_.begin())->end();
    }
}

server::server(asio::io_context& loop, handler serve, control_limits limits)
    : impl_(std::make_shared<impl>(loop, std::move(serve), limits)) {}

server::~server() {
    close();
}

boost::system::result<void, std::string> server::open(const std::filesystem::path& path) {
    return impl_->open(path);
}

void server::close() {
    impl_->close();
}

}  // namespace gateway::control
