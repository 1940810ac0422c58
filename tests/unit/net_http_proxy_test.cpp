// Proxies, chosen by the settings or by the request.
#include "support/net_http_server.hpp"
#include "support/net_proxies.hpp"
#include "support/net_test_tls.hpp"
#include "unit/net_http_fixture.hpp"

namespace asio = boost::asio;
using namespace gateway::net;
using namespace gateway::test;

namespace {

const test_http_server::handler answers_ok = [](const test_request&, auto reply) { reply(answer(200, "ok")); };

}  // namespace

TEST_CASE("proxy: a plain request goes to an HTTP proxy with its credentials") {
    http_fixture net;
    test_http_proxy proxy{net.loop};
    http_request request = net.get("http://bot.invalid/path");
    request.proxy = proxy.url();
    CHECK(net.ok(request).body == "by the proxy");
    REQUIRE(proxy.heads().size() == 1);
    CHECK(proxy.heads()[0].starts_with("GET http://bot.invalid/path HTTP/1.1\r\n"));
    CHECK(proxy.heads()[0].find("Proxy-Authorization: Basic dXNlcjpwYXNz\r\n") != std::string::npos);
}

TEST_CASE("proxy: TLS goes through an HTTP proxy by CONNECT and is checked against the origin's name") {
    test_authority authority;
    temporary_directory directory;
    net_settings settings;
    settings.ca_file = directory.file("ca.pem", authority.certificate_pem());
    http_fixture net{settings};
    test_http_proxy proxy{net.loop};
    asio::ssl::context tls = authority.server_context({"bot.invalid"});
    test_http_server server{net.loop, answers_ok, &tls};
    http_request request = net.get("https://bot.invalid:" + std::to_string(server.port()) + "/secret");
    request.proxy = proxy.url();
    const http_response response = net.ok(request);
    CHECK(response.body == "ok");
    CHECK(response.status == 200);
    CHECK(proxy.heads()[0].starts_with("CONNECT bot.invalid:"));
    CHECK(proxy.heads()[0].find("secret") == std::string::npos);
}

TEST_CASE("proxy: one that answers CONNECT by a refusal is named, and nothing was written") {
    http_fixture net;
    test_http_proxy proxy{net.loop, true};
    http_request request = net.get("https://bot.invalid/secret");
    request.method = "POST";
    request.proxy = proxy.url();
    const failure why = net.fails(request);
    CHECK(why.kind == failure_kind::proxy);
    CHECK(why.written == request_written::none);
    CHECK(why.text == "the proxy " + proxy.authority() + " answered 403 when asked for bot.invalid:443");
}

TEST_CASE("proxy: socks5h leaves the name to the proxy, socks5 resolves it here") {
    http_fixture net;
    test_socks_proxy proxy{net.loop};
    test_http_server server{net.loop, answers_ok};
    const std::string port = std::to_string(server.port());
    http_request request = net.get("http://bot.invalid:" + port + "/");
    request.proxy = proxy.url("socks5h");
    CHECK(net.ok(request).body == "ok");
    request = net.get("http://localhost:" + port + "/");
    request.proxy = proxy.url("socks5");
    CHECK(net.ok(request).body == "ok");
    CHECK(proxy.names() == std::vector<std::string>{"bot.invalid", "address"});
}

TEST_CASE("proxy: a SOCKS5 refusal says why") {
    http_fixture net;
    test_socks_proxy proxy{net.loop, 5};
    http_request request = net.post("http://bot.invalid/secret", "x");
    request.proxy = proxy.url("socks5h");
    const failure why = net.fails(request);
    CHECK(why.kind == failure_kind::proxy);
    CHECK(why.written == request_written::none);
    CHECK(why.text.ends_with(" did not connect to bot.invalid:80: it says connection refused"));
}

TEST_CASE("proxy: one that is not there is a failure of the proxy") {
    http_fixture net;
    const std::string authority = "127.0.0.1:" + std::to_string(unused_port(net.loop));
    for (const std::string scheme : {"http", "socks5h"}) {
        http_request request = net.post("https://bot.invalid/secret", "x");
        request.proxy = scheme + "://user:secret@" + authority;
        const failure why = net.fails(request);
        CHECK(why.kind == failure_kind::proxy);
        CHECK(why.written == request_written::none);
        CHECK(why.text == "cannot connect to the proxy " + authority + ": Connection refused");
    }
}

TEST_CASE("proxy: the settings' one is the default, an empty one in the request means direct") {
    asio::io_context other;
    net_settings settings;
    settings.proxy = "http://127.0.0.1:" + std::to_string(unused_port(other));
    http_fixture net{settings};
    test_http_server server{net.loop, answers_ok};
    http_request request = net.get(server.url("/"));
    CHECK(net.fails(request).kind == failure_kind::proxy);
    request.proxy = "";
    CHECK(net.ok(request).body == "ok");
}

TEST_CASE("proxy: the environment names none") {
    http_fixture net;
    const std::string nowhere = "http://127.0.0.1:" + std::to_string(unused_port(net.loop));
    ::setenv("http_proxy", nowhere.c_str(), 1);
    ::setenv("ALL_PROXY", nowhere.c_str(), 1);
    test_http_server server{net.loop, answers_ok};
    CHECK(net.ok(net.get(server.url("/"))).body == "ok");
    ::unsetenv("http_proxy");
    ::unsetenv("ALL_PROXY");
}
