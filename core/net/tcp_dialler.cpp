#include "net/tcp_dialler.hpp"

#include "net/curl_failure.hpp"

#include <boost/asio/post.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <utility>

namespace gateway::net {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

class curl_attempt final : public dial_attempt, private curl_transfer {
public:
    curl_attempt(asio::io_context& loop, std::shared_ptr<curl_loop> curl, tcp_dialler::handler done)
        : loop_(loop), curl_(std::move(curl)), easy_(curl_easy_init()), done_(std::move(done)) {}

    ~curl_attempt() override { release(); }

    curl_attempt(const curl_attempt&) = delete;
    curl_attempt& operator=(const curl_attempt&) = delete;

    bool begin(const url_parts& target, const std::string& proxy) {
        peer_ = host_and_port(target);
        if (easy_ == nullptr) {
            return false;
        }
        CURLcode code = curl_->prepare(easy_, *this);
        const auto set = [&](CURLoption option, auto value) {
            code = code == CURLE_OK ? curl_easy_setopt(easy_, option, value) : code;
        };
        const std::string url = "http://" + peer_ + "/";
        set(CURLOPT_URL, url.c_str());
        set(CURLOPT_CONNECT_ONLY, 1L);
        set(CURLOPT_FRESH_CONNECT, 1L);
        set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
        if (!proxy.empty()) {
            set(CURLOPT_PROXY, proxy.c_str());
            set(CURLOPT_HTTPPROXYTUNNEL, 1L);
            proxy_ = host_and_port(*parse_url(proxy));
        }
        added_ = code == CURLE_OK && curl_->add(easy_);
        return added_;
    }

private:
    void on_curl_done(CURLcode code) override {
        auto outcome = std::make_shared<tcp_dialler::result>(code == CURLE_OK ? take_socket() : describe(code));
        release();
        asio::post(loop_, [token = std::weak_ptr<int>{alive_}, done = std::move(done_), outcome] {
            if (!token.expired()) {
                done(std::move(*outcome));
            }
        });
    }

    tcp_dialler::result describe(CURLcode code) const {
        return describe_curl_failure(code, {easy_, peer_, proxy_, nullptr, false});
    }

    // libcurl closes its own descriptor; a duplicate keeps the connection.
    tcp_dialler::result take_socket() {
        curl_socket_t theirs = CURL_SOCKET_BAD;
        curl_easy_getinfo(easy_, CURLINFO_ACTIVESOCKET, &theirs);
        sockaddr_storage address{};
        socklen_t size = sizeof address;
        const int ours = ::fcntl(theirs, F_DUPFD_CLOEXEC, 0);
        if (ours < 0 || ::getsockname(ours, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
            return describe(CURLE_COULDNT_CONNECT);
        }
        return tcp::socket{loop_, address.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), ours};
    }

    void release() {
        if (std::exchange(added_, false)) {
            curl_->remove(easy_);
        }
        curl_easy_cleanup(std::exchange(easy_, nullptr));
    }

    asio::io_context& loop_;
    std::shared_ptr<curl_loop> curl_;
    CURL* easy_;
    tcp_dialler::handler done_;
    std::string peer_;
    std::string proxy_;
    bool added_ = false;
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace

// libcurl's handles of HTTP are others, so none waits for the other's connections. A socket leaves libcurl once it is
// connected; how many there may be at once is the bound of those who dial.
tcp_dialler::tcp_dialler(asio::io_context& loop, net_settings settings) : loop_(loop), settings_(std::move(settings)) {
    settings_.max_connections = settings_.max_websockets;
    settings_.max_connections_per_host = settings_.max_websockets;
}

std::unique_ptr<dial_attempt> tcp_dialler::dial(const url_parts& target, const std::string& proxy, handler done) {
    if (curl_ == nullptr) {
        curl_ = curl_loop::make(loop_, settings_);
    }
    if (curl_ == nullptr) {
        return nullptr;
    }
    auto attempt = std::make_unique<curl_attempt>(loop_, curl_, std::move(done));
    return attempt->begin(target, proxy) ? std::move(attempt) : nullptr;
}

}  // namespace gateway::net
