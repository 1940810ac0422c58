#include "net/websocket_opening.hpp"

#include "net/tls_trust.hpp"
#include "net/websocket_failure.hpp"

#include <openssl/ssl.h>

#include <utility>

namespace gateway::net {

websocket_opening::websocket_opening(asio::io_context& loop, websocket_request request, url_parts url,
                                     asio::ssl::context* tls, std::string user_agent)
    : request_(std::move(request)),
      url_(std::move(url)),
      tls_(tls),
      user_agent_(std::move(user_agent)),
      peer_(host_and_port(url_)),
      deadline_(loop) {}

bool websocket_opening::start(tcp_dialler& through, const std::string& proxy, handler done) {
    done_ = std::move(done);
    dialling_ = through.dial(url_, proxy, [weak = weak_from_this()](tcp_dialler::result dialled) {
        if (const auto self = weak.lock()) {
            self->on_dialled(std::move(dialled));
        }
    });
    deadline_.expires_after(request_.open_timeout);
    deadline_.async_wait([weak = weak_from_this()](const error_code& error) {
        const auto self = weak.lock();
        if (self != nullptr && !error && !self->finished_) {
            const std::string limit = std::to_string(self->request_.open_timeout.count());
            self->fail(failure_kind::timeout_connect, "no WebSocket to " + self->peer_ + " within " + limit + " ms");
        }
    });
    return dialling_ != nullptr;
}

void websocket_opening::on_dialled(tcp_dialler::result dialled) {
    if (finished_) {
        return;
    }
    if (!dialled) {
        fail(dialled.error().kind, dialled.error().text);
        return;
    }
    stream_ = std::make_unique<websocket_stream>(std::move(*dialled));
    if (tls_ != nullptr) {
        begin_tls();
    } else {
        begin_upgrade();
    }
}

void websocket_opening::begin_tls() {
    auto& tls = stream_->next_layer().add_tls(*tls_);
    if (!expect_host(tls.native_handle(), url_.host)) {
        fail(failure_kind::internal, "the TLS connection to " + peer_ + " cannot be prepared");
        return;
    }
    tls.async_handshake(asio::ssl::stream_base::client, [self = shared_from_this(), &tls](const error_code& error) {
        if (self->finished_) {
            return;
        }
        const long verdict = SSL_get_verify_result(tls.native_handle());
        if (error && verdict != X509_V_OK) {
            self->fail(failure_kind::tls, describe_untrusted(self->peer_, verdict));
        } else if (error) {
            self->fail(failure_kind::tls, "the TLS handshake with " + self->peer_ + " failed: " + error.message());
        } else {
            self->begin_upgrade();
        }
    });
}

void websocket_opening::begin_upgrade() {
    stream_->set_option(websocket::stream_base::timeout{websocket::stream_base::none(), request_.idle_timeout, true});
    stream_->set_option(
        websocket::stream_base::decorator([this](websocket::request_type& upgrade) { decorate(upgrade); }));
    upgrading_ = true;
    const bool usual = url_.port == (tls_ == nullptr ? 80 : 443);
    const std::string host = usual ? peer_.substr(0, peer_.rfind(':')) : peer_;
    stream_->async_handshake(answer_, host, url_.target,
                             [self = shared_from_this()](const error_code& error) { self->on_upgraded(error); });
}

void websocket_opening::decorate(websocket::request_type& upgrade) const {
    upgrade.set(http::field::user_agent, user_agent_);
    for (const http_header& header : request_.headers) {
        if (is_same_name(header.name, "user-agent")) {
            upgrade.set(header.name, header.value);
        } else {
            upgrade.insert(header.name, header.value);
        }
    }
}

void websocket_opening::on_upgraded(const error_code& error) {
    if (finished_) {
        return;
    }
    if (error) {
        finish(describe_upgrade(error, stream_->next_layer().answer(), peer_));
        return;
    }
    if (answer_.count(http::field::sec_websocket_protocol) != 0) {
        fail(failure_kind::protocol, peer_ + " chose a WebSocket subprotocol although none was offered");
        return;
    }
    // What it refers to is about to go.
    stream_->set_option(websocket::stream_base::decorator([](websocket::request_type&) {}));
    finish(std::move(stream_));
}

void websocket_opening::give_up() {
    finished_ = true;
    dialling_.reset();
    deadline_.cancel();
    if (stream_ != nullptr) {
        stream_->next_layer().close();
    }
}

void websocket_opening::fail(failure_kind kind, std::string text) {
    finish(failure{kind, written(), 0, std::move(text)});
}

void websocket_opening::finish(result outcome) {
    const auto self = shared_from_this();
    give_up();
    std::exchange(done_, nullptr)(std::move(outcome));
}

}  // namespace gateway::net
