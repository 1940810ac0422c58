// Opening a WebSocket: the request, TLS, proxies, limits, and all the ways it does not open.
#include "net/http_client.hpp"
#include "support/net_http_server.hpp"
#include "support/net_proxies.hpp"
#include "support/net_test_tls.hpp"
#include "unit/net_websocket_fixture.hpp"

namespace asio = boost::asio;
using namespace gateway::net;
using namespace gateway::test;
using namespace std::chrono_literals;
using asio::ip::tcp;

namespace {

test_tcp_server::script secure_echo(asio::ssl::context& tls) {
    return accepts(echo, {.tls = &tls});
}

asio::awaitable<void> says_nothing(tcp::socket socket) {
    co_await wait_for_end(socket);
}

net_settings trusting(const temporary_directory& directory, const test_authority& authority) {
    net_settings settings;
    settings.ca_file = directory.file("ca.pem", authority.certificate_pem());
    return settings;
}

}  // namespace

TEST_CASE("websocket: the upgrade carries target, host and headers, and offers neither subprotocols nor extensions") {
    websocket_fixture net;
    websocket_seen seen;
    test_tcp_server server{net.loop, accepts(echo, {.seen = &seen})};
    websocket_request request = net.to(server.authority());
    request.headers = {{"X-Asked", "yes"}};
    net.open(request);
    CHECK(seen.target == "/secret?v=10");
    CHECK(seen.header("Host") == server.authority());
    CHECK(seen.header("User-Agent") == "gateway-host");
    CHECK(seen.header("X-Asked") == "yes");
    CHECK(seen.header("Sec-WebSocket-Protocol").empty());
    CHECK(seen.header("Sec-WebSocket-Extensions").empty());
}

TEST_CASE("websocket: a subprotocol that was not offered is a protocol failure") {
    websocket_fixture net;
    test_tcp_server server{net.loop, accepts(echo, {.subprotocol = "other"})};
    net.start(net.to(server.authority()));
    CHECK(net.wait_for_failure().kind == failure_kind::protocol);
    CHECK(net.opened.empty());
}

TEST_CASE("websocket: another answer than the upgrade is refused with its status") {
    websocket_fixture net;
    test_http_server server{net.loop, [](const test_request&, auto reply) { reply(answer(429, "slow down")); }};
    net.start(net.to("127.0.0.1:" + std::to_string(server.port())));
    const failure why = net.wait_for_failure();
    CHECK(why.kind == failure_kind::upgrade_refused);
    CHECK(why.http_status == 429);
    CHECK(why.written == request_written::maybe);
    CHECK(why.text == "127.0.0.1:" + std::to_string(server.port()) + " answered 429 to the request for a WebSocket");
}

TEST_CASE("websocket: a server that accepts and then says nothing meets the open deadline") {
    websocket_fixture net;
    test_tcp_server server{net.loop, says_nothing};
    websocket_request request = net.to(server.authority());
    request.open_timeout = 50ms;
    net.start(request);
    const failure why = net.wait_for_failure();
    CHECK(why.kind == failure_kind::timeout_connect);
    CHECK(why.text == "no WebSocket to " + server.authority() + " within 50 ms");
    CHECK(why.written == request_written::maybe);
    CHECK(net.client.sockets() == 0);
}

TEST_CASE("websocket: the open deadline holds for a TLS handshake that hangs, too") {
    websocket_fixture net;
    test_tcp_server server{net.loop, says_nothing};
    websocket_request request = net.to(server.authority(), "wss");
    request.open_timeout = 50ms;
    net.start(request);
    const failure why = net.wait_for_failure();
    CHECK(why.kind == failure_kind::timeout_connect);
    CHECK(why.written == request_written::none);
}

