// WebSocket servers as they are met: what they send byte by byte, and how they leave.
#include "support/net_websocket_server.hpp"
#include "unit/net_websocket_fixture.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace gateway::net;
using namespace gateway::test;
using namespace std::chrono_literals;

namespace {

// Neither reads nor closes any more, until the loop is gone.
asio::awaitable<void> hold(tcp::socket socket) {
    asio::steady_timer forever{socket.get_executor(), asio::steady_timer::time_point::max()};
    co_await forever.async_wait(asio::use_awaitable);
}

asio::awaitable<void> answer_and_hold(tcp::socket socket, std::string answer) {
    std::string buffer;
    co_await read_up_to(socket, buffer, "\r\n\r\n");
    co_await write_all(socket, answer);
    co_await wait_for_end(socket);
}

}  // namespace

TEST_CASE("websocket: messages that come together with a long answer to the upgrade arrive") {
    websocket_fixture net;
    const std::string first(100, 'a');
    const std::string second(5000, 'b');
    const std::string third(70000, 'c');
    for (std::size_t header_bytes = 0; header_bytes < 7500; header_bytes += 250) {
        CAPTURE(header_bytes);
        net.messages.clear();
        test_tcp_server server{net.loop, [&](tcp::socket socket) -> asio::awaitable<void> {
                                   const std::string head = co_await raw_upgrade_answer(socket, header_bytes);
                                   co_await write_all(socket, head + raw_frame(frame_text, first) +
                                                                  raw_frame(frame_text, second) +
                                                                  raw_frame(frame_text, third));
                                   co_await wait_for_end(socket);
                               }};
        net.open(net.to(server.authority()));
        net.wait_for_messages(3);
        CHECK(net.messages == std::vector<std::string>{first, second, third});
    }
}

TEST_CASE("websocket: an answer that comes byte by byte is understood") {
    websocket_fixture net;
    test_tcp_server server{net.loop, [&](tcp::socket socket) -> asio::awaitable<void> {
                               const std::string bytes =
                                   co_await raw_upgrade_answer(socket, 0) + raw_frame(frame_text, "hello");
                               for (const char byte : bytes) {
                                   co_await write_all(socket, std::string(1, byte));
                               }
                               co_await wait_for_end(socket);
                           }};
    net.open(net.to(server.authority()));
    net.wait_for_messages(1);
    CHECK(net.messages[0] == "hello");
}

TEST_CASE("websocket: a refusal is told by its status, however long its page is") {
    for (const std::string page :
         {"\r\n", "Content-Length: 1000000000\r\n\r\nmore", "Transfer-Encoding: chunked\r\n\r\n"}) {
        CAPTURE(page);
        websocket_fixture net;
        test_tcp_server server{net.loop, [&](tcp::socket socket) {
                                   return answer_and_hold(std::move(socket), "HTTP/1.1 403 Forbidden\r\n" + page);
                               }};
        websocket_request request = net.to(server.authority());
        request.open_timeout = 2000ms;
        net.start(request);
        const failure why = net.wait_for_failure();
        CHECK(why.kind == failure_kind::upgrade_refused);
        CHECK(why.http_status == 403);
        CHECK(why.written == request_written::maybe);
        CHECK(why.text.find(server.authority()) != std::string::npos);
        CHECK(why.text.find("secret") == std::string::npos);
    }
}

TEST_CASE("websocket: a server of another kind is told at its first bytes") {
    websocket_fixture net;
    test_tcp_server server{net.loop, [](tcp::socket socket) -> asio::awaitable<void> {
                               co_await write_all(socket, "220 mail.example ESMTP\r\n");
                               co_await wait_for_end(socket);
                           }};
    websocket_request request = net.to(server.authority());
    request.open_timeout = 2000ms;
    net.start(request);
    CHECK(net.wait_for_failure().kind == failure_kind::protocol);
}

