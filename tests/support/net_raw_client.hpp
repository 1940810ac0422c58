// A TCP client that says exactly what it is told to, beside a server on the test's own loop, or in another process.
// Nothing blocks: what the socket does not take, or what has not come yet, is waited for by running the loop.
#pragma once

#include "support/net_test_loop.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>

namespace gateway::test {

class raw_client {
public:
    // `address` as the server shows it: "127.0.0.1:PORT" or "[::1]:PORT".
    raw_client(boost::asio::io_context& loop, std::string_view address) : loop_(loop) {
        const auto colon = address.rfind(':');
        auto host = address.substr(0, colon);
        if (host.starts_with('[')) {
            host = host.substr(1, host.size() - 2);
        }
        const auto port = static_cast<unsigned short>(std::stoi(std::string(address.substr(colon + 1))));
        boost::system::error_code error;
        socket_.connect({boost::asio::ip::make_address(std::string(host)), port}, error);
        refused_ = error.failed();
        socket_.non_blocking(true, error);
    }

    // Whether the server took all of it.
    bool send(std::string_view text) {
        until(socket_type::wait_write, [&] {
            boost::system::error_code error;
            while (!text.empty() && !error) {
                text.remove_prefix(socket_.send(boost::asio::buffer(text.data(), text.size()), 0, error));
            }
            return text.empty() || error != boost::asio::error::would_block;
        });
        return text.empty();
    }

    // All that came until it holds `text`; taken out.
    std::string receive(std::string_view text) {
        until(socket_type::wait_read, [&] { return pull() || got_.find(text) != std::string::npos; });
        const auto at = got_.find(text);
        REQUIRE_MESSAGE(at != std::string::npos, got_);
        auto taken = got_.substr(0, at + text.size());
        got_.erase(0, taken.size());
        return taken;
    }

    // All that comes until the server hangs up.
    std::string receive_all() {
        until(socket_type::wait_read, [&] { return pull(); });
        return got_;
    }

    // What is there by now.
    [[nodiscard]] std::string received() {
        run_ready(loop_);
        (void)pull();
        return got_;
    }

    [[nodiscard]] bool is_refused() const { return refused_; }

    void close() { socket_.close(); }

private:
    using socket_type = boost::asio::ip::tcp::socket;

    template <class Done>
    void until(socket_type::wait_type kind, Done done) {
        while (!done()) {
            const auto ready = std::make_shared<bool>(false);
            socket_.async_wait(kind, [ready](const boost::system::error_code&) { *ready = true; });
            run_until(loop_, [&] { return *ready; });
        }
    }

    // True: nothing more will come.
    bool pull() {
        boost::system::error_code error;
        while (!error) {
            std::array<char, 65536> buffer;
            got_.append(buffer.data(), socket_.receive(boost::asio::buffer(buffer), 0, error));
        }
        return error != boost::asio::error::would_block;
    }

    boost::asio::io_context& loop_;
    socket_type socket_{loop_};
    std::string got_;
    bool refused_ = false;
};

}  // namespace gateway::test
