#pragma once
// What several methods look up before they act: the chat, the message and the place in a chat that a call names. Each
// function returns the answer to give when there is none; then its out-parameters are untouched. Pure.

#include "support/telegram_bot.hpp"
#include "support/telegram_params.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gateway::test {

using failure = std::optional<api_result>;

failure find_chat(telegram_bot& bot, const checked_params& params, telegram_chat*& ret_chat);
// Refuses chats the bot may not write to and those that became a supergroup.
failure find_writable_chat(telegram_bot& bot, const checked_params& params, telegram_chat*& ret_chat);
// The message `message_id` names; `purpose` completes "message to … not found".
failure find_message(telegram_bot& bot, const checked_params& params, std::string_view purpose,
                     telegram_chat*& ret_chat, boost::json::object*& ret_message);

struct reply_target {
    std::int64_t message_id = 0;  // 0: no reply
    bool allow_missing = false;
    std::string quote{};  // an exact part of the message; empty: none
    std::int64_t quote_position = 0;
};

// The bot's own message `message_id` names, to be edited.
failure find_own_message(telegram_bot& bot, const checked_params& params, telegram_chat*& ret_chat,
                         boost::json::object*& ret_message);

failure read_reply(const checked_params& params, reply_target& ret_reply);
// Writes into `message` where it goes inside the chat: what it answers, the quote, its topic.
failure place(telegram_chat& chat, const checked_params& params, const reply_target& reply,
              boost::json::object& message);

}  // namespace gateway::test
