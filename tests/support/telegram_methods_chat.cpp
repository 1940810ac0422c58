// What a bot does in a chat besides writing: actions, reactions, answers to buttons, looking at the chat.

#include "support/telegram_lookup.hpp"
#include "support/telegram_methods.hpp"
#include "support/telegram_text.hpp"

#include <algorithm>
#include <array>

namespace gateway::test {
namespace {

namespace json = boost::json;

constexpr std::size_t max_callback_answer = 200;
constexpr std::int64_t callback_query_lives_s = 15;

api_result send_chat_action(telegram_bot& bot, const checked_params& params) {
    static constexpr std::array<std::string_view, 11> actions{
        "typing",          "upload_photo",   "record_video",  "upload_video",      "record_voice",     "upload_voice",
        "upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note"};
    const auto action = lower(params.string("action"));
    if (std::find(actions.begin(), actions.end(), action) == actions.end()) {
        return bad_request("wrong parameter action in request");
    }
    telegram_chat* chat = nullptr;
    if (auto failed = find_writable_chat(bot, params, chat)) {
        return *failed;
    }
    json::object details{{"action", action}};
    if (auto failed = place(*chat, params, {}, details)) {
        return *failed;
    }
    bot.log_sent("sendChatAction", chat->id, std::move(details));
    return api_result::ok();
}

api_result get_chat(telegram_bot& bot, const checked_params& params) {
    telegram_chat* chat = nullptr;
    if (auto failed = find_chat(bot, params, chat)) {
        return *failed;
    }
    auto full = chat->json();
    full["accent_color_id"] = 0;
    full["max_reaction_count"] = 11;
    full["accepted_gift_types"] = json::object{
        {"unlimited_gifts", false}, {"limited_gifts", false}, {"unique_gifts", false}, {"premium_subscription", false}};
    return api_result::ok(std::move(full));
}

bool is_reaction(const json::value& value) {
    const auto* object = value.if_object();
    const auto* type = object == nullptr ? nullptr : object->if_contains("type");
    if (type == nullptr || !type->is_string()) {
        return false;
    }
    const auto& name = type->get_string();
    return name == "paid" || (name == "emoji" && object->contains("emoji")) ||
           (name == "custom_emoji" && object->contains("custom_emoji_id"));
}

api_result set_message_reaction(telegram_bot& bot, const checked_params& params) {
    telegram_chat* chat = nullptr;
    json::object* message = nullptr;
    const auto* reaction = params.array("reaction");
    if (reaction != nullptr && !std::all_of(reaction->begin(), reaction->end(), is_reaction)) {
        return bad_request("can't parse reaction types JSON object");
    }
    if (reaction != nullptr && reaction->size() > 1) {
        return bad_request("REACTIONS_TOO_MANY");
    }
    if (auto failed = find_message(bot, params, "react", chat, message)) {
        return *failed;
    }
    bot.log_sent("setMessageReaction", chat->id,
                 {{"message_id", params.integer("message_id", 0)},
                  {"reaction", reaction == nullptr ? json::array() : *reaction},
                  {"is_big", params.boolean("is_big")}});
    return api_result::ok();
}

api_result answer_callback_query(telegram_bot& bot, const checked_params& params) {
    const std::string id(params.string("callback_query_id"));
    if (count_code_points(params.string("text")) > max_callback_answer) {
        return bad_request("MESSAGE_TOO_LONG");
    }
    const auto query = bot.open_callback_queries.find(id);
    if (query == bot.open_callback_queries.end() ||
        bot.clock().unix_time_s() - query->second > callback_query_lives_s) {
        return bad_request("query is too old and response timeout expired or query ID is invalid");
    }
    bot.open_callback_queries.erase(query);
    bot.log_sent("answerCallbackQuery", 0, params.values());
    return api_result::ok();
}

}  // namespace

std::vector<telegram_method> chat_methods() {
    using enum param_kind;
    return {
        {"sendChatAction",
         {{"chat_id", chat}, {"message_thread_id", integer}, {"action", string}},
         at_once<send_chat_action>},
        {"getChat", {{"chat_id", chat}}, at_once<get_chat>},
        {"setMessageReaction",
         {{"chat_id", chat}, {"message_id", integer}, {"reaction", array}, {"is_big", boolean}},
         at_once<set_message_reaction>},
        {"answerCallbackQuery",
         {{"callback_query_id", string},
          {"text", string},
          {"show_alert", boolean},
          {"url", string},
          {"cache_time", integer}},
         at_once<answer_callback_query>},
    };
}

}  // namespace gateway::test
