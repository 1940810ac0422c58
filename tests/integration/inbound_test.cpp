// The host's HTTP listener against the real host: an address from the configuration, a module that listens on a path.

#include "support/host_process.hpp"
#include "support/net_raw_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <doctest/doctest.h>

#include <csignal>
#include <string>

namespace {

using gateway::test::host_process;
using gateway::test::raw_client;

constexpr const char* one_mirror = "[http]\nlisten = \"127.0.0.1:0\"\n[adapters.m]\nplugin = \"mirror\"\n";

// Started, online; the address it listens on.
std::string start(host_process& host) {
    host.install(GATEWAY_MIRROR_MODULE);
    host.configure(one_mirror);
    host.start();
    const auto line = host.wait_for_line({"listening for HTTP", "address="});
    host.wait_for_line({"online", "instance=m"});
    const auto address = std::string(host.get("/v1/health").body.at("http").as_string());
    CHECK(line.find(address) != std::string::npos);
    return address;
}

std::string post(const std::string& target, const std::string& secret, const std::string& body) {
    return "POST " + target + " HTTP/1.1\r\nHost: h\r\nX-Secret: " + secret +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("inbound: a request reaches the module that listens, is answered, and its secret stands in no line") {
    host_process host;
    host.add_argument("--log-level=debug");
    const auto address = start(host);
    boost::asio::io_context loop;
    raw_client client(loop, address);
    client.send(post("/hook?x", "s3cret-of-hook", "hello"));
    const auto answer = client.receive("got hello");
    CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(answer.find("X-Method: POST\r\n") != std::string::npos);
    client.send(post("/other", "s3cret-of-hook", ""));
    CHECK(client.receive("this path\n").starts_with("HTTP/1.1 404 "));
    client.send(post("/hook", "another-secret", "hello"));
    CHECK(client.receive_all().starts_with("HTTP/1.1 401 "));
    CHECK(host.output().find("s3cret-of-hook") == std::string::npos);
    CHECK(host.output().find("another-secret") == std::string::npos);
}

TEST_CASE(
    "inbound: a second instance with the same path fails, and the first one's reconnect frees and takes it again") {
    host_process host;
    const auto address = start(host);
    boost::asio::io_context loop;
    raw_client waiting(loop, address);
    waiting.send(post("/hook?silent", "s3cret-of-hook", ""));
    host.configure(std::string(one_mirror) + "[adapters.n]\nplugin = \"mirror\"\n");
    host.signal(SIGHUP);
    host.wait_for_line({"instance=n", "the path is taken"});
    CHECK(host.post("/v1/adapters/m/reconnect").status == 200);
    host.wait_for_line({"online", "instance=m"});
    CHECK(waiting.receive("stopped\n").starts_with("HTTP/1.1 503 "));
    raw_client client(loop, address);
    client.send(post("/hook", "s3cret-of-hook", "again"));
    client.receive("got again");
}

TEST_CASE("inbound: told to stop, the host listens no more, and who waits for an answer is told 503") {
    host_process host;
    const auto address = start(host);
    boost::asio::io_context loop;
    raw_client waiting(loop, address);
    waiting.send(post("/hook", "s3cret-of-hook", "first"));
    waiting.receive("got first");
    waiting.send(post("/hook?silent", "s3cret-of-hook", ""));
    raw_client probe(loop, address);  // its answer says that the host has read what came before
    probe.send(post("/hook", "s3cret-of-hook", "probe"));
    probe.receive("got probe");
    host.signal(SIGTERM);
    CHECK(waiting.receive_all().starts_with("HTTP/1.1 503 "));
    CHECK(host.wait_for_exit() == 0);
    CHECK(raw_client(loop, address).is_refused());
}

TEST_CASE("inbound: an address that is taken ends the host with a reason; a changed one waits for a restart") {
    boost::asio::io_context loop;
    const boost::asio::ip::tcp::acceptor taken(loop, {boost::asio::ip::address_v4::loopback(), 0});
    const auto address = "127.0.0.1:" + std::to_string(taken.local_endpoint().port());
    host_process refused;
    refused.configure("[http]\nlisten = \"" + address + "\"\n");
    refused.start();
    refused.wait_for_line({"http.listen cannot be listened on", "in use"});
    CHECK(refused.wait_for_exit() == 1);

    host_process host;
    start(host);
    host.configure("[adapters.m]\nplugin = \"mirror\"\n");
    host.signal(SIGHUP);
    host.wait_for_line({"[http]", "after a restart"});
    CHECK(host.get("/v1/health").body.at("http").is_string());
}

TEST_CASE("inbound: without an address the host listens nowhere, and an adapter that needs it hears so") {
    host_process host;
    host.install(GATEWAY_MIRROR_MODULE);
    host.configure("[gateway]\non_all_failed = \"stay\"\n[adapters.m]\nplugin = \"mirror\"\n");
    host.start();
    host.wait_for_line({"instance=m", "the host listens nowhere"});
    CHECK(host.get("/v1/health").body.at("http").is_null());
}
