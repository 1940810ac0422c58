#include "support/net_h2_server.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <map>
#include <nghttp2/nghttp2.h>
#include <set>
#include <string_view>

namespace gateway::test {

namespace asio = boost::asio;
using asio::ip::tcp;

// What sessions share with their server, and outlive it by.
struct h2_shared {
    h2_server::handler serve;
    h2_options options;
    std::size_t requests = 0;
    std::set<h2_session*> open;
};

// One connection: nghttp2's state, the streams that wait, and the bytes on their way. The transport is the
// derived class's.
class h2_session : public std::enable_shared_from_this<h2_session> {
public:
    explicit h2_session(std::shared_ptr<h2_shared> shared);
    virtual ~h2_session();
    h2_session(const h2_session&) = delete;
    h2_session& operator=(const h2_session&) = delete;

    virtual void start() = 0;
    void respond(std::int32_t stream, h2_response response);
    void reset(std::int32_t stream, std::uint32_t error_code);
    void go_away(std::int32_t stream);
    void close();

protected:
    virtual void read_some() = 0;
    virtual void write(std::string_view data) = 0;
    virtual void close_transport() = 0;
    void begin();
    void on_read(std::size_t size);
    void on_written();

    char input_[16 * 1024];

private:
    struct stream_data {
        h2_request request;
        std::string body;
        std::size_t sent = 0;
        bool answered = false;
    };

    static int on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* self);
    static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                         const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* self);
    static int on_data(nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* data, std::size_t size,
                       void* self);
    static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* self);
    static int on_close(nghttp2_session*, std::int32_t stream, std::uint32_t, void* self);
    static ssize_t on_body(nghttp2_session*, std::int32_t stream, std::uint8_t* into, std::size_t room,
                           std::uint32_t* flags, nghttp2_data_source*, void* self);
    void flush();

    std::shared_ptr<h2_shared> shared_;
    nghttp2_session* session_ = nullptr;
    std::map<std::int32_t, stream_data> streams_;
    std::string output_;
    bool writing_ = false;
    bool receiving_ = false;
    bool closed_ = false;
};

h2_session::h2_session(std::shared_ptr<h2_shared> shared) : shared_(std::move(shared)) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, &h2_session::on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, &h2_session::on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, &h2_session::on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, &h2_session::on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, &h2_session::on_close);
    nghttp2_session_server_new(&session_, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    shared_->open.insert(this);
}

h2_session::~h2_session() {
    shared_->open.erase(this);
    nghttp2_session_del(session_);
}

void h2_session::begin() {
    const nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, shared_->options.max_streams}};
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, 1);
    flush();
    read_some();
}

void h2_session::on_read(std::size_t size) {
    receiving_ = true;
    const ssize_t taken = nghttp2_session_mem_recv(session_, reinterpret_cast<const std::uint8_t*>(input_), size);
    receiving_ = false;
    if (taken < 0) {
        close();
        return;
    }
    flush();
    if (!closed_) {
        read_some();
    }
}

void h2_session::on_written() {
    writing_ = false;
    output_.clear();
    flush();
}

void h2_session::flush() {
    if (writing_ || closed_ || receiving_) {  // nghttp2 must not be asked to send from within its callbacks
        return;
    }
    constexpr std::size_t piece_bytes = 1024 * 1024;  // large answers come in one go, which is hard on clients
    while (output_.size() < piece_bytes) {
        const std::uint8_t* data = nullptr;
        const ssize_t size = nghttp2_session_mem_send(session_, &data);
        if (size <= 0) {
            break;
        }
        output_.append(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
    }
    if (!output_.empty()) {
        writing_ = true;
        write(output_);
    }
}

void h2_session::respond(std::int32_t stream, h2_response response) {
    const auto found = streams_.find(stream);
    if (closed_ || found == streams_.end() || found->second.answered) {
        return;
    }
    stream_data& data = found->second;
    data.answered = true;
    data.body = std::move(response.body);
    response.headers.insert(response.headers.begin(), {":status", std::to_string(response.status)});
    response.headers.emplace_back("content-length", std::to_string(data.body.size()));
    std::vector<nghttp2_nv> fields;
    for (auto& [name, value] : response.headers) {
        fields.push_back({reinterpret_cast<std::uint8_t*>(name.data()), reinterpret_cast<std::uint8_t*>(value.data()),
                          name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
    }
    nghttp2_data_provider provider{{}, &h2_session::on_body};
    nghttp2_submit_response(session_, stream, fields.data(), fields.size(), data.body.empty() ? nullptr : &provider);
    flush();
}

void h2_session::reset(std::int32_t stream, std::uint32_t error_code) {
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream, error_code);
    flush();
}

void h2_session::go_away(std::int32_t stream) {
    nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, std::max(stream - 2, 0), NGHTTP2_NO_ERROR, nullptr, 0);
    flush();
}

void h2_session::close() {
    if (!closed_) {
        closed_ = true;
        close_transport();
    }
}

int h2_session::on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
        static_cast<h2_session*>(self)->streams_.try_emplace(frame->hd.stream_id);
    }
    return 0;
}

int h2_session::on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                          const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* self) {
    const auto found = static_cast<h2_session*>(self)->streams_.find(frame->hd.stream_id);
    if (found == static_cast<h2_session*>(self)->streams_.end()) {
        return 0;
    }
    h2_request& request = found->second.request;
    std::string key(reinterpret_cast<const char*>(name), name_size);
    std::string text(reinterpret_cast<const char*>(value), value_size);
    if (key == ":method") {
        request.method = std::move(text);
    } else if (key == ":path") {
        request.path = std::move(text);
    } else if (key == ":authority") {
        request.authority = std::move(text);
    } else if (key != ":scheme") {
        request.headers.emplace_back(std::move(key), std::move(text));
    }
    return 0;
}