TEST_CASE("websocket: an answer whose head does not end is given up") {
    websocket_fixture net;
    test_tcp_server server{net.loop, [](tcp::socket socket) {
                               return answer_and_hold(std::move(socket),
                                                      "HTTP/1.1 101 x\r\nx: " + std::string(20000, 'x'));
                           }};
    websocket_request request = net.to(server.authority());
    request.open_timeout = 2000ms;
    net.start(request);
    CHECK(net.wait_for_failure().kind == failure_kind::header_too_large);
}

TEST_CASE("websocket: a peer that closes and leaves the connection open has closed") {
    websocket_fixture net;
    test_tcp_server server{net.loop, [](tcp::socket socket) -> asio::awaitable<void> {
                               const std::string head = co_await raw_upgrade_answer(socket, 0);
                               co_await write_all(socket, head + raw_frame(frame_close, raw_close(4004, "bad token")));
                               co_await hold(std::move(socket));
                           }};
    websocket_request request = net.to(server.authority());
    net.open(request);
    const websocket_close closed = net.wait_for_close();
    CHECK(closed.code == 4004);
    CHECK(closed.reason == "bad token");
    CHECK(closed.clean);
}

TEST_CASE("websocket: the peer's close is heard although what we just sent finds the connection reset") {
    websocket_fixture net;
    bool gone = false;
    test_tcp_server server{net.loop, [&](tcp::socket socket) -> asio::awaitable<void> {
                               co_await write_all(socket, co_await raw_upgrade_answer(socket, 0));
                               std::string heard(1, '\0');
                               co_await socket.async_read_some(asio::buffer(heard), asio::use_awaitable);
                               // The rest of the message stays unread, so closing resets the connection.
                               co_await write_all(socket, raw_frame(frame_close, raw_close(4004, "bad token")));
                               socket.close();
                               gone = true;
                           }};
    const websocket_id id = net.open(net.to(server.authority()));
    net.send(id, "one", 1);
    run_until(net.loop, [&] { return gone; });
    net.send(id, "two", 2);
    const websocket_close closed = net.wait_for_close();
    CHECK(closed.code == 4004);
    CHECK_FALSE(closed.clean);
    CHECK(net.lost == std::vector<std::uint64_t>{2});
}

TEST_CASE("websocket: a peer that closes and does not let us answer has closed, at the deadline") {
    websocket_fixture net;
    bool stuffed = false;
    test_tcp_server server{net.loop, [&](tcp::socket socket) -> asio::awaitable<void> {
                               co_await write_all(socket, co_await raw_upgrade_answer(socket, 0));
                               std::string heard(1, '\0');
                               co_await socket.async_read_some(asio::buffer(heard), asio::use_awaitable);
                               stuffed = true;
                               co_await write_all(socket, raw_frame(frame_close, raw_close(4004, "bad token")));
                               co_await hold(std::move(socket));
                           }};
    websocket_request request = net.to(server.authority());
    request.close_timeout = 40ms;
    request.max_queued_bytes = 64 * 1024 * 1024;
    const websocket_id id = net.open(request);
    net.send(id, std::string(32 * 1024 * 1024, 'x'), 1);
    const websocket_close closed = net.wait_for_close();
    CHECK(stuffed);
    CHECK(closed.code == 4004);
    CHECK(closed.reason == "bad token");
    CHECK_FALSE(closed.clean);
    CHECK(net.lost == std::vector<std::uint64_t>{1});
}

TEST_CASE("websocket: a message above the limit is refused, whatever the peer does then") {
    websocket_fixture net;
    test_tcp_server server{net.loop, [](tcp::socket socket) -> asio::awaitable<void> {
                               const std::string head = co_await raw_upgrade_answer(socket, 0);
                               co_await write_all(socket, head + raw_frame(frame_text, std::string(2000, 'x')));
                               co_await hold(std::move(socket));
                           }};
    websocket_request request = net.to(server.authority());
    request.max_message_bytes = 1000;
    net.start(request);
    CHECK(net.wait_for_failure().kind == failure_kind::body_too_large);
    CHECK(net.messages.empty());
}

