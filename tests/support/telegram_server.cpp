#include "support/telegram_server.hpp"

#include "support/telegram_control.hpp"
#include "support/telegram_webhook_client.hpp"

#include <fstream>
#include <stdexcept>

namespace gateway::test {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

}  // namespace

asio::ssl::context make_server_context(std::string_view protocols, const std::string& ca_file) {
    const test_authority authority;
    if (!ca_file.empty()) {
        std::ofstream file(ca_file);
        file << authority.certificate_pem();
        if (!file.flush()) {
            throw std::runtime_error("cannot write " + ca_file);
        }
    }
    return authority.server_context({"127.0.0.1", "localhost"}, protocols);
}

telegram_http_server::telegram_http_server(asio::io_context& io, telegram_api& api, std::uint16_t port,
                                           asio::ssl::context* tls, telegram_control* control)
    : api_(api), control_(control), tls_(tls), endpoint_(asio::ip::address_v4::loopback(), port), acceptor_(io) {
    listen();
}

telegram_http_server::~telegram_http_server() {
    stop_listening();
    drop_connections(false);
}

std::string telegram_http_server::url() const {
    return (tls_ != nullptr ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port());
}

void telegram_http_server::listen() {
    if (acceptor_.is_open()) {
        return;
    }
    acceptor_.open(tcp::v4());
    acceptor_.set_option(asio::socket_base::reuse_address(true));
    acceptor_.bind(endpoint_);
    acceptor_.listen();
    endpoint_ = acceptor_.local_endpoint();
    accept();
}

void telegram_http_server::stop_listening() {
    error_code ignored;
    acceptor_.close(ignored);
}

void telegram_http_server::accept() {
    acceptor_.async_accept([this, alive = std::weak_ptr(alive_)](error_code error, tcp::socket socket) {
        if (alive.expired() || error == asio::error::operation_aborted) {
            return;
        }
        if (!error) {
            serve(std::move(socket));
        }
        if (acceptor_.is_open()) {
            accept();
        }
    });
}

void telegram_http_server::serve(tcp::socket socket) {
    const auto number = next_connection_++;
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    switch (api_.on_connection()) {
        case connection_verdict::reset:
            socket.set_option(asio::socket_base::linger(true, 0), ignored);
            socket.close(ignored);
            return;
        case connection_verdict::stall:
            stalled_.emplace(number, std::move(socket));
            return;
        case connection_verdict::serve:
            break;
    }
    auto connection = make_http_connection(
        std::move(socket), tls_, number,
        [this](api_request request, std::function<void(api_response)> answer) {
            return dispatch(std::move(request), std::move(answer));
        },
        [this, number] { connections_.erase(number); });
    connections_.emplace(number, connection);
    connection->start();
}

std::function<void()> telegram_http_server::dispatch(api_request request, std::function<void(api_response)> answer) {
    if (control_ != nullptr && request.target.starts_with("/control/")) {
        control_->handle(std::move(request), std::move(answer));
        return [] {};
    }
    const auto id = api_.handle(std::move(request), std::move(answer));
    return [this, id] { api_.abandon(id); };
}

void telegram_http_server::drop_connections(bool with_reset) {
    error_code ignored;
    for (auto& [number, socket] : stalled_) {
        if (with_reset) {
            socket.set_option(asio::socket_base::linger(true, 0), ignored);
        }
        socket.close(ignored);
    }
    stalled_.clear();
    const auto open = std::move(connections_);
    connections_.clear();
    for (const auto& [number, connection] : open) {
        connection->close(with_reset);
    }
}

void telegram_http_server::drop_idle_connections() {
    const auto open = connections_;
    for (const auto& [number, connection] : open) {
        if (connection->is_idle()) {
            connection->close(false);
        }
    }
}

