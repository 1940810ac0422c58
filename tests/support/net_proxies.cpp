#include "support/net_proxies.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace gateway::test {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

asio::awaitable<void> pump(tcp::socket& from, tcp::socket& to) {
    std::string buffer(16 * 1024, '\0');
    boost::system::error_code error;
    for (;;) {
        const std::size_t size =
            co_await from.async_read_some(asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, error));
        if (error) {
            to.shutdown(tcp::socket::shutdown_send, error);
            co_return;
        }
        co_await asio::async_write(to, asio::buffer(buffer.data(), size),
                                   asio::redirect_error(asio::use_awaitable, error));
        if (error) {
            co_return;
        }
    }
}

asio::awaitable<void> relay(tcp::socket& left, tcp::socket& right) {
    using namespace asio::experimental::awaitable_operators;
    co_await (pump(left, right) && pump(right, left));
}

asio::awaitable<tcp::socket> connect_to(tcp::socket& client, std::uint16_t port) {
    tcp::socket target{client.get_executor()};
    co_await target.async_connect({asio::ip::address_v4::loopback(), port}, asio::use_awaitable);
    co_return std::move(target);
}

asio::awaitable<void> serve_http(tcp::socket client, bool refuse, std::vector<std::string>& heads) {
    std::string buffer;
    const std::string head = co_await read_up_to(client, buffer, "\r\n\r\n");
    heads.push_back(head);
    if (!head.starts_with("CONNECT ")) {
        co_await write_all(client, "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nby the proxy");
        co_await wait_for_end(client);
        co_return;
    }
    if (refuse) {
        co_await write_all(client, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
        co_return;
    }
    const auto colon = head.find(':');
    tcp::socket target = co_await connect_to(client, static_cast<std::uint16_t>(std::stoi(head.substr(colon + 1))));
    co_await write_all(client, "HTTP/1.1 200 Connection established\r\n\r\n");
    co_await relay(client, target);
}

asio::awaitable<std::string> read_exactly(tcp::socket& socket, std::size_t size) {
    std::string data(size, '\0');
    co_await asio::async_read(socket, asio::buffer(data), asio::use_awaitable);
    co_return data;
}

// A SOCKS5 answer without an address of interest.
std::string socks_reply(char code) {
    std::string reply(10, '\0');
    reply[0] = 5;
    reply[1] = code;
    reply[3] = 1;
    return reply;
}

std::string no_authentication() {
    return {5, 0};
}

asio::awaitable<void> serve_socks(tcp::socket client, char reply, std::vector<std::string>& names) {
    const std::string greeting = co_await read_exactly(client, 2);
    co_await read_exactly(client, static_cast<std::size_t>(greeting[1]));
    co_await write_all(client, no_authentication());
    const std::string request = co_await read_exactly(client, 4);
    if (request[3] == 3) {
        const std::string size = co_await read_exactly(client, 1);
        names.push_back(co_await read_exactly(client, static_cast<unsigned char>(size[0])));
    } else {
        co_await read_exactly(client, request[3] == 1 ? 4 : 16);
        names.emplace_back("address");
    }
    const std::string port = co_await read_exactly(client, 2);
    if (reply != 0) {
        co_await write_all(client, socks_reply(reply));
        co_return;
    }
    const int number = static_cast<unsigned char>(port[0]) * 256 + static_cast<unsigned char>(port[1]);
    tcp::socket target = co_await connect_to(client, static_cast<std::uint16_t>(number));
    co_await write_all(client, socks_reply(0));
    co_await relay(client, target);
}

}  // namespace

test_http_proxy::test_http_proxy(asio::io_context& loop, bool refuse)
    : server_(loop, [this, refuse](tcp::socket client) { return serve_http(std::move(client), refuse, heads_); }) {}

test_socks_proxy::test_socks_proxy(asio::io_context& loop, char reply)
    : server_(loop, [this, reply](tcp::socket client) { return serve_socks(std::move(client), reply, names_); }) {}

}  // namespace gateway::test
