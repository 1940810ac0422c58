#include "net/websocket_client.hpp"

#include "net/http_check.hpp"
#include "net/tls_trust.hpp"
#include "net/websocket_session.hpp"

#include <openssl/ssl.h>

#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace gateway::net {

namespace asio = boost::asio;

// The table of WebSockets and what they share.
class websocket_client::impl {
public:
    impl(asio::io_context& loop, net_settings settings, std::shared_ptr<tls_trust> trust)
        : loop_(loop), settings_(std::move(settings)), trust_(std::move(trust)), dialler_(loop, settings_) {
        if (trust_ == nullptr) {
            trust_ = std::make_shared<tls_trust>(settings_.ca_file, settings_.ca_directory);
        }
    }

    impl(const impl&) = delete;
    impl& operator=(const impl&) = delete;

    ~impl() {
        for (auto& [id, session] : sessions_) {
            session->abandon();
        }
    }

    boost::system::result<websocket_id, failure> open(websocket_request request, websocket_handler& handler);
    bool drop(websocket_id id);
    std::size_t drop_owner(owner_id owner);
    websocket_session* find(websocket_id id) const {
        const auto found = sessions_.find(id);
        return found == sessions_.end() ? nullptr : found->second.get();
    }
    std::size_t size() const noexcept { return sessions_.size(); }

private:
    std::string complaint(const websocket_request& request, url_parts& ret_url) const;
    asio::ssl::context* tls();
    void forget(websocket_id id);

    asio::io_context& loop_;
    net_settings settings_;
    std::shared_ptr<tls_trust> trust_;
    std::unique_ptr<asio::ssl::context> tls_;
    tcp_dialler dialler_;
    std::unordered_map<websocket_id, std::shared_ptr<websocket_session>> sessions_;
    std::unordered_map<owner_id, std::unordered_set<websocket_id>> owners_;
    websocket_id last_id_ = 0;
};

namespace {

constexpr const char* reserved_headers[] = {"host",
                                            "connection",
                                            "upgrade",
                                            "content-length",
                                            "transfer-encoding",
                                            "sec-websocket-key",
                                            "sec-websocket-version",
                                            "sec-websocket-accept",
                                            "sec-websocket-extensions",
                                            "sec-websocket-protocol"};

failure refusal(failure_kind kind, std::string text) {
    return {kind, request_written::none, 0, std::move(text)};
}

}  // namespace

boost::system::result<websocket_id, failure> websocket_client::impl::open(websocket_request request,
                                                                          websocket_handler& handler) {
    url_parts url;
    if (auto text = complaint(request, url); !text.empty()) {
        return refusal(failure_kind::bad_request, std::move(text));
    }
    const owner_id owner = request.owner;
    if (sessions_.size() >= settings_.max_websockets) {
        return refusal(failure_kind::limit,
                       "more than " + std::to_string(settings_.max_websockets) + " WebSockets at once");
    }
    asio::ssl::context* context = nullptr;
    if (url.scheme == "wss") {
        context = tls();
        if (context == nullptr) {
            return refusal(failure_kind::tls, trust_->complaint());
        }
    }
    const websocket_id id = ++last_id_;
    const std::string proxy = request.proxy.value_or(settings_.proxy);
    auto session = make_websocket_session({loop_, id, std::move(request), std::move(url), handler, context,
                                           settings_.user_agent, [this](websocket_id ended) { forget(ended); }});
    if (!session->start(dialler_, proxy)) {
        return refusal(failure_kind::internal, "libcurl cannot be initialised");
    }
    sessions_.emplace(id, std::move(session));
    owners_[owner].insert(id);
    return id;
}