TEST_CASE("websocket: refused connection, unknown name, garbage and an early end are told apart") {
    websocket_fixture net;
    const std::string authority = "127.0.0.1:" + std::to_string(unused_port(net.loop));
    const auto failure_of = [&](const std::string& where) {
        net.failed.clear();
        net.start(net.to(where));
        return net.wait_for_failure();
    };
    failure why = failure_of(authority);
    CHECK(why.kind == failure_kind::connect);
    CHECK(why.written == request_written::none);
    CHECK(why.text == "cannot connect to " + authority + ": Connection refused");
    why = failure_of("no-such-host.invalid");
    CHECK(why.kind == failure_kind::resolve);
    CHECK(why.text == "the name of no-such-host.invalid:80 has no address");
    test_tcp_server garbage{net.loop, [](tcp::socket socket) -> asio::awaitable<void> {
                                std::string buffer;
                                co_await read_up_to(socket, buffer, "\r\n\r\n");
                                co_await write_all(socket, "SSH-2.0-OpenSSH_9.2\r\n\r\n");
                                co_await wait_for_end(socket);
                            }};
    why = failure_of(garbage.authority());
    CHECK(why.kind == failure_kind::protocol);
    CHECK(why.written == request_written::maybe);
    test_tcp_server closing{net.loop, [](tcp::socket socket) -> asio::awaitable<void> {
                                std::string buffer;
                                co_await read_up_to(socket, buffer, "\r\n\r\n");
                            }};
    CHECK(failure_of(closing.authority()).kind == failure_kind::reset);
}

TEST_CASE("websocket: TLS with a trusted certificate") {
    test_authority authority;
    temporary_directory directory;
    websocket_fixture net{trusting(directory, authority)};
    asio::ssl::context tls = authority.server_context({"127.0.0.1", "localhost"});
    test_tcp_server server{net.loop, secure_echo(tls)};
    for (const std::string host : {"127.0.0.1", "localhost"}) {
        CAPTURE(host);
        const websocket_id id = net.open(net.to(host + ":" + std::to_string(server.port()), "wss"));
        net.send(id, host);
    }
    net.wait_for_messages(2);
    const websocket_id id = net.open(net.to(server.authority(), "wss"));
    CHECK(net.close(id, 1000, ""));
    CHECK(net.wait_for_close().clean);
}

TEST_CASE("websocket: TLS is refused for an unknown authority and for another host's certificate") {
    test_authority authority;
    temporary_directory directory;
    asio::ssl::context tls = authority.server_context({"other.example"});
    {
        websocket_fixture net;
        test_tcp_server server{net.loop, secure_echo(tls)};
        net.start(net.to(server.authority(), "wss"));
        const failure why = net.wait_for_failure();
        CHECK(why.kind == failure_kind::tls);
        CHECK(why.written == request_written::none);
        CHECK(why.text.starts_with("the certificate of " + server.authority() + " is not trusted: "));
    }
    for (const std::string host : {"127.0.0.1", "localhost"}) {
        CAPTURE(host);
        websocket_fixture net{trusting(directory, authority)};
        test_tcp_server server{net.loop, secure_echo(tls)};
        const std::string peer = host + ":" + std::to_string(server.port());
        net.start(net.to(peer, "wss"));
        const failure why = net.wait_for_failure();
        CHECK(why.kind == failure_kind::tls);
        CHECK(why.text == "the certificate of " + peer + " is not for this host");
    }
}

TEST_CASE("websocket: through an HTTP proxy and a SOCKS5 proxy, the name resolved there") {
    test_authority authority;
    temporary_directory directory;
    net_settings settings = trusting(directory, authority);
    websocket_fixture net{settings};
    asio::ssl::context tls = authority.server_context({"bot.invalid"});
    test_tcp_server secure{net.loop, secure_echo(tls)};
    test_tcp_server plain{net.loop, accepts(echo)};
    test_http_proxy http{net.loop};
    test_socks_proxy socks{net.loop};
    websocket_request request = net.to("bot.invalid:" + std::to_string(secure.port()), "wss");
    request.proxy = http.url();
    net.send(net.open(request), "one");
    request = net.to("bot.invalid:" + std::to_string(plain.port()));
    request.proxy = socks.url("socks5h");
    net.send(net.open(request), "two");
    net.wait_for_messages(2);
    CHECK(http.heads()[0].starts_with("CONNECT bot.invalid:"));
    CHECK(http.heads()[0].find("secret") == std::string::npos);
    CHECK(socks.names() == std::vector<std::string>{"bot.invalid"});
}

