// WebSocket connections: see gateway/ext/websocket.h for the bounds and defaults (0 = the default).
//
// A request owns its text and is needed only until host_handle::websocket returns; an event is valid while its callback
// runs. The event of kind `closed` is the last one of a connection.
#pragma once

#include <gateway/cpp/borrowed.hpp>
#include <gateway/cpp/http.hpp>
#include <gateway/cpp/status.hpp>
#include <gateway/ext/websocket.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::sdk {

struct websocket_request {
    std::string url{};
    std::vector<http_header> headers{};
    std::chrono::milliseconds open_timeout{0};
    std::chrono::milliseconds ping_interval{0};
    std::int64_t max_message_bytes = 0;
};

enum class websocket_event_kind : std::int32_t {
    opened = GW_WS_OPENED,
    text = GW_WS_TEXT,
    binary = GW_WS_BINARY,
    sent = GW_WS_SENT,
    closed = GW_WS_CLOSED
};

struct websocket_event {
    websocket_event_kind kind = websocket_event_kind::closed;
    status result = status::ok;  // closed: ok for a close handshake, else how it failed
    int close_code = 0;          // closed: the peer's code; 1005 none given, 1006 without a handshake
    std::string_view data{};     // text, binary: the whole message
    std::string_view code{};     // closed by a failure: "dns", "reset" …
    std::string_view text{};     // closed: the peer's reason, or one sentence about the failure
    int http_status = 0;         // closed because the upgrade was refused: the answer's

    [[nodiscard]] static websocket_event from(const gw_completion& completion) noexcept {
        const auto raw = read_struct<gw_ws_event>(&completion, completion.struct_size);
        return {.kind = websocket_event_kind{raw.event},
                .result = status{raw.base.status},
                .close_code = raw.close_code,
                .data = view(raw.data),
                .code = view(raw.code),
                .text = view(raw.text),
                .http_status = raw.http_status};
    }
};

}  // namespace gateway::sdk
