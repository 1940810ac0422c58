// A client on a loop of its own, and what its operations came to.
#pragma once

#include "net/http_client.hpp"
#include "support/net_test_loop.hpp"

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <string>
#include <utility>

namespace gateway::test {

class http_fixture {
public:
    explicit http_fixture(net::net_settings settings = {}) : client(loop, std::move(settings)) {}

    static net::http_request get(std::string url) {
        net::http_request request;
        request.url = std::move(url);
        request.owner = 1;
        request.max_body_bytes = std::uint64_t{8} << 20U;
        return request;
    }

    static net::http_request post(std::string url, std::string body) {
        net::http_request request = get(std::move(url));
        request.method = "POST";
        request.body = std::move(body);
        return request;
    }

    // Must be accepted.
    net::operation_id start(net::http_request request) {
        starting_ = true;
        auto started = client.start(std::move(request), [this](net::operation_id id, net::http_result&& result) {
            CHECK_MESSAGE(!starting_, "a handler ran within start()");
            CHECK_MESSAGE(results.emplace(id, std::move(result)).second, "an operation completed twice");
        });
        starting_ = false;
        REQUIRE_MESSAGE(started.has_value(), (started ? std::string{} : started.error().text));
        return *started;
    }

    net::http_result wait(net::operation_id id) {
        run_until(loop, [&] { return results.contains(id); });
        return results.at(id);
    }

    net::http_result fetch(net::http_request request) { return wait(start(std::move(request))); }

    net::http_response ok(net::http_request request) {
        auto result = fetch(std::move(request));
        REQUIRE_MESSAGE(result.has_value(), (result ? std::string{} : result.error().text));
        return std::move(*result);
    }

    net::failure fails(net::http_request request) {
        auto result = fetch(std::move(request));
        REQUIRE(result.has_error());
        return result.error();
    }

    boost::asio::io_context loop;
    std::map<net::operation_id, net::http_result> results;
    net::http_client client;

private:
    bool starting_ = false;
};

}  // namespace gateway::test
