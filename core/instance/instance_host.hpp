// The host side of the C ABI for instances in this process: makes the calls into modules and answers theirs.
//
//     fleet ──create, close, destroy──▶ instance_host ──call_queue──▶ module's functions
//     fleet ◀──listener──────────────── instance_host ◀──host_api──── gw_host's functions
//
// Which instance is created when is not decided here (core/reconnect does). This class keeps the contract of the ABI:
// calls are serialised, an incarnation that is dead is not heard and gets no completion, an exception does not pass, a
// call that never returns costs the incarnation only.
//
// Loop thread, except `wake` and `report_misuse` (any). Owns the records; borrows the services. One object at a time in
// a process, since gw_host's functions carry no context. Errors are told to the listener and logged here once.
#pragma once

#include "instance/call_queue.hpp"
#include "instance/hang_log.hpp"
#include "instance/listener.hpp"
#include "instance/outside.hpp"
#include "instance/record.hpp"
#include "loop/call_guard.hpp"
#include "loop/time_source.hpp"
#include "message/model.hpp"
#include "module/catalogue.hpp"
#include "route/message_plane.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gateway::net {
class http_client;
class http_server;
class websocket_port;
}  // namespace gateway::net

namespace gateway::instance {

class http_service;
class inbound_service;
class websocket_service;
class timer_service;
class message_service;

class instance_host final : public route::delivery_port {
public:
    struct services {
        boost::asio::io_context& loop;
        loop::time_source& time;
        loop::call_guard& guard;
        net::http_client& http;
        net::websocket_port& websockets;
        route::message_plane& plane;
        net::http_server* inbound = nullptr;  // null: the host listens nowhere
    };

    instance_host(services with, listener& to);
    ~instance_host() override;
    instance_host(const instance_host&) = delete;
    instance_host& operator=(const instance_host&) = delete;

    // Creates and connects, soon. The slot must hold no incarnation.
    void create(key which, const module::loaded_module& from, std::shared_ptr<const instance_spec> spec);
    // Hands over every chat's settings; `spec` may be newer than the one it was created from.
    void apply_settings(key which, std::shared_ptr<const instance_spec> spec);
    void refresh_directory(key which);
    // False: there is no such incarnation, so there will be no on_closed.
    bool close(key which, std::int32_t reason);
    // Ends the incarnation at once as far as the host is concerned, and frees the instance soon.
    void destroy(key which);
    // Takes a delivery from the plane and hands it over, soon; false when that slot is not online.
    bool deliver(std::uint32_t slot, std::uint64_t id) override;

    [[nodiscard]] const hang_log& hangs() const { return hangs_; }

    // The running call was abandoned; called first on the thread that goes on.
    void on_call_abandoned();

    // Whether no call waits to be made or is being made.
    [[nodiscard]] bool is_idle() const { return calls_.is_idle(); }
    // Calls `then` once, from the loop, as soon as that is so.
    void when_idle(std::function<void()> then) { calls_.when_idle(std::move(then)); }

    // For host_api and the services.
    [[nodiscard]] record* find(key which);                     // null: no such incarnation, or a dead one
    [[nodiscard]] key running() const { return running_.to; }  // the call being made; meaningful only within one
    [[nodiscard]] loop::call_guard& guard() { return with_.guard; }
    [[nodiscard]] services& with() { return with_; }
    [[nodiscard]] listener& to() { return to_; }
    void push(key to, decltype(call::what) what) { calls_.push({to, std::move(what), {}}); }
    // A module broke the contract in a way that was refused: one line, bounded per instance.
    void complain(record& about, std::string_view what);
    void wake(gw_token of);                                   // any thread
    void report_misuse(gw_token of, const char* what);        // any thread
    gw_status start_operation(record& of, std::uint64_t op);  // may it start one more, of this number?
    gw_status report_connected(key of, record& in, const identity& who);
    gw_status report_failure(key of, record& in, const gw_failure& why);
    gw_status report_closed(key of, record& in);
    // Queues an operation's last completion, unless its incarnation is over or the operation has one already. Its
    // number stays taken until the call is made, so that no completion can be mistaken for a later operation's.
    void complete(key of, std::uint64_t op, decltype(call::what) what);

    [[nodiscard]] timer_service& timers() { return *timers_; }
    [[nodiscard]] http_service& http() { return *http_; }
    [[nodiscard]] websocket_service& websockets() { return *websockets_; }
    [[nodiscard]] inbound_service& inbound() { return *inbound_; }
    [[nodiscard]] message_service& messages() { return *messages_; }

private:
    struct running_call {
        key to;
        record* of = nullptr;
        const char* function = "";
    };

    void make(call& next);
    template <typename Function>
    bool guarded(key to, record& of, const char* function, Function&& call_it);
    void make_create(key to, record& of);
    void make_deliver(key to, record& of, std::uint64_t id);
    void make_settings(key to, record& of, const instance_spec& spec);
    void make_refresh(key to, record& of);
    void make_destroy(key to, std::unique_ptr<record> of);
    void make_plain(key to, record& of, const plain_call& what);
    void on_exception(key of, record& in, const char* function, const std::string& what);
    void forget(key of);
    void report_lost(key of, record& in, reconnect::failure why);
    void drop_operations(key of, record& in);
    void drain_outside();
    record* at(reconnect::slot_id which);

    services with_;
    listener& to_;
    call_queue calls_;
    std::vector<std::unique_ptr<record>> records_;  // by slot; null: no incarnation
    std::vector<std::unique_ptr<record>> lost_;     // hung: their threads may still read what they borrowed
    running_call running_;
    hang_log hangs_;
    std::unique_ptr<timer_service> timers_;
    std::unique_ptr<http_service> http_;
    std::unique_ptr<websocket_service> websockets_;
    std::unique_ptr<inbound_service> inbound_;
    std::unique_ptr<message_service> messages_;

    log::flood_limit strangers_{5};  // misuse in the name of nobody known

    outside outside_;
};

}  // namespace gateway::instance
