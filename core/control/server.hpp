// The control socket: HTTP over a Unix socket, for gatewayctl and whoever holds the right to it (mode 0600).
//
//     GET  /v1/adapters                  every instance: state, since, attempts, next retry, failure …
//     GET  /v1/adapters/NAME             one of them
//     POST /v1/adapters/NAME/reconnect   likewise pause, resume
//     GET  /v1/modules                   loaded and refused modules
//     GET  /v1/chats                     the chat directory
//     GET  /v1/counters                  what went in, was routed, went out
//
// Loop thread. Borrows the parts. Errors are answers with a JSON object {"error": "one sentence"}; secrets are
// redacted. Bounds: 32 connections, requests of 64 KiB, 10 s per request, 60 s idle.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/system/result.hpp>

#include <filesystem>
#include <memory>
#include <string>

namespace gateway::instance {
class fleet;
}

namespace gateway::module {
class catalogue;
}

namespace gateway::route {
class message_plane;
}

namespace gateway::control {

class server {
public:
    struct parts {
        instance::fleet& fleet;
        route::message_plane& plane;
        module::catalogue& modules;
    };

    server(boost::asio::io_context& loop, parts with);
    ~server();
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    // Listens at this path; what a dead host left there is replaced. The error is a sentence that names the path.
    boost::system::result<void, std::string> open(const std::filesystem::path& path);

    // Stops listening, drops connections, removes the socket. Idempotent.
    void close();

private:
    class impl;
    std::shared_ptr<impl> impl_;
};

}  // namespace gateway::control
