#include "net/http_server_connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <sys/socket.h>
#include <utility>

namespace gateway::net {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::chrono::milliseconds linger_time{2000};
constexpr std::size_t discarded_bytes = 4096;  // at a time, of what nobody wants to read
constexpr std::string_view invitation = "HTTP/1.1 100 Continue\r\n\r\n";

server_request head_of(const http::request<http::string_body>& message) {
    server_request head;
    head.method = std::string(message.method_string());
    head.target = std::string(message.target());
    for (const auto& field : message) {
        auto& header = head.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
        std::ranges::transform(header.name, header.name.begin(),
                               [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    }
    return head;
}

}  // namespace

server_response make_response(server_answer&& from, unsigned version, bool keep_alive) {
    server_response made;
    made.version(version);
    made.result(static_cast<unsigned>(from.status));
    for (const auto& header : from.headers) {
        made.insert(header.name, header.value);
    }
    made.keep_alive(keep_alive);
    made.body() = std::move(from.body);
    made.prepare_payload();
    return made;
}

http_server_connection::http_server_connection(socket_type socket, std::shared_ptr<http_server::impl> of)
    : socket_(std::move(socket)),
      buffer_(2 * of->limits().header_bytes),  // more than a header may have, so that its own limit is met first
      of_(std::move(of)) {}

void http_server_connection::await_request() {
    state_ = state::waiting;
    admission_.reset();
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(of_->limits().header_bytes));
    parser_->body_limit(boost::none);  // known only after the header
    expect(of_->limits().idle);
    if (buffer_.size() != 0) {
        begin();
        return;
    }
    socket_.async_wait(socket_type::wait_read, [self = shared_from_this()](const error_code& error) {
        if (self->state_ == state::waiting && !error) {
            self->begin();
        } else {
            self->end();
        }
    });
}

void http_server_connection::begin() {
    state_ = state::arriving;
    expect(of_->limits().request);
    read_some();
}

void http_server_connection::read_some() {
    http::async_read_some(socket_, buffer_, *parser_,
                          [self = shared_from_this()](const error_code& error, std::size_t) { self->on_read(error); });
}

void http_server_connection::on_read(const error_code& error) {
    if (state_ == state::over) {
        return;
    }
    if (too_slow_) {
        refuse(408, "the request did not arrive in time");
        return;
    }
    if (error) {
        on_broken(error);
        return;
    }
    if (!admission_ && parser_->is_header_done() && !admit()) {
        return;
    }
    if (const auto size = parser_->get().body().size(); size > held_) {
        if (!of_->hold(size - held_)) {
            refuse(503, "too much is being received already; try again later");
            return;
        }
        held_ = size;
    }
    if (parser_->is_done()) {
        hand_over();
    } else {
        read_some();
    }
}

void http_server_connection::on_broken(const error_code& error) {
    static const auto& of_http = make_error_code(http::error::bad_method).category();
    if (error == http::error::body_limit) {
        refuse(413, "a request's body has at most " + std::to_string(admission_->max_body_bytes) + " bytes here");
    } else if (error == http::error::header_limit || error == http::error::buffer_overflow) {
        refuse(431, "a request's header has at most " + std::to_string(of_->limits().header_bytes) + " bytes");
    } else if (error == http::error::end_of_stream || error.category() != of_http) {
        end();  // nobody is there to hear it
    } else {
        refuse(400, "this is no HTTP request: " + error.message());
    }
}

// False: it is answered already, or its body has to be asked for first.
bool http_server_connection::admit() {
    const auto& message = parser_->get();
    request_ = head_of(message);
    auto admitted = of_->handler().on_head(request_);
    if (state_ == state::over) {
        return false;
    }
    if (!admitted) {
        answer(admitted.error());
        return false;
    }
    admission_ = *admitted;
    if (parser_->content_length().value_or(0) > admission_->max_body_bytes) {
        on_broken(http::error::body_limit);
        return false;
    }
    parser_->body_limit(admission_->max_body_bytes);
    parser_->eager(true);
    const bool waits = message.version() >= 11 && !parser_->is_done() &&
                       boost::beast::iequals(message[http::field::expect], "100-continue");
    if (waits) {
        invite_body();
    }
    return !waits;
}

void http_server_connection::invite_body() {
    asio::async_write(socket_, asio::buffer(invitation),
                      [self = shared_from_this()](const error_code& error, std::size_t) {
                          if (self->state_ == state::over) {
                              return;
                          }
                          if (error) {
                              self->end();
                          } else {
                              self->read_some();
                          }
                      });
}

void http_server_connection::hand_over() {
    state_ = state::pending;
    request_.body = std::move(parser_->get().body());
    id_ = of_->begin_pending(*this);
    expect(admission_->respond_timeout);
    of_->handler().on_request(id_, std::move(request_));
    if (state_ == state::pending) {
        await_departure();
    }
}

// So that nobody goes on answering a client that is gone. Its next request, sent early, hides that: it stays unread.
void http_server_connection::await_departure() {
    socket_.async_wait(socket_type::wait_read, [self = shared_from_this(), id = id_](const error_code& error) {
        if (error || self->state_ != state::pending || self->id_ != id) {
            return;
        }
        char next = 0;
        const auto got = ::recv(self->socket_.native_handle(), &next, 1, MSG_PEEK | MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
            self->await_departure();
        } else if (got <= 0) {
            auto& handler = self->of_->handler();
            self->end();
            handler.on_over(id);
        }
    });
}

void http_server_connection::refuse(int status, std::string sentence) {
    answer(of_->handler().refusal(status, std::move(sentence)));
}

void http_server_connection::answer(server_answer&& what) {
    state_ = state::answering;
    release();
    const bool whole = parser_->is_done();
    const auto& message = parser_->get();
    const unsigned version = parser_->is_header_done() ? message.version() : 11;
    response_ = make_response(std::move(what), version, whole && parser_->keep_alive() && !draining_);
    if (message.method() == http::verb::head) {
        response_.body().clear();
    }
    expect(of_->limits().answer);
    http::async_write(socket_, response_, [self = shared_from_this()](const error_code& error, std::size_t) {
        if (self->state_ == state::over) {
            return;
        }
        if (error) {
            self->end();
        } else if (!self->response_.keep_alive() || self->draining_) {
            self->linger();
        } else {
            self->await_request();
        }
    });
}

// Closing at once would reset the connection when something unread is left, and the answer could be lost with it.
void http_server_connection::linger() {
    state_ = state::lingering;
    error_code failed;
    socket_.shutdown(socket_type::shutdown_send, failed);
    if (failed) {
        end();
        return;
    }
    buffer_.clear();
    expect(linger_time);
    discard();
}

void http_server_connection::discard() {
    socket_.async_read_some(buffer_.prepare(discarded_bytes),
                            [self = shared_from_this()](const error_code& error, std::size_t) {
                                if (self->state_ == state::over) {
                                    return;
                                }
                                if (error) {
                                    self->end();
                                } else {
                                    self->discard();
                                }
                            });
}

void http_server_connection::drain() {
    draining_ = true;
    if (state_ == state::waiting) {
        end();
    }
}

void http_server_connection::end() {
    if (state_ == state::over) {
        return;
    }
    release();
    state_ = state::over;
    error_code ignored;
    socket_.close(ignored);
    const auto self = shared_from_this();
    std::exchange(of_, nullptr)->forget(self);
}

// The request is not pending any more, and its body not held.
void http_server_connection::release() {
    of_->release(std::exchange(held_, 0));
    of_->end_pending(std::exchange(id_, 0));
}

void http_server_connection::expect(std::chrono::milliseconds within) {
    deadline_ = of_->now() + within;
    of_->watch(deadline_);
}

void http_server_connection::on_deadline() {
    switch (state_) {
        case state::arriving:
            if (std::exchange(too_slow_, true)) {
                end();  // not even the end of reading came
                return;
            }
            expect(of_->limits().answer);
            socket_.cancel();
            return;
        case state::pending: {
            auto& handler = of_->handler();
            const auto id = id_;
            refuse(503, "no answer in time");
            handler.on_over(id);
            return;
        }
        case state::waiting:
        case state::answering:
        case state::lingering:
        case state::over:
            break;
    }
    end();
}

}  // namespace gateway::net
