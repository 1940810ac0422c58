// The HTTP server: what it hands over, what it answers by itself, and when it lets go.

#include "net/same_secret.hpp"
#include "net_http_server_fixture.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

using namespace gateway::net;
using namespace std::chrono_literals;
using gateway::test::any_port;
using gateway::test::http_server_fixture;
using gateway::test::raw_client;

// Whether that is one whole answer of this status, after which the connection is closed.
bool is_last_answer(const std::string& text, const std::string& status) {
    INFO(text);
    CHECK(text.find("Connection: close\r\n") != std::string::npos);
    CHECK(text.find("HTTP/1.1", 1) == std::string::npos);
    return text.starts_with("HTTP/1.1 " + status + " ");
}

}  // namespace

TEST_CASE("http server: a request is handed over with its target, its headers in lower case and its body") {
    http_server_fixture net;
    auto client = net.connect();
    client.send("PUT /a/b%20?x=1&y HTTP/1.1\r\nHost: h\r\nX-Twice: 1\r\nx-twice: Two\r\nContent-Length: 4\r\n\r\nbody");
    const auto id = net.wait_for_request();
    const auto& request = net.requests[0].second;
    CHECK(request.method == "PUT");
    CHECK(request.target == "/a/b%20?x=1&y");
    CHECK(request.body == "body");
    REQUIRE(request.headers.size() == 4);
    CHECK(request.headers[1].name == "x-twice");
    CHECK(request.headers[1].value == "1");
    CHECK(request.headers[2].name == "x-twice");
    CHECK(request.headers[2].value == "Two");
    CHECK(net.heads[0].body.empty());
    CHECK(net.server.answer(id, {201, {{"X-Answer", "yes"}}, "made"}));
    const auto answer = client.receive("made");
    CHECK(answer.starts_with("HTTP/1.1 201 Created\r\n"));
    CHECK(answer.find("\r\nX-Answer: yes\r\n") != std::string::npos);
    CHECK(answer.find("\r\nContent-Length: 4\r\n") != std::string::npos);
    CHECK(net.over.empty());
}

TEST_CASE("http server: requests of one connection are handed over one after another, also when sent together") {
    http_server_fixture net;
    auto client = net.connect();
    client.send("POST /1 HTTP/1.1\r\nContent-Length: 1\r\n\r\naPOST /2 HTTP/1.1\r\nContent-Length: 1\r\n\r\nb");
    const auto first = net.wait_for_request();
    gateway::test::run_ready(net.loop);
    CHECK(net.requests.size() == 1);
    CHECK(net.server.answer(first, {200, {}, "one"}));
    const auto second = net.wait_for_request();
    CHECK(second != first);
    CHECK(net.requests[1].second.body == "b");
    CHECK(net.server.answer(second, {200, {}, "two"}));
    client.receive("two");
    client.send("GET /3 HTTP/1.1\r\nConnection: close\r\n\r\n");
    CHECK(net.server.answer(net.wait_for_request(), {200, {}, "three"}));
    CHECK(is_last_answer(client.receive_all(), "200"));
}

TEST_CASE("http server: what is refused by its header is answered at once, its body neither awaited nor handed over") {
    http_server_fixture net;
    net.admit = [](const server_request&) { return server_answer{401, {}, "no"}; };
    auto client = net.connect();
    client.send("POST / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\nbegun");
    CHECK(is_last_answer(client.receive_all(), "401"));
    auto bodiless = net.connect();
    bodiless.send("GET / HTTP/1.1\r\n\r\n");
    CHECK(bodiless.receive("no").find("Connection: close") == std::string::npos);
    CHECK(net.requests.empty());
}

TEST_CASE("http server: after a refusal the client may send to its end, and is not reset under it") {
    http_server_fixture net;
    net.admit = [](const server_request&) { return server_answer{401, {}, "no"}; };
    auto client = net.connect();
    CHECK(client.send("POST / HTTP/1.1\r\nContent-Length: 4000000\r\n\r\n" + std::string(4'000'000, 'x')));
    CHECK(is_last_answer(client.receive_all(), "401"));
}

TEST_CASE("http server: a body may have what its admission says, and not a byte more") {
    const std::string most(100, 'x');
    http_server_fixture net;
    auto client = net.connect();
    client.send("POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\n" + most);
    CHECK(net.server.answer(net.wait_for_request(), {}));
    client.receive("\r\n\r\n");
    client.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n32\r\n" + most.substr(50) + "\r\n32\r\n" +
                most.substr(50) + "\r\n0\r\n\r\n");
    CHECK(net.server.answer(net.wait_for_request(), {}));
    CHECK(net.requests[1].second.body == most);
    client.receive("\r\n\r\n");
    client.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n" + most + "\r\n1\r\nx\r\n0\r\n\r\n");
    const auto refused = client.receive_all();
    CHECK(is_last_answer(refused, "413"));
    CHECK(refused.find("at most 100 bytes") != std::string::npos);
    auto other = net.connect();
    other.send("POST / HTTP/1.1\r\nContent-Length: 101\r\n\r\n");
    CHECK(is_last_answer(other.receive_all(), "413"));
    CHECK(net.requests.size() == 2);
}

