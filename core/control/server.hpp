// The control socket: HTTP over a Unix socket, for gatewayctl and whoever holds the right to it (mode 0600). What is
// asked and answered is api.hpp's; sockets, deadlines and bounds are net/http_server.hpp's.
//
// Loop thread. Whatever reaches the socket is answered, errors with a JSON object {"error": "one sentence"}. Only who
// says nothing at all in time is dropped without a word. Bounds: see control_limits.
#pragma once

#include "control/answer.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/system/result.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace gateway::control {

struct control_limits {
    std::size_t connections = 32;
    std::size_t request_bytes = std::size_t{64} * 1024;         // of the header, and of the body
    std::chrono::milliseconds step = std::chrono::seconds{10};  // for a request to arrive, for its answer to be taken
};

class server {
public:
    using handler = std::function<answer(std::string_view method, std::string_view target)>;

    server(boost::asio::io_context& loop, handler serve, control_limits limits = {});
    ~server();
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    // Listens at this path; what a dead host left there is replaced. The error is a sentence that names the path.
    boost::system::result<void, std::string> open(const std::filesystem::path& path);

    // Stops listening, drops connections, removes the socket. Idempotent.
    void close();

private:
    class impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace gateway::control
