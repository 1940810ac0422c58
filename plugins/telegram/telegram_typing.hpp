// "… is typing" in chats, for as long as somebody says so: told at once and again before the platform's five seconds
// are over. Pure.
//
//   (none) ── show ──▶ shown ── ten seconds without a `show`, `hide` ──▶ (none)
//                      │  ▲ due: a request, unless something else matters more
//                      └──┘
//
// It yields: where a request would only add to a flood, one turn is left out. Bounds: `max_chats`, further ones are not
// shown; `max_sending` requests at a time; `max_pauses`.
#pragma once

#include "telegram_protocol.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace gateway::telegram {

class typing {
public:
    using milliseconds = std::chrono::milliseconds;
    static constexpr std::size_t max_chats = 64;
    static constexpr std::size_t max_sending = 8;
    static constexpr std::size_t max_pauses = 64;
    static constexpr milliseconds shown_for = std::chrono::seconds{10};
    static constexpr milliseconds every{4'500};

    struct turn {
        std::string chat;
        std::optional<std::int64_t> thread;
    };

    void show(const std::string& chat, std::optional<std::int64_t> thread, milliseconds now);
    void hide(const std::string& chat, std::optional<std::int64_t> thread);
    void hide_all() { shown_.clear(); }
    // Nothing is told to the chat until then; nothing to any chat when it is empty.
    void pause(const std::string& chat, milliseconds until, milliseconds now);

    // What is to be told now; each is answered by `told` once. `busy` says where a message is under way.
    [[nodiscard]] std::vector<turn> due(milliseconds now, const std::function<bool(const std::string& chat)>& busy);
    void told() { --sending_; }
    // When `due` is to be asked again.
    [[nodiscard]] std::optional<milliseconds> next() const;

private:
    struct entry {
        turn where;
        milliseconds until{};
        milliseconds next{};
    };
    struct rest {
        std::string chat;
        milliseconds until{};
    };
    [[nodiscard]] bool is_paused(const std::string& chat, milliseconds now) const;

    std::vector<entry> shown_;
    std::vector<rest> pauses_;
    std::size_t sending_ = 0;
};

}  // namespace gateway::telegram
