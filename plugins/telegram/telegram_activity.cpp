#include "telegram_activity.hpp"

#include "rich_text.hpp"
#include "telegram_content.hpp"
#include "telegram_entities.hpp"
#include "telegram_json.hpp"
#include "telegram_protocol.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace gateway::telegram {
namespace {

namespace json = boost::json;

parsed_update unreadable(std::string_view what) {
    return {.kind = update_kind::unreadable, .about = std::string(what).append(" is no number")};
}

// One reaction in the gateway's Markdown; empty for one of an unknown kind.
std::string reaction_text(const json::value& reaction) {
    const json::object* from = reaction.if_object();
    if (from == nullptr) {
        return {};
    }
    const std::string_view type = raw_text_in(*from, "type");
    if (type == "emoji") {
        constexpr std::size_t most = 64;
        return plain_markdown(text_in(*from, "emoji", most));
    }
    if (type == "paid") {
        return "⭐";
    }
    const std::string_view id = raw_text_in(*from, "custom_emoji_id");
    if (type != "custom_emoji" || !parse_number(id)) {
        return {};
    }
    // The platform does not say which emoji it stands for; one that says little stands there elsewhere.
    const std::string_view shown = "✨";
    return to_markdown({std::string(shown),
                        {{markdown::style::custom_emoji, 0, shown.size(), std::string("tg://emoji?id=").append(id)}}},
                       GW_MAX_TEXT_BYTES);
}

std::vector<std::string> reactions_in(const json::object& from, std::string_view key) {
    std::vector<std::string> texts;
    const json::array* all = array_in(from, key);
    const std::size_t count = all == nullptr ? 0 : std::min(all->size(), max_reactions);
    for (std::size_t index = 0; index < count; ++index) {
        std::string text = reaction_text((*all)[index]);
        if (!text.empty() && std::find(texts.begin(), texts.end(), text) == texts.end()) {
            texts.push_back(std::move(text));
        }
    }
    return texts;
}

// Whether an account of this status can be spoken to, or be spoken by, in the chat.
bool is_member(const json::object& member) {
    const std::string_view status = raw_text_in(member, "status");
    return status != "left" && status != "kicked" && (status != "restricted" || flag_in(member, "is_member"));
}

bool is_denied(const json::object& member, std::string_view right) {
    const json::value* value = member.if_contains(right);
    return value != nullptr && value->is_bool() && !value->get_bool();
}

}  // namespace

parsed_update parse_reaction(const json::object& from, std::int64_t update, const reading& how) {
    parsed_update parsed{.kind = update_kind::taken, .chat = chat_in(from)};
    const auto message = integer_in(from, "message_id");
    if (!parsed.chat || !message) {
        return unreadable(parsed.chat ? "message_reaction.message_id" : "message_reaction.chat.id");
    }
    auto who = user_as_sender(object_in(from, "user"), how.own_id);
    if (!who) {
        who = chat_as_sender(object_in(from, "actor_chat"));
    }
    const std::vector<std::string> before = reactions_in(from, "old_reaction");
    const std::vector<std::string> after = reactions_in(from, "new_reaction");
    const auto tell = [&](const std::string& text, bool removed) {
        incoming told{.kind = sdk::event_kind::reaction};
        told.message.id = std::to_string(*message);
        told.message.chat = parsed.chat->id;
        told.message.sender = who;
        told.message.text = text;
        told.message.time_ms = milliseconds_of(integer_in(from, "date"));
        told.message.flags = removed ? GW_MESSAGE_REMOVED : 0u;
        told.dedupe_id = told.message.chat + ":" + told.message.id + ":r" + std::to_string(update) + "." +
                         std::to_string(told.message.time_ms) + "." + std::to_string(parsed.events.size());
        parsed.events.push_back(std::move(told));
    };
    for (const std::string& each : before) {
        if (std::find(after.begin(), after.end(), each) == after.end()) {
            tell(each, true);
        }
    }
    for (const std::string& each : after) {
        if (std::find(before.begin(), before.end(), each) == before.end()) {
            tell(each, false);
        }
    }
    if (parsed.events.empty()) {
        parsed.kind = update_kind::left_out;
        parsed.about = "message_reaction without a change that is known here";
    }
    return parsed;
}

