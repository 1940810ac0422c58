#include "instance/websocket_service.hpp"

#include "instance/http_service.hpp"
#include "instance/instance_host.hpp"
#include "message/utf8.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace gateway::instance {
namespace {

constexpr std::int32_t no_handshake = 1006;  // RFC 6455, 7.4.1

bool is_close_code(std::int32_t code) {
    return code == 1000 || code == 1001 || (code >= 3000 && code <= 4999);
}

// Null unless it is a WebSocket whose end is not on the way.
const operation* open_operation(record& of, std::uint64_t op) {
    const auto* pending = of.find(op);
    return pending != nullptr && pending->kind == operation_kind::websocket && !pending->completing ? pending : nullptr;
}

}  // namespace

gw_status websocket_service::open(key from, record& of, const gw_ws_request& request) {
    if (const auto status = host_.start_operation(of, request.op); status != GW_OK) {
        return status;
    }
    if (of.count(operation_kind::websocket) >= max_sockets) {
        return GW_ERR_LIMIT;
    }
    net::websocket_request translated;
    if (dangling(request.url) || request.url.size > http_service::max_url_bytes ||
        copy_headers(request.headers, translated.headers) != GW_OK ||
        std::min({request.open_timeout_ms, request.ping_interval_ms, request.max_message_bytes}) < 0 ||
        std::chrono::milliseconds(request.ping_interval_ms) > net::http_request::max_timeout / 2) {
        host_.complain(of, "a gw_ws_request has an unusable url, header, timeout or limit");
        return GW_ERR_INVALID;
    }
    translated.owner = owner_of(from);
    translated.url.assign(view(request.url));
    translated.proxy = of.spec->proxy;
    if (request.open_timeout_ms != 0) {
        translated.open_timeout = std::chrono::milliseconds(request.open_timeout_ms);
    }
    // core/net pings after half of the idle time and gives up after all of it.
    translated.idle_timeout = request.ping_interval_ms == 0 ? std::chrono::milliseconds(net::http_request::max_timeout)
                                                            : 2 * std::chrono::milliseconds(request.ping_interval_ms);
    if (request.max_message_bytes != 0) {
        translated.max_message_bytes = static_cast<std::size_t>(
            std::min(static_cast<std::uint64_t>(request.max_message_bytes), max_message_bytes));
    }
    translated.max_queued_bytes = max_unsent_bytes;
    translated.max_queued_messages = max_unsent_messages;
    const auto opened = host_.with().websockets.open(std::move(translated), *this);
    if (opened.has_error()) {
        if (opened.error().kind == net::failure_kind::bad_request) {
            host_.complain(of, opened.error().text);
        }
        return status_of(opened.error());
    }
    sockets_.emplace(*opened, socket{from, request.op});
    of.operations.push_back({request.op, *opened, operation_kind::websocket});
    return GW_OK;
}

gw_status websocket_service::send(record& of, std::uint64_t op, std::int32_t event, gw_bytes data) {
    const auto* pending = open_operation(of, op);
    if (pending == nullptr) {
        return GW_ERR_NOT_FOUND;
    }
    if ((event != GW_WS_TEXT && event != GW_WS_BINARY) || (data.data == nullptr && data.size != 0)) {
        host_.complain(of, "a WebSocket message is neither GW_WS_TEXT nor GW_WS_BINARY, or at NULL");
        return GW_ERR_INVALID;
    }
    if (data.size > max_unsent_bytes) {
        return GW_ERR_LIMIT;
    }
    if (event == GW_WS_TEXT && !message::is_utf8(view(data))) {
        host_.complain(of, "a WebSocket text message is not valid UTF-8");
        return GW_ERR_UTF8;
    }
    const auto kind = event == GW_WS_TEXT ? net::websocket_kind::text : net::websocket_kind::binary;
    auto& unsent = sockets_.at(pending->handle).unsent;
    if (unsent.messages >= max_unsent_messages || data.size > max_unsent_bytes - unsent.bytes) {
        return GW_ERR_BUSY;
    }
    switch (host_.with().websockets.send(pending->handle, kind, std::string(view(data)), data.size)) {
        case net::send_status::accepted:
            unsent.add(data.size);
            return GW_OK;
        case net::send_status::queue_full:
            return GW_ERR_BUSY;
        case net::send_status::not_open:
            break;
    }
    return GW_ERR_NOT_FOUND;
}

