#include "support/telegram_http.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <type_traits>

namespace gateway::test {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using plain_stream = asio::ip::tcp::socket;
using tls_stream = asio::ssl::stream<plain_stream>;

template <class Stream>
class connection final : public http_connection, public std::enable_shared_from_this<connection<Stream>> {
public:
    template <class... StreamArguments>
    connection(std::uint64_t number, http_handler handler, std::function<void()> on_closed, StreamArguments&&... stream)
        : stream_(std::forward<StreamArguments>(stream)...),
          number_(number),
          handler_(std::move(handler)),
          on_closed_(std::move(on_closed)),
          drip_(stream_.get_executor()) {}

    void start() override {
        if constexpr (std::is_same_v<Stream, tls_stream>) {
            stream_.async_handshake(asio::ssl::stream_base::server,
                                    [self = this->shared_from_this()](error_code error) {
                                        error ? self->close(false) : self->read_head();
                                    });
        } else {
            read_head();
        }
    }

    void close(bool with_reset) override {
        if (closed_) {
            return;
        }
        closed_ = true;
        if (drop_) {
            drop_();
        }
        waiting_.clear();
        drip_.cancel();
        error_code ignored;
        if (with_reset) {
            socket().set_option(asio::socket_base::linger(true, 0), ignored);
        } else {
            socket().shutdown(asio::socket_base::shutdown_both, ignored);
        }
        socket().close(ignored);
        on_closed_();
    }

    bool is_idle() const override { return !busy_ && waiting_.empty(); }

private:
    using parser = http::request_parser<http::string_body>;

    struct incoming {
        api_request request;
        bool keep_alive = true;
    };

    asio::ip::tcp::socket& socket() {
        if constexpr (std::is_same_v<Stream, tls_stream>) {
            return stream_.next_layer();
        } else {
            return stream_;
        }
    }

    void read_head() {
        parser_.emplace();
        parser_->body_limit(max_body_bytes);
        reading_ = true;
        http::async_read_header(stream_, buffer_, *parser_,
                                [self = this->shared_from_this()](error_code error, std::size_t) {
                                    error ? self->on_read_failed(error) : self->read_body();
                                });
    }

    void read_body() {
        const bool waits = parser_->get()[http::field::expect] == "100-continue";
        if (waits && !busy_) {
            static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
            busy_ = true;  // nothing else may be written meanwhile; nothing else is read either
            asio::async_write(stream_, asio::buffer(go_on),
                              [self = this->shared_from_this()](error_code error, std::size_t) {
                                  self->busy_ = false;
                                  error ? self->close(false) : self->read_rest();
                              });
        } else {
            read_rest();
        }
    }

    void read_rest() {
        http::async_read(stream_, buffer_, *parser_, [self = this->shared_from_this()](error_code error, std::size_t) {
            error ? self->on_read_failed(error) : self->on_read();
        });
    }

    void on_read() {
        reading_ = false;
        if (closed_) {
            return;
        }
        auto message = parser_->release();
        incoming next;
        next.request.method = std::string(message.method_string());
        next.request.target = std::string(message.target());
        for (const auto& field : message) {
            next.request.headers.emplace_back(field.name_string(), field.value());
        }
        next.request.body = std::move(message.body());
        next.request.connection = number_;
        next.request.http_version = message.version();
        next.keep_alive = message.keep_alive();
        waiting_.push_back(std::move(next));
        serve_next();
        read_ahead();
    }

    // Reading goes on while a request is being answered: that is how a client that hangs up is noticed.
    void read_ahead() {
        if (!closed_ && !reading_ && waiting_.size() < max_pipelined) {
            read_head();
        }
    }

    void on_read_failed(error_code error) {
        reading_ = false;
        const bool client_wrote_nonsense =
            error.category() == http::make_error_code(http::error::bad_method).category();
        if (closed_ || busy_ || !client_wrote_nonsense || error == http::error::end_of_stream ||
            error == http::error::partial_message) {
            return close(false);
        }
        api_response response;
        response.status = error == http::error::body_limit ? 413 : 400;
        response.headers = {{"Content-Type", "text/html"}};
        response.body = "<html><body><h1>" + error.message() + "</h1></body></html>\r\n";
        keep_alive_ = false;
        busy_ = true;
        send(std::move(response));
    }

