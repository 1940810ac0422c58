// HTTP/2: multiplexing, streams and connections that end, and keeping the versions apart.
#include "support/net_h2_server.hpp"
#include "support/net_http_server.hpp"
#include "support/net_tcp_server.hpp"
#include "support/net_test_tls.hpp"
#include "unit/net_http_fixture.hpp"

#include <nghttp2/nghttp2.h>

namespace asio = boost::asio;
using namespace gateway::net;
using namespace gateway::test;
using namespace std::chrono_literals;

namespace {

http_request h2(const h2_server& server, const std::string& method = "GET") {
    http_request request = http_fixture::get(server.url("/secret"));
    request.method = method;
    request.version = http_version::http2_prior_knowledge;
    return request;
}

// A server that collects its requests, to answer them when the test says so.
struct held_server {
    explicit held_server(asio::io_context& loop, h2_options options = {})
        : server(loop, [this](h2_request, h2_reply reply) { replies.push_back(std::move(reply)); }, options) {}
    std::vector<h2_reply> replies;
    h2_server server;
};

}  // namespace

TEST_CASE("http2: method, headers and bodies go both ways") {
    http_fixture net;
    h2_server server{net.loop, [](h2_request request, h2_reply reply) {
                         CHECK(request.method == "POST");
                         CHECK(request.path == "/secret");
                         reply.send({201, {{"x-answer", "yes"}}, std::move(request.body)});
                     }};
    const std::string body(300'000, 'b');
    http_request request = h2(server, "POST");
    request.body = body;
    const http_response response = net.ok(std::move(request));
    CHECK(response.status == 201);
    CHECK(*response.header("x-answer") == "yes");
    CHECK(response.body == body);
}

TEST_CASE("http2: requests at the same time share one connection and are answered in any order") {
    http_fixture net;
    held_server held{net.loop};
    std::vector<operation_id> ids;
    for (int i = 0; i < 50; ++i) {
        ids.push_back(net.start(h2(held.server)));
    }
    run_until(net.loop, [&] { return held.replies.size() == 50; });
    CHECK(held.server.connections() == 1);
    for (std::size_t i = 50; i-- > 0;) {
        held.replies[i].send({200, {}, std::to_string(i)});
    }
    run_until(net.loop, [&] { return net.results.size() == 50; });
    for (std::size_t i = 0; i < 50; ++i) {
        CHECK(net.results.at(ids[i])->body == std::to_string(i));
    }
}

TEST_CASE("http2: what exceeds the server's streams takes further connections up to the bound, then waits") {
    net_settings settings;
    settings.max_connections_per_host = 3;
    http_fixture net{settings};
    held_server held{net.loop, {.max_streams = 4}};
    const operation_id first = net.start(h2(held.server));  // from here on the server's limit is known
    run_until(net.loop, [&] { return held.replies.size() == 1; });
    held.replies[0].send({});
    net.wait(first);
    for (int i = 0; i < 20; ++i) {
        net.start(h2(held.server));
    }
    std::size_t most_open = 0;
    for (std::size_t answered = 1; answered <= 20; ++answered) {
        run_until(net.loop, [&] {
            most_open = std::max(most_open, held.server.open_connections());
            return held.replies.size() > answered;
        });
        held.replies[answered].send({});
    }
    run_until(net.loop, [&] { return net.results.size() == 21; });
    CHECK(most_open <= 3);
}

TEST_CASE("http2: cancelling one stream leaves the others and the connection") {
    http_fixture net;
    held_server held{net.loop};
    const operation_id one = net.start(h2(held.server, "POST"));
    const operation_id two = net.start(h2(held.server, "POST"));
    run_until(net.loop, [&] { return held.replies.size() == 2; });
    CHECK(net.client.cancel(one));
    CHECK(net.wait(one).error().written == request_written::maybe);
    held.replies[1].send({200, {}, "still here"});
    CHECK(net.wait(two)->body == "still here");
    const operation_id three = net.start(h2(held.server));
    run_until(net.loop, [&] { return held.replies.size() == 3; });
    held.replies[2].send({});
    CHECK(net.wait(three).has_value());
    CHECK(held.server.connections() == 1);
}

TEST_CASE("http2: a refused connection has written nothing") {
    http_fixture net;
    http_request request = net.post("http://127.0.0.1:" + std::to_string(unused_port(net.loop)) + "/secret", "x");
    request.version = http_version::http2_prior_knowledge;
    const failure why = net.fails(std::move(request));
    CHECK(why.kind == failure_kind::connect);
    CHECK(why.written == request_written::none);
}

TEST_CASE("http2: a connection that dies takes its requests with it, as resets that may have been sent") {
    http_fixture net;
    held_server held{net.loop};
    std::vector<operation_id> ids;
    for (int i = 0; i < 3; ++i) {
        ids.push_back(net.start(h2(held.server, "POST")));
    }
    run_until(net.loop, [&] { return held.replies.size() == 3; });
    held.replies[0].drop_connection();
    for (const operation_id id : ids) {
        const http_result result = net.wait(id);
        REQUIRE(result.has_error());
        CHECK(result.error().kind == failure_kind::reset);
        CHECK(result.error().written == request_written::maybe);
    }
    CHECK(held.replies.size() == 3);  // none was repeated
}

TEST_CASE("http2: a stream reset by the server is a reset of that request alone") {
    http_fixture net;
    held_server held{net.loop};
    const operation_id one = net.start(h2(held.server, "POST"));
    const operation_id two = net.start(h2(held.server, "POST"));
    run_until(net.loop, [&] { return held.replies.size() == 2; });
    held.replies[0].reset(NGHTTP2_INTERNAL_ERROR);
    const http_result result = net.wait(one);
    REQUIRE(result.has_error());
    CHECK(result.error().kind == failure_kind::reset);
    CHECK(result.error().written == request_written::maybe);
    held.replies[1].send({});
    CHECK(net.wait(two).has_value());
}

TEST_CASE("http2: silence on a stream ends at its own idle timeout") {
    http_fixture net;
    held_server held{net.loop};
    http_request request = h2(held.server, "POST");
    request.timeouts.idle = 40ms;
    const operation_id patient = net.start(h2(held.server));
    const failure why = net.fails(std::move(request));
    CHECK(why.kind == failure_kind::timeout_idle);
    CHECK(why.written == request_written::maybe);
    held.replies[0].send({});
    CHECK(net.wait(patient).has_value());
}

TEST_CASE("http2: what a farewell refuses goes out again if it is a GET; what it accepted is answered") {
    for (const std::string method : {"GET", "POST"}) {
        CAPTURE(method);
        http_fixture net;
        held_server held{net.loop};
        const operation_id accepted = net.start(h2(held.server));
        run_until(net.loop, [&] { return held.replies.size() == 1; });
        const operation_id refused = net.start(h2(held.server, method));
        run_until(net.loop, [&] { return held.replies.size() == 2; });
        held.replies[1].go_away();
        if (method == "GET") {
            run_until(net.loop, [&] { return held.replies.size() == 3; });
            held.replies[2].send({200, {}, "second"});
            CHECK(net.wait(refused)->body == "second");
            CHECK(held.server.connections() > 1);
        } else {
            const http_result result = net.wait(refused);
            REQUIRE(result.has_error());
            CHECK(result.error().kind == failure_kind::reset);
            CHECK(result.error().written == request_written::maybe);
        }
        held.replies[0].send({200, {}, "first"});
        CHECK(net.wait(accepted)->body == "first");
    }
}

TEST_CASE(
    "http2: a refused stream goes out again if it is a GET, and may have been sent as far as one can tell if not") {
    for (const std::string method : {"GET", "POST"}) {
        CAPTURE(method);
        http_fixture net;
        held_server held{net.loop};
        const operation_id id = net.start(h2(held.server, method));
        run_until(net.loop, [&] { return held.replies.size() == 1; });
        held.replies[0].reset(NGHTTP2_REFUSED_STREAM);
        if (method == "GET") {
            run_until(net.loop, [&] { return held.replies.size() == 2; });
            held.replies[1].send({200, {}, "second"});
            CHECK(net.wait(id)->body == "second");
        } else {
            const http_result result = net.wait(id);
            REQUIRE(result.has_error());
            CHECK(result.error().kind == failure_kind::reset);
            CHECK(result.error().written == request_written::maybe);
            CHECK(held.replies.size() == 1);
        }
    }
}

TEST_CASE("http2: a kept connection that has died is not used again, so a POST after it is sent once") {
    http_fixture net;
    h2_server server{net.loop, [](h2_request, h2_reply reply) { reply.send({200, {}, "ok"}); }};
    CHECK(net.ok(h2(server, "POST")).body == "ok");
    server.drop_connections();
    CHECK(net.ok(h2(server, "POST")).body == "ok");
    CHECK(server.requests() == 2);
    CHECK(server.connections() == 2);
}

TEST_CASE("http2: a farewell that leaves nothing under way is a reset, and the next request connects anew") {
    http_fixture net;
    held_server held{net.loop};
    const operation_id refused = net.start(h2(held.server, "POST"));
    run_until(net.loop, [&] { return held.replies.size() == 1; });
    held.replies[0].go_away();
    const http_result result = net.wait(refused);
    REQUIRE(result.has_error());
    CHECK(result.error().kind == failure_kind::reset);
    CHECK(result.error().written == request_written::maybe);
    const operation_id next = net.start(h2(held.server, "POST"));
    run_until(net.loop, [&] { return held.replies.size() == 2; });
    held.replies[1].send({});
    CHECK(net.wait(next).has_value());
    CHECK(held.server.connections() == 2);
}

TEST_CASE("http2: over TLS it is negotiated, and a server without it is spoken to in HTTP/1.1") {
    test_authority authority;
    temporary_directory directory;
    net_settings settings;
    settings.ca_file = directory.file("ca.pem", authority.certificate_pem());
    http_fixture net{settings};
    asio::ssl::context speaks_both = authority.server_context({"127.0.0.1"}, "\x02h2");
    asio::ssl::context speaks_http1 = authority.server_context({"127.0.0.1"}, "\x08http/1.1");
    h2_server modern{net.loop, [](h2_request, h2_reply reply) { reply.send({200, {}, "h2"}); }, {.tls = &speaks_both}};
    test_http_server old{net.loop, [](const test_request&, auto reply) { reply(answer(200, "h1")); }, &speaks_http1};

    http_request request = net.get(modern.url("/"));
    request.version = http_version::http2;
    CHECK(net.ok(request).body == "h2");
    CHECK(net.ok(request).body == "h2");
    CHECK(modern.connections() == 1);

    request.url = old.url("/");
    CHECK(net.ok(request).body == "h1");
    request.version = http_version::http1;
    CHECK(net.ok(request).body == "h1");
}

TEST_CASE("http2: left to the host, few requests at a time go over HTTP/1.1 and what exceeds them over HTTP/2") {
    test_authority authority;
    temporary_directory directory;
    net_settings settings;
    settings.ca_file = directory.file("ca.pem", authority.certificate_pem());
    settings.http2_from_requests = 1;
    http_fixture net{settings};
    // Whoever offers HTTP/2 is told that it is spoken, and then meets HTTP/1.1.
    asio::ssl::context tls = authority.server_context({"127.0.0.1"}, "\x02h2\x08http/1.1");
    std::vector<std::function<void(test_response)>> replies;
    test_http_server server{net.loop, [&](const test_request&, auto reply) { replies.push_back(reply); }, &tls};
    const auto start_one = [&] {
        const std::size_t before = replies.size();
        const operation_id id = net.start(net.get(server.url("/")));
        run_until(net.loop, [&] { return replies.size() > before || net.results.contains(id); });
        return id;
    };
    const operation_id first = start_one();
    REQUIRE(replies.size() == 1);
    const http_result second = net.wait(start_one());
    REQUIRE(second.has_error());
    CHECK(second.error().written == request_written::maybe);
    replies[0](answer(200, "over HTTP/1.1"));
    CHECK(net.wait(first)->body == "over HTTP/1.1");

    start_one();
    CHECK(replies.size() == 2);
    CHECK(net.client.drop_owner(1) == 1);
    const operation_id last = start_one();
    REQUIRE(replies.size() == 3);
    replies[2](answer(200, "again"));
    CHECK(net.wait(last)->body == "again");
}

TEST_CASE("http2: an HTTP/1.1 request to the same host does not stop multiplexing") {
    test_authority authority;
    temporary_directory directory;
    net_settings settings;
    settings.ca_file = directory.file("ca.pem", authority.certificate_pem());
    http_fixture net{settings};
    asio::ssl::context tls = authority.server_context({"127.0.0.1"}, "\x02h2");
    std::vector<h2_reply> replies;
    h2_server server{net.loop, [&](h2_request, h2_reply reply) { replies.push_back(reply); }, {.tls = &tls}};
    http_request old = net.get(server.url("/"));
    old.version = http_version::http1;
    CHECK(net.fetch(old).has_error());  // this server speaks HTTP/2 alone
    const std::size_t before = server.connections();
    for (int i = 0; i < 10; ++i) {
        http_request request = net.get(server.url("/"));
        request.version = http_version::http2;
        net.start(request);
    }
    run_until(net.loop, [&] { return replies.size() == 10; });
    CHECK(server.connections() == before + 1);
}

TEST_CASE("http2: answers of any size arrive promptly beside requests that wait") {
    http_fixture net;
    std::vector<h2_reply> waiting;
    h2_server server{net.loop, [&](h2_request request, h2_reply reply) {
                         if (request.path == "/wait") {
                             waiting.push_back(reply);
                         } else {
                             reply.send({200, {}, std::string(std::stoul(request.path.substr(1)), 'x')});
                         }
                     }};
    for (int i = 0; i < 4; ++i) {
        http_request request = h2(server);
        request.url = server.url("/wait");
        net.start(request);
    }
    run_until(net.loop, [&] { return waiting.size() == 4; });
    for (std::size_t size = 1000; size < 400'000; size += 1531) {
        http_request request = h2(server);
        request.url = server.url("/").append(std::to_string(size));
        request.timeouts.idle = 10s;
        const http_result result = net.fetch(request);
        REQUIRE_MESSAGE(result.has_value(), size << ": " << (result ? "" : result.error().text));
        CHECK(result->body.size() == size);
    }
}
