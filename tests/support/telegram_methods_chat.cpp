// What a bot does in a chat besides writing: actions, reactions, answers to buttons, looking at the chat.

#include "support/telegram_lookup.hpp"
#include "support/telegram_methods.hpp"
#include "support/telegram_people.hpp"
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
    if (chat->type != "private" && !chat->forbidden.empty()) {
        return api_result::fail(403, "Forbidden: " + chat->forbidden);
    }
    auto full = chat->json();
    if (!chat->description.empty()) {
        full[chat->type == "private" ? "bio" : "description"] = chat->description;
    }
    full["accent_color_id"] = 0;
    full["max_reaction_count"] = 11;
    full["accepted_gift_types"] = json::object{
        {"unlimited_gifts", false}, {"limited_gifts", false}, {"unique_gifts", false}, {"premium_subscription", false}};
    return api_result::ok(std::move(full));
}

api_result get_chat_member(telegram_bot& bot, const checked_params& params) {
    telegram_chat* chat = nullptr;
    if (auto failed = find_writable_chat(bot, params, chat)) {
        return *failed;
    }
    const auto user = params.integer("user_id", 0);
    if (user <= 0) {
        return bad_request("invalid user_id specified");
    }
    if (user != bot.id() && !bot.knows_user(user)) {
        return bad_request("member not found");
    }
    return api_result::ok(
        member_json(user == bot.id() ? bot.user_json() : bot.user_json_of(user), chat->status_of(user)));
}

// The reactions there are, written as the reference does: without variation selectors.
constexpr std::array<std::string_view, 73> reactions{
    "👍", "👎", "❤",  "🔥", "🥰", "👏", "😁", "🤔", "🤯", "😱",         "🤬", "😢",         "🎉", "🤩", "🤮",
    "💩", "🙏", "👌", "🕊", "🤡", "🥱", "🥴", "😍", "🐳", "❤‍🔥", "🌚", "🌭",         "💯", "🤣", "⚡",
    "🍌", "🏆", "💔", "🤨", "😐", "🍓", "🍾", "💋", "🖕", "😈",         "😴", "😭",         "🤓", "👻", "👨‍💻",
    "👀", "🎃", "🙈", "😇", "😨", "🤝", "✍",  "🤗", "🫡", "🎅",         "🎄", "☃",          "💅", "🤪", "🗿",
    "🆒", "💘", "🙉", "🦄", "😘", "💊", "🙊", "😎", "👾", "🤷‍♂", "🤷", "🤷‍♀", "😡"};

failure check_reaction(const json::value& value) {
    const auto* object = value.if_object();
    const auto text = [&](std::string_view name) {
        const auto* member = object == nullptr ? nullptr : object->if_contains(name);
        return member == nullptr || !member->is_string() ? std::string_view() : std::string_view(member->get_string());
    };
    const auto type = text("type");
    if (type != "emoji" && type != "custom_emoji" && type != "paid") {
        return bad_request("can't parse reaction types JSON object");
    }
    // Bots pay for nothing, and may use a custom emoji only where it was allowed to them.
    if (type != "emoji" || std::find(reactions.begin(), reactions.end(), text("emoji")) == reactions.end()) {
        return bad_request("REACTION_INVALID");
    }
    return std::nullopt;
}

api_result set_message_reaction(telegram_bot& bot, const checked_params& params) {
    telegram_chat* chat = nullptr;
    json::object* message = nullptr;
    const auto* reaction = params.array("reaction");
    if (auto failed = find_message(bot, params, "react", chat, message)) {
        return *failed;
    }
    if (reaction != nullptr && reaction->size() > 1) {
        return bad_request("REACTIONS_TOO_MANY");
    }
    if (reaction != nullptr && !reaction->empty()) {
        if (auto failed = check_reaction(reaction->front())) {
            return *failed;
        }
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
        {"getChatMember", {{"chat_id", chat}, {"user_id", integer}}, at_once<get_chat_member>},
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