    void serve_next() {
        if (closed_ || busy_ || waiting_.empty()) {
            return;
        }
        auto next = std::move(waiting_.front());
        waiting_.pop_front();
        busy_ = true;
        keep_alive_ = next.keep_alive;
        drop_ = handler_(std::move(next.request),
                         [self = this->shared_from_this(), executor = stream_.get_executor()](api_response response) {
                             asio::post(executor, [self, response = std::move(response)]() mutable {
                                 self->drop_ = nullptr;
                                 if (!self->closed_) {
                                     self->send(std::move(response));
                                 }
                             });
                         });
    }

    void send(api_response response) {
        outgoing_ = std::move(response);
        if (outgoing_.how == delivery::reset) {
            return close(true);
        }
        head_ = "HTTP/1.1 " + std::to_string(outgoing_.status) + ' ' +
                std::string(http::obsolete_reason(static_cast<http::status>(outgoing_.status))) + "\r\n";
        for (const auto& [name, value] : outgoing_.headers) {
            head_ += name + ": " + value + "\r\n";
        }
        head_ += "Content-Length: " + std::to_string(outgoing_.body.size()) + "\r\n";
        head_ += keep_alive_ ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
        const bool spoiled = outgoing_.how == delivery::cut || outgoing_.how == delivery::broken;
        const auto whole = outgoing_.body.size();
        const auto size = spoiled ? std::min(outgoing_.cut_at, whole) : outgoing_.how == delivery::drip ? 0 : whole;
        sent_ = size;
        const std::array<asio::const_buffer, 2> parts{asio::buffer(head_), asio::buffer(outgoing_.body.data(), size)};
        asio::async_write(stream_, parts, [self = this->shared_from_this()](error_code error, std::size_t) {
            error ? self->close(false) : self->on_written();
        });
    }

    void on_written() {
        switch (outgoing_.how) {
            case delivery::drip:
                return drip();
            case delivery::cut:
                return close(false);
            case delivery::broken:
                return close(true);
            default:
                return finish_answer();
        }
    }

    void drip() {
        if (sent_ >= outgoing_.body.size()) {
            return finish_answer();
        }
        drip_.expires_after(outgoing_.drip_interval);
        drip_.async_wait([self = this->shared_from_this()](error_code error) {
            if (error || self->closed_) {
                return;
            }
            const auto size = std::min(self->outgoing_.drip_bytes, self->outgoing_.body.size() - self->sent_);
            const auto* from = self->outgoing_.body.data() + self->sent_;
            self->sent_ += size;
            asio::async_write(self->stream_, asio::buffer(from, size),
                              [self](error_code failed, std::size_t) { failed ? self->close(false) : self->drip(); });
        });
    }

    void finish_answer() {
        if (closed_) {
            return;
        }
        if (!keep_alive_) {
            return close(false);
        }
        busy_ = false;
        serve_next();
        read_ahead();
    }

    Stream stream_;
    std::uint64_t number_;
    http_handler handler_;
    std::function<void()> on_closed_;
    boost::beast::flat_buffer buffer_;
    std::optional<parser> parser_;
    std::deque<incoming> waiting_;
    std::function<void()> drop_;  // while the handler has not answered
    api_response outgoing_;
    std::string head_;
    std::size_t sent_ = 0;
    asio::steady_timer drip_;
    bool keep_alive_ = true;
    bool reading_ = false;
    bool busy_ = false;  // from taking a request until its answer is written
    bool closed_ = false;
};

}  // namespace

std::shared_ptr<http_connection> make_http_connection(asio::ip::tcp::socket socket, asio::ssl::context* tls,
                                                      std::uint64_t number, http_handler handler,
                                                      std::function<void()> on_closed) {
    if (tls == nullptr) {
        return std::make_shared<connection<plain_stream>>(number, std::move(handler), std::move(on_closed),
                                                          std::move(socket));
    }
    return std::make_shared<connection<tls_stream>>(number, std::move(handler), std::move(on_closed), std::move(socket),
                                                    *tls);
}

}  // namespace gateway::test
