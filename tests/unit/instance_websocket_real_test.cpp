// WebSockets of instances over the real client and a real peer on loopback: that the port's two sides agree.

#include "instance/websocket_service.hpp"
#include "instance_harness.hpp"
#include "support/net_test_loop.hpp"
#include "support/net_websocket_peer.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

using namespace gateway;
using test::websocket_peer;

constexpr int burst = 300;  // messages, more than may wait to be told

boost::asio::awaitable<void> greet_and_close(websocket_peer& peer) {
    const auto said = co_await peer.read();
    co_await peer.write("you said " + said);
    for (int i = 0; i < burst; ++i) {
        co_await peer.write(std::to_string(i), i % 2 == 0);
    }
    co_await peer.close(4004, "bad token");
}

}  // namespace

TEST_CASE("websockets: an instance and a real peer open, speak, keep the order of a burst, and close") {
    static_assert(burst > instance::websocket_service::max_untold_messages);
    test::scripted_host it(test::transport::real);
    test::test_tcp_server server{it.loop(), test::accepts(greet_and_close)};
    const std::string url = "ws://" + server.authority() + "/";
    std::vector<std::int32_t> kinds;
    std::vector<std::string> data;
    std::int32_t code = 0;
    std::string reason;
    it.does.connect = [&](const gw_host& host, gw_token self) {
        const auto& sockets = *static_cast<const gw_websocket*>(host.extension(self, GW_EXT_WEBSOCKET));
        gw_ws_request request{};
        request.struct_size = sizeof(request);
        request.op = 1;
        request.url = {url.data(), url.size()};
        CHECK(sockets.open(self, &request) == GW_OK);
    };
    it.does.on_completion = [&](const gw_host& host, gw_token self, const gw_completion& what) {
        REQUIRE(what.kind == GW_COMPLETION_WS);
        const auto& event = reinterpret_cast<const gw_ws_event&>(what);
        kinds.push_back(event.event);
        if (event.event == GW_WS_OPENED) {
            const auto& sockets = *static_cast<const gw_websocket*>(host.extension(self, GW_EXT_WEBSOCKET));
            const std::string hello = "hello";
            CHECK(sockets.send(self, 1, GW_WS_TEXT,
                               {reinterpret_cast<const std::uint8_t*>(hello.data()), hello.size()}) == GW_OK);
        } else if (event.event == GW_WS_CLOSED) {
            code = event.close_code;
            reason.assign(instance::view(event.text));
        } else if (event.event != GW_WS_SENT) {
            data.emplace_back(instance::view(event.data));
        }
    };
    it.create();
    test::run_until(it.loop(), [&] { return !kinds.empty() && kinds.back() == GW_WS_CLOSED; });
    CHECK(kinds[0] == GW_WS_OPENED);
    CHECK(kinds[1] == GW_WS_SENT);
    REQUIRE(data.size() == burst + 1);
    CHECK(data[0] == "you said hello");
    for (int i = 0; i < burst; ++i) {
        CHECK(data[static_cast<std::size_t>(i) + 1] == std::to_string(i));
        CHECK(kinds[static_cast<std::size_t>(i) + 3] == (i % 2 == 0 ? GW_WS_TEXT : GW_WS_BINARY));
    }
    CHECK(code == 4004);
    CHECK(reason == "bad token");
}
