// Messages: sending, editing, deleting. The order of the checks is the real server's: the content first, then the chat,
// then what the message refers to.

#include "support/telegram_lookup.hpp"
#include "support/telegram_methods.hpp"
#include "support/telegram_text.hpp"

#include <algorithm>
#include <array>

namespace gateway::test {
namespace {

namespace json = boost::json;

constexpr std::size_t max_text = 4096;

failure read_text(const checked_params& params, formatted_text& ret_text) {
    if (params.string("text").empty()) {
        return bad_request("message text is empty");
    }
    if (!params.string("parse_mode").empty()) {
        const auto mode = lower(params.string("parse_mode"));
        const bool known = mode == "html" || mode == "markdown" || mode == "markdownv2";
        return bad_request(known ? "this test server parses no parse_mode: send entities" : "unsupported parse_mode");
    }
    const auto* entities = params.array("entities");
    if (auto wrong = format_text(params.string("text"), entities == nullptr ? json::array() : *entities, ret_text)) {
        return bad_request(*wrong);
    }
    if (ret_text.text.empty()) {
        return bad_request("message text is empty");
    }
    return std::nullopt;
}

failure check_length(const formatted_text& text) {
    return count_code_points(text.text) > max_text ? failure(bad_request("message is too long")) : std::nullopt;
}

template <class Type>
bool absent_or(const json::object& object, std::string_view name, Type has_type) {
    const auto* value = object.if_contains(name);
    return value == nullptr || has_type(*value);
}

failure check_link_preview(const checked_params& params) {
    const auto* options = params.object("link_preview_options");
    if (options == nullptr) {
        return std::nullopt;
    }
    const auto is_bool = [](const json::value& value) { return value.is_bool(); };
    for (const auto* name : {"is_disabled", "prefer_small_media", "prefer_large_media", "show_above_text"}) {
        if (!absent_or(*options, name, is_bool)) {
            return bad_request("can't parse link preview options: field \"" + std::string(name) +
                               "\" must be of type Boolean");
        }
    }
    return std::nullopt;
}

failure check_reply_markup(const checked_params& params) {
    const auto* markup = params.object("reply_markup");
    if (markup == nullptr) {
        return std::nullopt;
    }
    const auto* rows = markup->if_contains("inline_keyboard");
    if (rows == nullptr) {
        return std::nullopt;
    }
    if (!rows->is_array()) {
        return bad_request("field \"inline_keyboard\" must be of type Array");
    }
    for (const auto& row : rows->get_array()) {
        if (!row.is_array()) {
            return bad_request("field \"inline_keyboard\" of the InlineKeyboardMarkup must be an Array of Arrays");
        }
        for (const auto& button : row.get_array()) {
            if (!button.is_object() || !button.get_object().contains("text")) {
                return bad_request(
                    "can't parse inline keyboard button: InlineKeyboardButton must be an Object with a \"text\"");
            }
        }
    }
    return std::nullopt;
}

void copy_param(const checked_params& params, const char* name, json::object& message) {
    if (const auto* value = params.values().if_contains(name)) {
        message[name] = *value;
    }
}

api_result send_message(telegram_bot& bot, const checked_params& params) {
    formatted_text text;
    reply_target reply;
    telegram_chat* chat = nullptr;
    if (auto failed = read_text(params, text)) {
        return *failed;
    }
    for (auto check : {check_link_preview, check_reply_markup}) {
        if (auto failed = check(params)) {
            return *failed;
        }
    }
    if (auto failed = read_reply(params, reply)) {
        return *failed;
    }
    if (auto failed = find_writable_chat(bot, params, chat)) {
        return *failed;
    }
    json::object message{
        {"from", bot.user_json()}, {"chat", chat->json()}, {"date", bot.clock().unix_time_s()}, {"text", text.text}};
    if (auto failed = place(*chat, params, reply, message)) {
        return *failed;
    }
    if (auto failed = check_length(text)) {
        return *failed;
    }
    if (!text.entities.empty()) {
        message["entities"] = std::move(text.entities);
    }
    copy_param(params, "link_preview_options", message);
    copy_param(params, "reply_markup", message);
    const auto& stored = bot.store_message(*chat, std::move(message));
    auto logged = stored;
    copy_param(params, "disable_notification", logged);
    copy_param(params, "protect_content", logged);
    bot.log_sent("sendMessage", chat->id, std::move(logged));
    return api_result::ok(stored);
}

api_result edit_message_text(telegram_bot& bot, const checked_params& params) {
    formatted_text text;
    telegram_chat* chat = nullptr;
    json::object* message = nullptr;
    if (auto failed = read_text(params, text)) {
        return *failed;
    }
    for (auto check : {check_link_preview, check_reply_markup}) {
        if (auto failed = check(params)) {
            return *failed;
        }
    }
    if (auto failed = find_message(bot, params, "edit", chat, message)) {
        return *failed;
    }
    if (message->at("from").at("id").get_int64() != bot.id()) {
        return bad_request("message can't be edited");
    }
    if (auto failed = check_length(text)) {
        return *failed;
    }
    auto edited = *message;
    edited["text"] = text.text;
    edited.erase("entities");
    if (!text.entities.empty()) {
        edited["entities"] = std::move(text.entities);
    }
    edited.erase("reply_markup");
    copy_param(params, "reply_markup", edited);
    copy_param(params, "link_preview_options", edited);
    if (edited == *message) {
        return bad_request(
            "message is not modified: specified new message content and reply markup are exactly the same as a "
            "current content and reply markup of the message");
    }
    edited["edit_date"] = bot.clock().unix_time_s();
    *message = edited;
    bot.log_sent("editMessageText", chat->id, edited);
    return api_result::ok(std::move(edited));
}

api_result delete_message(telegram_bot& bot, const checked_params& params) {
    telegram_chat* chat = nullptr;
    json::object* message = nullptr;
    if (auto failed = find_message(bot, params, "delete", chat, message)) {
        return *failed;
    }
    const auto id = params.integer("message_id", 0);
    chat->messages.erase(id);
    bot.log_sent("deleteMessage", chat->id, {{"message_id", id}});
    return api_result::ok();
}

}  // namespace

std::vector<telegram_method> message_methods() {
    using enum param_kind;
    return {
        {"sendMessage",
         {{"chat_id", chat},
          {"message_thread_id", integer},
          {"text", string},
          {"parse_mode", string},
          {"entities", array},
          {"link_preview_options", object},
          {"disable_notification", boolean},
          {"protect_content", boolean},
          {"reply_parameters", object},
          {"reply_markup", object}},
         at_once<send_message>},
        {"editMessageText",
         {{"chat_id", chat},
          {"message_id", integer},
          {"text", string},
          {"parse_mode", string},
          {"entities", array},
          {"link_preview_options", object},
          {"reply_markup", object}},
         at_once<edit_message_text>},
        {"deleteMessage", {{"chat_id", chat}, {"message_id", integer}}, at_once<delete_message>},
    };
}

}  // namespace gateway::test