telegram_test_server::telegram_test_server(options settings)
    : work_(io_.get_executor()),
      clock_(std::make_unique<asio_telegram_clock>(io_, settings.speed)),
      api_(std::make_unique<telegram_api>(
          *clock_, telegram_api_options{.max_log = 200'000, .seed = 1, .local = settings.local})) {
    api_->set_webhook_transport(make_webhook_transport(io_));
    if (settings.tls) {
        tls_.emplace(make_server_context("\x08http/1.1", settings.ca_file));
    }
    if (settings.control) {
        control_ = std::make_unique<telegram_control>(*api_);
    }
    http_ = std::make_unique<telegram_http_server>(io_, *api_, settings.port, tls_ ? &*tls_ : nullptr, control_.get());
    url_ = http_->url();
    api_->on_change([this] { check_waiters(); });
    thread_ = std::thread([this] { io_.run(); });
}

telegram_test_server::~telegram_test_server() {
    call([this](telegram_api&) {
        http_.reset();
        work_.reset();
        io_.stop();
    });
    thread_.join();
}

bool telegram_test_server::wait_until(std::function<bool(telegram_api&)> holds, deadline within) {
    std::future<bool> done;
    const auto number = call([&](telegram_api& api) {
        const auto id = next_waiter_++;
        waiter added{std::move(holds), {}};
        done = added.done.get_future();
        if (added.holds(api)) {
            added.done.set_value(true);
        } else {
            waiters_.emplace(id, std::move(added));
        }
        return id;
    });
    if (done.wait_for(within) == std::future_status::ready) {
        return true;
    }
    // Gone from the list: it was met between the deadline and now.
    return call([&](telegram_api&) { return waiters_.erase(number) == 0; });
}

void telegram_test_server::check_waiters() {
    for (auto it = waiters_.begin(); it != waiters_.end();) {
        if (it->second.holds(*api_)) {
            it->second.done.set_value(true);
            it = waiters_.erase(it);
        } else {
            ++it;
        }
    }
}

bool telegram_test_server::wait_for_request(std::string_view method, std::size_t count, deadline within) {
    return wait_until(
        [method = std::string(method), count](telegram_api& api) { return api.count_requests(method) >= count; },
        within);
}

bool telegram_test_server::wait_for_poll(std::string_view token, deadline within) {
    return wait_until(
        [token = std::string(token)](telegram_api& api) {
            auto* bot = api.find_bot(token);
            return bot != nullptr && bot->feed().is_polled();
        },
        within);
}

bool telegram_test_server::wait_for_sent(std::string_view token, std::size_t count, deadline within) {
    return wait_until(
        [token = std::string(token), count](telegram_api& api) {
            auto* bot = api.find_bot(token);
            return bot != nullptr && bot->sent().size() >= count;
        },
        within);
}

void telegram_test_server::add_bot(std::string token, std::string username) {
    call([&](telegram_api& api) { api.add_bot(std::move(token), std::move(username)); });
}

said telegram_test_server::user_says(std::string_view token, std::int64_t chat, std::int64_t user,
                                     std::string_view text, const say_options& how) {
    return call([&](telegram_api& api) {
        auto* bot = api.find_bot(token);
        return bot == nullptr ? said{} : bot->user_says(chat, user, text, how);
    });
}

sent_log telegram_test_server::sent(std::string_view token) {
    return call([&](telegram_api& api) {
        auto* bot = api.find_bot(token);
        return bot == nullptr ? sent_log{} : bot->sent();
    });
}

std::deque<logged_request> telegram_test_server::requests() {
    return call([](telegram_api& api) { return api.requests(); });
}

void telegram_test_server::route_webhooks(std::uint16_t port) {
    call([port](telegram_api& api) { api.route_webhooks(port); });
}

void telegram_test_server::inject(telegram_fault fault) {
    call([&](telegram_api& api) { api.faults().add(std::move(fault)); });
}

void telegram_test_server::clear_faults() {
    call([](telegram_api& api) { api.faults().clear(); });
}

void telegram_test_server::stop_listening() {
    call([this](telegram_api&) { http_->stop_listening(); });
}

void telegram_test_server::listen() {
    call([this](telegram_api&) { http_->listen(); });
}

void telegram_test_server::drop_connections(bool with_reset) {
    call([&](telegram_api&) { http_->drop_connections(with_reset); });
}

void telegram_test_server::drop_idle_connections() {
    call([this](telegram_api&) { http_->drop_idle_connections(); });
}

std::size_t telegram_test_server::connection_count() {
    return call([this](telegram_api&) { return http_->connection_count(); });
}

}  // namespace gateway::test
