#include "net/curl_loop.hpp"

#include "net/curl_memory.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <vector>

namespace gateway::net {

namespace asio = boost::asio;

// One socket of libcurl's as the reactor sees it. Waits outlive libcurl's interest, so they hold the watch
// and look whether it still has a loop.
class curl_loop::watch : public std::enable_shared_from_this<watch> {
public:
    watch(asio::io_context& context, curl_loop& loop, curl_socket_t fd) : descriptor_(context, fd), loop_(&loop) {}

    void want(int what) {
        wanted_ = what;
        arm();
    }

    // libcurl is about to close the descriptor, or to lend it elsewhere.
    void let_go() {
        loop_ = nullptr;
        descriptor_.release();
    }

private:
    void arm() {
        if ((wanted_ & CURL_POLL_IN) != 0 && !reading_) {
            reading_ = true;
            wait(asio::posix::stream_descriptor::wait_read, &watch::reading_, CURL_POLL_IN, CURL_CSELECT_IN);
        }
        if ((wanted_ & CURL_POLL_OUT) != 0 && !writing_) {
            writing_ = true;
            wait(asio::posix::stream_descriptor::wait_write, &watch::writing_, CURL_POLL_OUT, CURL_CSELECT_OUT);
        }
    }

    void wait(asio::posix::stream_descriptor::wait_type type, bool watch::* waiting, int bit, int event) {
        descriptor_.async_wait(
            type, [self = shared_from_this(), waiting, bit, event](const boost::system::error_code& error) {
                (*self).*waiting = false;
                if (self->loop_ == nullptr || (self->wanted_ & bit) == 0) {
                    return;
                }
                self->loop_->act(self->descriptor_.native_handle(), error ? CURL_CSELECT_ERR : event);
                if (self->loop_ != nullptr && !error) {
                    self->arm();
                }
            });
    }

    asio::posix::stream_descriptor descriptor_;
    curl_loop* loop_;
    int wanted_ = 0;
    bool reading_ = false;
    bool writing_ = false;
};

std::shared_ptr<curl_loop> curl_loop::make(asio::io_context& loop, const net_settings& settings) {
    if (initialise_curl() != CURLE_OK) {
        return nullptr;
    }
    auto made = std::make_shared<curl_loop>(private_tag{}, loop, settings);
    if (made->multi_ == nullptr || made->share_ == nullptr) {
        return nullptr;
    }
    made->configure();
    return made;
}

curl_loop::curl_loop(private_tag, asio::io_context& loop, const net_settings& settings)
    : loop_(loop), settings_(settings), timer_(loop), multi_(curl_multi_init()), share_(curl_share_init()) {}

curl_loop::~curl_loop() {
    curl_multi_cleanup(multi_);
    curl_share_cleanup(share_);
    for (auto& [fd, watched] : watches_) {
        watched->let_go();
    }
}

void curl_loop::configure() {
    curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &curl_loop::on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &curl_loop::on_timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, static_cast<long>(settings_.max_connections));
    curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(settings_.max_connections_per_host));
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(settings_.max_pooled_connections));
    curl_multi_setopt(multi_, CURLMOPT_MAX_CONCURRENT_STREAMS, static_cast<long>(settings_.max_streams_per_connection));
}

CURLcode curl_loop::prepare(CURL* easy, curl_transfer& transfer) {
    CURLcode code = CURLE_OK;
    const auto set = [&](CURLoption option, auto value) {
        if (code == CURLE_OK) {
            code = curl_easy_setopt(easy, option, value);
        }
    };
    set(CURLOPT_PRIVATE, static_cast<void*>(&transfer));
    set(CURLOPT_SHARE, share_);
    set(CURLOPT_NOSIGNAL, 1L);
    // Removing a transfer would otherwise wait on the loop for a getaddrinfo that may take half a minute.
    set(CURLOPT_QUICK_EXIT, 1L);
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NOPROXY, "");
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    // Deadlines are the owner's; libcurl's own limit of 300 s on connecting must not come first.
    set(CURLOPT_CONNECTTIMEOUT_MS, 24L * 60 * 60 * 1000);
    set(CURLOPT_SOCKOPTFUNCTION, &curl_loop::on_new_socket);
    set(CURLOPT_SOCKOPTDATA, static_cast<void*>(this));
    return code;
}

