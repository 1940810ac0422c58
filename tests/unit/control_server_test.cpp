// The control socket's transport: whatever is sent to it, in whatever pieces, is answered.

#include "control/server.hpp"
#include "support/temporary_directory.hpp"
#include "support/unix_socket.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <vector>

namespace {

using gateway::control::answer;
using gateway::control::control_limits;
using gateway::test::unix_socket;

// A server on a thread of its own, that answers with what it was asked.
class echo_server {
public:
    explicit echo_server(const control_limits& limits = {})
        : server_(
              loop_,
              [](std::string_view method, std::string_view target) {
                  return answer{method == "GET" ? 200U : 405U, std::string(method) + " " + std::string(target) + "\n",
                                method == "GET" ? "" : "GET"};
              },
              limits) {
        REQUIRE_FALSE(server_.open(path()).has_error());
        thread_ = std::thread([this] { loop_.run(); });
    }
    ~echo_server() {
        loop_.stop();
        thread_.join();
    }
    echo_server(const echo_server&) = delete;
    echo_server& operator=(const echo_server&) = delete;

    [[nodiscard]] std::filesystem::path path() const { return directory_.path() / "control.sock"; }

    // What comes back for this, until the server hangs up.
    [[nodiscard]] std::string answer_to(const std::string& text) const {
        const unix_socket client(path());
        client.send(text);
        return client.receive_all();
    }

private:
    gateway::test::temporary_directory directory_;
    boost::asio::io_context loop_;
    gateway::control::server server_;
    std::thread thread_;
};

bool is_error(const std::string& answer, const std::string& status, const std::string& words) {
    INFO(answer);
    CHECK(answer.starts_with("HTTP/1.1 " + status + " "));
    CHECK(answer.find("Connection: close") != std::string::npos);
    CHECK(answer.find("{\"error\":\"") != std::string::npos);
    return answer.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("control socket: requests on one connection are answered one after another") {
    const echo_server server;
    const unix_socket client(server.path());
    client.send("GET /one HTTP/1.1\r\nHost: x\r\n\r\nGET /two HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto both = client.receive("GET /two\n");
    CHECK(both.find("GET /one\n") != std::string::npos);
    CHECK(both.ends_with("GET /two\n"));
}

TEST_CASE("control socket: what the answer allows stands in the header, and HEAD gets no body") {
    const echo_server server;
    const auto refused = server.answer_to("POST /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    CHECK(refused.find("\r\nAllow: GET\r\n") != std::string::npos);
    const auto head = server.answer_to("HEAD /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    CHECK(head.find("\r\nContent-Length: 8\r\n") != std::string::npos);
    CHECK(head.ends_with("\r\n\r\n"));
}

TEST_CASE("control socket: what is no HTTP is answered with 400") {
    const echo_server server;
    CHECK(is_error(server.answer_to("status\r\n\r\n"), "400", "no HTTP request"));
    CHECK(is_error(server.answer_to(std::string("\x16\x03\x01\0\xff", 5) + "\r\n\r\n"), "400", "no HTTP request"));
    CHECK(is_error(server.answer_to("GET /x HTTP/1.1\r\nContent-Length: many\r\n\r\n"), "400", "no HTTP request"));
    const unix_socket half(server.path());
    half.send("GET /x HT");
    half.finish();
    CHECK(is_error(half.receive_all(), "400", "no HTTP request"));
}

TEST_CASE("control socket: too large a header is 431, too large a body 413, and the bound is told") {
    const echo_server server;
    const std::string filler(100'000, 'x');
    CHECK(is_error(server.answer_to("GET /x HTTP/1.1\r\nA: " + filler + "\r\n\r\n"), "431", "65536 bytes"));
    CHECK(is_error(server.answer_to("GET /" + filler + " HTTP/1.1\r\n\r\n"), "431", "65536 bytes"));
    CHECK(
        is_error(server.answer_to("POST /x HTTP/1.1\r\nContent-Length: 65537\r\n\r\n" + filler), "413", "65536 bytes"));
    const auto chunked = "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n186A0\r\n" + filler + "\r\n0\r\n\r\n";
    CHECK(is_error(server.answer_to(chunked), "413", "65536 bytes"));
}

TEST_CASE("control socket: one connection too many is told so, and a free place is used again") {
    const echo_server server({.connections = 2});
    const std::string request = "GET /x HTTP/1.1\r\nHost: x\r\n\r\n";
    auto first = std::make_unique<unix_socket>(server.path());
    const unix_socket second(server.path());
    first->send(request);
    second.send(request);
    CHECK(first->receive("GET /x\n").starts_with("HTTP/1.1 200"));
    CHECK(second.receive("GET /x\n").starts_with("HTTP/1.1 200"));
    CHECK(is_error(server.answer_to(""), "503", "2 connections"));
    first->finish();
    CHECK(first->receive_all().empty());  // the server has let go of it
    const unix_socket third(server.path());
    third.send(request);
    CHECK(third.receive("GET /x\n").starts_with("HTTP/1.1 200"));
}

TEST_CASE("control socket: half a request is answered with 408 in time, silence with nothing") {
    const echo_server server({.step = std::chrono::milliseconds{50}});
    CHECK(is_error(server.answer_to("GET /x HTTP/1.1\r\nHos"), "408", "in time"));
    CHECK(is_error(server.answer_to("POST /x HTTP/1.1\r\nContent-Length: 5\r\n\r\nab"), "408", "in time"));
    CHECK(server.answer_to("").empty());
    const unix_socket client(server.path());
    client.send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(client.receive_all().ends_with("GET /x\n"));  // one answer, then silence, then the end
}

TEST_CASE("control socket: it takes the defaults from one place, 10 s among them") {
    CHECK(control_limits{}.step == std::chrono::seconds{10});
    CHECK(control_limits{}.connections == 32);
}

TEST_CASE("control socket: it is its owner's alone, replaces what a dead host left, and is gone after close") {
    const gateway::test::temporary_directory directory;
    const auto path = directory.path() / "control.sock";
    boost::asio::io_context loop;
    directory.file("control.sock", "left behind");
    gateway::control::server server(loop, [](auto, auto) { return answer{}; });
    REQUIRE_FALSE(server.open(path).has_error());
    struct stat found{};
    REQUIRE(::stat(path.c_str(), &found) == 0);
    CHECK(S_ISSOCK(found.st_mode));
    CHECK((found.st_mode & 0777U) == 0600U);
    server.close();
    server.close();
    CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("control socket: a path that no socket can have is refused with a sentence") {
    boost::asio::io_context loop;
    gateway::control::server server(loop, [](auto, auto) { return answer{}; });
    CHECK(server.open("/" + std::string(200, 'x')).error().find("longer than a Unix socket's path") !=
          std::string::npos);
    CHECK(server.open("/nowhere/control.sock").error().find("/nowhere/control.sock cannot be bound") == 0);
}
