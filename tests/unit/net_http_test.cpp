// Requests, answers and connections over plain HTTP/1.1.
#include "support/net_http_server.hpp"
#include "support/net_tcp_server.hpp"
#include "unit/net_http_fixture.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace asio = boost::asio;
namespace http = boost::beast::http;
using namespace gateway::net;
using namespace gateway::test;
using namespace std::chrono_literals;
using asio::ip::tcp;

namespace {

// Answers each request with `head`, a body of what arrived, or never, by its target.
test_http_server::handler echo() {
    return [](const test_request& request, auto reply) {
        test_response response = answer(200, request.body());
        response.set("X-Method", request.method_string());
        response.set("X-Target", request.target());
        reply(std::move(response));
    };
}

}  // namespace

TEST_CASE("http: status, headers with lower-case names and body arrive") {
    http_fixture net;
    test_http_server server{net.loop, [](const test_request& request, auto reply) {
                                CHECK(request.target() == "/bot/getMe?a=1");
                                CHECK(request["X-Asked"] == "yes");
                                CHECK(request["User-Agent"] == "gateway-host");
                                CHECK(request.count(http::field::content_type) == 0);
                                CHECK(request.count(http::field::expect) == 0);
                                test_response response = answer(404, "{\"ok\":false}");
                                response.set("X-Answer", "one, two");
                                response.set(http::field::content_type, "application/json");
                                reply(std::move(response));
                            }};
    http_request request = net.get(server.url("/bot/getMe?a=1"));
    request.headers = {{"X-Asked", "yes"}, {"X-Empty", ""}};
    const http_response response = net.ok(std::move(request));
    CHECK(response.status == 404);
    CHECK(response.body == "{\"ok\":false}");
    CHECK(response.body_bytes == 12);
    REQUIRE(response.header("x-answer") != nullptr);
    CHECK(*response.header("x-answer") == "one, two");
    CHECK(*response.header("content-type") == "application/json");
    CHECK(response.header("x-missing") == nullptr);
}

TEST_CASE("http: each method goes out as asked, with its body and nothing invented") {
    http_fixture net;
    test_http_server server{net.loop, echo()};
    for (const std::string method : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
        CAPTURE(method);
        http_request request = net.get(server.url("/x"));
        request.method = method;
        const http_response bodiless = net.ok(request);
        CHECK(*bodiless.header("x-method") == method);
        CHECK(bodiless.body.empty());
        if (method != "GET") {
            request.body = "some body";
            const http_response with_body = net.ok(request);
            CHECK(*with_body.header("x-method") == method);
            CHECK(with_body.body == "some body");
        }
    }
}

TEST_CASE("http: HEAD has headers and no body") {
    http_fixture net;
    test_http_server server{net.loop, [](const test_request&, auto reply) {
                                test_response response = answer(200, "");
                                response.content_length(12345678901ULL);
                                reply(std::move(response));
                            }};
    http_request request = net.get(server.url("/"));
    request.method = "HEAD";
    const http_response response = net.ok(std::move(request));
    CHECK(*response.header("content-length") == "12345678901");
    CHECK(response.body.empty());
}

TEST_CASE("http: a body of several megabytes goes out and comes back whole") {
    http_fixture net;
    test_http_server server{net.loop, echo()};
    std::string body(5 * 1024 * 1024 + 17, 'x');
    for (std::size_t i = 0; i < body.size(); i += 1000) {
        body[i] = static_cast<char>('a' + i / 1000 % 26);
    }
    CHECK(net.ok(net.post(server.url("/"), body)).body == body);
}

TEST_CASE("http: requests one after the other share one connection") {
    http_fixture net;
    test_http_server server{net.loop, echo()};
    for (int i = 0; i < 5; ++i) {
        net.ok(net.post(server.url("/"), "again"));
    }
    CHECK(server.connections() == 1);
}

