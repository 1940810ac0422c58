// A WebSocket transport without a network: the test is the peer. What the host does is noted, what the peer does is
// told to the host at once, as from the loop. Breaking the port's promises is a failure of the test.
#pragma once

#include "net/websocket_types.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gateway::test {

class fake_websockets final : public net::websocket_port {
public:
    virtual ~fake_websockets() = default;

    struct message {
        net::websocket_kind kind;
        std::string data;
        std::uint64_t tag;
    };
    struct socket {
        net::websocket_request request;
        net::websocket_handler* handler = nullptr;
        std::deque<message> unwritten;
        std::optional<net::websocket_close> asked;  // the host's close
        bool open = false;
        bool paused = false;
    };

    // What the peer and the network do.
    void opens(net::websocket_id id) {
        at(id).open = true;
        at(id).handler->on_open(id);
    }
    void says(net::websocket_id id, const std::string& data, net::websocket_kind kind = net::websocket_kind::text) {
        REQUIRE_FALSE(at(id).paused);
        at(id).handler->on_message(id, kind, data);
    }
    // The first message that waits goes out; it is returned.
    message writes(net::websocket_id id) {
        REQUIRE_FALSE(at(id).unwritten.empty());
        message out = std::move(at(id).unwritten.front());
        at(id).unwritten.pop_front();
        at(id).handler->on_sent(id, out.tag, true);
        return out;
    }
    void closes(net::websocket_id id, std::uint16_t code, const std::string& reason = {}) {
        auto* handler = end(id);
        handler->on_closed(id, {code, reason, true});
    }
    void breaks(net::websocket_id id, net::failure_kind kind, const std::string& text = "it broke") {
        auto* handler = end(id);
        handler->on_failed(id, {kind, net::request_written::maybe, 0, text});
    }

    socket& at(net::websocket_id id) {
        REQUIRE(sockets.contains(id));
        return sockets.at(id);
    }

    std::map<net::websocket_id, socket> sockets;
    std::optional<net::failure> refusal;  // of the next open()
    int opened = 0;

    boost::system::result<net::websocket_id, net::failure> open(net::websocket_request request,
                                                                net::websocket_handler& handler) override {
        if (refusal) {
            return *std::exchange(refusal, std::nullopt);
        }
        const auto id = static_cast<net::websocket_id>(++opened);
        sockets[id] = {std::move(request), &handler, {}, {}, false, false};
        return id;
    }
    net::send_status send(net::websocket_id id, net::websocket_kind kind, std::string data,
                          std::uint64_t tag) override {
        const auto found = sockets.find(id);
        if (found == sockets.end() || !found->second.open || found->second.asked) {
            return net::send_status::not_open;
        }
        found->second.unwritten.push_back({kind, std::move(data), tag});
        return net::send_status::accepted;
    }
    bool close(net::websocket_id id, std::uint16_t code, std::string reason) override {
        const auto found = sockets.find(id);
        if (found == sockets.end() || found->second.asked) {
            return false;
        }
        found->second.asked = net::websocket_close{code, std::move(reason), false};
        return true;
    }
    void pause(net::websocket_id id) override { at(id).paused = true; }
    void resume(net::websocket_id id) override { at(id).paused = false; }
    bool drop(net::websocket_id id) override { return sockets.erase(id) != 0; }
    std::size_t drop_owner(net::owner_id owner) override {
        return std::erase_if(sockets, [owner](const auto& each) { return each.second.request.owner == owner; });
    }

private:
    // The messages that were not written are lost, which is told first.
    net::websocket_handler* end(net::websocket_id id) {
        auto* handler = at(id).handler;
        for (const auto& lost : std::exchange(at(id).unwritten, {})) {
            handler->on_sent(id, lost.tag, false);
        }
        sockets.erase(id);
        return handler;
    }
};

}  // namespace gateway::test
