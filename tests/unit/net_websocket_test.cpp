// Messages, closing and what goes wrong on an open WebSocket.
#include "unit/net_websocket_fixture.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace asio = boost::asio;
using namespace gateway::net;
using namespace gateway::test;
using namespace std::chrono_literals;

namespace {

asio::awaitable<void> never(websocket_peer& peer) {
    return peer.hold();
}

}  // namespace

TEST_CASE("websocket: text and binary messages come back as they went, in order") {
    websocket_fixture net;
    test_tcp_server server{net.loop, accepts(echo)};
    const websocket_id id = net.open(net.to(server.authority()));
    CHECK(net.opened[0] == id);
    const std::string big(300'000, 'b');
    net.send(id, "eins", 1);
    REQUIRE(net.client.send(id, websocket_kind::binary, std::string("\0\xff", 2), 2) == send_status::accepted);
    net.send(id, big, 3);
    net.send(id, "", 4);
    net.wait_for_messages(4);
    CHECK(net.messages == std::vector<std::string>{"eins", std::string("\0\xff", 2), big, ""});
    CHECK(net.kinds[0] == websocket_kind::text);
    CHECK(net.kinds[1] == websocket_kind::binary);
    CHECK(net.sent == std::vector<std::uint64_t>{1, 2, 3, 4});
    CHECK(net.client.sockets() == 1);
}

TEST_CASE("websocket: a message in fragments arrives as one, pings between them are answered") {
    websocket_fixture net;
    websocket_seen seen;
    test_tcp_server server{net.loop, accepts(
                                         [](websocket_peer& peer) -> asio::awaitable<void> {
                                             co_await peer.write_fragment("one ", false);
                                             co_await peer.ping("x");
                                             co_await peer.write_fragment("two ", false);
                                             co_await peer.write_fragment("three", true);
                                             co_await peer.read_to_end();
                                         },
                                         {.seen = &seen})};
    net.open(net.to(server.authority()));
    net.wait_for_messages(1);
    CHECK(net.messages[0] == "one two three");
    run_until(net.loop, [&] { return seen.pongs == 1; });
}

TEST_CASE("websocket: the server's close is reported with its code and reason") {
    struct wanted {
        std::uint16_t code;
        std::string reason;
    };
    for (const wanted& close : {wanted{1000, ""}, wanted{4004, "Authentication failed."}, wanted{1012, "restart"}}) {
        CAPTURE(close.code);
        websocket_fixture net;
        test_tcp_server server{net.loop,
                               accepts([&](websocket_peer& peer) { return peer.close(close.code, close.reason); })};
        net.open(net.to(server.authority()));
        const websocket_close how = net.wait_for_close();
        CHECK(how.code == close.code);
        CHECK(how.reason == close.reason);
        CHECK(how.clean);
        CHECK(net.client.sockets() == 0);
    }
}

TEST_CASE("websocket: a close without a code is 1005") {
    websocket_fixture net;
    test_tcp_server server{net.loop, accepts([](websocket_peer& peer) { return peer.close(1005, ""); })};
    net.open(net.to(server.authority()));
    CHECK(net.wait_for_close().code == 1005);
}

TEST_CASE("websocket: our close goes out after what is queued, and the answer ends it cleanly") {
    websocket_fixture net;
    std::vector<std::string> received;
    websocket_seen seen;
    test_tcp_server server{net.loop, accepts(
                                         [&](websocket_peer& peer) -> asio::awaitable<void> {
                                             for (;;) {
                                                 received.push_back(co_await peer.read());
                                             }
                                         },
                                         {.seen = &seen})};
    const websocket_id id = net.open(net.to(server.authority()));
    net.send(id, std::string(200'000, 'x'), 1);
    net.send(id, "last", 2);
    CHECK(net.close(id, 3001, std::string(websocket_close::max_reason_bytes, 'r')));
    CHECK_FALSE(net.close(id, 1000, ""));
    CHECK(net.client.send(id, websocket_kind::text, "late", 3) == send_status::not_open);
    const websocket_close how = net.wait_for_close();
    CHECK(how.clean);
    CHECK(how.code == 3001);
    CHECK(net.sent == std::vector<std::uint64_t>{1, 2});
    run_until(net.loop, [&] { return seen.close_code != 0; });
    CHECK(seen.close_code == 3001);
    CHECK(seen.close_reason == std::string(123, 'r'));
    REQUIRE(received.size() == 2);
    CHECK(received[1] == "last");
}

TEST_CASE("websocket: a close that is never answered fails at its deadline, and no code of ours is told") {
    websocket_fixture net;
    test_tcp_server server{net.loop, accepts(never)};
    websocket_request request = net.to(server.authority());
    request.close_timeout = 40ms;
    const websocket_id id = net.open(request);
    CHECK(net.close(id, 1000, "bye"));
    const failure why = net.wait_for_failure();
    CHECK(why.kind == failure_kind::timeout_close);
    CHECK(why.written == request_written::maybe);
    CHECK(why.text == server.authority() + " did not close the WebSocket within 40 ms");
}

TEST_CASE("websocket: a close behind a queue that does not move ends at its deadline too, and the queue is lost") {
    websocket_fixture net;
    test_tcp_server server{net.loop, accepts(never)};
    websocket_request request = net.to(server.authority());
    request.close_timeout = 40ms;
    request.max_queued_bytes = 64 * 1024 * 1024;
    const websocket_id id = net.open(request);
    net.send(id, std::string(32 * 1024 * 1024, 'x'), 1);
    net.send(id, "behind", 2);
    CHECK(net.close(id, 1000, ""));
    CHECK(net.wait_for_failure().kind == failure_kind::timeout_close);
    CHECK(net.lost == std::vector<std::uint64_t>{1, 2});
}

TEST_CASE("websocket: a connection that ends without a close frame is a reset") {
    websocket_fixture net;
    test_tcp_server server{net.loop, accepts([](websocket_peer& peer) -> asio::awaitable<void> {
                               peer.socket().close();
                               co_return;
                           })};
    net.open(net.to(server.authority()));
    const failure why = net.wait_for_failure();
    CHECK(why.kind == failure_kind::reset);
    CHECK(why.written == request_written::maybe);
    CHECK(why.text.starts_with("the WebSocket to " + server.authority() + " was lost: "));
}

TEST_CASE("websocket: a message above the limit closes with 1009 and fails") {
    websocket_fixture net;
    websocket_seen seen;
    test_tcp_server server{net.loop, accepts(
                                         [](websocket_peer& peer) -> asio::awaitable<void> {
                                             co_await peer.write(std::string(1001, 'x'));
                                             co_await peer.read_to_end();
                                         },
                                         {.seen = &seen})};
    websocket_request request = net.to(server.authority());
    request.max_message_bytes = 1000;
    net.open(request);
    const failure why = net.wait_for_failure();
    CHECK(why.kind == failure_kind::body_too_large);
    CHECK(why.text ==
          server.authority() + " sent a message of more than 1000 bytes; the WebSocket was closed with 1009");
    run_until(net.loop, [&] { return seen.close_code != 0; });
    CHECK(seen.close_code == 1009);
    CHECK(net.messages.empty());
}

TEST_CASE("websocket: bytes that are no frames are a protocol failure") {
    websocket_fixture net;
    test_tcp_server server{net.loop, accepts([](websocket_peer& peer) -> asio::awaitable<void> {
                               co_await asio::async_write(peer.socket(), asio::buffer(std::string(32, '\xff')),
                                                          asio::use_awaitable);
                               co_await wait_for_end(peer.socket());
                           })};
    net.open(net.to(server.authority()));
    CHECK(net.wait_for_failure().kind == failure_kind::protocol);
}

TEST_CASE("websocket: silence is met with a ping; a peer that answers it stays, one that does not is given up") {
    websocket_fixture net;
    websocket_seen seen;
    test_tcp_server server{net.loop, accepts(
                                         [](websocket_peer& peer) -> asio::awaitable<void> {
                                             co_await peer.read();
                                             co_await peer.hold();
                                         },
                                         {.seen = &seen})};
    websocket_request request = net.to(server.authority());
    request.idle_timeout = 60ms;
    const websocket_id id = net.open(request);
    run_until(net.loop, [&] { return seen.pings == 3; });
    CHECK(net.failed.empty());
    net.send(id, "now be silent");
    const failure why = net.wait_for_failure();
    CHECK(why.kind == failure_kind::timeout_idle);
    CHECK(why.text == server.authority() + " sent nothing for 60 ms");
}

TEST_CASE("websocket: the queue of messages to send is bounded by count and by bytes") {
    websocket_fixture net;
    test_tcp_server server{net.loop, accepts(never)};
    websocket_request request = net.to(server.authority());
    request.max_queued_messages = 2;
    request.max_queued_bytes = 10;
    const websocket_id id = net.open(request);
    CHECK(net.client.send(id, websocket_kind::text, "12345678901", 1) == send_status::queue_full);
    CHECK(net.client.send(id, websocket_kind::text, "123456", 2) == send_status::accepted);
    CHECK(net.client.send(id, websocket_kind::text, "12345", 3) == send_status::queue_full);
    CHECK(net.client.send(id, websocket_kind::text, "1", 4) == send_status::accepted);
    CHECK(net.client.send(id, websocket_kind::text, "", 5) == send_status::queue_full);
    run_until(net.loop, [&] { return net.sent.size() == 2; });
    CHECK(net.client.send(id, websocket_kind::text, "1234567890", 6) == send_status::accepted);
}

TEST_CASE("websocket: dropping one, or all of an owner, is silent and leaves the others") {
    websocket_fixture net;
    int ended = 0;
    test_tcp_server server{net.loop, accepts([&](websocket_peer& peer) -> asio::awaitable<void> {
                               co_await peer.read_to_end();
                               ++ended;
                           })};
    const websocket_id stays = net.open(net.to(server.authority()));
    websocket_request request = net.to(server.authority());
    request.owner = 2;
    net.open(request);
    net.start(request);  // still opening
    const websocket_id dropped = net.open(net.to(server.authority()));
    CHECK(net.client.drop(dropped));
    CHECK_FALSE(net.client.drop(dropped));
    CHECK(net.client.drop_owner(2) == 2);
    CHECK(net.client.drop_owner(2) == 0);
    CHECK(net.client.sockets() == 1);
    run_until(net.loop, [&] { return ended >= 2; });
    CHECK(net.failed.empty());
    CHECK(net.closed.empty());
    net.send(stays, "still here", 9);
    run_until(net.loop, [&] { return net.sent.size() == 1; });
}

TEST_CASE("websocket: an event may drop its own socket, or the whole client") {
    class dropping final : public websocket_handler {
    public:
        explicit dropping(std::unique_ptr<websocket_client>& client) : client_(client) {}
        void on_open(websocket_id id) override {
            opened = true;
            CHECK(client_->send(id, websocket_kind::text, "x", 1) == send_status::accepted);
        }
        void on_message(websocket_id, websocket_kind, std::string_view) override {
            got_message = true;
            client_.reset();
        }
        void on_sent(websocket_id, std::uint64_t, bool) override {}
        void on_closed(websocket_id, const websocket_close&) override { FAIL("dropped"); }
        void on_failed(websocket_id, const failure&) override { FAIL("dropped"); }
        bool opened = false;
        bool got_message = false;

    private:
        std::unique_ptr<websocket_client>& client_;
    };
    asio::io_context loop;
    test_tcp_server server{loop, accepts(echo)};
    auto client = std::make_unique<websocket_client>(loop, net_settings{});
    dropping handler{client};
    REQUIRE(client->open(websocket_fixture::to(server.authority()), handler).has_value());
    run_until(loop, [&] { return handler.got_message; });
    run_ready(loop);
    CHECK(handler.opened);
}
