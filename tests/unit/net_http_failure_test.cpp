// What goes wrong, how it is named, and whether the request may have been sent.
#include "support/net_http_server.hpp"
#include "support/net_tcp_server.hpp"
#include "unit/net_http_fixture.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace asio = boost::asio;
using namespace gateway::net;
using namespace gateway::test;
using namespace std::chrono_literals;
using asio::ip::tcp;

namespace {

// After the head of a request: these bytes, then the end of the connection.
test_tcp_server::script answers_with(std::string bytes) {
    return [bytes = std::move(bytes)](tcp::socket socket) -> asio::awaitable<void> {
        std::string buffer;
        co_await read_up_to(socket, buffer, "\r\n\r\n");
        co_await write_all(socket, bytes);
    };
}

http_request to(const test_tcp_server& server, const std::string& method = "POST") {
    http_request request = http_fixture::get("http://" + server.authority() + "/secret");
    request.method = method;
    return request;
}

}  // namespace

TEST_CASE("http: a refused connection is named, and nothing was written") {
    http_fixture net;
    const std::string port = std::to_string(unused_port(net.loop));
    const failure why = net.fails(net.post("http://127.0.0.1:" + port + "/secret", "x"));
    CHECK(why.kind == failure_kind::connect);
    CHECK(why.written == request_written::none);
    CHECK(why.text == "cannot connect to 127.0.0.1:" + port + ": Connection refused");
}

TEST_CASE("http: a name without an address is a failure to resolve") {
    http_fixture net;
    const failure why = net.fails(net.get("http://no-such-host.invalid/secret"));
    CHECK(why.kind == failure_kind::resolve);
    CHECK(why.written == request_written::none);
    CHECK(why.text == "the name of no-such-host.invalid:80 has no address");
}

TEST_CASE("http: a server that closes after reading the request may have acted on it") {
    http_fixture net;
    test_tcp_server server{net.loop, answers_with("")};
    const failure why = net.fails(to(server));
    CHECK(why.kind == failure_kind::reset);
    CHECK(why.written == request_written::maybe);
    CHECK(why.text == server.authority() + " ended the connection before its answer was complete");
}

TEST_CASE("http: a server that closes before the request is read") {
    http_fixture net;
    test_tcp_server server{net.loop, [](tcp::socket socket) -> asio::awaitable<void> {
                               socket.set_option(asio::socket_base::linger{true, 0});
                               co_return;
                           }};
    CHECK(net.fails(to(server)).kind == failure_kind::reset);
}

