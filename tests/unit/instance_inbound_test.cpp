// Inbound HTTP as instances see it: whose a path is, who may ask, one answer each, and an end with the incarnation. The
// clients are real, on loopback; time passes when the test says so.

#include "instance/inbound_service.hpp"
#include "instance_harness.hpp"
#include "support/net_raw_client.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace gateway;
using namespace std::chrono_literals;
using instance::inbound_service;
using test::raw_client;

constexpr gw_str text(std::string_view from) {
    return {from.data(), from.size()};
}

std::string post(std::string_view target, std::string_view body = {}, std::string_view headers = {}) {
    return "POST " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n" + std::string(headers) +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

bool is_answer(const std::string& got, std::string_view status) {
    INFO(got);
    return got.starts_with("HTTP/1.1 " + std::string(status) + " ");
}

// A completion as the adapter saw it.
struct seen {
    std::uint64_t slot = 0;
    std::uint64_t op = 0;
    bool more = false;
    gw_status status = GW_OK;
    std::uint64_t request = 0;
    std::string method;
    std::string query;
    std::string body;
    std::string headers;  // "name: value;" each
};

class inbound_world {
public:
    explicit inbound_world(bool listening = true) {
        if (listening) {
            const boost::asio::ip::tcp::endpoint any(boost::asio::ip::address_v4::loopback(), 0);
            REQUIRE_FALSE(it.inbound.open(any, it.host.inbound()).failed());
        }
        it.does.on_completion = [this](const gw_host& host, gw_token self, const gw_completion& what) {
            if (what.kind == GW_COMPLETION_INBOUND) {
                note(self, reinterpret_cast<const gw_inbound_request&>(what));
                if (on_request) {
                    on_request(host, self, all.back());
                }
            } else if (within_) {
                within_(host, self);
            }
        };
    }

    static const gw_inbound& functions(const gw_host& host, gw_token self) {
        return *static_cast<const gw_inbound*>(host.extension(self, GW_EXT_INBOUND));
    }
    static gw_status listen(const gw_host& host, gw_token self, std::uint64_t op, std::string_view path,
                            const std::function<void(gw_inbound_route&)>& change = {}) {
        gw_inbound_route route{};
        route.struct_size = sizeof(route);
        route.op = op;
        route.path = text(path);
        if (change) {
            change(route);
        }
        return functions(host, self).listen(self, &route);
    }
    static gw_status respond(const gw_host& host, gw_token self, std::uint64_t request, std::string_view body = "done",
                             const std::function<void(gw_inbound_response&)>& change = {}) {
        gw_inbound_response response{};
        response.struct_size = sizeof(response);
        response.http_status = 200;
        response.request = request;
        response.body = {reinterpret_cast<const std::uint8_t*>(body.data()), body.size()};
        if (change) {
            change(response);
        }
        return functions(host, self).respond(self, &response);
    }

    // Runs this within a call to that instance.
    void within(instance::key which, const std::function<void(const gw_host&, gw_token)>& use) {
        within_ = use;
        CHECK(instance::host_api::table()->wake(instance::token_of(which)) == GW_OK);
        it.run();
        within_ = nullptr;
    }
    gw_status listen(instance::key which, std::uint64_t op, std::string_view path,
                     const std::function<void(gw_inbound_route&)>& change = {}) {
        gw_status status = GW_ERR_IO;
        within(which, [&](const gw_host& host, gw_token self) { status = listen(host, self, op, path, change); });
        return status;
    }
    gw_status respond(instance::key which, std::uint64_t request, std::string_view body = "done",
                      const std::function<void(gw_inbound_response&)>& change = {}) {
        gw_status status = GW_ERR_IO;
        within(which, [&](const gw_host& host, gw_token self) { status = respond(host, self, request, body, change); });
        return status;
    }

    raw_client client() { return {it.loop(), it.inbound.address()}; }
    // The next completion that comes.
    seen next() {
        test::run_until(it.loop(), [&] { return all.size() > looked_at_; });
        return all[looked_at_++];
    }

    test::scripted_host it;
    std::vector<seen> all;
    std::function<void(const gw_host&, gw_token, const seen&)> on_request;

private:
    void note(gw_token self, const gw_inbound_request& request) {
        seen one;
        one.slot = self.slot;
        one.op = request.base.op;
        one.more = (request.base.flags & GW_COMPLETION_MORE) != 0;
        one.status = request.base.status;
        one.request = request.request;
        one.method.assign(instance::view(request.method));
        one.query.assign(instance::view(request.query));
        one.body.assign(instance::view(request.body));
        CHECK(instance::read_array<gw_http_header>(request.headers, 100, [&](const gw_http_header& each) {
                  one.headers.append(instance::view(each.name)).append(": ").append(instance::view(each.value)) += ';';
                  return GW_OK;
              }) == GW_OK);
        CHECK(one.more == (request.text.size == 0));
        all.push_back(std::move(one));
    }

    std::function<void(const gw_host&, gw_token)> within_;
    std::size_t looked_at_ = 0;
};

}  // namespace

