#include "net/websocket_session.hpp"

#include "net/websocket_failure.hpp"
#include "net/websocket_opening.hpp"
#include "net/websocket_stream.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cassert>
#include <deque>
#include <utility>

namespace gateway::net {

namespace {

using std::chrono::milliseconds;

class session final : public websocket_session, public std::enable_shared_from_this<session> {
public:
    explicit session(websocket_session_parts parts);

    bool start(tcp_dialler& through, const std::string& proxy) override;
    send_status send(websocket_kind kind, std::string data, std::uint64_t tag) override;
    bool close(std::uint16_t code, std::string reason) override;
    void pause() override { paused_ = true; }
    void resume() override;
    void abandon() override;
    owner_id owner() const noexcept override { return limits_.owner; }

private:
    enum class state : std::uint8_t { opening, open, closing, ended };
    struct outgoing {
        websocket_kind kind;
        std::string data;
        std::uint64_t tag;
    };

    void on_opened(websocket_opening::result opened);
    void watch_silence(bool watching);
    void read_next();
    void on_read(const error_code& error);
    void deliver();
    void write_next();
    void on_written(const error_code& error);
    void send_close();
    void on_peer_close();
    void on_deadline();
    void arm_deadline();

    // The handler, unless it must not hear of this any more.
    template <class Event>
    void tell(Event event) {
        if (!abandoned_) {
            event(handler_);
        }
    }
    void fail(const failure& why);
    void fail_stream(const error_code& error);
    void closed_by_peer(bool clean);
    template <class LastEvent>
    void end(LastEvent last_event);

