// The HTTP server on a manual clock and loopback, with a handler that does what the test says and notes what it heard.
#pragma once

#include "net/http_server.hpp"
#include "support/manual_time.hpp"
#include "support/net_raw_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace gateway::test {

inline const boost::asio::ip::tcp::endpoint any_port{boost::asio::ip::address_v4::loopback(), 0};

class http_server_fixture final : private net::http_server_handler {
public:
    explicit http_server_fixture(net::http_server_limits limits = {}) : server(loop, time_, limits) {
        REQUIRE_FALSE(server.open(any_port, *this).failed());
    }

    raw_client connect() { return {loop, server.address()}; }

    // The id of the next request that comes.
    net::server_request_id wait_for_request() {
        const auto before = seen_;
        run_until(loop, [&] { return requests.size() > before; });
        return requests[seen_++].first;
    }
    void wait_until(const std::function<bool()>& done) { run_until(loop, done); }
    void pass(std::chrono::milliseconds time) {
        run_ready(loop);
        time_.pass(time, [this] { run_ready(loop); });
    }

    boost::asio::io_context loop;
    std::function<boost::system::result<net::server_admission, net::server_answer>(const net::server_request&)> admit;
    std::function<void(net::server_request_id)> at_request;
    std::vector<net::server_request> heads;
    std::vector<std::pair<net::server_request_id, net::server_request>> requests;
    std::vector<net::server_request_id> over;

private:
    boost::system::result<net::server_admission, net::server_answer> on_head(const net::server_request& head) override {
        heads.push_back(head);
        return admit ? admit(head) : net::server_admission{100, std::chrono::seconds{20}};
    }
    void on_request(net::server_request_id id, net::server_request&& request) override {
        requests.emplace_back(id, std::move(request));
        if (at_request) {
            at_request(id);
        }
    }
    void on_over(net::server_request_id id) override { over.push_back(id); }
    net::server_answer refusal(int status, std::string sentence) override { return {status, {}, std::move(sentence)}; }

    manual_time time_;
    std::size_t seen_ = 0;

public:
    net::http_server server;
};

}  // namespace gateway::test
