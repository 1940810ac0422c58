#include "net/websocket_session.hpp"

#include "net/tls_trust.hpp"
#include "net/websocket_failure.hpp"
#include "net/websocket_transport.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <openssl/ssl.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

namespace gateway::net {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using boost::system::error_code;
using std::chrono::milliseconds;

// A close frame has room for 123 bytes of UTF-8.
std::string cut_reason(std::string reason) {
    std::size_t size = std::min<std::size_t>(reason.size(), 123);
    while (size > 0 && size < reason.size() && (static_cast<unsigned char>(reason[size]) & 0xC0U) == 0x80U) {
        --size;
    }
    reason.resize(size);
    return reason;
}

class session final : public websocket_session, public std::enable_shared_from_this<session> {
public:
    explicit session(websocket_session_parts parts)
        : parts_(std::move(parts)), peer_(host_and_port(parts_.url)), timer_(parts_.loop) {}

    bool start(tcp_dialler& through, const std::string& proxy) override;
    send_status send(websocket_kind kind, std::string data, std::uint64_t tag) override;
    bool close(std::uint16_t code, std::string reason) override;
    void abandon() override;
    owner_id owner() const noexcept override { return parts_.request.owner; }

private:
    enum class state : std::uint8_t { opening, open, closing, ended };
    struct outgoing {
        websocket_kind kind;
        std::string data;
        std::uint64_t tag;
    };

    void on_dialled(tcp_dialler::result dialled);
    void begin_tls();
    void begin_upgrade();
    void on_upgraded(const error_code& error);
    void read_next();
    void on_read(const error_code& error);
    void write_next();
    void on_written(const error_code& error);
    void send_close();
    void on_peer_close();
    void on_deadline();
    void arm(milliseconds after);

    // The handler, unless it must not hear of this any more.
    template <class Event>
    void tell(Event event) {
        if (!abandoned_) {
            event(parts_.handler);
        }
    }
    void fail(const failure& why);
    void fail(failure_kind kind, std::string text);
    void fail_stream(const error_code& error);
    void closed(websocket_close how);
    void closed_by_peer(bool clean);
    void closed_uncleanly();
    template <class LastEvent>
    void end(LastEvent last_event);