    asio::io_context& loop_;
    const websocket_id id_;
    websocket_handler& handler_;
    std::function<void(websocket_id)> forget_;
    std::string peer_;
    websocket_request limits_;  // without what was needed for opening
    std::shared_ptr<websocket_opening> opening_;
    std::unique_ptr<websocket_stream> stream_;
    beast::flat_buffer incoming_;
    std::deque<outgoing> queue_;
    std::size_t queued_bytes_ = 0;
    asio::steady_timer deadline_;  // of what is told to the peer last: our close, or the answer to its
    websocket::close_reason asked_;
    state state_ = state::opening;
    bool writing_ = false;
    bool paused_ = false;
    bool holding_ = false;      // a message that came while paused is in incoming_, and nothing is read
    bool peer_closes_ = false;  // its close frame is here, our answer under way
    bool abandoned_ = false;
};

session::session(websocket_session_parts parts)
    : loop_(parts.loop),
      id_(parts.id),
      handler_(parts.handler),
      forget_(std::move(parts.forget)),
      peer_(host_and_port(parts.url)),
      limits_(parts.request),
      opening_(std::make_shared<websocket_opening>(loop_, std::move(parts.request), std::move(parts.url), parts.tls,
                                                   std::move(parts.user_agent))),
      deadline_(loop_) {
    limits_.url = {};
    limits_.headers = {};
}

// ---- opening

bool session::start(tcp_dialler& through, const std::string& proxy) {
    return opening_->start(through, proxy, [weak = weak_from_this()](websocket_opening::result opened) {
        if (const auto self = weak.lock()) {
            self->on_opened(std::move(opened));
        }
    });
}

void session::on_opened(websocket_opening::result opened) {
    opening_.reset();
    if (!opened) {
        fail(opened.error());
        return;
    }
    stream_ = std::move(*opened);
    stream_->control_callback([this](websocket::frame_type type, beast::string_view) {
        if (type == websocket::frame_type::close) {
            on_peer_close();
        }
    });
    stream_->auto_fragment(false);
    stream_->read_message_max(limits_.max_message_bytes);
    watch_silence(true);
    state_ = state::open;
    const auto self = shared_from_this();
    tell([&](websocket_handler& handler) { handler.on_open(id_); });
    if (state_ != state::ended) {
        read_next();
    }
}

void session::watch_silence(bool watching) {
    const auto idle = watching ? limits_.idle_timeout : websocket::stream_base::none();
    stream_->set_option(websocket::stream_base::timeout{limits_.close_timeout, idle, true});
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
    if (paused_) {
        holding_ = true;
        watch_silence(false);
    } else {
        deliver();
    }
}

void session::deliver() {
    constexpr std::size_t kept_bytes = 64 * 1024;
    const auto data = incoming_.data();
    const websocket_kind kind = stream_->got_text() ? websocket_kind::text : websocket_kind::binary;
    tell([&](websocket_handler& handler) {
        handler.on_message(id_, kind, {static_cast<const char*>(data.data()), data.size()});
    });
    incoming_.clear();
    if (incoming_.capacity() > kept_bytes) {
        incoming_.shrink_to_fit();
    }
    if (state_ != state::ended) {
        read_next();
    }
}

void session::resume() {
    paused_ = false;
    if (!holding_) {
        return;
    }
    asio::post(loop_, [self = shared_from_this()] {
        if (self->state_ == state::ended || self->paused_ || !std::exchange(self->holding_, false)) {
            return;
        }
        self->watch_silence(true);
        self->deliver();
    });
}

send_status session::send(websocket_kind kind, std::string data, std::uint64_t tag) {
    if (state_ != state::open) {
        return send_status::not_open;
    }
    if (queue_.size() >= limits_.max_queued_messages || data.size() > limits_.max_queued_bytes - queued_bytes_) {
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
            arm_deadline();
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
    tell([&](websocket_handler& handler) { handler.on_sent(id_, tag, true); });
    if (state_ == state::closing && !writing_ && !more && !peer_closes_) {
        send_close();
    }
}

// ---- ending

bool session::close(std::uint16_t code, std::string reason) {
    if (state_ == state::opening) {
        state_ = state::closing;
        const request_written written = opening_->written();
        opening_->give_up();
        asio::post(loop_, [self = shared_from_this(), written] {
            if (self->state_ != state::ended) {
                self->fail({failure_kind::cancelled, written, 0, "the WebSocket was closed before it was open"});
            }
        });
        return true;
    }
    if (state_ != state::open) {
        return false;
    }
    assert(reason.size() <= websocket_close::max_reason_bytes);
    state_ = state::closing;
    asked_ = websocket::close_reason{static_cast<websocket::close_code>(code), reason};
    arm_deadline();
    if (!writing_) {
        send_close();
    }
    return true;
}

void session::on_peer_close() {
    peer_closes_ = true;
    if (state_ == state::open) {
        state_ = state::closing;
        arm_deadline();
    }
}

void session::send_close() {
    stream_->async_close(asked_, [self = shared_from_this()](const error_code& error) {
        if (self->state_ == state::ended) {
            return;
        }
        if (error) {
            self->fail_stream(error);
        } else {
            self->closed_by_peer(true);
        }
    });
}

void session::abandon() {
    abandoned_ = true;
    state_ = state::ended;
    deadline_.cancel();
    if (opening_ != nullptr) {
        opening_->give_up();
    }
    if (stream_ != nullptr) {
        stream_->next_layer().close();
    }
}

void session::arm_deadline() {
    deadline_.expires_after(limits_.close_timeout);
    deadline_.async_wait([weak = weak_from_this()](const error_code& error) {
        const auto self = weak.lock();
        if (self != nullptr && !error && self->state_ != state::ended) {
            self->on_deadline();
        }
    });
}

void session::on_deadline() {
    const error_code lost = stream_->next_layer().write_error();
    fail_stream(lost ? lost : error_code{beast::error::timeout});
}

// The code of a peer that has closed is known, however the connection ends; what it sent against the rules is a
// failure.
void session::fail_stream(const error_code& error) {
    const bool late = state_ == state::closing && error == beast::error::timeout;
    const failure why = late ? describe_late_close(peer_, limits_) : describe_loss(error, peer_, limits_);
    if (peer_closes_ && (late || why.kind == failure_kind::reset)) {
        closed_by_peer(false);
    } else {
        fail(why);
    }
}

void session::fail(const failure& why) {
    end([&](websocket_handler& handler) { handler.on_failed(id_, why); });
}

void session::closed_by_peer(bool clean) {
    const websocket::close_reason& reason = stream_->reason();
    websocket_close how;
    if (reason.code != websocket::close_code::none) {
        how.code = static_cast<std::uint16_t>(reason.code);
    }
    how.reason.assign(reason.reason.data(), reason.reason.size());
    how.clean = clean && !stream_->next_layer().write_error();
    end([&](websocket_handler& handler) { handler.on_closed(id_, how); });
}

template <class LastEvent>
void session::end(LastEvent last_event) {
    const auto self = shared_from_this();
    state_ = state::ended;
    deadline_.cancel();
    if (stream_ != nullptr) {
        stream_->next_layer().close();
    }
    for (const outgoing& lost : std::exchange(queue_, {})) {
        tell([&](websocket_handler& handler) { handler.on_sent(id_, lost.tag, false); });
    }
    if (!abandoned_) {
        forget_(id_);
    }
    tell(last_event);
}

}  // namespace

std::shared_ptr<websocket_session> make_websocket_session(websocket_session_parts parts) {
    return std::make_shared<session>(std::move(parts));
}

}  // namespace gateway::net
