// WebSockets of instances over a scripted transport: what the adapter is told, when, and what it is refused.

#include "instance/http_service.hpp"
#include "instance/websocket_service.hpp"
#include "instance_harness.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace gateway;
using instance::websocket_service;
using net::failure_kind;

constexpr gw_str text(std::string_view from) {
    return {from.data(), from.size()};
}

gw_bytes bytes(std::string_view from) {
    return {reinterpret_cast<const std::uint8_t*>(from.data()), from.size()};
}

// An event as the adapter saw it.
struct seen {
    std::uint64_t op = 0;
    std::int32_t event = 0;
    gw_status status = GW_OK;
    std::int32_t close_code = 0;
    std::string data;
    std::string code;
    std::string text;
};

class websocket_adapter {
public:
    websocket_adapter() {
        world.does.on_completion = [this](const gw_host& host, gw_token self, const gw_completion& what) {
            if (what.kind == GW_COMPLETION_WS) {
                note(reinterpret_cast<const gw_ws_event&>(what));
            }
            if (on_event) {
                on_event(host, self, what);
            }
        };
    }

    // Runs this within a call to the instance.
    void within(const std::function<void(const gw_host&, gw_token)>& use) {
        auto before = std::exchange(on_event, [&](const gw_host& host, gw_token self, const gw_completion& what) {
            if (what.kind == GW_COMPLETION_WAKE) {
                use(host, self);
            }
        });
        CHECK(instance::host_api::table()->wake(instance::token_of(which)) == GW_OK);
        run();
        on_event = std::move(before);
    }

    // Opens operation `op` and, as the peer, answers.
    net::websocket_id open(std::uint64_t op) {
        within([&](const gw_host& host, gw_token self) { CHECK(start(host, self, op) == GW_OK); });
        const auto id = static_cast<net::websocket_id>(websockets.opened);
        websockets.opens(id);
        run();
        return id;
    }

    static const gw_websocket& functions(const gw_host& host, gw_token self) {
        return *static_cast<const gw_websocket*>(host.extension(self, GW_EXT_WEBSOCKET));
    }
    static gw_status start(const gw_host& host, gw_token self, std::uint64_t op,
                           const std::function<void(gw_ws_request&)>& change = {}) {
        gw_ws_request request{};
        request.struct_size = sizeof(request);
        request.op = op;
        request.url = text("wss://gateway.example/?v=10");
        if (change) {
            change(request);
        }
        return functions(host, self).open(self, &request);
    }
    static gw_status send(const gw_host& host, gw_token self, std::uint64_t op, std::string_view data,
                          std::int32_t event = GW_WS_TEXT) {
        return functions(host, self).send(self, op, event, bytes(data));
    }

    [[nodiscard]] std::vector<std::int32_t> kinds() const {
        std::vector<std::int32_t> all;
        for (const auto& each : events) {
            all.push_back(each.event);
        }
        return all;
    }

    void run() { world.run(); }

    test::scripted_host world;
    test::fake_websockets& websockets = world.websockets;
    std::vector<seen> events;
    std::function<void(const gw_host&, gw_token, const gw_completion&)> on_event;
    instance::key which = world.online();

private:
    void note(const gw_ws_event& event) {
        CHECK((event.base.flags == GW_COMPLETION_MORE) == (event.event != GW_WS_CLOSED));
        events.push_back({event.base.op, event.event, event.base.status, event.close_code,
                          std::string(reinterpret_cast<const char*>(event.data.data), event.data.size),
                          std::string(event.code.data, event.code.size),
                          std::string(event.text.data, event.text.size)});
    }
};

using kinds = std::vector<std::int32_t>;

}  // namespace

