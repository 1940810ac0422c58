#include "support/telegram_webhook_client.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <charconv>
#include <deque>
#include <map>
#include <memory>
#include <optional>

namespace gateway::test {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr std::size_t max_idle = 100;
constexpr std::uint64_t max_answer = 8 * 1024 * 1024;

struct place {
    std::string host;
    std::string target;
    std::uint16_t port = 0;  // 0: there is none to post to
};

place parse_url(const webhook_post& post) {
    std::string_view rest = post.url;
    const bool is_plain = rest.starts_with("http://");
    rest.remove_prefix(std::min(rest.find("//") + 2, rest.size()));
    const auto end = std::min(rest.find_first_of("/?"), rest.size());
    auto host = rest.substr(0, end);
    place found;
    found.target = rest.substr(end);
    if (!found.target.starts_with('/')) {
        found.target.insert(0, "/");
    }
    std::uint16_t port = 80;
    if (const auto colon = host.find(':'); colon != std::string_view::npos) {
        std::from_chars(host.data() + colon + 1, host.data() + host.size(), port);
        host = host.substr(0, colon);
    }
    found.host = host;
    found.port = post.port != 0 ? post.port : is_plain ? port : std::uint16_t{0};
    return found;
}

// Connections that wait to be used again, by port.
class connection_pool {
public:
    explicit connection_pool(asio::io_context& io) : io_(io) {}

    asio::io_context& io() { return io_; }

    std::optional<tcp::socket> take(std::uint16_t port) {
        auto& idle = idle_[port];
        while (!idle.empty()) {
            auto socket = std::move(idle.front());
            idle.pop_front();
            --count_;
            if (is_open(socket)) {
                return socket;
            }
        }
        return std::nullopt;
    }

    void keep(std::uint16_t port, tcp::socket socket) {
        if (count_ < max_idle) {
            idle_[port].push_back(std::move(socket));
            ++count_;
        }
    }

private:
    // Nothing may come while nothing was asked: neither an answer nor the end.
    static bool is_open(tcp::socket& socket) {
        error_code error;
        char byte = 0;
        socket.non_blocking(true, error);
        socket.receive(asio::buffer(&byte, 1), asio::socket_base::message_peek, error);
        return error == asio::error::would_block;
    }

    asio::io_context& io_;
    std::map<std::uint16_t, std::deque<tcp::socket>> idle_;
    std::size_t count_ = 0;
};

class exchange : public std::enable_shared_from_this<exchange> {
public:
    exchange(std::shared_ptr<connection_pool> pool, place where, webhook_post post,
             std::function<void(webhook_answer)> done)
        : pool_(std::move(pool)), where_(std::move(where)), socket_(pool_->io()), done_(std::move(done)) {
        request_.version(11);
        request_.method(http::verb::post);
        request_.target(where_.target);
        request_.set(http::field::host, where_.host);
        for (const auto& [name, value] : post.headers) {
            request_.set(name, value);
        }
        request_.keep_alive(true);
        request_.body() = std::move(post.body);
        request_.prepare_payload();
        parser_.body_limit(max_answer);
    }

    void start() {
        if (where_.port == 0) {
            return asio::post(pool_->io(), [self = shared_from_this()] { self->fail("SSL is not spoken here"); });
        }
        if (auto kept = pool_->take(where_.port)) {
            socket_ = std::move(*kept);
            return write();
        }
        socket_.async_connect(
            {asio::ip::address_v4::loopback(), where_.port},
            [self = shared_from_this()](error_code error) { error ? self->fail(error.message()) : self->write(); });
    }

    void give_up() {
        done_ = nullptr;
        error_code ignored;
        socket_.close(ignored);
    }

private:
    void write() {
        http::async_write(socket_, request_, [self = shared_from_this()](error_code error, std::size_t) {
            error ? self->fail(error.message()) : self->read();
        });
    }

    void read() {
        http::async_read(socket_, buffer_, parser_, [self = shared_from_this()](error_code error, std::size_t) {
            error ? self->fail(error == http::error::end_of_stream ? "Webhook connection closed" : error.message())
                  : self->finish();
        });
    }

    void finish() {
        auto message = parser_.release();
        webhook_answer answer;
        answer.status = message.result_int();
        answer.reason = message.reason();
        for (const auto& field : message) {
            answer.headers.emplace_back(field.name_string(), field.value());
        }
        if (message.keep_alive()) {
            pool_->keep(where_.port, std::move(socket_));
        }
        answer.body = std::move(message.body());
        end(std::move(answer));
    }

    void fail(std::string reason) { end({0, std::move(reason), {}, {}}); }

    void end(webhook_answer answer) {
        if (auto done = std::exchange(done_, nullptr)) {
            done(std::move(answer));
        }
    }

    std::shared_ptr<connection_pool> pool_;
    place where_;
    tcp::socket socket_;
    std::function<void(webhook_answer)> done_;
    http::request<http::string_body> request_;
    boost::beast::flat_buffer buffer_;
    http::response_parser<http::string_body> parser_;
};

}  // namespace

webhook_transport make_webhook_transport(asio::io_context& io) {
    return [pool = std::make_shared<connection_pool>(io)](webhook_post post, std::function<void(webhook_answer)> done) {
        auto where = parse_url(post);
        const auto started = std::make_shared<exchange>(pool, std::move(where), std::move(post), std::move(done));
        started->start();
        return std::function<void()>([started] { started->give_up(); });
    };
}

}  // namespace gateway::test
