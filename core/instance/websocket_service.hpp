// WebSockets for instances: the ABI's connections turned into core/net's, and their events back.
//
// Loop thread. Bounds are those of gateway/ext/websocket.h. Both directions are counted up to the instance: a message
// out keeps its place until its GW_WS_SENT is told, and while too much that came in waits to be told, the socket is
// paused.
#pragma once

#include "instance/abi_read.hpp"
#include "instance/call.hpp"
#include "instance/record.hpp"
#include "net/websocket_types.hpp"

#include <gateway/gateway.h>

#include <cstdint>
#include <string_view>
#include <unordered_map>

namespace gateway::instance {

class instance_host;

class websocket_service final : private net::websocket_handler {
public:
    static constexpr std::size_t max_sockets = 8;                                 // of one instance
    static constexpr std::uint64_t max_message_bytes = std::uint64_t{16} << 20U;  // received
    static constexpr std::size_t max_unsent_bytes = std::size_t{4} << 20U;  // of one socket, so of one message too
    static constexpr std::size_t max_unsent_messages = 256;
    static constexpr std::size_t max_untold_bytes = std::size_t{1} << 20U;  // with more than that it is paused …
    static constexpr std::size_t max_untold_messages = 64;                  // … until half of it is told

    explicit websocket_service(instance_host& host) : host_(host) {}
    virtual ~websocket_service() = default;
    websocket_service(const websocket_service&) = delete;
    websocket_service& operator=(const websocket_service&) = delete;

    gw_status open(key from, record& of, const gw_ws_request& request);
    gw_status send(record& of, std::uint64_t op, std::int32_t event, gw_bytes data);
    gw_status close(record& of, std::uint64_t op, std::int32_t code, gw_str reason);
    void cancel(key from, const operation& pending);
    void drop(key of, const record& in);

    // Calls `use` with the ABI's form of an event, which borrows from it.
    template <typename Use>
    void with_event(const websocket_call& what, Use use) {
        const auto& event = *what.event;
        on_told(event);
        gw_ws_event converted{};
        converted.base = {sizeof(gw_ws_event), GW_COMPLETION_WS, event.op, event.status,
                          event.event == GW_WS_CLOSED ? 0U : GW_COMPLETION_MORE};
        converted.event = event.event;
        converted.close_code = event.close_code;
        converted.data = borrow_bytes(event.data);
        converted.code = borrow(event.code);
        converted.text = borrow(event.text);
        converted.http_status = event.http_status;
        use(converted);
    }

private:
    struct backlog {
        std::size_t messages = 0;
        std::size_t bytes = 0;

        void add(std::size_t size) {
            ++messages;
            bytes += size;
        }
        void take(std::size_t size) {
            --messages;
            bytes -= size;
        }
    };
    struct socket {
        key of;
        std::uint64_t op = 0;
        backlog unsent{};  // accepted from the instance, GW_WS_SENT not told
        backlog untold{};  // received for the instance, waiting in the queue of calls
        bool paused = false;
    };

    void on_open(net::websocket_id id) override;
    void on_message(net::websocket_id id, net::websocket_kind kind, std::string_view data) override;
    void on_sent(net::websocket_id id, std::uint64_t tag, bool written) override;
    void on_closed(net::websocket_id id, const net::websocket_close& close) override;
    void on_failed(net::websocket_id id, const net::failure& why) override;

    void tell(net::websocket_id id, websocket_call::content event);
    void finish(net::websocket_id id, websocket_call::content event);
    void on_told(const websocket_call::content& event);

    instance_host& host_;
    std::unordered_map<net::websocket_id, socket> sockets_;
};

}  // namespace gateway::instance
