// HTTP requests as an instance sees them: one completion each, a bound, and an end with the incarnation. The server
// accepts connections, in the kernel's backlog, and never answers.

#include "instance/http_service.hpp"
#include "instance_harness.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace gateway;
using boost::asio::ip::tcp;
using test::scripted_host;
using ends = std::vector<std::pair<std::uint64_t, gw_status>>;

class silent_server {
public:
    silent_server() : url_("http://127.0.0.1:" + std::to_string(listening_.local_endpoint().port()) + "/") {}

    gw_status ask(const gw_host& host, gw_token self, std::uint64_t op) const {
        const auto& http = *static_cast<const gw_http*>(host.extension(self, GW_EXT_HTTP));
        gw_http_request request{};
        request.struct_size = sizeof(request);
        request.op = op;
        request.method = {"GET", 3};
        request.url = {url_.data(), url_.size()};
        return http.request(self, &request);
    }

private:
    boost::asio::io_context io_;
    tcp::acceptor listening_{io_, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)};
    std::string url_;
};

}  // namespace

TEST_CASE("http: a cancelled request completes once, as cancelled, and its number is free after that") {
    const silent_server server;
    scripted_host it;
    ends told;
    it.does.connect = [&](const gw_host& host, gw_token self) {
        CHECK(server.ask(host, self, 1) == GW_OK);
        CHECK(server.ask(host, self, 2) == GW_OK);
        CHECK(server.ask(host, self, 2) == GW_ERR_DUPLICATE);
        CHECK(host.cancel(self, 1) == GW_OK);
        CHECK(host.cancel(self, 1) == GW_OK);
        CHECK(server.ask(host, self, 1) == GW_ERR_DUPLICATE);
    };
    it.does.on_completion = [&](const gw_host& host, gw_token self, const gw_completion& what) {
        CHECK(what.kind == GW_COMPLETION_HTTP);
        CHECK(reinterpret_cast<const gw_http_response&>(what).http_status == 0);
        told.emplace_back(what.op, what.status);
        CHECK(host.cancel(self, what.op) == GW_ERR_NOT_FOUND);
        if (told.size() == 1) {
            CHECK(server.ask(host, self, what.op) == GW_OK);
            CHECK(host.cancel(self, what.op) == GW_OK);
        }
    };
    it.create();
    it.run();
    CHECK(told == ends{{1, GW_ERR_CANCELLED}, {1, GW_ERR_CANCELLED}});
}

TEST_CASE("http: a dead incarnation's requests end with it, and nobody is told") {
    const silent_server server;
    scripted_host it;
    it.does.connect = [&](const gw_host& host, gw_token self) { CHECK(server.ask(host, self, 1) == GW_OK); };
    it.does.on_completion = [](const gw_host&, gw_token, const gw_completion&) { FAIL("told"); };
    const auto first = it.create();
    it.host.destroy(first);
    it.run();
    CHECK(it.does.alive.empty());
    it.create(0, 2);  // the number is its own
}

TEST_CASE("http: at most 64 requests of one instance are pending, and a refused one leaves nothing behind") {
    const silent_server server;
    scripted_host it;
    ends told;
    it.does.connect = [&](const gw_host& host, gw_token self) {
        for (std::uint64_t op = 1; op <= instance::http_service::max_requests; ++op) {
            CHECK(server.ask(host, self, op) == GW_OK);
        }
        CHECK(server.ask(host, self, 1000) == GW_ERR_LIMIT);
        CHECK(host.cancel(self, 1000) == GW_ERR_NOT_FOUND);
        CHECK(host.cancel(self, 7) == GW_OK);
    };
    it.does.on_completion = [&](const gw_host& host, gw_token self, const gw_completion& what) {
        told.emplace_back(what.op, what.status);
        CHECK(server.ask(host, self, 1000) == GW_OK);
    };
    it.create();
    it.run();
    CHECK(told == ends{{7, GW_ERR_CANCELLED}});
}