TEST_CASE("inbound: a request reaches who listens on its path, with its query, headers and body, and is answered") {
    inbound_world world;
    const auto which = world.it.online();
    REQUIRE(world.listen(which, 7, "/hook/a") == GW_OK);
    REQUIRE(world.listen(which, 8, "/hook/b") == GW_OK);
    auto client = world.client();
    client.send(post("/hook/b?x=1&y=%20", "hello", "X-Asked: Yes\r\n"));
    const auto request = world.next();
    CHECK(request.op == 8);
    CHECK(request.more);
    CHECK(request.status == GW_OK);
    CHECK(request.method == "POST");
    CHECK(request.query == "x=1&y=%20");
    CHECK(request.body == "hello");
    CHECK(request.headers == "host: h;x-asked: Yes;content-length: 5;");
    const gw_http_header header{sizeof(gw_http_header), 0, text("X-Answer"), text("1")};
    CHECK(world.respond(which, request.request, "made", [&](gw_inbound_response& response) {
        response.http_status = 201;
        response.headers = {&header, 1, sizeof(header)};
    }) == GW_OK);
    const auto answer = client.receive("made");
    CHECK(is_answer(answer, "201"));
    CHECK(answer.find("X-Answer: 1\r\n") != std::string::npos);
    client.send("DELETE /hook/a HTTP/1.1\r\n\r\n");
    const auto second = world.next();
    CHECK(second.op == 7);
    CHECK(second.method == "DELETE");
    CHECK(second.query.empty());
    CHECK(second.body.empty());
}

TEST_CASE("inbound: a path is taken literally and as a whole; any other is 404") {
    inbound_world world;
    const auto which = world.it.online();
    REQUIRE(world.listen(which, 1, "/hook/a%2Fb") == GW_OK);
    for (const std::string_view other : {"/", "/hook", "/hook/a/b", "/hook/a%2fb", "/hook/a%2Fb/", "/Hook/a%2Fb",
                                         "/hook/a%2Fb%3F", "//hook/a%2Fb", "*", "http://h/hook/a%2Fb"}) {
        CAPTURE(other);
        auto client = world.client();
        client.send(post(other));
        CHECK(is_answer(client.receive("this path\n"), "404"));
    }
    CHECK(world.all.empty());
}

