#include "control/server.hpp"

#include "loop/asio_time_source.hpp"
#include "net/http_server.hpp"

#include <boost/asio/local/stream_protocol.hpp>

#include <cerrno>
#include <cstring>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace gateway::control {
namespace {

namespace asio = boost::asio;

net::http_server_limits limits_of(const control_limits& from) {
    net::http_server_limits limits;
    limits.connections = from.connections;
    limits.header_bytes = from.request_bytes;
    limits.idle = limits.request = limits.answer = from.step;
    return limits;
}

net::server_answer sent(answer&& served) {
    net::server_answer made{static_cast<int>(served.status), {{"Content-Type", "application/json"}}, {}};
    if (!served.allow.empty()) {
        made.headers.push_back({"Allow", std::string(served.allow)});
    }
    made.body = std::move(served.body);
    return made;
}

}  // namespace

class server::impl final : private net::http_server_handler {
public:
    impl(asio::io_context& loop, handler&& serve, const control_limits& limits)
        : serve_(std::move(serve)), limits_(limits), time_(loop), server_(loop, time_, limits_of(limits)) {}
    impl(const impl&) = delete;
    impl& operator=(const impl&) = delete;
    virtual ~impl() = default;

    boost::system::result<void, std::string> open(const std::filesystem::path& path);
    void close();

private:
    boost::system::result<net::server_admission, net::server_answer> on_head(const net::server_request&) override {
        return net::server_admission{limits_.request_bytes, limits_.step};
    }
    void on_request(net::server_request_id id, net::server_request&& request) override {
        server_.answer(id, sent(serve_(request.method, request.target)));
    }
    void on_over(net::server_request_id) override {}
    net::server_answer refusal(int status, std::string sentence) override {
        return sent(problem(static_cast<unsigned>(status), std::move(sentence)));
    }

    handler serve_;
    control_limits limits_;
    loop::asio_time_source time_;
    std::filesystem::path path_;
    net::http_server server_;
};

boost::system::result<void, std::string> server::impl::open(const std::filesystem::path& path) {
    if (path.string().size() >= sizeof(sockaddr_un::sun_path)) {
        return path.string() +
               " is longer than a Unix socket's path may be (107 bytes); choose a shorter state directory";
    }
    // Whoever holds the state directory's lock may take away what an earlier host left.
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
        return path.string() + " cannot be removed: " + std::strerror(errno);
    }
    // No moment with wider rights: the mode is the socket's from its first second on.
    const auto mask = ::umask(S_IRWXG | S_IRWXO | S_IXUSR);
    const auto error = server_.open(asio::local::stream_protocol::endpoint(path.string()), *this);
    ::umask(mask);
    if (error) {
        return path.string() + " cannot be bound: " + error.message();
    }
    path_ = path;
    return {};
}

void server::impl::close() {
    if (server_.is_open()) {
        server_.close();
        ::unlink(path_.c_str());
    }
}

server::server(asio::io_context& loop, handler serve, control_limits limits)
    : impl_(std::make_unique<impl>(loop, std::move(serve), limits)) {}

server::~server() {
    close();
}

boost::system::result<void, std::string> server::open(const std::filesystem::path& path) {
    return impl_->open(path);
}

void server::close() {
    impl_->close();
}

}  // namespace gateway::control
