#include "support/telegram_lookup.hpp"

#include "support/telegram_methods.hpp"
#include "support/telegram_text.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace gateway::test {
namespace {

namespace json = boost::json;

constexpr std::size_t max_quote = 1024;  // code points

struct reply_field {
    std::string_view name;
    std::string_view type;
    bool (*fits)(const json::value&);
};

bool is_number(const json::value& value) {
    return value.is_int64();
}
bool is_boolean(const json::value& value) {
    return value.is_bool();
}
bool is_string(const json::value& value) {
    return value.is_string();
}
bool is_chat(const json::value& value) {
    return value.is_int64() || value.is_string();
}
bool is_array(const json::value& value) {
    return value.is_array();
}

constexpr std::array<reply_field, 6> reply_fields{{{"message_id", "Number", is_number},
                                                   {"chat_id", "Number or String", is_chat},
                                                   {"allow_sending_without_reply", "Boolean", is_boolean},
                                                   {"quote", "String", is_string},
                                                   {"quote_entities", "Array", is_array},
                                                   {"quote_position", "Number", is_number}}};

}  // namespace

failure find_chat(telegram_bot& bot, const checked_params& params, telegram_chat*& ret_chat) {
    const auto id = params.string("chat_id");
    if (id.empty()) {
        return bad_request("chat_id is empty");
    }
    auto* chat = bot.find_chat(id);
    if (chat == nullptr) {
        return bad_request("chat not found");
    }
    ret_chat = chat;
    return std::nullopt;
}

failure find_writable_chat(telegram_bot& bot, const checked_params& params, telegram_chat*& ret_chat) {
    telegram_chat* chat = nullptr;
    if (auto failed = find_chat(bot, params, chat)) {
        return failed;
    }
    if (!chat->forbidden.empty()) {
        return api_result::fail(403, "Forbidden: " + chat->forbidden);
    }
    if (chat->migrated_to != 0) {
        return api_result::fail(400, "Bad Request: group chat was upgraded to a supergroup chat",
                                {{"migrate_to_chat_id", chat->migrated_to}});
    }
    ret_chat = chat;
    return std::nullopt;
}

failure find_message(telegram_bot& bot, const checked_params& params, std::string_view purpose,
                     telegram_chat*& ret_chat, json::object*& ret_message) {
    telegram_chat* chat = nullptr;
    if (auto failed = find_writable_chat(bot, params, chat)) {
        return failed;
    }
    const auto id = params.integer("message_id", 0);
    if (id <= 0) {
        return bad_request("message identifier is not specified");
    }
    const auto it = chat->messages.find(id);
    if (it == chat->messages.end()) {
        return bad_request("message to " + std::string(purpose) + " not found");
    }
    ret_chat = chat;
    ret_message = &it->second;
    return std::nullopt;
}

failure find_own_message(telegram_bot& bot, const checked_params& params, telegram_chat*& ret_chat,
                         json::object*& ret_message) {
    telegram_chat* chat = nullptr;
    json::object* message = nullptr;
    if (auto failed = find_message(bot, params, "edit", chat, message)) {
        return failed;
    }
    if (!chat->own.contains(params.integer("message_id", 0))) {
        return bad_request("message can't be edited");
    }
    ret_chat = chat;
    ret_message = message;
    return std::nullopt;
}

failure read_reply(const checked_params& params, reply_target& ret_reply) {
    const auto* reply = params.object("reply_parameters");
    if (reply == nullptr || reply->empty()) {
        return std::nullopt;
    }
    for (const auto& member : *reply) {
        const auto* known = std::find_if(reply_fields.begin(), reply_fields.end(), [&](const auto& field) {
            return field.name == std::string_view(member.key());
        });
        if (known == reply_fields.end()) {
            return bad_request("unknown field \"" + std::string(member.key()) +
                               "\" of the reply parameters (the real server would ignore it)");
        }
        if (!known->fits(member.value())) {
            return bad_request("can't parse reply parameters: field \"" + std::string(known->name) +
                               "\" must be of type " + std::string(known->type));
        }
    }
    if (!reply->contains("message_id")) {
        return bad_request("can't parse reply parameters: can't find field \"message_id\"");
    }
    if (const auto* other = reply->if_contains("chat_id")) {
        const auto id = other->is_int64() ? std::to_string(other->get_int64()) : std::string(other->get_string());
        if (id != params.string("chat_id")) {
            return bad_request("this test server knows no replies to other chats");
        }
    }
    reply_target target;
    target.message_id = reply->at("message_id").get_int64();
    const auto* allow = reply->if_contains("allow_sending_without_reply");
    target.allow_missing = allow != nullptr && allow->get_bool();
    if (const auto* quote = reply->if_contains("quote")) {
        target.quote = quote->get_string();
    }
    const auto* position = reply->if_contains("quote_position");
    target.quote_position = position == nullptr ? 0 : position->get_int64();
    ret_reply = std::move(target);
    return std::nullopt;
}

namespace {

// The quote as the message shows it: the occurrence nearest to the position that was asked for.
failure read_quote(const json::object& replied, const reply_target& reply, json::object& message) {
    std::string_view text;
    for (const auto* name : {"text", "caption"}) {
        if (const auto* value = replied.if_contains(name)) {
            text = value->get_string();
        }
    }
    std::optional<std::int64_t> nearest;
    for (auto at = text.find(reply.quote); at != std::string_view::npos; at = text.find(reply.quote, at + 1)) {
        const auto position = static_cast<std::int64_t>(count_utf16_units(text.substr(0, at)));
        if (!nearest || std::abs(position - reply.quote_position) < std::abs(*nearest - reply.quote_position)) {
            nearest = position;
        }
    }
    if (!nearest || count_code_points(reply.quote) > max_quote) {
        return bad_request("QUOTE_TEXT_INVALID");
    }
    message["quote"] = json::object{{"text", reply.quote}, {"position", *nearest}, {"is_manual", true}};
    return std::nullopt;
}

}  // namespace

failure place(telegram_chat& chat, const checked_params& params, const reply_target& reply, json::object& message) {
    auto thread = params.integer("message_thread_id", 0);
    if (thread != 0 && (!chat.is_forum || !chat.topics.contains(thread))) {
        return bad_request("message thread not found");
    }
    if (reply.message_id != 0) {
        const auto replied = chat.messages.find(reply.message_id);
        if (replied != chat.messages.end()) {
            auto quoted = replied->second;
            quoted.erase("reply_to_message");
            if (const auto* topic = quoted.if_contains("message_thread_id"); topic != nullptr && thread == 0) {
                thread = topic->get_int64();
            }
            if (!reply.quote.empty()) {
                if (auto failed = read_quote(quoted, reply, message)) {
                    return failed;
                }
            }
            message["reply_to_message"] = std::move(quoted);
        } else if (!reply.allow_missing) {
            return bad_request("message to be replied not found");
        }
    }
    if (thread != 0) {
        message["message_thread_id"] = thread;
        message["is_topic_message"] = true;
    }
    return std::nullopt;
}

}  // namespace gateway::test