TEST_CASE(
    "inbound: without the secret, or with another one, a request is answered 401 before its body and never seen") {
    inbound_world world;
    const auto which = world.it.online();
    REQUIRE(world.listen(which, 1, "/hook", [](gw_inbound_route& route) {
        route.secret_header = text("X-Secret");
        route.secret = text("s3cret");
    }) == GW_OK);
    for (const std::string_view presented :
         {"", "X-Secret: \r\n", "X-Secret: s3cre\r\n", "X-Secret: s3crett\r\n", "X-Secret: S3cret\r\n",
          "X-Secre: s3cret\r\n", "X-Secret: s3cret\r\nX-Secret: s3cret\r\n",
          "X-Secret: wrong\r\nX-Secret: s3cret\r\n"}) {
        CAPTURE(presented);
        auto client = world.client();
        client.send("POST /hook HTTP/1.1\r\n" + std::string(presented) + "Content-Length: 100000\r\n\r\nbegun");
        const auto answer = client.receive_all();
        CHECK(is_answer(answer, "401"));
        CHECK(answer.find("s3cret") == std::string::npos);
    }
    CHECK(world.all.empty());
    auto client = world.client();
    client.send(post("/hook", "x", "x-sECRET: s3cret\r\nOther: 1\r\n"));
    CHECK(world.next().headers == "host: h;other: 1;content-length: 1;");
}

TEST_CASE("inbound: a body has 1 MiB, or what the route says") {
    inbound_world world;
    const auto which = world.it.online();
    REQUIRE(world.listen(which, 1, "/usual") == GW_OK);
    REQUIRE(world.listen(which, 2, "/small", [](gw_inbound_route& route) { route.max_body_bytes = 3; }) == GW_OK);
    REQUIRE(world.listen(which, 3, "/most",
                         [](gw_inbound_route& route) { route.max_body_bytes = std::int64_t{1} << 40U; }) == GW_OK);
    world.on_request = [&](const gw_host& host, gw_token self, const seen& request) {
        CHECK(world.respond(host, self, request.request) == GW_OK);
    };
    const auto status_of = [&](std::string_view path, std::size_t bytes) {
        auto client = world.client();
        client.send("POST " + std::string(path) +
                    " HTTP/1.1\r\nConnection: close\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n");
        client.send(std::string(bytes, 'x'));
        return client.receive_all().substr(9, 3);
    };
    CHECK(status_of("/usual", std::size_t{1} << 20U) == "200");
    CHECK(status_of("/usual", (std::size_t{1} << 20U) + 1) == "413");
    CHECK(status_of("/small", 3) == "200");
    CHECK(status_of("/small", 4) == "413");
    CHECK(status_of("/most", std::size_t{16} << 20U) == "200");
    CHECK(status_of("/most", (std::size_t{16} << 20U) + 1) == "413");
    CHECK(world.all.size() == 3);
}

TEST_CASE("inbound: with 32 requests waiting the next one is told 503, until one of them is answered") {
    inbound_world world;
    const auto which = world.it.online();
    const auto other = world.it.online(1);
    REQUIRE(world.listen(which, 1, "/a") == GW_OK);
    REQUIRE(world.listen(which, 2, "/b") == GW_OK);
    REQUIRE(world.listen(other, 1, "/other") == GW_OK);
    std::vector<raw_client> clients;
    std::uint64_t first = 0;
    for (std::size_t i = 0; i < inbound_service::max_waiting; ++i) {
        clients.push_back(world.client());
        clients.back().send(post(i % 2 == 0 ? "/a" : "/b"));
        const auto request = world.next().request;
        first = first == 0 ? request : first;
    }
    auto more = world.client();
    more.send(post("/a"));
    CHECK(is_answer(more.receive("later\n"), "503"));
    auto elsewhere = world.client();
    elsewhere.send(post("/other"));
    CHECK(world.next().slot == 1);
    CHECK(world.respond(which, first) == GW_OK);
    more.send(post("/a"));
    CHECK(world.next().slot == 0);
}

