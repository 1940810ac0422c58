// Deliveries of one incarnation: what is sent, in which steps, and what each answer means. Pure.
//
//            deliver                              answered, more steps
//   (none) ─────────▶ gathering ─▶ waiting ─▶ sending ◀──────────┐
//                     (its files)               │ └──────────────┘
//                                               └─▶ receipt (gone)
//
// A delivery goes out in steps (telegram_plan.hpp), one after the other; the receipt follows the last one and names all
// that came of them. When a step fails, RETRY, UNKNOWN or FAILED is said of the whole, and what is left of the steps is
// remembered, so that a repeat in this incarnation goes on at the one in question. (The host keeps order within a chat;
// so does this.) Files of other instances are got before anything is sent.
//
// A 429 pauses the chat. Telegram does not say whether it means the chat or the account: when another chat is refused
// while the first one's pause lasts, it is the account.
//
// Bounds: `max_sending` requests at a time, `max_getting` files being got, `max_waiting` deliveries behind them,
// `max_remembered` interrupted ones; for typing see telegram_typing.hpp.
#pragma once

#include "telegram_plan.hpp"
#include "telegram_protocol.hpp"
#include "telegram_typing.hpp"

#include <gateway/cpp/delivery.hpp>
#include <gateway/cpp/files.hpp>
#include <gateway/cpp/status.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace gateway::telegram {

namespace act {
struct send {
    sdk::delivery_id id;
    request what;
    std::chrono::milliseconds idle_timeout;
    std::chrono::milliseconds total_timeout;
};
// Ask the host for a file; answer with `sender::got`.
struct get_file {
    sdk::delivery_id id;
    std::string source;
    std::string file;
    std::int64_t max_size;
};
// Answer with `sender::typed`.
struct type {
    typing::turn where;
    request what;
};
// `sender::tick` after this, in place of the one asked for before.
struct tick_after {
    std::chrono::milliseconds delay;
};
struct unauthorized {
    sdk::failure why;
};
}  // namespace act
using sender_action =
    std::variant<act::send, act::get_file, act::type, act::tick_after, sdk::receipt, act::unauthorized>;
using sender_actions = std::vector<sender_action>;

class sender {
public:
    using milliseconds = std::chrono::milliseconds;
    // The host allows 64 requests; typing has its own share; polls, buttons and files need some.
    static constexpr std::size_t max_sending = 40;
    static constexpr std::size_t max_getting = 8;  // the host allows 16
    static constexpr std::size_t max_waiting = 1'000;
    static constexpr std::size_t max_remembered = 64;
    static constexpr std::uint32_t file_attempts = 3;  // while a file fails for a reason that may pass
    static constexpr std::chrono::seconds send_timeout{30};
    static constexpr std::chrono::seconds file_idle_timeout{60};  // the platform fetches or converts it
    static constexpr std::chrono::seconds file_total_timeout{600};

    // `own_name` is the instance's.
    explicit sender(std::string own_name = {}) : own_name_(std::move(own_name)) {}

    [[nodiscard]] sender_actions deliver(const sdk::delivery_view& what, milliseconds now);
    [[nodiscard]] sender_actions answered(sdk::delivery_id id, const answer& given, milliseconds now);
    [[nodiscard]] sender_actions got(sdk::delivery_id id, const sdk::file& what);
    void typed(const typing::turn& where, const answer& given, milliseconds now);
    [[nodiscard]] sender_actions tick(milliseconds now);
    // Nothing new is begun; what waits goes back to the host. What is under way goes on.
    [[nodiscard]] sender_actions close();
    // The time for that is over: its outcome is unknown.
    [[nodiscard]] sender_actions give_up();
    [[nodiscard]] bool idle() const { return jobs_.empty() && waiting_.empty() && gathering_.empty(); }

private:
    struct job {
        sdk::delivery_id id{};
        std::uint32_t attempt = 1;
        order what{};
        std::vector<step> steps{};
        std::size_t next = 0;                     // the step under way
        std::vector<std::string> sent{};          // of the steps before it
        std::uint32_t calls = 0;                  // of this attempt
        std::string_view method = "sendMessage";  // of the last one
        bool asked = false;                       // for a file
        bool migrated = false;
    };
    struct pause {
        std::string chat{};
        milliseconds until{};
    };

    void type(const sdk::delivery_view& what, milliseconds now);
    void continue_typing(milliseconds now, sender_actions& out);
    void gather(sender_actions& out);
    void gathered(std::size_t at, sender_actions& out);
    void enqueue(job made, sender_actions& out);
    void send_step(job& what, sender_actions& out);
    void start_waiting(sender_actions& out);
    void advance(job& what, const answer& given);
    [[nodiscard]] bool mend(job& what, const answer& given);
    [[nodiscard]] sdk::receipt receipt_for(job& what, const answer& given, milliseconds now);
    sdk::pause_scope pause_after(const std::string& chat, milliseconds length, milliseconds now);
    [[nodiscard]] std::optional<job> recall(sdk::delivery_id id);

    std::string own_name_;
    std::vector<job> gathering_;  // files are missing
    std::vector<job> waiting_;
    std::vector<job> jobs_;         // one request each is under way
    std::vector<job> interrupted_;  // a repeat goes on there
    typing typing_;
    std::optional<milliseconds> tick_at_;  // the one asked for
    std::optional<pause> pause_;
    bool closing_ = false;
};

}  // namespace gateway::telegram