TEST_CASE("http: a pooled connection that the server has closed is not used again") {
    http_fixture net;
    int closed = 0;
    test_tcp_server server{net.loop, [&](tcp::socket socket) -> asio::awaitable<void> {
                               std::string buffer;
                               co_await read_up_to(socket, buffer, "\r\n\r\n");
                               co_await write_all(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                               socket.close();
                               ++closed;
                           }};
    CHECK(net.ok(to(server)).body == "ok");
    run_until(net.loop, [&] { return closed == 1; });
    CHECK(net.ok(to(server)).body == "ok");
    CHECK(server.connections() == 2);
}

TEST_CASE("http: a pooled connection that dies with a request on it: GET goes out again, POST may have been sent") {
    http_fixture net;
    test_tcp_server server{net.loop, [](tcp::socket socket) -> asio::awaitable<void> {
                               std::string buffer;
                               co_await read_up_to(socket, buffer, "\r\n\r\n");
                               co_await write_all(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                               co_await read_up_to(socket, buffer, "\r\n\r\n");  // and closes
                           }};
    CHECK(net.ok(to(server)).body == "ok");
    const failure why = net.fails(to(server));
    CHECK(why.kind == failure_kind::reset);
    CHECK(why.written == request_written::maybe);
    const int before = server.connections();
    CHECK(net.ok(to(server)).body == "ok");
    CHECK(net.ok(to(server, "GET")).body == "ok");
    CHECK(server.connections() == before + 2);
}

TEST_CASE("http: what was written to a connection that died counts, though the repetition could not even connect") {
    http_fixture net;
    test_tcp_server server{net.loop, [&](tcp::socket socket) -> asio::awaitable<void> {
                               std::string buffer;
                               co_await read_up_to(socket, buffer, "\r\n\r\n");
                               co_await write_all(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                               co_await read_up_to(socket, buffer, "\r\n\r\n");
                               server.stop_listening();
                           }};
    CHECK(net.ok(to(server, "GET")).body == "ok");
    const failure why = net.fails(to(server, "GET"));
    CHECK(why.written == request_written::maybe);
}

TEST_CASE("http: an answer shorter than announced is a reset, not a success") {
    http_fixture net;
    test_tcp_server server{net.loop, answers_with("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")};
    const failure why = net.fails(to(server));
    CHECK(why.kind == failure_kind::reset);
    CHECK(why.text == server.authority() + " ended the connection within its answer");
    test_tcp_server chunked{net.loop, answers_with("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nha")};
    CHECK(net.fails(to(chunked)).kind == failure_kind::reset);
}

TEST_CASE("http: an answer that is no HTTP is a protocol failure") {
    http_fixture net;
    test_tcp_server server{net.loop, answers_with("SSH-2.0-OpenSSH_9.2\r\nwhatever")};
    const failure why = net.fails(to(server));
    CHECK(why.kind == failure_kind::protocol);
    CHECK(why.written == request_written::maybe);
    CHECK(why.text == server.authority() + " answered with something that is not HTTP");
}

TEST_CASE("http: a body above the limit ends the operation, announced or not") {
    http_fixture net;
    for (const std::string head : {"Content-Length: 101\r\n\r\n", "Connection: close\r\n\r\n"}) {
        CAPTURE(head);
        test_tcp_server server{net.loop, answers_with("HTTP/1.1 200 OK\r\n" + head + std::string(101, 'x'))};
        http_request request = to(server);
        request.max_body_bytes = 100;
        const failure why = net.fails(request);
        CHECK(why.kind == failure_kind::body_too_large);
        CHECK(why.text == "the answer of " + server.authority() + " is larger than 100 bytes");
        request.max_body_bytes = 101;
        CHECK(net.ok(request).body_bytes == 101);
    }
}

TEST_CASE("http: headers above the limit end the operation") {
    http_fixture net;
    test_tcp_server server{net.loop, answers_with("HTTP/1.1 200 OK\r\nX-Long: " + std::string(3000, 'x') +
                                                  "\r\nContent-Length: 0\r\n\r\n")};
    http_request request = to(server);
    request.max_header_bytes = 2000;
    CHECK(net.fails(request).kind == failure_kind::header_too_large);
    request.max_header_bytes = 4000;
    CHECK(net.ok(request).status == 200);
    std::string many;
    for (int i = 0; i < 257; ++i) {
        many += "A: b\r\n";
    }
    test_tcp_server chatty{net.loop, answers_with("HTTP/1.1 200 OK\r\n" + many + "\r\n")};
    CHECK(net.fails(to(chatty)).kind == failure_kind::header_too_large);
}

TEST_CASE("http: a connection that is never accepted ends at the connect timeout, with nothing written") {
    http_fixture net;
    // A listener with a full backlog: the kernel drops further attempts.
    tcp::acceptor full{net.loop};
    full.open(tcp::v4());
    full.bind({asio::ip::address_v4::loopback(), 0});
    full.listen(0);
    std::vector<tcp::socket> fillers;
    for (int i = 0; i < 4; ++i) {
        fillers.emplace_back(net.loop);
        fillers.back().async_connect(full.local_endpoint(), [](auto) {});
    }
    run_ready(net.loop);
    const std::string authority = "127.0.0.1:" + std::to_string(full.local_endpoint().port());
    http_request request = net.post("http://" + authority + "/secret", "x");
    request.timeouts.connect = 60ms;
    const failure why = net.fails(request);
    CHECK(why.kind == failure_kind::timeout_connect);
    CHECK(why.written == request_written::none);
    CHECK(why.text == "no connection to " + authority + " within 60 ms");
}

TEST_CASE("http: waiting for a free connection counts as connecting") {
    net_settings settings;
    settings.max_connections_per_host = 1;
    http_fixture net{settings};
    int asked = 0;
    test_http_server server{net.loop, [&](const test_request&, auto) { ++asked; }};
    net.start(net.get(server.url("/")));
    run_until(net.loop, [&] { return asked == 1; });
    http_request request = net.post(server.url("/"), "x");
    request.timeouts.connect = 40ms;
    const failure why = net.fails(request);
    CHECK(why.kind == failure_kind::timeout_connect);
    CHECK(why.written == request_written::none);
}

TEST_CASE("http: silence after the request ends at the idle timeout") {
    http_fixture net;
    test_http_server server{net.loop, [](const test_request&, auto) {}};
    http_request request = net.post(server.url("/secret"), "x");
    request.timeouts.connect = 10s;
    request.timeouts.idle = 40ms;
    const failure why = net.fails(request);
    CHECK(why.kind == failure_kind::timeout_idle);
    CHECK(why.written == request_written::maybe);
    CHECK(why.text == "127.0.0.1:" + std::to_string(server.port()) + " sent nothing for 40 ms");
}

TEST_CASE("http: bytes that keep coming hold off the idle timeout but not the total one") {
    http_fixture net;
    test_tcp_server server{net.loop, [](tcp::socket socket) -> asio::awaitable<void> {
                               std::string buffer;
                               co_await read_up_to(socket, buffer, "\r\n\r\n");
                               co_await write_all(socket, "HTTP/1.1 200 OK\r\n\r\n");
                               asio::steady_timer pause{socket.get_executor()};
                               for (;;) {
                                   pause.expires_after(5ms);
                                   co_await pause.async_wait(asio::use_awaitable);
                                   co_await write_all(socket, "x");
                               }
                           }};
    http_request request = to(server);
    request.timeouts.idle = 150ms;
    request.timeouts.total = 400ms;
    const auto began = std::chrono::steady_clock::now();
    const failure why = net.fails(request);
    CHECK(std::chrono::steady_clock::now() - began >= 400ms);
    CHECK(why.kind == failure_kind::timeout_total);
    CHECK(why.text == "no complete answer from " + server.authority() + " within 400 ms");
}

TEST_CASE("http: operations with different deadlines end in the order of their deadlines") {
    http_fixture net;
    test_http_server server{net.loop, [](const test_request&, auto) {}};
    std::vector<operation_id> ended;
    std::vector<operation_id> expected;
    for (const auto idle : {90ms, 30ms, 60ms}) {
        http_request request = net.get(server.url("/"));
        request.timeouts.idle = idle;
        expected.push_back(*net.client.start(request, [&](operation_id id, http_result&& result) {
            CHECK(result.error().kind == failure_kind::timeout_idle);
            ended.push_back(id);
        }));
    }
    run_until(net.loop, [&] { return ended.size() == 3; });
    CHECK(ended == std::vector{expected[1], expected[2], expected[0]});
}
