// The host, as an adapter sees it: one object per instance, which starts operations and remembers their callbacks.
//
// Use it from within the calls the host makes to the adapter only; `waker` is the exception. Nothing blocks, and no
// callback runs before the function that took it has returned. Callbacks of a destroyed instance never run.
//
// Errors: a refusal that only a bug of the adapter or a lacking ability explains throws `refused`. A refusal because
// the incarnation is over (stale) is silent: the operation is dropped, its id is op_id::none, and nothing else is to be
// done.
#pragma once

#include <gateway/cpp/batch.hpp>
#include <gateway/cpp/delivery.hpp>
#include <gateway/cpp/files.hpp>
#include <gateway/cpp/http.hpp>
#include <gateway/cpp/inbound.hpp>
#include <gateway/cpp/op_table.hpp>
#include <gateway/cpp/status.hpp>
#include <gateway/cpp/websocket.hpp>
#include <gateway/ext/kv.h>
#include <gateway/ext/random.h>
#include <gateway/ext/timer.h>
#include <gateway/host.h>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace gateway::sdk {

enum class log_level : std::int32_t {
    debug = GW_LOG_DEBUG,
    info = GW_LOG_INFO,
    warning = GW_LOG_WARNING,
    error = GW_LOG_ERROR
};

// Makes the host call adapter::on_wake soon. Copyable, usable from any thread, harmless after the instance is gone.
class waker {
public:
    waker(const gw_host* host, gw_token self) noexcept : host_(host), self_(self) {}
    void wake() const noexcept { host_->wake(self_); }

private:
    const gw_host* host_;
    gw_token self_;
};

struct kv_value {
    status result = status::ok;  // ok, not_found or io
    std::string_view value{};    // valid while the callback runs
};

class host_handle {
public:
    using http_callback = callback<const http_response&>;
    using websocket_callback = callback<const websocket_event&>;

    host_handle(const gw_host* host, gw_token self) noexcept : host_(host), self_(self) {}
    host_handle(const host_handle&) = delete;
    host_handle& operator=(const host_handle&) = delete;

    // Monotonic, from an arbitrary start; and Unix time, which may step.
    [[nodiscard]] std::chrono::milliseconds now() const { return std::chrono::milliseconds{host_->now_ms(self_)}; }
    [[nodiscard]] std::int64_t unix_ms() const { return host_->unix_ms(self_); }
    void log(log_level level, std::string_view text) const noexcept {
        host_->log(self_, static_cast<std::int32_t>(level), to_gw(text));
    }

    // Online is proven. `id` and `name` say who the account is on its platform. Once per incarnation; after a loss and
    // while closing it does nothing.
    void connected(std::string_view id = {}, std::string_view name = {});
    // Not connected, or no longer. The first report counts; more of them do nothing.
    void lost(const failure& why);
    // `close` is done.
    void closed() { host_->closed(self_); }

    // ok: accepted, and `on_commit(status)` will run. busy: nothing was taken; repeat after a completion or a while.
    // stale: this incarnation is over.
    template <std::invocable<status> Callback>
    [[nodiscard]] status submit(const batch& what, Callback on_commit);
    // True when it was taken; false when the delivery was not handed to this incarnation, or is answered already.
    bool receipt(const sdk::receipt& what);

    // `on_due()` runs after `delay`; never after `cancel`.
    template <std::invocable<> Callback>
    op_id timer(std::chrono::milliseconds delay, Callback on_due);
    // `on_value(const kv_value&)`.
    template <std::invocable<const kv_value&> Callback>
    op_id kv_get(std::string_view key, Callback on_value);
    // `on_response(const http_response&)`, once.
    template <std::invocable<const http_response&> Callback>
    op_id http(const http_request& what, Callback on_response);
    // `on_event(const websocket_event&)`, until the event of kind `closed`.
    template <std::invocable<const websocket_event&> Callback>
    op_id websocket(const websocket_request& what, Callback on_event);
    // ok, busy (too much waits to be written: nothing was taken), not_found or stale.
    [[nodiscard]] status send_text(op_id websocket, std::string_view text) { return send(websocket, GW_WS_TEXT, text); }
    [[nodiscard]] status send_binary(op_id websocket, std::string_view bytes) {
        return send(websocket, GW_WS_BINARY, bytes);
    }
    // Starts the close handshake; `cancel` drops the connection without one.
    void close_websocket(op_id websocket, int code, std::string_view reason = {});

    // `on_file(const file&)`, once. `source` and `id` are an attachment's; `max_size` in bytes, 0: what the host
    // allows.
    template <std::invocable<const file&> Callback>
    op_id get_file(std::string_view source, std::string_view id, std::int64_t max_size, Callback on_file);
    // The answer to with_files::fetch_file: `result` ok when the whole file is there. False: nobody waits for it any
    // more.
    bool fetched(fetch_id which, status result, std::string_view code = {}, std::string_view text = {});

    // `on_request(const inbound_request&)`, until one that says `ended`. op_id::none and no call ever when the path is
    // another instance's (`ret_result`: duplicate), the host listens nowhere (unsupported), or this one is over.
    template <std::invocable<const inbound_request&> Callback>
    op_id listen(const inbound_route& where, Callback on_request, status& ret_result);
    // False: that request is over.
    bool respond(inbound_id which, const inbound_response& what);

    // Ends an operation early: its callback runs with status::cancelled, or with what it reached before. A timer's
    // callback does not run any more. A commit cannot be cancelled. An id that is not pending is ignored.
    void cancel(op_id op);

    // Fills `ret` (at most 4,096 bytes) with randomness fit for secrets.
    void random(std::span<std::uint8_t> ret) const;
    [[nodiscard]] waker get_waker() const noexcept { return {host_, self_}; }

    // What this class does not cover: the raw ABI.
    [[nodiscard]] const gw_host* raw() const noexcept { return host_; }
    [[nodiscard]] gw_token token() const noexcept { return self_; }
    // The extension's table; throws when this host lacks it or knows only a shorter one.
    template <typename Table>
    [[nodiscard]] const Table& extension(const char* name) const;

    // For the module's edge (entry.hpp).
    void complete(const gw_completion& completion) { ops_.complete(completion); }
    [[nodiscard]] std::size_t pending() const noexcept { return ops_.size(); }

private:
    template <typename Start>
    op_id start(const char* function, std::int32_t kind, op_table::completion_callback call, Start start);
    op_id start_http(const http_request& what, op_table::completion_callback call);
    op_id start_websocket(const websocket_request& what, op_table::completion_callback call);
    [[nodiscard]] status start_submit(const batch& what, op_table::completion_callback call);
    [[nodiscard]] status send(op_id websocket, std::int32_t event, std::string_view data);

    const gw_host* host_;
    gw_token self_;
    op_table ops_;
};

}  // namespace gateway::sdk

#include <gateway/cpp/host_impl.hpp>