TEST_CASE("http server: a client that asks first is invited to send its body, unless it is refused") {
    http_server_fixture net;
    auto client = net.connect();
    const std::string head = "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
    client.send(head);
    CHECK(client.receive("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("ok");
    CHECK(net.server.answer(net.wait_for_request(), {200, {}, "done"}));
    CHECK(client.receive("done").starts_with("HTTP/1.1 200"));
    net.admit = [](const server_request&) { return server_answer{401, {}, "no"}; };
    client.send(head);
    CHECK(is_last_answer(client.receive_all(), "401"));
}

TEST_CASE("http server: what drips in too slowly is answered with 408, however steadily it drips") {
    http_server_fixture net;
    for (const std::string begun : {"GET / HT", "POST / HTTP/1.1\r\nContent-Length: 50\r\n\r\nab"}) {
        CAPTURE(begun);
        auto client = net.connect();
        client.send(begun);
        for (int second = 0; second < 29; ++second) {
            net.pass(1s);
            client.send("x");
        }
        CHECK(client.received().empty());
        net.pass(1500ms);
        CHECK(is_last_answer(client.receive_all(), "408"));
    }
    CHECK(net.requests.empty());
}

TEST_CASE("http server: silence between requests ends without a word after its time") {
    http_server_fixture net;
    auto silent = net.connect();
    auto spoke = net.connect();
    net.pass(50s);
    spoke.send("GET / HTTP/1.1\r\n\r\n");
    CHECK(net.server.answer(net.wait_for_request(), {200, {}, "once"}));
    spoke.receive("once");
    net.pass(11s);
    CHECK(silent.receive_all().empty());
    spoke.send("GET / HTTP/1.1\r\n\r\n");
    CHECK(net.server.answer(net.wait_for_request(), {200, {}, "again"}));
    spoke.receive("again");
    net.pass(61s);
    CHECK(spoke.receive_all().empty());
}

TEST_CASE("http server: without an answer in time the client is told 503, and an answer after that is too late") {
    http_server_fixture net;
    auto client = net.connect();
    client.send("GET / HTTP/1.1\r\n\r\n");
    const auto id = net.wait_for_request();
    net.pass(19s);
    CHECK(client.received().empty());
    net.pass(2s);
    CHECK(client.receive("no answer in time").starts_with("HTTP/1.1 503"));
    CHECK(net.over == std::vector{id});
    CHECK_FALSE(net.server.answer(id, {200, {}, "late"}));
    client.send("GET / HTTP/1.1\r\n\r\n");
    const auto next = net.wait_for_request();
    CHECK(net.server.answer(next, {200, {}, "in time"}));
    CHECK_FALSE(net.server.answer(next, {200, {}, "twice"}));
    CHECK_FALSE(net.server.answer(0, {}));
    CHECK(client.receive("in time").find("late") == std::string::npos);
    CHECK(net.over.size() == 1);
}

TEST_CASE("http server: a request whose client goes is over, and its place free") {
    http_server_fixture net({.connections = 1});
    auto client = net.connect();
    client.send("GET / HTTP/1.1\r\n\r\n");
    const auto id = net.wait_for_request();
    client.close();
    net.wait_until([&] { return !net.over.empty(); });
    CHECK(net.over == std::vector{id});
    CHECK_FALSE(net.server.answer(id, {}));
    auto next = net.connect();
    next.send("GET / HTTP/1.1\r\n\r\n");
    CHECK(net.server.answer(net.wait_for_request(), {200, {}, "next"}));
    next.receive("next");
}

TEST_CASE("http server: an answer from within the handing over is as good as a later one, and HEAD gets no body") {
    http_server_fixture net;
    net.at_request = [&](server_request_id id) { CHECK(net.server.answer(id, {200, {}, "12345"})); };
    auto client = net.connect();
    client.send("HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n");
    const auto answer = client.receive_all();
    CHECK(answer.find("\r\nContent-Length: 5\r\n") != std::string::npos);
    CHECK(answer.ends_with("\r\n\r\n"));
}

TEST_CASE("http server: one connection too many is told so") {
    http_server_fixture net({.connections = 2});
    auto first = net.connect();
    auto second = net.connect();
    auto third = net.connect();
    const auto refused = third.receive_all();
    CHECK(is_last_answer(refused, "503"));
    CHECK(refused.find("2 connections") != std::string::npos);
    CHECK(first.received().empty());
    CHECK(second.received().empty());
}

TEST_CASE("http server: bodies of all connections together are bounded, until they are answered") {
    http_server_fixture net({.held_bytes = 150});
    const auto request = "POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\n" + std::string(100, 'x');
    auto first = net.connect();
    first.send(request);
    const auto id = net.wait_for_request();
    auto second = net.connect();
    second.send(request);
    CHECK(second.receive("later").starts_with("HTTP/1.1 503"));
    CHECK(net.server.answer(id, {200, {}, "free"}));
    first.receive("free");
    auto third = net.connect();
    third.send(request);
    CHECK(net.server.answer(net.wait_for_request(), {200, {}, "done"}));
    third.receive("done");
}

TEST_CASE("http server: who does not take an answer is dropped") {
    http_server_fixture net({.connections = 1});
    auto client = net.connect();
    client.send("GET / HTTP/1.1\r\n\r\n");
    CHECK(net.server.answer(net.wait_for_request(), {200, {}, std::string(64 << 20U, 'x')}));
    net.pass(31s);
    auto next = net.connect();
    next.send("GET / HTTP/1.1\r\n\r\n");
    CHECK(net.server.answer(net.wait_for_request(), {200, {}, "next"}));
    next.receive("next");
}

TEST_CASE("http server: drained, it takes nothing new, and ends when what is under way has its answer") {
    http_server_fixture net;
    auto idle = net.connect();
    auto busy = net.connect();
    busy.send("GET / HTTP/1.1\r\n\r\n");
    const auto id = net.wait_for_request();
    const auto address = net.server.address();
    net.server.drain();
    CHECK_FALSE(net.server.is_open());
    CHECK(idle.receive_all().empty());
    CHECK(raw_client(net.loop, address).is_refused());
    CHECK(net.server.answer(id, {200, {}, "still"}));
    CHECK(is_last_answer(busy.receive_all(), "200"));
}

TEST_CASE("http server: closed, it ends everything, and the handler hears nothing more") {
    http_server_fixture net;
    auto client = net.connect();
    client.send("GET / HTTP/1.1\r\n\r\n");
    const auto id = net.wait_for_request();
    net.server.close();
    net.server.close();
    CHECK(client.receive_all().empty());
    CHECK_FALSE(net.server.answer(id, {}));
    CHECK(net.over.empty());
}

TEST_CASE("http server: it says where it listens, and a taken address is an error") {
    http_server_fixture net;
    CHECK(net.server.address().starts_with("127.0.0.1:"));
    CHECK_FALSE(net.server.address().ends_with(":0"));
    gateway::test::manual_time time;
    http_server second(net.loop, time);
    CHECK(second.address().empty());
    class unused final : public http_server_handler {
        boost::system::result<server_admission, server_answer> on_head(const server_request&) override {
            return server_admission{};
        }
        void on_request(server_request_id, server_request&&) override {}
        void on_over(server_request_id) override {}
        server_answer refusal(int, std::string) override { return {}; }
    } nobody;
    const auto colon = net.server.address().rfind(':');
    auto taken = any_port;
    taken.port(static_cast<unsigned short>(std::stoi(net.server.address().substr(colon + 1))));
    CHECK(second.open(taken, nobody) == boost::system::errc::address_in_use);
    CHECK_FALSE(second.is_open());
}

TEST_CASE("http server: an answer that cannot be sent is complained about") {
    CHECK(complaint_about_answer({}).empty());
    CHECK(complaint_about_answer({599, {{"X-A", "b"}}, "body"}).empty());
    CHECK(complaint_about_answer({204, {}, ""}).empty());
    CHECK(complaint_about_answer({204, {}, "x"}).find("204") != std::string::npos);
    CHECK_FALSE(complaint_about_answer({199, {}, ""}).empty());
    CHECK_FALSE(complaint_about_answer({600, {}, ""}).empty());
    CHECK_FALSE(complaint_about_answer({200, {{"content-LENGTH", "5"}}, ""}).empty());
    CHECK_FALSE(complaint_about_answer({200, {{"A", "b\r\nc"}}, ""}).empty());
    CHECK_FALSE(complaint_about_answer({200, {{"a b", "c"}}, ""}).empty());
    CHECK_FALSE(complaint_about_answer({200, std::vector<http_header>(17, {"A", "b"}), ""}).empty());
}

TEST_CASE("secrets: they are the same only when every byte is, and as many") {
    CHECK(is_same_secret("", ""));
    CHECK(is_same_secret("s3cret", "s3cret"));
    CHECK(is_same_secret(std::string("a\0b", 3), std::string("a\0b", 3)));
    CHECK_FALSE(is_same_secret(std::string("a\0b", 3), std::string("a\0c", 3)));
    CHECK_FALSE(is_same_secret("s3creT", "s3cret"));
    CHECK_FALSE(is_same_secret("S3cret", "s3cret"));
    CHECK_FALSE(is_same_secret("s3cre", "s3cret"));
    CHECK_FALSE(is_same_secret("s3crett", "s3cret"));
    CHECK_FALSE(is_same_secret("", "s3cret"));
    CHECK_FALSE(is_same_secret("s3cret", ""));
}
