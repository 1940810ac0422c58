// Deliveries of one incarnation: what is sent, in which pieces, and what each answer means. Pure.
//
//            deliver                      answered, more pieces
//   (none) ─────────▶ waiting ─▶ sending ◀──────────┐
//                                  │ └──────────────┘
//                                  └─▶ receipt (gone)
//
// A long text goes out in pieces, one after the other; the receipt follows the last one and names it. When a piece
// fails, RETRY, UNKNOWN or FAILED is said of the whole, and the pieces that are out are remembered, so that a repeat in
// this incarnation goes on at the piece in question. (The host keeps order within a chat; so does this.)
//
// A 429 pauses the chat. Telegram does not say whether it means the chat or the account: when another chat is refused
// while the first one's pause lasts, it is the account.
//
// Bounds: `max_sending` requests at a time, `max_waiting` deliveries behind them, `max_remembered` interrupted ones.
#pragma once

#include "rich_text.hpp"
#include "telegram_protocol.hpp"

#include <gateway/cpp/delivery.hpp>
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
};
struct unauthorized {
    sdk::failure why;
};
}  // namespace act
using sender_action = std::variant<act::send, sdk::receipt, act::unauthorized>;
using sender_actions = std::vector<sender_action>;

class sender {
public:
    static constexpr std::size_t max_sending = 48;  // the host allows 64 requests: polls, buttons, files need some
    static constexpr std::size_t max_waiting = 1'000;
    static constexpr std::size_t max_remembered = 64;
    static constexpr std::chrono::seconds send_timeout{30};

    [[nodiscard]] sender_actions deliver(const sdk::delivery_view& what);
    [[nodiscard]] sender_actions answered(sdk::delivery_id id, const answer& given, std::chrono::milliseconds now);
    // Nothing new is begun; what waits goes back to the host. What is under way goes on.
    [[nodiscard]] sender_actions close();
    // The time for that is over: its outcome is unknown.
    [[nodiscard]] sender_actions give_up();
    [[nodiscard]] bool idle() const { return jobs_.empty() && waiting_.empty(); }

private:
    struct job {
        sdk::delivery_id id{};
        outgoing_text target{};  // its text is the piece under way
        std::vector<markdown::rich_text> pieces{};
        std::size_t next = 0;  // the piece under way
        bool migrated = false;
    };
    struct interrupted {
        sdk::delivery_id id{};
        std::size_t next = 0;
    };
    struct pause {
        std::string chat{};
        std::chrono::milliseconds until{};
    };

    void start(job what, sender_actions& out);
    void send_piece(job& what, sender_actions& out);
    void start_waiting(sender_actions& out);
    [[nodiscard]] bool mend(job& what, const answer& given, sender_actions& out);
    [[nodiscard]] sdk::receipt receipt_for(const job& what, const answer& given, std::chrono::milliseconds now);
    [[nodiscard]] sdk::pause_scope scope_of_pause(const std::string& chat, std::chrono::milliseconds length,
                                                  std::chrono::milliseconds now);
    void remember(const job& what);
    [[nodiscard]] std::size_t recall(sdk::delivery_id id);

    std::vector<job> jobs_;  // one request each is under way
    std::vector<job> waiting_;
    std::vector<interrupted> interrupted_;
    std::optional<pause> pause_;
    bool closing_ = false;
};

}  // namespace gateway::telegram
