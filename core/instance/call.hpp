// The calls that wait to be made into instances: what each one carries until then.
#pragma once

#include "instance/record.hpp"
#include "message/model.hpp"
#include "net/http_server.hpp"
#include "net/http_types.hpp"
#include "net/websocket_types.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace gateway::instance {

struct create_call {};
struct connect_call {};
struct settings_call {  // every configured chat's settings, one after another
    std::shared_ptr<const instance_spec> spec;
};
struct refresh_call {};  // of the chat directory
struct wake_call {};
struct close_call {
    std::int32_t reason = GW_CLOSE_RECONNECT;
};
struct destroy_call {
    std::unique_ptr<record> of;  // out of its slot already, which may hold the next incarnation
};

struct deliver_call {
    std::uint64_t id = 0;
};

// Completions that carry nothing but their status: a commit, a timer, a cancelled operation.
struct plain_call {
    std::int32_t kind = 0;  // GW_COMPLETION_*
    std::uint64_t op = 0;
    gw_status status = GW_OK;
};

struct kv_call {
    std::uint64_t op = 0;
    gw_status status = GW_OK;
    std::string value;
};

using http_outcome = boost::system::result<net::http_response, net::failure>;

struct http_call {
    std::uint64_t op = 0;
    std::unique_ptr<http_outcome> outcome;
};

struct websocket_call {
    struct content {
        net::websocket_id socket = 0;
        std::uint64_t op = 0;
        std::uint64_t sent_bytes = 0;  // SENT
        std::int32_t event = 0;        // GW_WS_*
        std::int32_t close_code = 0;   // CLOSED
        std::int32_t http_status = 0;  // CLOSED: of a refused upgrade
        gw_status status = GW_OK;
        std::string data;
        std::string code;
        std::string text;
    };
    std::unique_ptr<content> event;
};

struct inbound_call {
    std::uint64_t op = 0;
    gw_status status = GW_OK;
    net::server_request_id request = 0;  // kept by inbound_service; 0: nothing is listened for any more
};

struct call {
    key to;
    std::variant<create_call, connect_call, settings_call, refresh_call, wake_call, close_call, destroy_call,
                 deliver_call, plain_call, kv_call, http_call, websocket_call, inbound_call>
        what;
    std::optional<std::uint64_t> completes{};  // the operation that this call ends, and whose number it frees
};

}  // namespace gateway::instance