parsed_update parse_callback(const json::object& from, const reading& how) {
    parsed_update parsed{.kind = update_kind::taken};
    constexpr std::size_t max_query_bytes = 128;
    const std::string_view query = raw_text_in(from, "id");
    if (query.empty() || query.size() > max_query_bytes ||
        !std::all_of(query.begin(), query.end(), [](char c) { return c > ' ' && c < '\x7f'; })) {
        return {.kind = update_kind::unreadable, .about = "callback_query.id is no id"};
    }
    parsed.query = query;
    const json::object* message = object_in(from, "message");
    parsed.chat = message == nullptr ? std::nullopt : chat_in(*message);
    if (!parsed.chat || raw_text_in(from, "data").empty()) {
        parsed.kind = update_kind::left_out;
        parsed.about = parsed.chat ? "callback_query without data" : "callback_query of an inline message";
        return parsed;
    }
    incoming told{.kind = sdk::event_kind::interaction};
    told.message.id = query;
    told.message.chat = parsed.chat->id;
    if (const auto id = integer_in(*message, "message_id")) {
        told.message.reply_to = std::to_string(*id);
    }
    const auto thread = integer_in(*message, "message_thread_id");
    if (thread && flag_in(*message, "is_topic_message")) {
        told.message.thread = std::to_string(*thread);
    }
    told.message.sender = user_as_sender(object_in(from, "from"), how.own_id);
    told.message.text = text_in(from, "data", GW_MAX_ID_BYTES);
    told.message.flags = GW_MESSAGE_ADDRESSED;
    told.dedupe_id = "q:" + told.message.id;
    parsed.events.push_back(std::move(told));
    return parsed;
}

parsed_update parse_member(const json::object& from, std::int64_t update, const reading& how) {
    parsed_update parsed{.kind = update_kind::left_out, .chat = chat_in(from), .about = "chat_member of one who stays"};
    const json::object* before = object_in(from, "old_chat_member");
    const json::object* after = object_in(from, "new_chat_member");
    auto who = after == nullptr ? std::nullopt : user_as_sender(object_in(*after, "user"), how.own_id);
    if (!parsed.chat || !who) {
        return unreadable(parsed.chat ? "chat_member.new_chat_member.user.id" : "chat_member.chat.id");
    }
    const bool was = before != nullptr && is_member(*before);
    const bool is = is_member(*after);
    if (was == is) {
        return parsed;
    }
    if (how.addressed_only && parsed.chat->kind == sdk::chat_kind::group) {
        parsed.about = "chat_member in a group, not addressed";
        return parsed;
    }
    incoming told{.kind = sdk::event_kind::member};
    told.message.chat = parsed.chat->id;
    told.message.text =
        plain_markdown(membership_words(user_as_sender(object_in(from, "from"), how.own_id), *who, !is));
    told.message.time_ms = milliseconds_of(integer_in(from, "date"));
    told.message.flags = is ? 0u : GW_MESSAGE_REMOVED;
    told.dedupe_id =
        told.message.chat + ":m" + std::to_string(update) + "." + std::to_string(told.message.time_ms) + "." + who->id;
    told.message.sender = std::move(who);
    parsed.events.push_back(std::move(told));
    parsed.kind = update_kind::taken;
    parsed.about.clear();
    return parsed;
}

parsed_update parse_own_membership(const json::object& from) {
    parsed_update parsed{.kind = update_kind::taken, .chat = chat_in(from)};
    const json::object* now = object_in(from, "new_chat_member");
    if (!parsed.chat || now == nullptr) {
        return {.kind = update_kind::unreadable,
                .about = parsed.chat ? "my_chat_member.new_chat_member is no object"
                                     : "my_chat_member.chat.id is no number"};
    }
    const bool silenced = (raw_text_in(*now, "status") == "restricted" && is_denied(*now, "can_send_messages")) ||
                          (parsed.chat->kind == sdk::chat_kind::channel && is_denied(*now, "can_post_messages"));
    parsed.chat->gone = silenced || !is_member(*now);
    return parsed;
}

}  // namespace gateway::telegram
