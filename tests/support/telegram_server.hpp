#pragma once
// The Bot API model behind HTTP/1.1 on 127.0.0.1. Two classes:
//  - telegram_http_server: the front end. Lives on the thread that runs its io_context, owns its connections, borrows
//    the model (and the control endpoint, when there is one).
//  - telegram_test_server: everything in one, on a thread of its own, for tests that themselves block. Its members
//    may be called from any one thread; what they need from the model is carried to its thread.
// Failure to listen throws boost::system::system_error.

#include "support/net_test_tls.hpp"
#include "support/telegram_api.hpp"
#include "support/telegram_clock.hpp"
#include "support/telegram_http.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace gateway::test {

class telegram_control;

// TLS for a server at 127.0.0.1, proven by a fresh authority whose certificate is written to `ca_file`; it lasts an
// hour. `protocols` are ALPN's, in its wire format. Throws std::runtime_error when the file cannot be written.
boost::asio::ssl::context make_server_context(std::string_view protocols, const std::string& ca_file);

class telegram_http_server {
public:
    // Port 0: a free one. `tls` outlives this; null: plain. `control` answers /control/…; null: nothing does.
    telegram_http_server(boost::asio::io_context& io, telegram_api& api, std::uint16_t port = 0,
                         boost::asio::ssl::context* tls = nullptr, telegram_control* control = nullptr);
    ~telegram_http_server();
    telegram_http_server(const telegram_http_server&) = delete;
    telegram_http_server& operator=(const telegram_http_server&) = delete;

    std::uint16_t port() const { return endpoint_.port(); }
    std::string url() const;

    // An outage: connections are refused until listen() takes the same port again. Open ones stay.
    void stop_listening();
    void listen();
    void drop_connections(bool with_reset);
    void drop_idle_connections();  // so that who sends next must connect anew
    std::size_t connection_count() const { return connections_.size(); }
    std::uint64_t connections_accepted() const { return next_connection_ - 1; }

private:
    void accept();
    void serve(boost::asio::ip::tcp::socket socket);
    std::function<void()> dispatch(api_request request, std::function<void(api_response)> answer);

    telegram_api& api_;
    telegram_control* control_;
    boost::asio::ssl::context* tls_;
    boost::asio::ip::tcp::endpoint endpoint_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::uint64_t next_connection_ = 1;
    std::map<std::uint64_t, std::shared_ptr<http_connection>> connections_;
    std::map<std::uint64_t, boost::asio::ip::tcp::socket> stalled_;
    std::shared_ptr<int> alive_ = std::make_shared<int>();  // an accept may complete after this object's end
};

struct telegram_test_server_options {
    bool tls = false;
    std::string ca_file{};  // where to write the authority's certificate (TLS)
    std::uint16_t port = 0;
    double speed = 1.0;    // of the model's clock: at 100, its three seconds last 30 ms
    bool control = false;  // answer /control/… too
    bool local = false;    // as a self-hosted server: webhooks may be plain HTTP, at any address
};

class telegram_test_server {
public:
    using deadline = std::chrono::milliseconds;
    using options = telegram_test_server_options;

    explicit telegram_test_server(options settings = {});
    ~telegram_test_server();
    telegram_test_server(const telegram_test_server&) = delete;
    telegram_test_server& operator=(const telegram_test_server&) = delete;

    const std::string& url() const { return url_; }

    // Runs f(model) on the server's thread and returns its result.
    template <class F>
    auto call(F f) {
        std::packaged_task<std::invoke_result_t<F, telegram_api&>()> task([&] { return f(*api_); });
        auto result = task.get_future();
        boost::asio::post(io_, [&task] { task(); });
        return result.get();
    }

    // Waits until the condition holds; it is asked on the server's thread after each request and answer. False when
    // the deadline passes first.
    bool wait_until(std::function<bool(telegram_api&)> holds, deadline within);
    bool wait_for_request(std::string_view method, std::size_t count, deadline within);
    bool wait_for_poll(std::string_view token, deadline within);  // a getUpdates is waiting for updates
    bool wait_for_sent(std::string_view token, std::size_t count, deadline within);

    void add_bot(std::string token, std::string username);
    said user_says(std::string_view token, std::int64_t chat, std::int64_t user, std::string_view text,
                   const say_options& how = {});
    sent_log sent(std::string_view token);
    std::deque<logged_request> requests();
    // The host names of webhooks lead to this port of 127.0.0.1, as if a reverse proxy ended TLS there.
    void route_webhooks(std::uint16_t port);
    void inject(telegram_fault fault);
    void clear_faults();

    void stop_listening();
    void listen();
    void drop_connections(bool with_reset);
    void drop_idle_connections();
    std::size_t connection_count();

private:
    struct waiter {
        std::function<bool(telegram_api&)> holds;
        std::promise<bool> done;
    };

    void check_waiters();

    boost::asio::io_context io_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    std::unique_ptr<asio_telegram_clock> clock_;
    std::unique_ptr<telegram_api> api_;
    std::unique_ptr<telegram_control> control_;
    std::optional<boost::asio::ssl::context> tls_;
    std::unique_ptr<telegram_http_server> http_;
    std::map<std::uint64_t, waiter> waiters_;
    std::uint64_t next_waiter_ = 1;
    std::string url_;
    std::thread thread_;
};

}  // namespace gateway::test
