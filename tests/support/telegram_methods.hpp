#pragma once
// The table of Bot API methods the model answers. A method is one row: its name, its parameters and a function that
// ends by calling `done` exactly once, at once or later. To add some: a function that returns rows, named here and
// listed in find_method (telegram_methods.cpp).

#include "support/telegram_bot.hpp"
#include "support/telegram_params.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::test {

struct method_call {
    telegram_bot& bot;
    const checked_params& params;  // valid until the function returns
    std::function<void(api_result)> done;
};

struct telegram_method {
    std::string_view name;  // as documented; called without regard to case
    std::vector<param_spec> params;
    void (*run)(method_call call);
    bool is_paced = false;  // takes from the buckets of telegram_pacing.hpp: what sends or edits
};

const telegram_method* find_method(std::string_view name);

std::vector<telegram_method> bot_methods();      // telegram_methods_bot.cpp: getMe, getUpdates, webhooks
std::vector<telegram_method> command_methods();  // telegram_methods_commands.cpp
std::vector<telegram_method> message_methods();  // telegram_methods_message.cpp: texts, drafts, deleting
std::vector<telegram_method> media_methods();    // telegram_methods_media.cpp: files and albums
std::vector<telegram_method> other_methods();    // telegram_methods_other.cpp: places, contacts, polls
std::vector<telegram_method> edit_methods();     // telegram_methods_edit.cpp
std::vector<telegram_method> chat_methods();     // telegram_methods_chat.cpp: actions, reactions, buttons, the chat

// A method that answers at once.
template <api_result (*answer)(telegram_bot&, const checked_params&)>
void at_once(method_call call) {
    call.done(answer(call.bot, call.params));
}

inline api_result bad_request(const std::string& text) {
    return api_result::fail(400, "Bad Request: " + text);
}

}  // namespace gateway::test
