// A small HTTP/1.1 server on the loop, over TCP or a Unix socket: on each connection one request after another, each
// with its bounds and deadlines. What is asked and what is answered is the handler's.
//
//     waiting ──a byte──▶ arriving ──the header: on_head()──▶ the body ──on_request()──▶ pending
//      ▲   │ silence         │ too slow, too large, no HTTP      │ likewise                │ answer(), or on_over():
//      │   ▼                 ▼                                   ▼                         │ too late
//      │  over           answering ◀─────────────────────────────┴─────────────────────────┘
//      └───── keep-alive ────┴──▶ lingering ──▶ over
//
// Threads    all calls and all events on the loop's thread.
// Ownership  the server owns its connections. The handler must outlive it, or close() must come first.
// Errors     whatever is sent is answered: what is no HTTP (400), half a request (408), too large a body (413) or
// header
//            (431), no answer in time or a bound of all connections met (503). Only who says nothing in time is dropped
//            without a word. A request is either answered or over, once.
// Bounds     see http_server_limits; a connection has one request at a time, further ones wait in the kernel.
#pragma once

#include "loop/time_source.hpp"
#include "net/http_types.hpp"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gateway::net {

struct http_server_limits {
    std::size_t connections = 256;
    std::size_t header_bytes = std::size_t{16} * 1024;
    std::size_t held_bytes = std::size_t{64} << 20U;  // bodies of all connections, until answered
    std::chrono::milliseconds idle{60'000};           // between two requests
    std::chrono::milliseconds request{30'000};        // from a request's first byte to its last
    std::chrono::milliseconds answer{30'000};         // for the client to take an answer
};

using server_request_id = std::uint64_t;  // never 0, never reused

struct server_request {
    std::string method;
    std::string target;
    std::vector<http_header> headers;  // names in lower case, in the order received
    std::string body;
};

struct server_answer {
    int status = 200;
    std::vector<http_header> headers;  // the length and the connection are the server's
    std::string body;

    static constexpr std::size_t max_headers = 16;
    static constexpr std::size_t max_header_bytes = 16 * 1024;
};

// Empty when it can be sent, else a sentence.
std::string complaint_about_answer(const server_answer& answer);

struct server_admission {
    std::size_t max_body_bytes = 0;
    std::chrono::milliseconds respond_timeout{0};  // from the whole request to answer()
};

class http_server_handler {
public:
    // A request's header is here (`head` has no body): what may follow, or what to answer instead of reading on.
    virtual boost::system::result<server_admission, server_answer> on_head(const server_request& head) = 0;
    // The whole of it is here. answer() may be called at once or later.
    virtual void on_request(server_request_id id, server_request&& request) = 0;
    // It is over without an answer: the client went, or it was too late.
    virtual void on_over(server_request_id id) = 0;
    // The answer to what the server refuses by itself.
    virtual server_answer refusal(int status, std::string sentence) = 0;

protected:
    ~http_server_handler() = default;
};

class http_server {
public:
    http_server(boost::asio::io_context& loop, loop::time_source& time, http_server_limits limits = {});
    ~http_server();
    http_server(const http_server&) = delete;
    http_server& operator=(const http_server&) = delete;

    // Listens there and nowhere else: an IPv6 address is not IPv4's as well. At most once.
    boost::system::error_code open(const boost::asio::generic::stream_protocol::endpoint& at,
                                   http_server_handler& handler);
    bool is_open() const noexcept;
    // "127.0.0.1:8443", "[::1]:8443": what it is bound to, for TCP; empty when it is not open.
    std::string address() const;

    // False: that request is over, or answered.
    bool answer(server_request_id id, server_answer what);

    // No new connection or request; what is under way may still be answered.
    void drain();
    // Ends everything at once; the handler hears nothing more.
    void close();

    class impl;  // internal to core/net

private:
    std::shared_ptr<impl> impl_;
};

}  // namespace gateway::net
