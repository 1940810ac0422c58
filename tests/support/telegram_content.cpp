#include "support/telegram_content.hpp"

#include "support/telegram_methods.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <span>

namespace gateway::test {
namespace {

namespace json = boost::json;

failure check_parse_mode(std::string_view mode) {
    if (mode.empty()) {
        return std::nullopt;
    }
    const auto name = lower(mode);
    const bool known = name == "html" || name == "markdown" || name == "markdownv2";
    return bad_request(known ? "this test server parses no parse_mode: send entities" : "unsupported parse_mode");
}

std::string_view text_in(const json::object& source, std::string_view name) {
    const auto* value = source.if_contains(name);
    return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

// The one field that says what an inline button does.
constexpr std::array<std::string_view, 10> button_actions{"url",
                                                          "callback_data",
                                                          "web_app",
                                                          "login_url",
                                                          "switch_inline_query",
                                                          "switch_inline_query_current_chat",
                                                          "switch_inline_query_chosen_chat",
                                                          "copy_text",
                                                          "callback_game",
                                                          "pay"};

failure check_button(const json::value& value) {
    const auto* button = value.if_object();
    if (button == nullptr || text_in(*button, "text").empty()) {
        return bad_request(
            "can't parse inline keyboard button: InlineKeyboardButton must be an Object with a \"text\"");
    }
    std::size_t actions = 0;
    for (const auto& member : *button) {
        const std::string_view key = member.key();
        if (std::find(button_actions.begin(), button_actions.end(), key) != button_actions.end()) {
            ++actions;
        } else if (key != "text" && key != "style" && key != "icon_custom_emoji_id") {
            return bad_request("unknown field \"" + std::string(key) +
                               "\" of an InlineKeyboardButton (the real server would ignore it)");
        }
    }
    if (actions != 1) {
        return bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard");
    }
    if (button->contains("callback_data")) {
        const auto size = text_in(*button, "callback_data").size();
        if (size == 0 || size > max_callback_data) {
            return bad_request("BUTTON_DATA_INVALID");
        }
    }
    return std::nullopt;
}

failure check_inline_keyboard(const json::value& rows) {
    if (!rows.is_array()) {
        return bad_request("field \"inline_keyboard\" must be of type Array");
    }
    std::size_t buttons = 0;
    for (const auto& row : rows.get_array()) {
        if (!row.is_array()) {
            return bad_request("field \"inline_keyboard\" of the InlineKeyboardMarkup must be an Array of Arrays");
        }
        for (const auto& button : row.get_array()) {
            if (auto failed = check_button(button)) {
                return failed;
            }
            if (++buttons > max_buttons) {
                return bad_request("reply markup is too long");
            }
        }
    }
    return std::nullopt;
}

}  // namespace

failure read_text(const checked_params& params, formatted_text& ret_text, bool may_be_empty) {
    auto empty = bad_request("message text is empty");
    if (params.string("text").empty() && !may_be_empty) {
        return empty;
    }
    if (auto failed = check_parse_mode(params.string("parse_mode"))) {
        return failed;
    }
    formatted_text text;
    const auto* entities = params.array("entities");
    if (auto wrong = format_text(params.string("text"), entities == nullptr ? json::array() : *entities, text)) {
        return bad_request(*wrong);
    }
    if (text.text.empty() && !may_be_empty) {
        return empty;
    }
    ret_text = std::move(text);
    return std::nullopt;
}

failure check_text_length(const formatted_text& text) {
    return count_code_points(text.text) > max_text ? failure(bad_request("message is too long")) : std::nullopt;
}

failure read_caption(const json::object& source, json::object& ret_content) {
    const auto* caption = source.if_contains("caption");
    if (caption != nullptr && !caption->is_string()) {
        return bad_request("field \"caption\" must be of type String");
    }
    if (auto failed = check_parse_mode(text_in(source, "parse_mode"))) {
        return failed;
    }
    const auto* entities = source.if_contains("caption_entities");
    if (entities != nullptr && !entities->is_array()) {
        return bad_request("field \"caption_entities\" must be of type Array");
    }
    formatted_text text;
    if (auto wrong = format_text(text_in(source, "caption"),
                                 entities == nullptr ? json::array() : entities->get_array(), text)) {
        return bad_request(*wrong);
    }
    if (count_code_points(text.text) > max_caption) {
        return bad_request("message caption is too long");
    }
    if (!text.text.empty()) {
        ret_content["caption"] = text.text;
    }
    if (!text.entities.empty()) {
        ret_content["caption_entities"] = std::move(text.entities);
    }
    for (const auto* flag : {"show_caption_above_media", "has_spoiler"}) {
        if (const auto* value = source.if_contains(flag); value != nullptr && *value == json::value(true)) {
            ret_content[flag == std::string_view("has_spoiler") ? "has_media_spoiler" : flag] = true;
        }
    }
    return std::nullopt;
}

failure check_link_preview(const checked_params& params) {
    const auto* options = params.object("link_preview_options");
    if (options == nullptr) {
        return std::nullopt;
    }
    for (const auto& member : *options) {
        const std::string_view key = member.key();
        const bool is_flag = key == "is_disabled" || key == "prefer_small_media" || key == "prefer_large_media" ||
                             key == "show_above_text";
        if (!is_flag && key != "url") {
            return bad_request("unknown field \"" + std::string(key) +
                               "\" of the link preview options (the real server would ignore it)");
        }
        if (is_flag ? !member.value().is_bool() : !member.value().is_string()) {
            return bad_request("can't parse link preview options: field \"" + std::string(key) + "\" must be of type " +
                               (is_flag ? "Boolean" : "String"));
        }
    }
    return std::nullopt;
}

failure check_reply_markup(const checked_params& params, bool inline_only) {
    const auto* markup = params.object("reply_markup");
    if (markup == nullptr || markup->empty()) {
        return std::nullopt;
    }
    if (const auto* rows = markup->if_contains("inline_keyboard")) {
        return check_inline_keyboard(*rows);
    }
    const bool other =
        markup->contains("keyboard") || markup->contains("remove_keyboard") || markup->contains("force_reply");
    if (!other) {
        return bad_request("object expected as reply markup");
    }
    return inline_only ? failure(bad_request("inline keyboard expected")) : std::nullopt;
}

void copy_param(const checked_params& params, std::string_view name, json::object& message) {
    if (const auto* value = params.values().if_contains(name)) {
        message[name] = *value;
    }
}

std::vector<param_spec> sending_params(std::vector<param_spec> own) {
    using enum param_kind;
    own.insert(own.end(), {{"chat_id", chat},
                           {"message_thread_id", integer},
                           {"disable_notification", boolean},
                           {"protect_content", boolean},
                           {"reply_parameters", object},
                           {"reply_markup", object}});
    return own;
}

json::object new_message(telegram_bot& bot, const telegram_chat& chat) {
    json::object message;
    if (chat.type == "channel") {  // channels speak for themselves
        message["sender_chat"] = chat.json();
    } else {
        message["from"] = bot.user_json();
    }
    message["chat"] = chat.json();
    message["date"] = bot.clock().unix_time_s();
    return message;
}

api_result send_content(telegram_bot& bot, const checked_params& params, std::string_view method, json::object content,
                        const failure& late) {
    reply_target reply;
    telegram_chat* chat = nullptr;
    for (auto failed : {check_reply_markup(params), read_reply(params, reply), find_writable_chat(bot, params, chat)}) {
        if (failed) {
            return *failed;
        }
    }
    auto message = new_message(bot, *chat);
    if (auto failed = place(*chat, params, reply, message)) {
        return *failed;
    }
    if (late) {
        return *late;
    }
    for (auto& member : content) {
        message[member.key()] = std::move(member.value());
    }
    // Other keyboards are shown to people; only an inline one is part of the message.
    if (const auto* markup = params.object("reply_markup"); markup != nullptr && markup->contains("inline_keyboard")) {
        message["reply_markup"] = *markup;
    }
    const auto& stored = bot.store_message(*chat, std::move(message), true);
    auto logged = stored;
    for (const auto* name : {"disable_notification", "protect_content", "reply_markup"}) {
        copy_param(params, name, logged);
    }
    bot.log_sent(method, chat->id, std::move(logged));
    return api_result::ok(stored);
}

}  // namespace gateway::test
