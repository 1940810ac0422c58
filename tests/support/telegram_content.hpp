#pragma once
// What the sending and editing methods share: reading text, captions and keyboards as strictly as the platform does,
// and putting a message into a chat. Each reader returns the answer to give when something is wrong; then its
// out-parameter is untouched.

#include "support/telegram_lookup.hpp"
#include "support/telegram_text.hpp"

#include <string_view>
#include <vector>

namespace gateway::test {

inline constexpr std::size_t max_text = 4096;     // code points
inline constexpr std::size_t max_caption = 1024;  // code points
inline constexpr std::size_t max_buttons = 100;
inline constexpr std::size_t max_callback_data = 64;  // bytes

// `text`, `entities` and `parse_mode`; trimmed. Must not be empty unless `may_be_empty`.
failure read_text(const checked_params& params, formatted_text& ret_text, bool may_be_empty = false);
failure check_text_length(const formatted_text& text);

// `caption` and what belongs to it, of a call's parameters or of an InputMedia; goes into `ret_content` as the message
// shows it. An empty caption is none.
failure read_caption(const boost::json::object& source, boost::json::object& ret_content);

failure check_link_preview(const checked_params& params);
// Messages carry any keyboard; an edit takes an inline one only.
failure check_reply_markup(const checked_params& params, bool inline_only = false);

void copy_param(const checked_params& params, std::string_view name, boost::json::object& message);

// The parameters all sending methods have, and `own` ones.
std::vector<param_spec> sending_params(std::vector<param_spec> own);

// A new message of the bot's in the chat: who, where and when.
boost::json::object new_message(telegram_bot& bot, const telegram_chat& chat);
// Sends `content` (fields of a message), logs it, answers with the message. `late` is a fault in the content that the
// platform only notices once the chat and what the message refers to are known.
api_result send_content(telegram_bot& bot, const checked_params& params, std::string_view method,
                        boost::json::object content, const failure& late = std::nullopt);

}  // namespace gateway::test