TEST_CASE("websocket: a proxy that refuses is a failure of the proxy") {
    websocket_fixture net;
    test_http_proxy proxy{net.loop, true};
    websocket_request request = net.to("bot.invalid");
    request.proxy = proxy.url();
    net.start(request);
    const failure why = net.wait_for_failure();
    CHECK(why.kind == failure_kind::proxy);
    CHECK(why.text == "the proxy " + proxy.authority() + " answered 403 when asked for bot.invalid:80");
}

TEST_CASE(
    "websocket: HTTP's bounds on connections hold neither for dialling nor for open sockets, nor do these for HTTP") {
    net_settings settings;
    settings.max_connections = 1;
    settings.max_connections_per_host = 1;
    settings.max_pooled_connections = 1;
    websocket_fixture net{settings};
    test_tcp_server proxy{net.loop, says_nothing};  // so each stays half dialled
    for (int i = 0; i < 5; ++i) {
        websocket_request request = net.to("bot.invalid");
        request.proxy = "http://" + proxy.authority();
        net.start(request);
    }
    run_until(net.loop, [&] { return proxy.connections() == 5; });
    test_tcp_server server{net.loop, accepts(echo)};
    for (int i = 0; i < 5; ++i) {
        net.send(net.open(net.to(server.authority())), "all are open");
    }
    net.wait_for_messages(5);
    CHECK(net.client.sockets() == 10);

    http_client http{net.loop, settings};
    test_http_server web{net.loop, [](const test_request&, auto reply) { reply(answer(200, "at once")); }};
    std::optional<http_result> result;
    http_request request;
    request.url = web.url("/");
    REQUIRE(http.start(request, [&](operation_id, http_result&& came) { result = std::move(came); }).has_value());
    run_until(net.loop, [&] { return result.has_value(); });
    CHECK((*result)->body == "at once");
}

TEST_CASE("websocket: closing one that is not open yet gives it up") {
    websocket_fixture net;
    test_tcp_server server{net.loop, says_nothing};
    const websocket_id id = net.start(net.to(server.authority()));
    CHECK(net.close(id, 1000, ""));
    CHECK_FALSE(net.close(id, 1000, ""));
    CHECK(net.wait_for_failure().kind == failure_kind::cancelled);
    run_ready(net.loop);
    CHECK(net.failed.size() == 1);
}

TEST_CASE("websocket: what cannot be begun is refused with a sentence and without an event") {
    net_settings settings;
    settings.max_websockets = 1;
    websocket_fixture net{settings};
    test_tcp_server server{net.loop, accepts(echo)};
    const auto refusal = [&](const websocket_request& request) {
        const auto opened = net.client.open(request, net);
        REQUIRE(opened.has_error());
        CHECK(opened.error().text.find("secret") == std::string::npos);
        return opened.error();
    };
    websocket_request request = net.to("host", "https");
    CHECK(refusal(request).text == "the URL's scheme must be ws or wss, not https");
    request = net.to("user:secret@host");
    CHECK(refusal(request).kind == failure_kind::bad_request);
    request = net.to("host");
    request.headers = {{"A", "secret\r\n"}};
    CHECK(refusal(request).kind == failure_kind::bad_request);
    request = net.to("host");
    request.idle_timeout = 0ms;
    CHECK(refusal(request).kind == failure_kind::bad_request);
    request = net.to("host");
    request.proxy = "ftp://secret";
    CHECK(refusal(request).kind == failure_kind::bad_request);

    net.open(net.to(server.authority()));
    request = net.to(server.authority());
    request.owner = 2;
    CHECK(refusal(request).text == "more than 1 WebSockets at once");
    CHECK(net.client.drop_owner(1) == 1);
    net.open(request);
}