TEST_CASE("http: no more connections to a host than the settings allow, the rest waits its turn") {
    net_settings settings;
    settings.max_connections_per_host = 2;
    http_fixture net{settings};
    std::vector<std::function<void(test_response)>> waiting;
    test_http_server server{net.loop, [&](const test_request&, auto reply) { waiting.push_back(reply); }};
    for (int i = 0; i < 5; ++i) {
        net.start(net.get(server.url("/")));
    }
    for (std::size_t answered = 0; answered < 5; ++answered) {
        run_until(net.loop, [&] { return waiting.size() > answered; });
        waiting[answered](answer(200, ""));
    }
    run_until(net.loop, [&] { return net.results.size() == 5; });
    CHECK(server.connections() == 2);
}

TEST_CASE("http: a redirect is an answer, not a journey") {
    http_fixture net;
    test_http_server server{net.loop, [](const test_request& request, auto reply) {
                                CHECK(request.target() == "/from");
                                test_response response = answer(302, "");
                                response.set(http::field::location, "/to");
                                reply(std::move(response));
                            }};
    const http_response response = net.ok(net.get(server.url("/from")));
    CHECK(response.status == 302);
    CHECK(*response.header("location") == "/to");
}

TEST_CASE("http: informational answers and trailers leave the headers as the final answer has them") {
    http_fixture net;
    test_tcp_server server{net.loop, [](tcp::socket socket) -> asio::awaitable<void> {
                               std::string buffer;
                               co_await read_up_to(socket, buffer, "\r\n\r\n");
                               co_await write_all(socket,
                                                  "HTTP/1.1 103 Early Hints\r\nX-Hint: 1\r\n\r\n"
                                                  "HTTP/1.1 200 OK\r\nX-Final: 1\r\nX-Folded: one\r\n  two\r\n"
                                                  "Transfer-Encoding: chunked\r\n\r\n"
                                                  "4\r\nbody\r\n0\r\nX-Trailer: 1\r\n\r\n");
                           }};
    const http_response response = net.ok(net.get("http://" + server.authority() + "/"));
    CHECK(response.status == 200);
    CHECK(response.body == "body");
    CHECK(response.header("x-hint") == nullptr);
    CHECK(response.header("x-trailer") == nullptr);
    CHECK(*response.header("x-final") == "1");
    CHECK(*response.header("x-folded") == "one two");
}

TEST_CASE("http: a name with addresses of both families is reached on the one that answers") {
    http_fixture net;
    test_http_server server{net.loop, echo()};  // 127.0.0.1 only; localhost may also be ::1
    CHECK(net.ok(net.get("http://localhost:" + std::to_string(server.port()) + "/")).status == 200);
}

TEST_CASE("http: what cannot be begun is refused with a sentence and without a handler") {
    http_fixture net;
    const auto refuse = [&](const http_request& request, failure_kind kind, const std::string& part) {
        const auto started = net.client.start(request, [](operation_id, http_result&&) { FAIL("a handler ran"); });
        REQUIRE(started.has_error());
        CHECK(started.error().kind == kind);
        CHECK(started.error().written == request_written::none);
        CHECK_MESSAGE(started.error().text.find(part) != std::string::npos, started.error().text);
        CHECK(started.error().text.find("secret") == std::string::npos);
    };
    const auto bad = failure_kind::bad_request;
    const http_request good = net.get("http://127.0.0.1:1/secret");
    refuse(net.get("secret"), bad, "scheme://host");
    refuse(net.get("http://"), bad, "URL");
    refuse(net.get("http://host/secret with space"), bad, "URL cannot be used");
    refuse(net.get("ftp://host/secret"), bad, "must be http or https, not ftp");
    refuse(net.get("file:///etc/secret"), bad, "URL");
    http_request request = good;
    request.method = "GET /secret HTTP/1.1\r\n";
    refuse(request, bad, "method");
    request = good;
    request.headers = {{"X-A", "secret\r\nX-B: injected"}};
    refuse(request, bad, "X-A contains a line end");
    request.headers = {{"bad name", "secret"}};
    refuse(request, bad, "no HTTP token");
    request.headers = {{"Content-Length", "5"}};
    refuse(request, bad, "content-length is set by the host");
    request.headers.assign(65, {"X-A", "secret"});
    refuse(request, bad, "more than 64 headers");
    request = good;
    request.body = "secret";
    refuse(request, bad, "GET takes no body");
    request.method = "POST";
    request.body_file = "/secret";
    refuse(request, bad, "only one of");
    request = good;
    request.timeouts.idle = 0ms;
    refuse(request, bad, "timeout");
    request = good;
    request.version = http_version::http2;
    refuse(request, bad, "https only");
    request = good;
    request.proxy = "https://user:secret@proxy";
    refuse(request, bad, "proxy's scheme");
    CHECK(net.client.operations() == 0);
}

