// The control API without its transport: a method and a target in, a status and a JSON text out. Loop thread.
//
//     GET  /v1/adapters                  every instance: state, since, attempts, next retry, failure …
//     GET  /v1/adapters/NAME             one of them
//     POST /v1/adapters/NAME/reconnect   likewise pause, resume
//     GET  /v1/modules                   loaded and refused modules
//     GET  /v1/chats                     the chat directory
//     GET  /v1/counters                  what went in, was routed, went out
//     GET  /v1/health                    ok, degraded or failing; how many instances are in which state; the address
//                                        that is listened on for HTTP, or null
//
// NAME is percent-decoded. An instance or address that is not there is 404, another method 405 with Allow, a verb that
// does not fit the instance's state 409.
#pragma once

#include "control/answer.hpp"

#include <string>
#include <string_view>

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

struct api_parts {
    instance::fleet& fleet;
    route::message_plane& plane;
    module::catalogue& modules;
    std::string http;  // the address listened on; empty: none
};

[[nodiscard]] answer serve(const api_parts& with, std::string_view method, std::string_view target);

}  // namespace gateway::control
