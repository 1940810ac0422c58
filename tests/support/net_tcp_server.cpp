#include "support/net_tcp_server.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace gateway::test {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

tcp::endpoint loopback() {
    return {asio::ip::address_v4::loopback(), 0};
}

asio::awaitable<void> serve(std::shared_ptr<test_tcp_server::script> behaviour, tcp::socket socket) {
    try {
        co_await (*behaviour)(std::move(socket));
    } catch (const std::exception&) {
        // The client went away, as many tests intend.
    }
}

}  // namespace

struct test_tcp_server::state {
    state(asio::io_context& loop, script wanted)
        : acceptor(loop, loopback()), behaviour(std::make_shared<script>(std::move(wanted))) {}

    static asio::awaitable<void> accept(std::shared_ptr<state> self) {
        for (;;) {
            boost::system::error_code error;
            tcp::socket socket = co_await self->acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
            if (error) {
                co_return;
            }
            ++self->accepted;
            socket.set_option(tcp::no_delay{true}, error);
            asio::co_spawn(self->acceptor.get_executor(), serve(self->behaviour, std::move(socket)), asio::detached);
        }
    }

    tcp::acceptor acceptor;
    std::shared_ptr<script> behaviour;
    int accepted = 0;
};

test_tcp_server::test_tcp_server(asio::io_context& loop, script behaviour)
    : state_(std::make_shared<state>(loop, std::move(behaviour))) {
    asio::co_spawn(loop, state::accept(state_), asio::detached);
}

test_tcp_server::~test_tcp_server() {
    stop_listening();
}

std::uint16_t test_tcp_server::port() const {
    return state_->acceptor.local_endpoint().port();
}

int test_tcp_server::connections() const {
    return state_->accepted;
}

void test_tcp_server::stop_listening() {
    boost::system::error_code ignored;
    state_->acceptor.close(ignored);
}

asio::awaitable<std::string> read_up_to(tcp::socket& socket, std::string& buffer, std::string end) {
    const std::size_t size =
        co_await asio::async_read_until(socket, asio::dynamic_buffer(buffer), end, asio::use_awaitable);
    std::string part = buffer.substr(0, size);
    buffer.erase(0, size);
    co_return part;
}

asio::awaitable<void> write_all(tcp::socket& socket, std::string data) {
    co_await asio::async_write(socket, asio::buffer(data), asio::use_awaitable);
}

asio::awaitable<void> wait_for_end(tcp::socket& socket) {
    char scratch[1024];
    boost::system::error_code error;
    while (!error) {
        co_await socket.async_read_some(asio::buffer(scratch), asio::redirect_error(asio::use_awaitable, error));
    }
}

std::uint16_t unused_port(asio::io_context& loop) {
    tcp::acceptor probe{loop, loopback()};
    return probe.local_endpoint().port();
}

}  // namespace gateway::test