TEST_CASE("http: too many operations are refused as a limit") {
    net_settings settings;
    settings.max_operations = 2;
    http_fixture net{settings};
    const auto started = [&](owner_id owner) {
        http_request request = net.get("http://127.0.0.1:" + std::to_string(unused_port(net.loop)) + "/");
        request.owner = owner;
        return net.client.start(request, [](operation_id, http_result&&) {});
    };
    CHECK(started(1).has_value());
    CHECK(started(2).has_value());
    const auto third = started(3);
    REQUIRE(third.has_error());
    CHECK(third.error().kind == failure_kind::limit);
    CHECK(third.error().text == "more than 2 HTTP operations at once");
    run_until(net.loop, [&] { return net.client.operations() == 0; });
    CHECK(started(3).has_value());
}

TEST_CASE("http: a cancelled operation completes once, as cancelled, and not from within the call") {
    http_fixture net;
    int asked = 0;
    test_http_server server{net.loop, [&](const test_request&, auto) { ++asked; }};
    const operation_id waiting = net.start(net.get(server.url("/")));
    run_until(net.loop, [&] { return asked == 1; });
    const operation_id fresh = net.start(net.get(server.url("/")));
    CHECK(net.client.cancel(waiting));
    CHECK(net.client.cancel(waiting));
    CHECK(net.client.cancel(fresh));
    CHECK(net.results.empty());
    const http_result first = net.wait(waiting);
    REQUIRE(first.has_error());
    CHECK(first.error().kind == failure_kind::cancelled);
    CHECK(first.error().written == request_written::maybe);
    const http_result second = net.wait(fresh);
    REQUIRE(second.has_error());
    CHECK(second.error().kind == failure_kind::cancelled);
    CHECK(second.error().written == request_written::none);
    CHECK_FALSE(net.client.cancel(waiting));
    CHECK(net.client.operations() == 0);
}

TEST_CASE("http: dropping an owner ends all it has in flight silently, and nobody else's") {
    http_fixture net;
    std::vector<std::function<void(test_response)>> waiting;
    test_http_server server{net.loop, [&](const test_request&, auto reply) { waiting.push_back(reply); }};
    auto token = std::make_shared<int>();
    const auto start = [&](owner_id owner) {
        http_request request = net.get(server.url("/"));
        request.owner = owner;
        const auto started =
            net.client.start(request, [token](operation_id, http_result&&) { FAIL("the owner is gone"); });
        REQUIRE(started.has_value());
    };
    start(7);
    start(7);
    start(7);
    const operation_id other = net.start(net.get(server.url("/")));
    run_until(net.loop, [&] { return waiting.size() == 4; });
    // One of them has its result already, but it has not been handed over.
    const operation_id done = *net.client.start(
        [&] {
            http_request request = net.get(server.url("/"));
            request.owner = 7;
            return request;
        }(),
        [token](operation_id, http_result&&) { FAIL("the owner is gone"); });
    CHECK(net.client.cancel(done));
    CHECK(net.client.operations_of(7) == 4);
    CHECK(net.client.drop_owner(7) == 4);
    CHECK(net.client.drop_owner(7) == 0);
    CHECK(token.use_count() == 1);
    CHECK(net.client.operations() == 1);
    for (auto& reply : waiting) {
        reply(answer(200, "late"));
    }
    CHECK(net.wait(other)->body == "late");
}

TEST_CASE("http: destroying the client with operations in flight ends them silently") {
    asio::io_context loop;
    int asked = 0;
    test_http_server server{loop, [&](const test_request&, auto) { ++asked; }};
    {
        http_client client{loop, {}};
        for (int i = 0; i < 3; ++i) {
            const auto started = client.start(http_fixture::get(server.url("/")),
                                              [](operation_id, http_result&&) { FAIL("the client is gone"); });
            REQUIRE(started.has_value());
        }
        run_until(loop, [&] { return asked == 2; });
    }
    run_ready(loop);
}