std::string websocket_client::impl::complaint(const websocket_request& request, url_parts& ret_url) const {
    using namespace std::chrono_literals;
    auto url = parse_url(request.url);
    if (!url) {
        return url.error();
    }
    if (url->scheme != "ws" && url->scheme != "wss") {
        return "the URL's scheme must be ws or wss, not " + url->scheme;
    }
    if (url->has_user || request.url.size() > http_request::max_url_bytes) {
        return "the URL is too long or names a user";
    }
    if (auto text =
            complaint_about_headers(request.headers, http_request::max_headers, http_request::max_request_header_bytes);
        !text.empty()) {
        return text;
    }
    for (const http_header& header : request.headers) {
        for (const char* reserved : reserved_headers) {
            if (is_same_name(header.name, reserved)) {
                return std::string{"the header "} + reserved + " is set by the host";
            }
        }
    }
    for (const auto timeout : {request.open_timeout, request.idle_timeout, request.close_timeout}) {
        if (timeout <= 0ms || timeout > http_request::max_timeout) {
            return "each timeout must be above zero and at most 24 h";
        }
    }
    if (request.max_message_bytes == 0) {
        return "max_message_bytes must be above zero";
    }
    const std::string proxy = request.proxy.value_or(settings_.proxy);
    if (auto text = proxy.empty() ? std::string{} : complaint_about_proxy(proxy); !text.empty()) {
        return text;
    }
    ret_url = std::move(*url);
    return {};
}

asio::ssl::context* websocket_client::impl::tls() {
    if (tls_ != nullptr) {
        return tls_.get();
    }
    auto made = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
    SSL_CTX* native = made->native_handle();
    if (!trust_->apply(native)) {
        return nullptr;
    }
    made->set_verify_mode(asio::ssl::verify_peer);
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
    constexpr unsigned char http1[] = "\x08http/1.1";
    SSL_CTX_set_alpn_protos(native, http1, sizeof http1 - 1);
    tls_ = std::move(made);
    return tls_.get();
}

bool websocket_client::impl::drop(websocket_id id) {
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) {
        return false;
    }
    found->second->abandon();
    forget(id);
    return true;
}

std::size_t websocket_client::impl::drop_owner(owner_id owner) {
    const auto node = owners_.extract(owner);
    if (node.empty()) {
        return 0;
    }
    for (const websocket_id id : node.mapped()) {
        sessions_.at(id)->abandon();
        sessions_.erase(id);
    }
    return node.mapped().size();
}

void websocket_client::impl::forget(websocket_id id) {
    const auto found = sessions_.find(id);
    const auto owner = owners_.find(found->second->owner());
    owner->second.erase(id);
    if (owner->second.empty()) {
        owners_.erase(owner);
    }
    sessions_.erase(found);
}

websocket_client::websocket_client(asio::io_context& loop, net_settings settings, std::shared_ptr<tls_trust> trust)
    : impl_(std::make_unique<impl>(loop, std::move(settings), std::move(trust))) {}

websocket_client::~websocket_client() = default;

boost::system::result<websocket_id, failure> websocket_client::open(websocket_request request,
                                                                    websocket_handler& handler) {
    return impl_->open(std::move(request), handler);
}

send_status websocket_client::send(websocket_id id, websocket_kind kind, std::string data, std::uint64_t tag) {
    websocket_session* session = impl_->find(id);
    return session == nullptr ? send_status::not_open : session->send(kind, std::move(data), tag);
}

bool websocket_client::close(websocket_id id, std::uint16_t code, std::string reason) {
    websocket_session* session = impl_->find(id);
    return session != nullptr && session->close(code, std::move(reason));
}

void websocket_client::pause(websocket_id id) {
    if (websocket_session* session = impl_->find(id); session != nullptr) {
        session->pause();
    }
}

void websocket_client::resume(websocket_id id) {
    if (websocket_session* session = impl_->find(id); session != nullptr) {
        session->resume();
    }
}

bool websocket_client::drop(websocket_id id) {
    return impl_->drop(id);
}

std::size_t websocket_client::drop_owner(owner_id owner) {
    return impl_->drop_owner(owner);
}

std::size_t websocket_client::sockets() const noexcept {
    return impl_->size();
}

}  // namespace gateway::net
