// A loopback server whose behaviour is a coroutine per connection, for peers that misbehave byte by byte and
// as the base of the other test servers. Runs on the test's own loop.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace gateway::test {

class test_tcp_server {
public:
    using script = std::function<boost::asio::awaitable<void>(boost::asio::ip::tcp::socket)>;

    // A script that throws (the client went away) ends its connection. Its captures must outlive the loop's last run.
    test_tcp_server(boost::asio::io_context& loop, script behaviour);
    ~test_tcp_server();
    test_tcp_server(const test_tcp_server&) = delete;
    test_tcp_server& operator=(const test_tcp_server&) = delete;

    std::uint16_t port() const;
    std::string authority() const { return "127.0.0.1:" + std::to_string(port()); }
    int connections() const;  // accepted so far
    void stop_listening();

private:
    struct state;
    std::shared_ptr<state> state_;
};

// Reads up to and including `end`; what follows stays in `buffer`. Returns the part read.
boost::asio::awaitable<std::string> read_up_to(boost::asio::ip::tcp::socket& socket, std::string& buffer,
                                               std::string end);
boost::asio::awaitable<void> write_all(boost::asio::ip::tcp::socket& socket, std::string data);
// Until the client closes.
boost::asio::awaitable<void> wait_for_end(boost::asio::ip::tcp::socket& socket);

// A port of the loopback address on which nobody listens.
std::uint16_t unused_port(boost::asio::io_context& loop);

}  // namespace gateway::test