TEST_CASE("websocket: a text that is no UTF-8 is a protocol failure") {
    websocket_fixture net;
    test_tcp_server server{net.loop, [](tcp::socket socket) -> asio::awaitable<void> {
                               const std::string head = co_await raw_upgrade_answer(socket, 0);
                               co_await write_all(socket, head + raw_frame(frame_text, "\xC3\x28"));
                               co_await wait_for_end(socket);
                           }};
    net.start(net.to(server.authority()));
    CHECK(net.wait_for_failure().kind == failure_kind::protocol);
}

TEST_CASE(
    "websocket: a peer that ends the connection instead of answering our close is a reset, with no code of ours") {
    websocket_fixture net;
    test_tcp_server server{net.loop, [](tcp::socket socket) -> asio::awaitable<void> {
                               co_await write_all(socket, co_await raw_upgrade_answer(socket, 0));
                               std::string heard(1, '\0');
                               co_await socket.async_read_some(asio::buffer(heard), asio::use_awaitable);
                           }};
    const websocket_id id = net.open(net.to(server.authority()));
    CHECK(net.close(id, 1000, "done"));
    CHECK(net.wait_for_failure().kind == failure_kind::reset);
}

TEST_CASE("websocket: nothing is taken for sending once the peer has closed") {
    websocket_fixture net;
    test_tcp_server server{net.loop, [](tcp::socket socket) -> asio::awaitable<void> {
                               const std::string head = co_await raw_upgrade_answer(socket, 0);
                               co_await write_all(socket, head + raw_frame(frame_text, "last") +
                                                              raw_frame(frame_close, raw_close(1001, "")));
                               co_await wait_for_end(socket);
                           }};
    net.open(net.to(server.authority()));
    CHECK(net.wait_for_close().code == 1001);
    CHECK(net.messages == std::vector<std::string>{"last"});
    CHECK(net.client.sockets() == 0);
}

TEST_CASE("websocket: the headers of the upgrade itself are the host's") {
    websocket_fixture net;
    for (const std::string name : {"Host", "connection", "Upgrade", "Sec-WebSocket-Key", "sec-websocket-version",
                                   "Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol", "Content-Length"}) {
        CAPTURE(name);
        websocket_request request = net.to("127.0.0.1:1");
        request.headers.push_back({name, "x"});
        const auto begun = net.client.open(request, net);
        REQUIRE(begun.has_error());
        CHECK(begun.error().kind == failure_kind::bad_request);
    }
}

TEST_CASE("websocket: a header may come more than once") {
    websocket_fixture net;
    std::string head;
    test_tcp_server server{net.loop, [&](tcp::socket socket) -> asio::awaitable<void> {
                               std::string buffer;
                               head = co_await read_up_to(socket, buffer, "\r\n\r\n");
                           }};
    websocket_request request = net.to(server.authority());
    request.headers = {{"x-way", "one"}, {"x-way", "two"}, {"User-Agent", "mine"}};
    net.start(request);
    net.wait_for_failure();
    CHECK(head.find("x-way: one\r\n") != std::string::npos);
    CHECK(head.find("x-way: two\r\n") != std::string::npos);
    CHECK(head.find("User-Agent: mine\r\n") != std::string::npos);
    CHECK(head.find("gateway-host") == std::string::npos);
}

TEST_CASE("websocket: a loop that ends with sockets in every state leaves nothing behind") {
    const auto loop = std::make_unique<websocket_fixture>();
    test_tcp_server silent{loop->loop, [](tcp::socket socket) { return wait_for_end_of(std::move(socket)); }};
    test_tcp_server server{loop->loop, accepts(echo)};
    loop->start(loop->to(silent.authority()));
    loop->open(loop->to(server.authority()));
    const websocket_id closing = loop->start(loop->to(server.authority()));
    run_until(loop->loop, [&] { return loop->opened.size() == 2; });
    loop->send(closing, std::string(3000000, 'x'));
    CHECK(loop->close(closing, 1000, ""));
    loop->start(loop->to("localhost:1"));
}