TEST_CASE("websockets: opened, said, heard and closed by the peer, each told once and in order") {
    websocket_adapter it;
    const auto id = it.open(7);
    it.within([&](const gw_host& host, gw_token self) {
        CHECK(it.send(host, self, 7, "out") == GW_OK);
        CHECK(it.send(host, self, 7, std::string("\0\xff", 2), GW_WS_BINARY) == GW_OK);
    });
    CHECK(it.websockets.writes(id).data == "out");
    CHECK(it.websockets.writes(id).kind == net::websocket_kind::binary);
    it.websockets.says(id, "in");
    it.websockets.says(id, std::string("\0", 1), net::websocket_kind::binary);
    it.websockets.closes(id, 4004, "bad token");
    it.run();
    CHECK(it.kinds() == kinds{GW_WS_OPENED, GW_WS_SENT, GW_WS_SENT, GW_WS_TEXT, GW_WS_BINARY, GW_WS_CLOSED});
    CHECK(it.events[3].data == "in");
    CHECK(it.events[4].data == std::string("\0", 1));
    const auto& last = it.events.back();
    CHECK(last.op == 7);
    CHECK(last.status == GW_OK);
    CHECK(last.close_code == 4004);
    CHECK(last.text == "bad token");
}

TEST_CASE("websockets: what the adapter asks for reaches the transport, with the host's defaults and bounds") {
    websocket_adapter it;
    it.within([&](const gw_host& host, gw_token self) {
        CHECK(it.start(host, self, 1) == GW_OK);
        CHECK(it.start(host, self, 2, [](gw_ws_request& request) {
            request.open_timeout_ms = 1500;
            request.ping_interval_ms = 20'000;
            request.max_message_bytes = std::int64_t{1} << 40U;
        }) == GW_OK);
    });
    const auto& plain = it.websockets.at(1).request;
    CHECK(plain.url == "wss://gateway.example/?v=10");
    CHECK(plain.open_timeout == std::chrono::seconds{30});
    CHECK(plain.idle_timeout == net::http_request::max_timeout);
    CHECK(plain.max_message_bytes == 1U << 20U);
    CHECK(plain.max_queued_bytes == websocket_service::max_unsent_bytes);
    const auto& asked = it.websockets.at(2).request;
    CHECK(asked.open_timeout == std::chrono::milliseconds{1500});
    CHECK(asked.idle_timeout == std::chrono::seconds{40});
    CHECK(asked.max_message_bytes == websocket_service::max_message_bytes);
}

TEST_CASE("websockets: a failure while connecting is the only event") {
    websocket_adapter it;
    it.within([&](const gw_host& host, gw_token self) { CHECK(it.start(host, self, 7) == GW_OK); });
    it.websockets.breaks(1, failure_kind::resolve, "the name of gateway.example:443 has no address");
    it.run();
    REQUIRE(it.kinds() == kinds{GW_WS_CLOSED});
    CHECK(it.events[0].status == GW_ERR_NETWORK);
    CHECK(it.events[0].close_code == 1006);
    CHECK(it.events[0].code == "dns");
    CHECK(it.events[0].text == "the name of gateway.example:443 has no address");
}

TEST_CASE("websockets: how a connection ended is told by status, code and 1006") {
    struct expectation {
        failure_kind kind;
        gw_status status;
        std::string code;
    };
    for (const auto& [kind, status, code] :
         {expectation{failure_kind::reset, GW_ERR_NETWORK, "reset"},
          expectation{failure_kind::timeout_idle, GW_ERR_TIMEOUT, "timeout_idle"},
          expectation{failure_kind::timeout_close, GW_ERR_TIMEOUT, "timeout_close"},
          expectation{failure_kind::body_too_large, GW_ERR_TOO_LARGE, "body_too_large"}}) {
        CAPTURE(code);
        websocket_adapter it;
        it.websockets.breaks(it.open(7), kind);
        it.run();
        CHECK(it.kinds() == kinds{GW_WS_OPENED, GW_WS_CLOSED});
        CHECK(it.events.back().status == status);
        CHECK(it.events.back().code == code);
        CHECK(it.events.back().close_code == 1006);
    }
}

