// A WebSocket client on a loop of its own with everything it was told.
#pragma once

#include "net/websocket_client.hpp"
#include "support/net_test_loop.hpp"
#include "support/net_websocket_peer.hpp"

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace gateway::test {

class websocket_fixture final : public net::websocket_handler {
public:
    explicit websocket_fixture(net::net_settings settings = {}) : client(loop, std::move(settings)) {}

    static net::websocket_request to(const std::string& authority, const std::string& scheme = "ws") {
        net::websocket_request request;
        request.owner = 1;
        request.url = scheme + "://" + authority + "/secret?v=10";
        return request;
    }

    // Must be accepted.
    net::websocket_id start(net::websocket_request request) {
        calling_ = true;
        const auto begun = client.open(std::move(request), *this);
        calling_ = false;
        REQUIRE_MESSAGE(begun.has_value(), (begun ? std::string{} : begun.error().text));
        return *begun;
    }

    net::websocket_id open(net::websocket_request request) {
        const std::size_t before = opened.size();
        const net::websocket_id id = start(std::move(request));
        run_until(loop, [&] { return opened.size() > before || !failed.empty(); });
        REQUIRE_MESSAGE(failed.empty(), (failed.empty() ? std::string{} : failed[0].text));
        return id;
    }

    void send(net::websocket_id id, const std::string& text, std::uint64_t tag = 0) {
        calling_ = true;
        REQUIRE(client.send(id, net::websocket_kind::text, text, tag) == net::send_status::accepted);
        calling_ = false;
    }

    bool close(net::websocket_id id, std::uint16_t code, const std::string& reason) {
        calling_ = true;
        const bool closing = client.close(id, code, reason);
        calling_ = false;
        return closing;
    }

    void wait_for_messages(std::size_t count) {
        run_until(loop, [&] { return messages.size() >= count; });
    }

    net::failure wait_for_failure() {
        run_until(loop, [&] { return !failed.empty() || !closed.empty(); });
        REQUIRE(closed.empty());
        return failed[0];
    }

    net::websocket_close wait_for_close() {
        run_until(loop, [&] { return !failed.empty() || !closed.empty(); });
        REQUIRE_MESSAGE(failed.empty(), (failed.empty() ? std::string{} : failed[0].text));
        return closed[0];
    }

    void on_open(net::websocket_id id) override {
        note();
        opened.push_back(id);
    }
    void on_message(net::websocket_id id, net::websocket_kind kind, std::string_view data) override {
        note();
        messages.emplace_back(data);
        kinds.push_back(kind);
        if (on_each_message) {
            on_each_message(id);
        }
    }
    void on_sent(net::websocket_id, std::uint64_t tag, bool written) override {
        note();
        CHECK_MESSAGE((failed.empty() && closed.empty()), "an event after the last one");
        (written ? sent : lost).push_back(tag);
    }
    void on_closed(net::websocket_id id, const net::websocket_close& close) override {
        last(id);
        closed.push_back(close);
    }
    void on_failed(net::websocket_id id, const net::failure& why) override {
        last(id);
        failed.push_back(why);
    }

    std::function<void(net::websocket_id)> on_each_message;
    boost::asio::io_context loop;
    std::vector<net::websocket_id> opened;
    std::vector<std::string> messages;
    std::vector<net::websocket_kind> kinds;
    std::vector<std::uint64_t> sent;
    std::vector<std::uint64_t> lost;
    std::vector<net::websocket_close> closed;
    std::vector<net::failure> failed;
    net::websocket_client client;

private:
    void note() const { CHECK_MESSAGE(!calling_, "an event within a call"); }
    void last(net::websocket_id id) {
        note();
        CHECK(client.send(id, net::websocket_kind::text, "late", 0) == net::send_status::not_open);
        CHECK_FALSE(client.drop(id));
    }

    bool calling_ = false;
};

}  // namespace gateway::test
