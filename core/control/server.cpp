#include "control/server.hpp"

#include "control/api.hpp"

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

constexpr std::size_t max_connections = 32;
constexpr std::size_t max_request_bytes = 64 * 1024;
constexpr std::chrono::seconds request_timeout{10};
constexpr std::chrono::seconds idle_timeout{60};
constexpr std::chrono::seconds accept_pause{1};

}  // namespace

class server::impl : public std::enable_shared_from_this<server::impl> {
public:
    impl(asio::io_context& loop, const parts& with) : with_(with), acceptor_(loop), pause_(loop) {}

    boost::system::result<void, std::string> open(const std::filesystem::path& path);
    void close();

private:
    class connection;

    void accept();
    void accept_later();

    parts with_;
    asio::local::stream_protocol::acceptor acceptor_;
    asio::steady_timer pause_;
    std::filesystem::path path_;
    std::set<std::shared_ptr<connection>> connections_;
};

// One client: requests one after another until it goes, is silent for too long, or breaks the protocol.
class server::impl::connection : public std::enable_shared_from_this<connection> {
public:
    connection(socket_type socket, std::shared_ptr<impl> of)
        : socket_(std::move(socket)), deadline_(socket_.get_executor()), of_(std::move(of)) {}

    void read() {
        parser_.emplace();
        parser_->body_limit(max_request_bytes);
        parser_->header_limit(max_request_bytes);
        expect(idle_timeout);
        http::async_read(socket_, buffer_, *parser_, [self = shared_from_this()](auto error, std::size_t) {
            if (error || !self->of_) {
                self->end();
                return;
            }
            self->respond();
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
    void expect(std::chrono::seconds span) {
        deadline_.expires_after(span);
        deadline_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
            const auto self = weak.lock();
            if (self && !error && self->deadline_.expiry() <= std::chrono::steady_clock::now()) {
                self->end();
            }
        });
    }

    void respond() {
        const auto& request = parser_->get();
        const auto method = request.method_string();
        const auto target = request.target();
        auto served = serve(of_->with_, {method.data(), method.size()}, {target.data(), target.size()});
        response_ = {};
        response_.version(request.version());
        response_.keep_alive(request.keep_alive());
        response_.result(served.status);
        response_.set(http::field::content_type, "application/json");
        if (!served.allow.empty()) {
            response_.set(http::field::allow, boost::beast::string_view(served.allow.data(), served.allow.size()));
        }
        response_.body() = std::move(served.body);
        response_.prepare_payload();
        expect(request_timeout);
        http::async_write(socket_, response_, [self = shared_from_this()](auto error, std::size_t) {
            if (error || !self->response_.keep_alive()) {
                self->end();
                return;
            }
            self->read();
        });
    }

    socket_type socket_;
    asio::steady_timer deadline_;
    boost::beast::flat_buffer buffer_{max_request_bytes};
    std::optional<http::request_parser<http::string_body>> parser_;
    http::response<http::string_body> response_;
    std::shared_ptr<impl> of_;
};

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
        if (self->connections_.size() < max_connections) {
            const auto client = std::make_shared<connection>(std::move(socket), self);
            self->connections_.insert(client);
            client->read();
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

server::server(asio::io_context& loop, parts with) : impl_(std::make_shared<impl>(loop, with)) {}

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