bool curl_loop::add(CURL* easy) {
    return curl_multi_add_handle(multi_, easy) == CURLM_OK;
}

void curl_loop::remove(CURL* easy) {
    curl_multi_remove_handle(multi_, easy);
}

int curl_loop::on_socket(CURL* /*easy*/, curl_socket_t fd, int what, void* self, void* /*known*/) {
    auto& loop = *static_cast<curl_loop*>(self);
    const auto found = loop.watches_.find(fd);
    if (what == CURL_POLL_REMOVE) {
        if (found != loop.watches_.end()) {
            found->second->let_go();
            loop.watches_.erase(found);
        }
        return 0;
    }
    if (found != loop.watches_.end()) {
        found->second->want(what);
        return 0;
    }
    try {
        auto added = std::make_shared<watch>(loop.loop_, loop, fd);
        loop.watches_.emplace(fd, added);
        added->want(what);
    } catch (const boost::system::system_error&) {
        // The reactor cannot take it. An error returned from here would end the whole multi handle for good, so the
        // socket stays unwatched and its transfers end by their deadlines.
        loop.watches_.erase(fd);
    }
    return 0;
}

int curl_loop::on_timer(CURLM* /*multi*/, long timeout_ms, void* self) {
    auto& loop = *static_cast<curl_loop*>(self);
    if (timeout_ms < 0) {
        loop.timer_.cancel();
        return 0;
    }
    loop.timer_.expires_after(std::chrono::milliseconds{timeout_ms});
    loop.timer_.async_wait([weak = loop.weak_from_this()](const boost::system::error_code& error) {
        const auto alive = weak.lock();
        if (alive != nullptr && !error) {
            alive->act(CURL_SOCKET_TIMEOUT, 0);
        }
    });
    return 0;
}

int curl_loop::on_new_socket(void* self, curl_socket_t fd, curlsocktype /*purpose*/) {
    const net_settings& settings = static_cast<curl_loop*>(self)->settings_;
    const auto set = [fd](int level, int option, auto value) {
        const int number = static_cast<int>(value);
        setsockopt(fd, level, option, &number, sizeof number);
    };
    set(SOL_SOCKET, SO_KEEPALIVE, 1);
    set(IPPROTO_TCP, TCP_KEEPIDLE, settings.keepalive_idle.count());
    set(IPPROTO_TCP, TCP_KEEPINTVL, settings.keepalive_interval.count());
    set(IPPROTO_TCP, TCP_KEEPCNT, settings.keepalive_probes);
    set(IPPROTO_TCP, TCP_USER_TIMEOUT, settings.unacknowledged_limit.count());
    return CURL_SOCKOPT_OK;
}

void curl_loop::act(curl_socket_t fd, int events) {
    ++turn_;
    int running = 0;
    curl_multi_socket_action(multi_, fd, events, &running);
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
        if (message->msg != CURLMSG_DONE) {
            continue;
        }
        const CURLcode code = message->data.result;
        curl_transfer* transfer = nullptr;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        transfer->on_curl_done(code);
    }
    if (look_again_) {
        look_again_ = false;
        asio::post(loop_, [weak = weak_from_this()] {
            if (const auto alive = weak.lock()) {
                alive->look_at_all();
            }
        });
    }
}

void curl_loop::look_at_all() {
    std::vector<curl_socket_t> sockets;
    for (const auto& [fd, watched] : watches_) {
        sockets.push_back(fd);
    }
    for (const curl_socket_t fd : sockets) {
        if (watches_.contains(fd)) {
            act(fd, CURL_CSELECT_IN);
        }
    }
}

}  // namespace gateway::net
