// Back-pressure: what a paused WebSocket still does, and what it leaves to its peer.
#include "unit/net_websocket_fixture.hpp"

#include <boost/asio/steady_timer.hpp>

namespace asio = boost::asio;
using namespace gateway::net;
using namespace gateway::test;
using namespace std::chrono_literals;

namespace {

// Until the kernel has nothing more to tell either.
void run_dry(asio::io_context& loop) {
    do {
        loop.restart();
    } while (loop.poll() != 0);
}

void let_pass(asio::io_context& loop, std::chrono::milliseconds time) {
    bool passed = false;
    asio::steady_timer timer{loop, time};
    timer.async_wait([&](auto) { passed = true; });
    run_until(loop, [&] { return passed; });
}

}  // namespace

TEST_CASE("websocket: a paused one is told nothing and reads one message ahead; resumed, all come in order") {
    constexpr std::size_t count = 300;
    const std::string filler(100'000, 'x');
    websocket_fixture net;
    std::size_t written = 0;
    test_tcp_server server{net.loop, accepts([&](websocket_peer& peer) -> asio::awaitable<void> {
                               while (written < count) {
                                   co_await peer.write(std::to_string(written) + filler);
                                   ++written;
                               }
                               co_await peer.read_to_end();
                           })};
    net.on_each_message = [&](websocket_id id) {
        if (net.messages.size() == 1) {
            net.client.pause(id);
        }
    };
    const websocket_id id = net.open(net.to(server.authority()));
    net.wait_for_messages(1);
    run_dry(net.loop);
    CHECK(net.messages.size() == 1);
    CHECK(written < count);  // 30 MB are more than the kernel keeps
    net.client.resume(id);
    CHECK(net.messages.size() == 1);  // not from within the call
    net.client.pause(id);
    run_dry(net.loop);
    CHECK(net.messages.size() == 1);
    net.client.resume(id);
    net.wait_for_messages(count);
    bool ordered = true;
    for (std::size_t i = 0; i < count; ++i) {
        ordered = ordered && net.messages[i] == std::to_string(i) + filler;
    }
    CHECK(ordered);
    CHECK(net.failed.empty());
}

TEST_CASE("websocket: a paused one answers pings and hears the peer's close") {
    websocket_fixture net;
    websocket_seen seen;
    test_tcp_server server{net.loop, accepts(
                                         [](websocket_peer& peer) -> asio::awaitable<void> {
                                             co_await peer.ping("x");
                                             co_await peer.read();
                                             co_await peer.close(1001, "going");
                                         },
                                         {.seen = &seen})};
    const websocket_id id = net.open(net.to(server.authority()));
    net.client.pause(id);
    run_until(net.loop, [&] { return seen.pongs == 1; });
    net.send(id, "and now close");
    CHECK(net.wait_for_close().code == 1001);
}

TEST_CASE("websocket: silence is not counted against the peer while it is not listened to, and is afterwards") {
    websocket_fixture net;
    test_tcp_server server{net.loop, accepts([](websocket_peer& peer) -> asio::awaitable<void> {
                               co_await peer.write("held");
                               co_await peer.hold();
                           })};
    websocket_request request = net.to(server.authority());
    request.idle_timeout = 60ms;
    const websocket_id id = net.open(request);
    net.client.pause(id);
    let_pass(net.loop, 200ms);
    CHECK(net.failed.empty());
    CHECK(net.messages.empty());
    net.client.resume(id);
    net.wait_for_messages(1);
    CHECK(net.wait_for_failure().kind == failure_kind::timeout_idle);
}

TEST_CASE("websocket: one that was not listened to for long is as alive afterwards as before") {
    websocket_fixture net;
    websocket_seen seen;
    test_tcp_server server{net.loop, accepts(
                                         [](websocket_peer& peer) -> asio::awaitable<void> {
                                             co_await peer.write("held");
                                             co_await peer.read_to_end();
                                         },
                                         {.seen = &seen})};
    websocket_request request = net.to(server.authority());
    request.idle_timeout = 60ms;
    const websocket_id id = net.open(request);
    net.client.pause(id);
    let_pass(net.loop, 200ms);
    net.client.resume(id);
    net.wait_for_messages(1);
    const int before = seen.pings;
    run_until(net.loop, [&] { return seen.pings > before + 1 || !net.failed.empty(); });
    CHECK(net.failed.empty());
}

TEST_CASE("websocket: a paused one that is closed closes as any other, in time, answered or not") {
    for (const bool answers : {true, false}) {
        CAPTURE(answers);
        websocket_fixture net;
        bool held = false;
        test_tcp_server server{net.loop, accepts([&](websocket_peer& peer) -> asio::awaitable<void> {
                                   co_await peer.write("held");
                                   co_await peer.write("behind");
                                   held = true;
                                   if (answers) {
                                       co_await peer.read_to_end();
                                   }
                                   co_await peer.hold();
                               })};
        websocket_request request = net.to(server.authority());
        request.close_timeout = answers ? 10s : 40ms;
        const websocket_id id = net.open(request);
        net.client.pause(id);
        run_until(net.loop, [&] { return held; });
        run_dry(net.loop);
        CHECK(net.close(id, 3000, ""));
        if (answers) {
            CHECK(net.wait_for_close().code == 3000);
        } else {
            CHECK(net.wait_for_failure().kind == failure_kind::timeout_close);
        }
        CHECK(net.messages.empty());
    }
}

TEST_CASE("websocket: pausing and resuming what is not there does nothing, and one that is dropped stays silent") {
    websocket_fixture net;
    net.client.pause(77);
    net.client.resume(77);
    test_tcp_server server{net.loop, accepts([](websocket_peer& peer) -> asio::awaitable<void> {
                               co_await peer.write("held");
                               co_await peer.hold();
                           })};
    const websocket_id id = net.open(net.to(server.authority()));
    net.client.pause(id);
    run_dry(net.loop);
    net.client.resume(id);
    CHECK(net.client.drop(id));
    run_dry(net.loop);
    CHECK(net.messages.empty());
}