int h2_session::on_data(nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* data, std::size_t size,
                        void* self) {
    const auto found = static_cast<h2_session*>(self)->streams_.find(stream);
    if (found != static_cast<h2_session*>(self)->streams_.end()) {
        found->second.request.body.append(reinterpret_cast<const char*>(data), size);
    }
    return 0;
}

int h2_session::on_frame(nghttp2_session*, const nghttp2_frame* frame, void* opaque) {
    auto& self = *static_cast<h2_session*>(opaque);
    const bool request_frame = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    const auto found = self.streams_.find(frame->hd.stream_id);
    if (request_frame && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0 && found != self.streams_.end()) {
        ++self.shared_->requests;
        h2_request request = std::move(found->second.request);
        self.shared_->serve(std::move(request), h2_reply{self.weak_from_this(), frame->hd.stream_id});
    }
    return 0;
}

int h2_session::on_close(nghttp2_session*, std::int32_t stream, std::uint32_t, void* self) {
    static_cast<h2_session*>(self)->streams_.erase(stream);
    return 0;
}

ssize_t h2_session::on_body(nghttp2_session*, std::int32_t stream, std::uint8_t* into, std::size_t room,
                            std::uint32_t* flags, nghttp2_data_source*, void* self) {
    stream_data& data = static_cast<h2_session*>(self)->streams_.at(stream);
    const std::size_t copied = data.body.copy(reinterpret_cast<char*>(into), room, data.sent);
    data.sent += copied;
    if (data.sent == data.body.size()) {
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    }
    return static_cast<ssize_t>(copied);
}

namespace {

tcp::socket& lowest(tcp::socket& socket) {
    return socket;
}
tcp::socket& lowest(asio::ssl::stream<tcp::socket>& stream) {
    return stream.next_layer();
}

template <class Stream>
class h2_session_over final : public h2_session {
public:
    h2_session_over(std::shared_ptr<h2_shared> shared, Stream stream)
        : h2_session(std::move(shared)), stream_(std::move(stream)) {}

    void start() override {
        lowest(stream_).set_option(tcp::no_delay{true});
        if constexpr (std::is_same_v<Stream, tcp::socket>) {
            begin();
        } else {
            stream_.async_handshake(asio::ssl::stream_base::server, [this, self = shared_from_this()](auto error) {
                if (!error) {
                    begin();
                }
            });
        }
    }

private:
    void read_some() override {
        stream_.async_read_some(asio::buffer(input_), [this, self = shared_from_this()](auto error, std::size_t size) {
            if (error) {
                close();
            } else {
                on_read(size);
            }
        });
    }

    void write(std::string_view data) override {
        asio::async_write(stream_, asio::buffer(data), [this, self = shared_from_this()](auto error, std::size_t) {
            if (error) {
                close();
            } else {
                on_written();
            }
        });
    }

    void close_transport() override {
        boost::system::error_code ignored;
        lowest(stream_).close(ignored);
    }

    Stream stream_;
};

}  // namespace

void h2_reply::send(h2_response response) const {
    if (const auto session = session_.lock()) {
        session->respond(stream_, std::move(response));
    }
}

void h2_reply::reset(std::uint32_t error_code) const {
    if (const auto session = session_.lock()) {
        session->reset(stream_, error_code);
    }
}

void h2_reply::go_away() const {
    if (const auto session = session_.lock()) {
        session->go_away(stream_);
    }
}

void h2_reply::drop_connection() const {
    if (const auto session = session_.lock()) {
        session->close();
    }
}

struct h2_server::state : std::enable_shared_from_this<h2_server::state> {
    state(asio::io_context& loop, handler serve, const h2_options& options)
        : acceptor(loop, tcp::endpoint{asio::ip::address_v4::loopback(), options.port}),
          shared(std::make_shared<h2_shared>()) {
        shared->serve = std::move(serve);
        shared->options = options;
    }

    void accept() {
        acceptor.async_accept([self = shared_from_this()](auto error, tcp::socket socket) {
            if (error) {
                return;
            }
            ++self->accepted;
            std::shared_ptr<h2_session> session;
            if (asio::ssl::context* tls = self->shared->options.tls) {
                using stream = asio::ssl::stream<tcp::socket>;
                session = std::make_shared<h2_session_over<stream>>(self->shared, stream{std::move(socket), *tls});
            } else {
                session = std::make_shared<h2_session_over<tcp::socket>>(self->shared, std::move(socket));
            }
            session->start();
            self->accept();
        });
    }

    tcp::acceptor acceptor;
    std::shared_ptr<h2_shared> shared;
    std::size_t accepted = 0;
};

h2_server::h2_server(asio::io_context& loop, handler serve, h2_options options)
    : state_(std::make_shared<state>(loop, std::move(serve), options)) {
    state_->accept();
}

h2_server::~h2_server() {
    boost::system::error_code ignored;
    state_->acceptor.close(ignored);
    drop_connections();
}

std::uint16_t h2_server::port() const {
    return state_->acceptor.local_endpoint().port();
}

std::string h2_server::url(const std::string& target) const {
    const bool secure = state_->shared->options.tls != nullptr;
    return (secure ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port()) + target;
}

std::size_t h2_server::connections() const {
    return state_->accepted;
}

std::size_t h2_server::open_connections() const {
    return state_->shared->open.size();
}

std::size_t h2_server::requests() const {
    return state_->shared->requests;
}

void h2_server::drop_connections() {
    for (h2_session* session : std::set<h2_session*>{state_->shared->open}) {
        session->close();
    }
}

}  // namespace gateway::test