TEST_CASE("inbound: a request is answered once, by who was told of it, and not after its time") {
    inbound_world world;
    const auto which = world.it.online();
    const auto other = world.it.online(1);
    REQUIRE(world.listen(which, 1, "/usual") == GW_OK);
    REQUIRE(world.listen(which, 2, "/hasty", [](gw_inbound_route& route) { route.respond_timeout_ms = 50; }) == GW_OK);
    auto client = world.client();
    client.send(post("/usual"));
    const auto request = world.next().request;
    CHECK(world.respond(other, request) == GW_ERR_NOT_FOUND);
    CHECK(world.respond(which, request + 1) == GW_ERR_NOT_FOUND);
    CHECK(world.respond(which, 0) == GW_ERR_NOT_FOUND);
    world.it.pass(29s);
    CHECK(world.respond(which, request, "once") == GW_OK);
    CHECK(world.respond(which, request, "twice") == GW_ERR_NOT_FOUND);
    client.receive("once");
    client.send(post("/usual"));
    const auto slow = world.next().request;
    world.it.pass(30s);
    CHECK(is_answer(client.receive("in time\n"), "503"));
    CHECK(world.respond(which, slow, "late") == GW_ERR_NOT_FOUND);
    client.send(post("/hasty"));
    const auto hasty = world.next().request;
    world.it.pass(50ms);
    CHECK(is_answer(client.receive("in time\n"), "503"));
    CHECK(world.respond(which, hasty, "late") == GW_ERR_NOT_FOUND);
    CHECK(world.all.size() == 3);
}

TEST_CASE("inbound: an answer that cannot be sent is refused, and the request still waits for one") {
    inbound_world world;
    const auto which = world.it.online();
    REQUIRE(world.listen(which, 1, "/") == GW_OK);
    auto client = world.client();
    client.send(post("/"));
    const auto request = world.next().request;
    const auto with = [&](const std::function<void(gw_inbound_response&)>& change) {
        return world.respond(which, request, "body", change);
    };
    const std::string large((std::size_t{1} << 20U) + 1, 'x');
    const gw_http_header reserved{sizeof(gw_http_header), 0, text("Content-Length"), text("1")};
    const gw_http_header split{sizeof(gw_http_header), 0, text("A"), text("b\r\nC: d")};
    const std::vector<gw_http_header> many(17, {sizeof(gw_http_header), 0, text("A"), text("b")});
    CHECK(with([](gw_inbound_response& response) { response.http_status = 101; }) == GW_ERR_INVALID);
    CHECK(with([](gw_inbound_response& response) { response.http_status = 600; }) == GW_ERR_INVALID);
    CHECK(with([](gw_inbound_response& response) { response.http_status = 204; }) == GW_ERR_INVALID);
    CHECK(with([](gw_inbound_response& response) { response.body = {nullptr, 1}; }) == GW_ERR_INVALID);
    CHECK(with([](gw_inbound_response& response) { response.struct_size = 8; }) == GW_ERR_INVALID);
    CHECK(world.respond(which, request, large) == GW_ERR_INVALID);
    for (const auto headers : {gw_array{&reserved, 1, sizeof(reserved)}, gw_array{&split, 1, sizeof(split)},
                               gw_array{many.data(), 17, sizeof(gw_http_header)}, gw_array{nullptr, 1, 1}}) {
        CHECK(with([&](gw_inbound_response& response) { response.headers = headers; }) == GW_ERR_INVALID);
    }
    CHECK(world.respond(which, request, std::string_view(large).substr(1)) == GW_OK);
    client.receive("xxx");
}

TEST_CASE("inbound: a path is one instance's, and free again when it cancels or its incarnation ends") {
    inbound_world world;
    const auto which = world.it.online();
    const auto other = world.it.online(1);
    REQUIRE(world.listen(which, 1, "/hook") == GW_OK);
    CHECK(world.listen(which, 1, "/else") == GW_ERR_DUPLICATE);
    CHECK(world.listen(which, 2, "/hook") == GW_ERR_DUPLICATE);
    CHECK(world.listen(other, 1, "/hook") == GW_ERR_DUPLICATE);
    world.within(which, [](const gw_host& host, gw_token self) {
        CHECK(host.cancel(self, 1) == GW_OK);
        CHECK(host.cancel(self, 1) == GW_OK);
    });
    const auto last = world.next();
    CHECK_FALSE(last.more);
    CHECK(last.status == GW_ERR_CANCELLED);
    CHECK(last.request == 0);
    CHECK(world.listen(other, 1, "/hook") == GW_OK);
    CHECK(world.listen(which, 1, "/hook") == GW_ERR_DUPLICATE);
    world.it.host.destroy(other);
    world.it.run();
    CHECK(world.listen(which, 1, "/hook") == GW_OK);
    CHECK(world.all.size() == 1);
}