    websocket_session_parts parts_;
    std::string peer_;
    std::unique_ptr<dial_attempt> dialling_;
    std::optional<websocket::stream<websocket_transport>> stream_;
    websocket::response_type upgrade_;
    beast::flat_buffer incoming_;
    std::deque<outgoing> queue_;
    std::size_t queued_bytes_ = 0;
    asio::steady_timer timer_;
    websocket_close asked_;  // our close
    state state_ = state::opening;
    bool upgrading_ = false;
    bool writing_ = false;
    bool peer_closes_ = false;  // its close frame is here, our answer under way
    bool abandoned_ = false;
};

// ---- opening

bool session::start(tcp_dialler& through, const std::string& proxy) {
    dialling_ = through.dial(parts_.url, proxy, [weak = weak_from_this()](tcp_dialler::result dialled) {
        if (const auto self = weak.lock()) {
            self->on_dialled(std::move(dialled));
        }
    });
    arm(parts_.request.open_timeout);
    return dialling_ != nullptr;
}

void session::on_dialled(tcp_dialler::result dialled) {
    if (state_ != state::opening) {
        return;
    }
    if (!dialled) {
        fail(dialled.error().kind, dialled.error().text);
        return;
    }
    stream_.emplace(std::move(*dialled));
    if (parts_.tls != nullptr) {
        begin_tls();
    } else {
        begin_upgrade();
    }
}

void session::begin_tls() {
    auto& tls = stream_->next_layer().add_tls(*parts_.tls);
    if (!expect_host(tls.native_handle(), parts_.url.host)) {
        fail(failure_kind::internal, "the TLS connection to " + peer_ + " cannot be prepared");
        return;
    }
    tls.async_handshake(asio::ssl::stream_base::client, [self = shared_from_this(), &tls](const error_code& error) {
        if (self->state_ != state::opening) {
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

void session::begin_upgrade() {
    const websocket_request& request = parts_.request;
    stream_->set_option(websocket::stream_base::timeout{websocket::stream_base::none(), request.idle_timeout, true});
    stream_->set_option(websocket::stream_base::decorator([this](websocket::request_type& upgrade) {
        upgrade.set(http::field::user_agent, parts_.user_agent);
        for (const http_header& header : parts_.request.headers) {
            if (beast::iequals(header.name, "user-agent")) {
                upgrade.set(header.name, header.value);
            } else {
                upgrade.insert(header.name, header.value);
            }
        }
        std::string list;
        for (const std::string& name : parts_.request.subprotocols) {
            list.append(list.empty() ? "" : ", ").append(name);
        }
        if (!list.empty()) {
            upgrade.set(http::field::sec_websocket_protocol, list);
        }
    }));
    if (request.compress) {
        websocket::permessage_deflate compression;
        compression.client_enable = true;
        stream_->set_option(compression);
    }
    stream_->control_callback([this](websocket::frame_type type, beast::string_view) {
        if (type == websocket::frame_type::close) {
            on_peer_close();
        }
    });
    stream_->auto_fragment(false);
    stream_->read_message_max(request.max_message_bytes);
    upgrading_ = true;
    const bool usual = parts_.url.port == (parts_.tls == nullptr ? 80 : 443);
    const std::string host = usual ? peer_.substr(0, peer_.rfind(':')) : peer_;
    stream_->async_handshake(upgrade_, host, parts_.url.target,
                             [self = shared_from_this()](const error_code& error) { self->on_upgraded(error); });
}

void session::on_upgraded(const error_code& error) {
    if (state_ != state::opening) {
        return;
    }
    if (error) {
        fail(describe_upgrade(error, stream_->next_layer().answer(), peer_));
        return;
    }
    const auto& offered = parts_.request.subprotocols;
    const std::string chosen{upgrade_[http::field::sec_websocket_protocol]};
    if (!chosen.empty() && std::find(offered.begin(), offered.end(), chosen) == offered.end()) {
        fail(failure_kind::protocol, peer_ + " chose a WebSocket subprotocol that was not offered");
        return;
    }
    state_ = state::open;
    timer_.cancel();
    stream_->set_option(
        websocket::stream_base::timeout{parts_.request.close_timeout, parts_.request.idle_timeout, true});
    const auto self = shared_from_this();
    tell([&](websocket_handler& handler) { handler.on_open(parts_.id, chosen); });
    if (state_ != state::ended) {
        read_next();
    }
}

// ---- messages

void session::read_next() {
    stream_->async_read(incoming_,
                        [self = shared_from_this()](const error_code& error, std::size_t) { self->on_read(error); });
}

void session::on_read(const error_code& error) {
    if (state_ == state::ended) {
        return;
    }
    if (error == websocket::error::closed) {
        closed_by_peer(true);
        return;
    }
    if (error) {
        fail_stream(error);
        return;
    }
    constexpr std::size_t kept_bytes = 64 * 1024;
    const auto data = incoming_.data();
    const websocket_kind kind = stream_->got_text() ? websocket_kind::text : websocket_kind::binary;
    tell([&](websocket_handler& handler) {
        handler.on_message(parts_.id, kind, {static_cast<const char*>(data.data()), data.size()});
    });
    incoming_.clear();
    if (incoming_.capacity() > kept_bytes) {
        incoming_.shrink_to_fit();
    }
    if (state_ != state::ended) {
        read_next();
    }
}

send_status session::send(websocket_kind kind, std::string data, std::uint64_t tag) {
    if (state_ != state::open) {
        return send_status::not_open;
    }
    const websocket_request& limits = parts_.request;
    if (queue_.size() >= limits.max_queued_messages || data.size() > limits.max_queued_bytes - queued_bytes_) {
        return send_status::queue_full;
    }
    queued_bytes_ += data.size();
    queue_.push_back({kind, std::move(data), tag});
    if (!writing_) {
        write_next();
    }
    return send_status::accepted;
}

void session::write_next() {
    writing_ = true;
    stream_->text(queue_.front().kind == websocket_kind::text);
    stream_->async_write(
        asio::buffer(queue_.front().data),
        [self = shared_from_this()](const error_code& error, std::size_t) { self->on_written(error); });
}

void session::on_written(const error_code& error) {
    if (state_ == state::ended) {
        return;
    }
    if (error || stream_->next_layer().write_error()) {
        // Nothing is written any more. Reading says why, after what the peer still had to say.
        if (state_ == state::open) {
            arm(parts_.request.close_timeout);
        }
        return;
    }
    writing_ = false;
    const std::uint64_t tag = queue_.front().tag;
    queued_bytes_ -= queue_.front().data.size();
    queue_.pop_front();
    const bool more = !queue_.empty() && !peer_closes_;
    if (more) {
        write_next();
    }
    tell([&](websocket_handler& handler) { handler.on_sent(parts_.id, tag, true); });
    if (state_ == state::closing && !writing_ && !more && !peer_closes_) {
        send_close();
    }
}

// ---- ending

bool session::close(std::uint16_t code, std::string reason) {
    if (state_ == state::opening) {
        state_ = state::closing;
        timer_.cancel();
        asio::post(parts_.loop, [self = shared_from_this()] {
            if (self->state_ != state::ended) {
                self->fail(failure_kind::cancelled, "the WebSocket was closed before it was open");
            }
        });
        return true;
    }
    if (state_ != state::open) {
        return false;
    }
    state_ = state::closing;
    asked_ = {code, cut_reason(std::move(reason)), false};
    arm(parts_.request.close_timeout);
    if (!writing_) {
        send_close();
    }
    return true;
}

void session::on_peer_close() {
    peer_closes_ = true;
    if (state_ == state::open) {
        state_ = state::closing;
        arm(parts_.request.close_timeout);
    }
}

void session::send_close() {
    const websocket::close_reason reason{static_cast<websocket::close_code>(asked_.code), asked_.reason};
    stream_->async_close(reason, [self = shared_from_this()](const error_code& error) {
        if (self->state_ == state::ended) {
            return;
        }
        if (error) {
            self->closed_uncleanly();
        } else {
            self->closed_by_peer(true);
        }
    });
}

void session::abandon() {
    abandoned_ = true;
    state_ = state::ended;
    dialling_.reset();
    timer_.cancel();
    if (stream_) {
        stream_->next_layer().close();
    }
}

void session::arm(milliseconds after) {
    timer_.expires_after(after);
    timer_.async_wait([weak = weak_from_this()](const error_code& error) {
        const auto self = weak.lock();
        if (self != nullptr && !error) {
            self->on_deadline();
        }
    });
}

void session::on_deadline() {
    if (state_ == state::opening) {
        const std::string limit = std::to_string(parts_.request.open_timeout.count());
        fail(failure_kind::timeout_connect, "no WebSocket to " + peer_ + " within " + limit + " ms");
    } else if (state_ == state::closing) {
        closed_uncleanly();
    } else if (state_ == state::open) {
        fail_stream(stream_->next_layer().write_error());
    }
}

// Once closing, how the connection ends is no failure any more; what the peer sent against the rules is.
void session::fail_stream(const error_code& error) {
    const failure why = describe_loss(error, peer_, parts_.request);
    const bool lost = why.kind == failure_kind::reset || why.kind == failure_kind::timeout_idle;
    if (lost && state_ == state::closing) {
        closed_uncleanly();
    } else {
        fail(why);
    }
}

void session::fail(const failure& why) {
    end([&](websocket_handler& handler) { handler.on_failed(parts_.id, why); });
}

void session::fail(failure_kind kind, std::string text) {
    fail({kind, upgrading_ ? request_written::maybe : request_written::none, 0, std::move(text)});
}

void session::closed(websocket_close how) {
    end([&](websocket_handler& handler) { handler.on_closed(parts_.id, how); });
}

void session::closed_by_peer(bool clean) {
    const websocket::close_reason& reason = stream_->reason();
    websocket_close how;
    if (reason.code != websocket::close_code::none) {
        how.code = static_cast<std::uint16_t>(reason.code);
    }
    how.reason.assign(reason.reason.data(), reason.reason.size());
    how.clean = clean && !stream_->next_layer().write_error();
    closed(std::move(how));
}

// Our close frame was not answered, or the peer's could not be.
void session::closed_uncleanly() {
    if (peer_closes_) {
        closed_by_peer(false);
    } else {
        closed(asked_);
    }
}

template <class LastEvent>
void session::end(LastEvent last_event) {
    const auto self = shared_from_this();
    state_ = state::ended;
    dialling_.reset();
    timer_.cancel();
    if (stream_) {
        stream_->next_layer().close();
    }
    for (const outgoing& lost : std::exchange(queue_, {})) {
        tell([&](websocket_handler& handler) { handler.on_sent(parts_.id, lost.tag, false); });
    }
    if (!abandoned_) {
        parts_.forget(parts_.id);
    }
    tell(last_event);
}

}  // namespace

std::shared_ptr<websocket_session> make_websocket_session(websocket_session_parts parts) {
    return std::make_shared<session>(std::move(parts));
}

}  // namespace gateway::net
