// Who is trusted, and who is not.
#include "support/net_http_server.hpp"
#include "support/net_test_tls.hpp"
#include "unit/net_http_fixture.hpp"

#include <boost/asio/ssl/context.hpp>

namespace asio = boost::asio;
using namespace gateway::net;
using namespace gateway::test;

namespace {

const test_http_server::handler answers_ok = [](const test_request&, auto reply) { reply(answer(200, "ok")); };

net_settings trusting(const temporary_directory& directory, const test_authority& authority) {
    net_settings settings;
    settings.ca_file = directory.file("ca.pem", authority.certificate_pem());
    return settings;
}

}  // namespace

TEST_CASE("tls: a certificate of an authority in ca_file is accepted, over one kept connection") {
    test_authority authority;
    temporary_directory directory;
    http_fixture net{trusting(directory, authority)};
    asio::ssl::context tls = authority.server_context({"127.0.0.1"});
    test_http_server server{net.loop, answers_ok, &tls};
    CHECK(net.ok(net.get(server.url("/"))).body == "ok");
    CHECK(net.ok(net.get(server.url("/"))).body == "ok");
    CHECK(server.connections() == 1);
}

TEST_CASE("tls: an unknown authority is refused before anything is written") {
    test_authority authority;
    http_fixture net;  // the system's trust store
    asio::ssl::context tls = authority.server_context({"127.0.0.1"});
    test_http_server server{net.loop, answers_ok, &tls};
    const failure why = net.fails(net.post(server.url("/secret"), "x"));
    CHECK(why.kind == failure_kind::tls);
    CHECK(why.written == request_written::none);
    CHECK(why.text.starts_with("the certificate of 127.0.0.1:" + std::to_string(server.port()) +
                               " is not trusted: unable to get local issuer certificate"));
}

TEST_CASE("tls: a certificate for another host is refused") {
    test_authority authority;
    temporary_directory directory;
    http_fixture net{trusting(directory, authority)};
    asio::ssl::context tls = authority.server_context({"other.example", "127.0.0.2"});
    test_http_server server{net.loop, answers_ok, &tls};
    const failure why = net.fails(net.post(server.url("/secret"), "x"));
    CHECK(why.kind == failure_kind::tls);
    CHECK(why.written == request_written::none);
    CHECK(why.text == "the certificate of 127.0.0.1:" + std::to_string(server.port()) + " is not for this host");
}

TEST_CASE("tls: an expired certificate is refused, and named as such") {
    test_authority authority;
    temporary_directory directory;
    http_fixture net{trusting(directory, authority)};
    asio::ssl::context tls = authority.server_context({"127.0.0.1"}, {}, true);
    test_http_server server{net.loop, answers_ok, &tls};
    const failure why = net.fails(net.get(server.url("/secret")));
    CHECK(why.kind == failure_kind::tls);
    CHECK(why.text.ends_with("certificate has expired"));
}

TEST_CASE("tls: versions before 1.2 are not spoken") {
    test_authority authority;
    temporary_directory directory;
    http_fixture net{trusting(directory, authority)};
    asio::ssl::context tls = authority.server_context({"127.0.0.1"});
    SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(tls.native_handle(), TLS1_1_VERSION);
    SSL_CTX_set_security_level(tls.native_handle(), 0);
    test_http_server server{net.loop, answers_ok, &tls};
    const failure why = net.fails(net.get(server.url("/secret")));
    CHECK(why.kind == failure_kind::tls);
    CHECK(why.text.starts_with("the TLS handshake with 127.0.0.1:"));
}

TEST_CASE("tls: a ca_file that cannot be read fails the operation and names the file") {
    temporary_directory directory;
    test_authority authority;
    net_settings settings;
    settings.ca_file = directory.file("ca.pem", "no certificate");
    http_fixture net{settings};
    asio::ssl::context tls = authority.server_context({"127.0.0.1"});
    test_http_server server{net.loop, answers_ok, &tls};
    const failure why = net.fails(net.get(server.url("/secret")));
    CHECK(why.kind == failure_kind::tls);
    CHECK(why.text == "the certificate file " + settings.ca_file + " cannot be read as PEM certificates");
}

TEST_CASE("tls: the hashed directory is looked into when a certificate is needed") {
    test_authority authority;
    temporary_directory directory;
    net_settings settings;
    settings.ca_directory = directory.path();
    http_fixture net{settings};
    asio::ssl::context tls = authority.server_context({"127.0.0.1"});
    test_http_server server{net.loop, answers_ok, &tls};
    CHECK(net.fails(net.get(server.url("/"))).kind == failure_kind::tls);
    directory.file(authority.hashed_name(), authority.certificate_pem());
    CHECK(net.ok(net.get(server.url("/"))).body == "ok");
}