TEST_CASE("inbound: who was told of a request may still answer it after cancelling; who was not told never is") {
    inbound_world world;
    const auto which = world.it.online();
    REQUIRE(world.listen(which, 1, "/hook") == GW_OK);
    auto told = world.client();
    told.send(post("/hook"));
    const auto request = world.next().request;
    world.within(which, [](const gw_host& host, gw_token self) { CHECK(host.cancel(self, 1) == GW_OK); });
    CHECK_FALSE(world.next().more);
    auto late = world.client();
    late.send(post("/hook"));
    CHECK(is_answer(late.receive("this path\n"), "404"));
    CHECK(world.respond(which, request) == GW_OK);
    CHECK(is_answer(told.receive("done"), "200"));
}

TEST_CASE("inbound: the end of an incarnation answers its requests with 503, and its successor never hears of them") {
    inbound_world world;
    const auto first = world.it.online();
    REQUIRE(world.listen(first, 1, "/hook") == GW_OK);
    auto client = world.client();
    client.send(post("/hook"));
    const auto request = world.next().request;
    auto reading = world.client();
    reading.send("POST /hook HTTP/1.1\r\nContent-Length: 4\r\n\r\nab");
    CHECK(reading.received().empty());
    world.it.host.destroy(first);
    CHECK(is_answer(client.receive("stopped\n"), "503"));
    reading.send("cd");
    CHECK(is_answer(reading.receive("any more\n"), "503"));
    const auto second = world.it.online(0, 2);
    REQUIRE(world.listen(second, 1, "/hook") == GW_OK);
    CHECK(world.respond(second, request) == GW_ERR_NOT_FOUND);
    CHECK(world.all.size() == 1);
}

TEST_CASE("inbound: a body that began for another's route is judged by the secret of who listens when it is whole") {
    inbound_world world;
    const auto open = world.it.online();
    const auto guarded = world.it.online(1);
    REQUIRE(world.listen(open, 1, "/hook") == GW_OK);
    auto client = world.client();
    client.send("POST /hook HTTP/1.1\r\nContent-Length: 4\r\n\r\nab");
    CHECK(client.received().empty());
    world.it.host.destroy(open);
    REQUIRE(world.listen(guarded, 1, "/hook", [](gw_inbound_route& route) {
        route.secret_header = text("X-Secret");
        route.secret = text("s3cret");
    }) == GW_OK);
    client.send("cd");
    CHECK(is_answer(client.receive("wrong\n"), "401"));
    CHECK(world.all.empty());
}

TEST_CASE("inbound: a request that is over before its turn comes is not told, and cannot be answered") {
    inbound_world world;
    const auto which = world.it.online();
    REQUIRE(world.listen(which, 1, "/hook") == GW_OK);
    net::http_server_handler& from_server = world.it.host.inbound();
    from_server.on_request(1001, {"POST", "/hook", {}, "one"});
    from_server.on_over(1001);
    from_server.on_request(1002, {"POST", "/hook", {}, "two"});
    world.it.run();
    REQUIRE(world.all.size() == 1);
    CHECK(world.all[0].body == "two");
    CHECK(world.respond(which, 1001) == GW_ERR_NOT_FOUND);
    from_server.on_over(1002);
    CHECK(world.respond(which, 1002) == GW_ERR_NOT_FOUND);
}

