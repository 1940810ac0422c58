// The connection of one incarnation: token check, long polling, offset. Pure: step(event, now) → actions.
//
//            connect            offset known          first poll accepted, and getMe answered ─▶ connected
//   (fresh) ─────────▶ reading ──────────────▶ polling ◀──────────────────────────────┐
//                                              │ ▲ │ updates                          │
//         409: a webhook is set, first time    │ │ └────────▶ storing ── committed ───┤
//            unhooking ◀───────────────────────┘ │            │     ▲                 │
//                │            done               │       busy,│     │due              │
//                └───────────────────────────────┘      failed└▶ holding              │
//                                                                                     │
//            polling ── nothing, and sooner than asked for ──▶ pausing ── due ────────┘
//                    └─ an album that may go on ─────────────────┘
//
//   any ── a call failed, the store cannot be read ──▶ over (lost)       any ── close ──▶ over
//
// getMe runs beside `reading` and the first poll: a wrong token is answered alike by both, and the first failure
// counts. The first poll does not wait (timeout 0), so that being accepted is proven at once; later ones do. An update
// is acknowledged by the next poll, which is sent only when its event and the new offset are committed. An answer that
// comes before getMe's waits for it: what is meant for the bot can only be told by its name.
//
// One object an incarnation, used by one adapter. Bounds: one answer (max_updates) is held at a time.
#pragma once

#include "telegram_inbox.hpp"
#include "telegram_protocol.hpp"

#include <gateway/cpp/batch.hpp>
#include <gateway/cpp/host.hpp>
#include <gateway/cpp/status.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gateway::telegram {

using std::chrono::milliseconds;

inline constexpr std::string_view offset_key = "offset";
inline constexpr std::chrono::seconds longest_poll{50};  // the server cuts longer ones silently

struct session_settings {
    std::chrono::seconds poll_timeout = longest_poll;
    bool addressed_only = false;  // see telegram_update.hpp
    bool chat_members = false;
};

enum class call_kind : std::uint8_t { get_me, poll, delete_webhook };

// What happened; after `close` or a loss nothing is heard any more. Views and references are used during the step only.
namespace on {
struct connect {};
struct offset_read {
    sdk::status result;
    std::string_view value;
};
struct answered {
    call_kind call;
    answer& given;  // taken apart
};
struct busy {};  // the host took no batch
struct committed {
    sdk::status result;
};
struct due {};  // of the `wait` asked for last
struct unauthorized {
    sdk::failure why;
};  // a message was refused for the token's sake
struct close {};
}  // namespace on
using session_event = std::variant<on::connect, on::offset_read, on::answered, on::busy, on::committed, on::due,
                                   on::unauthorized, on::close>;

// What to do, in order.
namespace act {
struct read_offset {};
struct call {
    call_kind kind;
    request what;
    milliseconds idle_timeout;
    milliseconds total_timeout;
    std::int64_t max_body_bytes;
};
struct store {};  // submit `session::pending`
struct answer_query {
    std::string id;  // of a callback query; whether it works is of no consequence
};
struct wait {
    milliseconds delay;
};
struct connected {
    account who;
};
struct lost {
    sdk::failure why;
};
struct log {
    sdk::log_level level;
    std::string text;
};
struct cancel_all {};  // calls and waits
}  // namespace act
using session_action = std::variant<act::read_offset, act::call, act::store, act::wait, act::connected, act::lost,
                                    act::log, act::cancel_all, act::answer_query>;
using session_actions = std::vector<session_action>;

class session {
public:
    static constexpr milliseconds call_timeout = std::chrono::seconds{15};  // getMe, deleteWebhook, the first poll
    static constexpr milliseconds poll_slack = std::chrono::seconds{10};  // over the poll's own timeout: then it stalls
    static constexpr milliseconds body_time = std::chrono::seconds{60};   // for an answer that has begun
    static constexpr std::int64_t max_answer_bytes = 8 * 1024 * 1024;     // of getUpdates: twice the server's bound
    static constexpr milliseconds first_busy_pause{100};
    static constexpr milliseconds longest_busy_pause{1'000};
    static constexpr milliseconds first_failed_pause{1'000};
    static constexpr milliseconds longest_failed_pause{30'000};
    static constexpr milliseconds least_poll_interval{250};  // from a server that answers empty polls at once
    static constexpr milliseconds album_pause{1'000};        // before an album that may go on is looked at again

    explicit session(const session_settings& settings) : settings_(settings) {}

    [[nodiscard]] session_actions step(const session_event& event, milliseconds now);

    [[nodiscard]] const sdk::batch& pending() const { return received_.events; }
    [[nodiscard]] bool over() const { return phase_ == phase::over; }
    [[nodiscard]] std::uint64_t left_out() const { return left_out_; }

private:
    enum class phase : std::uint8_t { fresh, reading, polling, unhooking, pausing, storing, holding, over };

    void handle(const on::connect&, session_actions& out);
    void handle(const on::offset_read& event, session_actions& out);
    void handle(const on::answered& event, session_actions& out);
    void handle(const on::busy&, session_actions& out);
    void handle(const on::committed& event, session_actions& out);
    void handle(const on::due&, session_actions& out);
    void handle(const on::unauthorized& event, session_actions& out);
    void handle(const on::close&, session_actions& out);

    void know_account(answer& given, session_actions& out);
    void take_answer(answer& given, session_actions& out);
    void take_updates(const boost::json::array& updates, session_actions& out);
    void report(session_actions& out);
    void pause(milliseconds delay, session_actions& out);
    void polling_failed(const answer& given, session_actions& out);
    void poll(session_actions& out);
    void prove(session_actions& out);
    void fail(sdk::failure why, session_actions& out);
    void hold(milliseconds first, milliseconds longest, session_actions& out);

    session_settings settings_;
    milliseconds now_{};
    milliseconds polled_at_{};
    milliseconds pause_{};  // the last one of a row while holding
    std::optional<std::int64_t> offset_;
    std::optional<account> account_;
    std::optional<boost::json::value> early_;  // the first poll's updates, until getMe is answered
    received received_;                        // while storing and holding
    inbox inbox_;
    std::uint64_t left_out_ = 0;
    std::uint64_t named_only_ = 0;
    std::uint64_t unknown_entities_ = 0;
    phase phase_ = phase::fresh;
    bool accepted_ = false;   // a poll was
    bool connected_ = false;  // reported
    bool unhooked_ = false;   // the webhook, once
};

}  // namespace gateway::telegram