TEST_CASE("websockets: the adapter's close reaches the peer, and its answer is the end") {
    websocket_adapter it;
    const auto id = it.open(7);
    it.within([&](const gw_host& host, gw_token self) {
        const auto& use = it.functions(host, self);
        CHECK(use.close(self, 7, 1005, text("")) == GW_ERR_INVALID);
        CHECK(use.close(self, 7, 1000, text("\xff")) == GW_ERR_INVALID);
        CHECK(use.close(self, 7, 1000, text(std::string(124, 'x'))) == GW_ERR_INVALID);
        CHECK(use.close(self, 7, 4000, text("resume")) == GW_OK);
        CHECK(use.close(self, 7, 4000, text("resume")) == GW_ERR_NOT_FOUND);
        CHECK(it.send(host, self, 7, "late") == GW_ERR_NOT_FOUND);
    });
    CHECK(it.websockets.at(id).asked->code == 4000);
    CHECK(it.websockets.at(id).asked->reason == "resume");
    it.websockets.closes(id, 4000);
    it.run();
    CHECK(it.kinds() == kinds{GW_WS_OPENED, GW_WS_CLOSED});
    CHECK(it.events.back().status == GW_OK);
}

TEST_CASE("websockets: a cancelled one is dropped and ends as cancelled, once, and its number is free with that") {
    websocket_adapter it;
    const auto id = it.open(7);
    it.within([&](const gw_host& host, gw_token self) {
        CHECK(host.cancel(self, 7) == GW_OK);
        CHECK(host.cancel(self, 7) == GW_OK);
        CHECK(it.start(host, self, 7) == GW_ERR_DUPLICATE);
        CHECK(it.send(host, self, 7, "late") == GW_ERR_NOT_FOUND);
        CHECK(it.functions(host, self).close(self, 7, 1000, text("")) == GW_ERR_NOT_FOUND);
    });
    CHECK_FALSE(it.websockets.sockets.contains(id));
    REQUIRE(it.kinds() == kinds{GW_WS_OPENED, GW_WS_CLOSED});
    CHECK(it.events.back().status == GW_ERR_CANCELLED);
    CHECK(it.events.back().code == "cancelled");
    it.within([&](const gw_host& host, gw_token self) { CHECK(host.cancel(self, 7) == GW_ERR_NOT_FOUND); });
}

TEST_CASE("websockets: cancelling after the end, but before it is told, changes nothing") {
    websocket_adapter it;
    const auto id = it.open(7);
    it.on_event = [&](const gw_host& host, gw_token self, const gw_completion& what) {
        if (reinterpret_cast<const gw_ws_event&>(what).event == GW_WS_TEXT) {
            CHECK(host.cancel(self, 7) == GW_OK);
            CHECK(it.start(host, self, 7) == GW_ERR_DUPLICATE);
        } else {
            CHECK(it.start(host, self, 7) == GW_OK);  // within its last completion
        }
    };
    it.websockets.says(id, "last");
    it.websockets.closes(id, 1000);
    it.run();
    REQUIRE(it.kinds() == kinds{GW_WS_OPENED, GW_WS_TEXT, GW_WS_CLOSED});
    CHECK(it.events.back().status == GW_OK);
    CHECK(it.events.back().close_code == 1000);
    CHECK(it.websockets.opened == 2);
    it.on_event = nullptr;
    it.websockets.opens(2);
    it.run();
    CHECK(it.kinds().back() == GW_WS_OPENED);
}

TEST_CASE("websockets: a dead incarnation's are dropped, and nothing of them is told to its successor") {
    websocket_adapter it;
    const auto id = it.open(7);
    it.websockets.says(id, "too late");
    it.world.host.destroy(it.which);
    CHECK(it.websockets.sockets.empty());
    it.which = it.world.online(0, 2);
    it.run();
    CHECK(it.kinds() == kinds{GW_WS_OPENED});
    it.open(7);
    CHECK(it.kinds() == kinds{GW_WS_OPENED, GW_WS_OPENED});
}

