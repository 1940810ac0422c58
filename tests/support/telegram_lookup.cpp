#include "support/telegram_lookup.hpp"

#include "support/telegram_methods.hpp"

namespace gateway::test {

namespace json = boost::json;

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

failure read_reply(const checked_params& params, reply_target& ret_reply) {
    const auto* reply = params.object("reply_parameters");
    if (reply == nullptr || reply->empty()) {
        return std::nullopt;
    }
    const auto* id = reply->if_contains("message_id");
    if (id == nullptr) {
        return bad_request("can't parse reply parameters: can't find field \"message_id\"");
    }
    if (!id->is_int64()) {
        return bad_request("can't parse reply parameters: field \"message_id\" must be of type Number");
    }
    const auto* allow = reply->if_contains("allow_sending_without_reply");
    if (allow != nullptr && !allow->is_bool()) {
        return bad_request(
            "can't parse reply parameters: field \"allow_sending_without_reply\" must be of type Boolean");
    }
    if (reply->contains("chat_id")) {
        return bad_request("this test server knows no replies to other chats");
    }
    ret_reply = {id->get_int64(), allow != nullptr && allow->get_bool()};
    return std::nullopt;
}

// Where the message goes inside the chat: what it answers and its topic.
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
