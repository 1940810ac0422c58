// Text messages: sending, drafts, deleting. The order of the checks is the real server's: the content first, then the
// chat, then what the message refers to.

#include "support/telegram_content.hpp"
#include "support/telegram_methods.hpp"

#include <chrono>

namespace gateway::test {
namespace {

namespace json = boost::json;

constexpr std::size_t max_deletions = 100;
constexpr std::chrono::hours deletable_for{48};

api_result send_message(telegram_bot& bot, const checked_params& params) {
    formatted_text text;
    if (auto failed = read_text(params, text)) {
        return *failed;
    }
    if (auto failed = check_link_preview(params)) {
        return *failed;
    }
    const auto too_long = check_text_length(text);
    json::object content{{"text", std::move(text.text)}};
    if (!text.entities.empty()) {
        content["entities"] = std::move(text.entities);
    }
    copy_param(params, "link_preview_options", content);
    return send_content(bot, params, "sendMessage", std::move(content), too_long);
}

// A preview of a text that is still being written; only people alone with the bot see one.
api_result send_message_draft(telegram_bot& bot, const checked_params& params) {
    formatted_text text;
    telegram_chat* chat = nullptr;
    json::object draft{{"draft_id", params.integer("draft_id", 0)}};
    if (auto failed = read_text(params, text, true)) {
        return *failed;
    }
    if (params.integer("draft_id", 0) == 0) {
        return bad_request("RANDOM_ID_INVALID");
    }
    if (auto failed = find_writable_chat(bot, params, chat)) {
        return *failed;
    }
    if (chat->type != "private") {
        return bad_request("TEXTDRAFT_PEER_INVALID");
    }
    if (auto failed = place(*chat, params, {}, draft)) {
        return *failed;
    }
    if (auto failed = check_text_length(text)) {
        return *failed;
    }
    draft["text"] = text.text;
    draft["entities"] = std::move(text.entities);
    copy_param(params, "can_stop", draft);
    copy_param(params, "keep_on_stop", draft);
    bot.log_sent("sendMessageDraft", chat->id, std::move(draft));
    return api_result::ok();
}

// Others' messages in a group belong to its administrators; nothing can be deleted that is older than two days, save
// by an administrator.
bool may_delete(telegram_bot& bot, const telegram_chat& chat, const json::object& message) {
    if (chat.status_of(bot.id()) == "administrator" || chat.status_of(bot.id()) == "creator") {
        return true;
    }
    const auto age = std::chrono::seconds(bot.clock().unix_time_s() - message.at("date").get_int64());
    return age <= deletable_for && (chat.type == "private" || chat.own.contains(message.at("message_id").get_int64()));
}

api_result delete_message(telegram_bot& bot, const checked_params& params) {
    telegram_chat* chat = nullptr;
    json::object* message = nullptr;
    if (auto failed = find_message(bot, params, "delete", chat, message)) {
        return *failed;
    }
    if (!may_delete(bot, *chat, *message)) {
        return bad_request("message can't be deleted");
    }
    const auto id = params.integer("message_id", 0);
    chat->forget(id);
    bot.log_sent("deleteMessage", chat->id, {{"message_id", id}});
    return api_result::ok();
}

// Messages that are gone already, or are not the bot's to delete, are skipped.
api_result delete_messages(telegram_bot& bot, const checked_params& params) {
    const auto* ids = params.array("message_ids");
    if (ids == nullptr || ids->empty()) {
        return bad_request("message identifiers are not specified");
    }
    if (ids->size() > max_deletions) {
        return bad_request("too many message identifiers specified");
    }
    for (const auto& id : *ids) {
        if (!id.is_int64() || id.get_int64() <= 0) {
            return bad_request("invalid message identifier specified");
        }
    }
    telegram_chat* chat = nullptr;
    if (auto failed = find_writable_chat(bot, params, chat)) {
        return *failed;
    }
    for (const auto& id : *ids) {
        const auto found = chat->messages.find(id.get_int64());
        if (found != chat->messages.end() && may_delete(bot, *chat, found->second)) {
            chat->forget(id.get_int64());
        }
    }
    bot.log_sent("deleteMessages", chat->id, {{"message_ids", *ids}});
    return api_result::ok();
}

}  // namespace

std::vector<telegram_method> message_methods() {
    using enum param_kind;
    return {
        {"sendMessage",
         sending_params(
             {{"text", string}, {"parse_mode", string}, {"entities", array}, {"link_preview_options", object}}),
         at_once<send_message>},
        {"sendMessageDraft",
         {{"chat_id", chat},
          {"message_thread_id", integer},
          {"draft_id", integer},
          {"text", string},
          {"parse_mode", string},
          {"entities", array},
          {"can_stop", boolean},
          {"keep_on_stop", boolean}},
         at_once<send_message_draft>},
        {"deleteMessage", {{"chat_id", chat}, {"message_id", integer}}, at_once<delete_message>},
        {"deleteMessages", {{"chat_id", chat}, {"message_ids", array}}, at_once<delete_messages>},
    };
}

}  // namespace gateway::test