gw_status websocket_service::close(record& of, std::uint64_t op, std::int32_t code, gw_str reason) {
    const auto* pending = open_operation(of, op);
    if (pending == nullptr) {
        return GW_ERR_NOT_FOUND;
    }
    if (!is_close_code(code) || dangling(reason) || reason.size > net::websocket_close::max_reason_bytes ||
        !message::is_utf8(view(reason))) {
        host_.complain(of, "a WebSocket is closed with a code other than 1000, 1001, 3000-4999, or an unusable reason");
        return GW_ERR_INVALID;
    }
    return host_.with().websockets.close(pending->handle, static_cast<std::uint16_t>(code), std::string(view(reason)))
               ? GW_OK
               : GW_ERR_NOT_FOUND;
}

void websocket_service::cancel(key, const operation& pending) {
    const auto id = pending.handle;
    host_.with().websockets.drop(id);
    websocket_call::content event;
    event.status = GW_ERR_CANCELLED;
    event.close_code = no_handshake;
    event.code = "cancelled";
    finish(id, std::move(event));
}

void websocket_service::drop(key of, const record& in) {
    if (in.count(operation_kind::websocket) == 0) {
        return;
    }
    host_.with().websockets.drop_owner(owner_of(of));
    for (const auto& pending : in.operations) {
        if (pending.kind == operation_kind::websocket) {
            sockets_.erase(pending.handle);
        }
    }
}

void websocket_service::tell(net::websocket_id id, websocket_call::content event) {
    const auto found = sockets_.find(id);
    if (found == sockets_.end()) {
        return;
    }
    event.op = found->second.op;
    event.socket = id;
    host_.push(found->second.of, websocket_call{std::make_unique<websocket_call::content>(std::move(event))});
}

// Its turn has come: the instance is about to be told.
void websocket_service::on_told(const websocket_call::content& event) {
    const auto found = sockets_.find(event.socket);
    if (found == sockets_.end()) {
        return;  // its end waits in the queue already
    }
    auto& [of, op, unsent, untold, paused] = found->second;
    if (event.event == GW_WS_SENT) {
        unsent.take(event.sent_bytes);
    } else if (event.event == GW_WS_TEXT || event.event == GW_WS_BINARY) {
        untold.take(event.data.size());
        if (paused && untold.messages <= max_untold_messages / 2 && untold.bytes <= max_untold_bytes / 2) {
            paused = false;
            host_.with().websockets.resume(event.socket);
        }
    }
}

void websocket_service::finish(net::websocket_id id, websocket_call::content event) {
    const auto found = sockets_.find(id);
    if (found == sockets_.end()) {
        return;
    }
    const auto [of, op] = std::pair{found->second.of, found->second.op};
    sockets_.erase(found);
    event.op = op;
    event.event = GW_WS_CLOSED;
    host_.complete(of, op, websocket_call{std::make_unique<websocket_call::content>(std::move(event))});
}

void websocket_service::on_open(net::websocket_id id) {
    websocket_call::content event;
    event.event = GW_WS_OPENED;
    tell(id, std::move(event));
}

void websocket_service::on_message(net::websocket_id id, net::websocket_kind kind, std::string_view data) {
    websocket_call::content event;
    event.event = kind == net::websocket_kind::text ? GW_WS_TEXT : GW_WS_BINARY;
    event.data.assign(data);
    tell(id, std::move(event));
    const auto found = sockets_.find(id);
    if (found == sockets_.end()) {
        return;
    }
    auto& in = found->second;
    in.untold.add(data.size());
    if (!in.paused && (in.untold.messages > max_untold_messages || in.untold.bytes > max_untold_bytes)) {
        in.paused = true;
        host_.with().websockets.pause(id);
    }
}

// The tag is the message's size.
void websocket_service::on_sent(net::websocket_id id, std::uint64_t tag, bool written) {
    if (written) {
        websocket_call::content event;
        event.event = GW_WS_SENT;
        event.sent_bytes = tag;
        tell(id, std::move(event));
    }
}

void websocket_service::on_closed(net::websocket_id id, const net::websocket_close& close) {
    websocket_call::content event;
    event.close_code = close.code;
    event.text = close.reason;
    finish(id, std::move(event));
}

void websocket_service::on_failed(net::websocket_id id, const net::failure& why) {
    websocket_call::content event;
    event.status = status_of(why);
    event.close_code = no_handshake;
    event.code = code_of(why);
    event.text = why.text;
    event.http_status = why.http_status;
    finish(id, std::move(event));
}

}  // namespace gateway::instance
