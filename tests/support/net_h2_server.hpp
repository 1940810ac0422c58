// A small HTTP/2 server on loopback, on nghttp2: plain with prior knowledge, or TLS with ALPN "h2". Its handler
// may answer at any later time, so thousands of requests can wait; each costs the server under 1 KiB.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace gateway::test {

using h2_headers = std::vector<std::pair<std::string, std::string>>;

struct h2_request {
    std::string method;
    std::string path;
    std::string authority;
    h2_headers headers;  // without the pseudo-headers
    std::string body;
};

struct h2_response {
    int status = 200;
    h2_headers headers;  // a content-length is added
    std::string body;
};

class h2_session;

// The way to answer one request. Copies are the same request; the first call counts, and none does once the
// stream or its connection is gone.
class h2_reply {
public:
    h2_reply(std::weak_ptr<h2_session> session, std::int32_t stream) : session_(std::move(session)), stream_(stream) {}

    void send(h2_response response) const;
    void reset(std::uint32_t error_code) const;  // RST_STREAM
    // GOAWAY without an error; this request and later ones are not processed, the connection stays open.
    void go_away() const;
    void drop_connection() const;

private:
    std::weak_ptr<h2_session> session_;
    std::int32_t stream_;
};

struct h2_options {
    boost::asio::ssl::context* tls = nullptr;  // its ALPN list must be "\x02h2"; outlives the server
    std::uint32_t max_streams = 128;           // per connection, at once
    std::uint16_t port = 0;
};

class h2_server {
public:
    using handler = std::function<void(h2_request, h2_reply)>;

    h2_server(boost::asio::io_context& loop, handler serve, h2_options options = {});
    ~h2_server();
    h2_server(const h2_server&) = delete;
    h2_server& operator=(const h2_server&) = delete;

    std::uint16_t port() const;
    std::string url(const std::string& target) const;
    std::size_t connections() const;       // accepted so far
    std::size_t open_connections() const;  // now
    std::size_t requests() const;          // complete ones, so far
    void drop_connections();               // closes all of them at once

private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace gateway::test