TEST_CASE("inbound: after it has cancelled, an instance is told of no request, however early that came") {
    inbound_world world;
    const auto which = world.it.online();
    REQUIRE(world.listen(which, 1, "/hook") == GW_OK);
    world.on_request = [](const gw_host& host, gw_token self, const seen& request) {
        if (request.more) {
            CHECK(host.cancel(self, 1) == GW_OK);
        }
    };
    net::http_server_handler& from_server = world.it.host.inbound();
    from_server.on_request(1001, {"POST", "/hook", {}, "one"});
    from_server.on_request(1002, {"POST", "/hook", {}, "two"});
    world.it.run();
    REQUIRE(world.all.size() == 2);
    CHECK(world.all[0].body == "one");
    CHECK_FALSE(world.all[1].more);
}

TEST_CASE("inbound: a request that was not told yet cannot be answered, and is told in its turn") {
    inbound_world world;
    const auto which = world.it.online();
    REQUIRE(world.listen(which, 1, "/hook") == GW_OK);
    world.on_request = [&](const gw_host& host, gw_token self, const seen&) {
        if (world.all.size() == 1) {
            CHECK(inbound_world::respond(host, self, 1002) == GW_ERR_NOT_FOUND);
        }
    };
    net::http_server_handler& from_server = world.it.host.inbound();
    from_server.on_request(1001, {"POST", "/hook", {}, "one"});
    from_server.on_request(1002, {"POST", "/hook", {}, "two"});
    world.it.run();
    REQUIRE(world.all.size() == 2);
    CHECK(world.all[1].body == "two");
}

TEST_CASE("inbound: what cannot be listened on is refused, and leaves nothing behind") {
    inbound_world world;
    const auto which = world.it.online();
    const auto with = [&](const std::function<void(gw_inbound_route&)>& change) {
        return world.listen(which, 1, "/hook", change);
    };
    const std::string long_path = "/" + std::string(1024, 'x');
    for (const std::string_view path :
         {std::string_view{}, std::string_view("hook"), std::string_view("/a b"), std::string_view("/a?b"),
          std::string_view("/a#b"), std::string_view("/\xc3\xa9"), std::string_view(long_path)}) {
        CAPTURE(path);
        CHECK(world.listen(which, 1, path) == GW_ERR_INVALID);
    }
    CHECK(with([](gw_inbound_route& route) { route.path = {nullptr, 4}; }) == GW_ERR_INVALID);
    CHECK(with([](gw_inbound_route& route) { route.secret = text("x"); }) == GW_ERR_INVALID);
    CHECK(with([](gw_inbound_route& route) { route.secret_header = text("X-Secret"); }) == GW_ERR_INVALID);
    CHECK(with([](gw_inbound_route& route) { route.max_body_bytes = -1; }) == GW_ERR_INVALID);
    CHECK(with([](gw_inbound_route& route) { route.respond_timeout_ms = -1; }) == GW_ERR_INVALID);
    CHECK(with([](gw_inbound_route& route) { route.struct_size = 8; }) == GW_ERR_INVALID);
    for (std::uint64_t op = 1; op <= inbound_service::max_routes; ++op) {
        CHECK(world.listen(which, op, "/hook/" + std::to_string(op)) == GW_OK);
    }
    CHECK(world.listen(which, 100, "/hook/100") == GW_ERR_LIMIT);
    world.within(which, [](const gw_host& host, gw_token self) { CHECK(host.cancel(self, 100) == GW_ERR_NOT_FOUND); });
}

TEST_CASE("inbound: on a host that listens nowhere the extension is there and says so") {
    inbound_world world(false);
    const auto which = world.it.online();
    CHECK(world.listen(which, 1, "/hook") == GW_ERR_UNSUPPORTED);
    CHECK(world.listen(which, 1, "hook") == GW_ERR_INVALID);
    CHECK(world.respond(which, 1) == GW_ERR_NOT_FOUND);
}
