// A small, correct HTTP/1.1 server on loopback, plain or TLS, whose handler may answer later.
#pragma once

#include "support/net_tcp_server.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace gateway::test {

using test_request = boost::beast::http::request<boost::beast::http::string_body>;
using test_response = boost::beast::http::response<boost::beast::http::string_body>;

test_response answer(unsigned status, std::string body);

class test_http_server {
public:
    // The second argument sends the answer; call it once, now or later, on the loop.
    using handler = std::function<void(const test_request&, std::function<void(test_response)>)>;

    // `tls` must outlive the server.
    test_http_server(boost::asio::io_context& loop, handler serve, boost::asio::ssl::context* tls = nullptr);

    std::string url(const std::string& target) const;
    std::uint16_t port() const { return server_.port(); }
    int connections() const { return server_.connections(); }

private:
    boost::asio::ssl::context* tls_;
    test_tcp_server server_;
};

}  // namespace gateway::test