TEST_CASE("websockets: numbers that are no connection of this instance are not found") {
    websocket_adapter it;
    it.open(7);
    it.within([&](const gw_host& host, gw_token self) {
        const auto& timers = *static_cast<const gw_timer*>(host.extension(self, GW_EXT_TIMER));
        CHECK(timers.start(self, 8, 60'000) == GW_OK);
        for (const std::uint64_t op : {8U, 9U}) {
            CHECK(it.send(host, self, op, "x") == GW_ERR_NOT_FOUND);
            CHECK(it.functions(host, self).close(self, op, 1000, text("")) == GW_ERR_NOT_FOUND);
        }
    });
    const auto other = it.world.online(1, 1);
    it.which = other;
    it.within([&](const gw_host& host, gw_token self) {
        CHECK(it.send(host, self, 7, "x") == GW_ERR_NOT_FOUND);
        CHECK(host.cancel(self, 7) == GW_ERR_NOT_FOUND);
        CHECK(it.start(host, self, 7) == GW_OK);  // its own 7
    });
    CHECK(it.websockets.sockets.size() == 2);
}

TEST_CASE("websockets: what cannot be sent is refused, and nothing of it goes out") {
    websocket_adapter it;
    const auto id = it.open(7);
    it.within([&](const gw_host& host, gw_token self) {
        CHECK(it.send(host, self, 7, "x", GW_WS_CLOSED) == GW_ERR_INVALID);
        CHECK(it.functions(host, self).send(self, 7, GW_WS_TEXT, {nullptr, 1}) == GW_ERR_INVALID);
        CHECK(it.send(host, self, 7, "\xff") == GW_ERR_UTF8);
        CHECK(it.send(host, self, 7, "\xff", GW_WS_BINARY) == GW_OK);
        CHECK(it.start(host, self, 8) == GW_OK);
        CHECK(it.send(host, self, 8, "before it is open") == GW_ERR_NOT_FOUND);
    });
    CHECK(it.websockets.at(id).unwritten.size() == 1);
}

TEST_CASE("websockets: a message above the queue's bytes can never be sent; one that fits later is told to wait") {
    websocket_adapter it;
    const auto id = it.open(7);
    const std::string whole(websocket_service::max_unsent_bytes, 'x');
    std::vector<gw_status> repeated;
    it.within([&](const gw_host& host, gw_token self) {
        CHECK(it.send(host, self, 7, whole + "x") == GW_ERR_LIMIT);
        CHECK(it.send(host, self, 7, whole) == GW_OK);
        CHECK(it.send(host, self, 7, "y") == GW_ERR_BUSY);
        CHECK(it.send(host, self, 7, "") == GW_OK);
    });
    it.on_event = [&](const gw_host& host, gw_token self, const gw_completion&) {
        repeated.push_back(it.send(host, self, 7, "y"));
    };
    it.websockets.says(id, "before the news");
    it.websockets.writes(id);
    it.run();
    CHECK(it.kinds() == kinds{GW_WS_OPENED, GW_WS_TEXT, GW_WS_SENT});
    CHECK(repeated == std::vector<gw_status>{GW_ERR_BUSY, GW_OK});
}

TEST_CASE("websockets: at most 256 messages wait for their GW_WS_SENT, written ones included") {
    websocket_adapter it;
    const auto id = it.open(7);
    it.within([&](const gw_host& host, gw_token self) {
        for (std::size_t i = 0; i < websocket_service::max_unsent_messages; ++i) {
            CHECK(it.send(host, self, 7, "x") == GW_OK);
        }
        CHECK(it.send(host, self, 7, "x") == GW_ERR_BUSY);
    });
    std::vector<gw_status> repeated;
    it.on_event = [&](const gw_host& host, gw_token self, const gw_completion&) {
        repeated.push_back(it.send(host, self, 7, "x"));
    };
    it.websockets.says(id, "before the news");
    it.websockets.writes(id);
    it.websockets.says(id, "after it");
    it.run();
    CHECK(repeated == std::vector<gw_status>{GW_ERR_BUSY, GW_OK, GW_ERR_BUSY});
}

TEST_CASE("websockets: a peer faster than the instance is paused, by messages, and goes on when half are told") {
    websocket_adapter it;
    const auto id = it.open(7);
    std::size_t said = 0;
    while (!it.websockets.at(id).paused) {
        it.websockets.says(id, std::to_string(said++));
        REQUIRE(said <= 1000);
    }
    CHECK(said == websocket_service::max_untold_messages + 1);
    std::size_t told = 0;
    std::size_t resumed_at = 0;
    it.on_event = [&](const gw_host&, gw_token, const gw_completion&) {
        ++told;
        if (resumed_at == 0 && !it.websockets.at(id).paused) {
            resumed_at = told;
        }
    };
    it.run();
    CHECK(told == said);
    CHECK(resumed_at == said - websocket_service::max_untold_messages / 2);
    for (std::size_t i = 0; i < said; ++i) {
        CHECK(it.events[i + 1].data == std::to_string(i));
    }
}

TEST_CASE("websockets: … and by bytes; one large message alone pauses until it is told") {
    websocket_adapter it;
    const auto id = it.open(7);
    it.websockets.says(id, std::string(websocket_service::max_untold_bytes, 'x'));
    CHECK_FALSE(it.websockets.at(id).paused);
    it.websockets.says(id, "x");
    CHECK(it.websockets.at(id).paused);
    it.run();
    CHECK_FALSE(it.websockets.at(id).paused);
    it.websockets.says(id, std::string(2 * websocket_service::max_untold_bytes, 'x'));
    CHECK(it.websockets.at(id).paused);
    it.run();
    CHECK_FALSE(it.websockets.at(id).paused);
    CHECK(it.events.size() == 4);
}

TEST_CASE("websockets: the end of a paused one is told after what waits") {
    websocket_adapter it;
    const auto id = it.open(7);
    for (std::size_t i = 0; !it.websockets.at(id).paused; ++i) {
        it.websockets.says(id, std::to_string(i));
    }
    it.websockets.closes(id, 1001);
    it.run();
    CHECK(it.events.size() == 1 + websocket_service::max_untold_messages + 1 + 1);
    CHECK(it.events.back().event == GW_WS_CLOSED);
}

TEST_CASE("websockets: messages that were not written by the end are not told as sent") {
    websocket_adapter it;
    const auto id = it.open(7);
    it.within([&](const gw_host& host, gw_token self) { CHECK(it.send(host, self, 7, "lost") == GW_OK); });
    it.websockets.breaks(id, failure_kind::reset);
    it.run();
    CHECK(it.kinds() == kinds{GW_WS_OPENED, GW_WS_CLOSED});
}

TEST_CASE("websockets: at most 8 of one instance, until the end of one is told; a refusal is no event") {
    websocket_adapter it;
    for (std::uint64_t op = 1; op <= websocket_service::max_sockets; ++op) {
        it.open(op);
    }
    it.within([&](const gw_host& host, gw_token self) { CHECK(it.start(host, self, 9) == GW_ERR_LIMIT); });
    it.websockets.closes(3, 1000);
    it.run();
    it.websockets.refusal = net::failure{failure_kind::limit, net::request_written::none, 0, "too many"};
    it.within([&](const gw_host& host, gw_token self) {
        CHECK(it.start(host, self, 9) == GW_ERR_LIMIT);
        CHECK(it.start(host, self, 9, [](gw_ws_request& request) { request.ping_interval_ms = -1; }) == GW_ERR_INVALID);
        CHECK(it.start(host, self, 9) == GW_OK);
        CHECK(it.start(host, self, 9) == GW_ERR_DUPLICATE);
    });
    CHECK(it.events.back().event == GW_WS_CLOSED);
}
