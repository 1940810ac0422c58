#include "telegram_who.hpp"

#include "telegram_json.hpp"

namespace gateway::telegram {

namespace json = boost::json;

std::string full_name(const json::object& user) {
    std::string name = text_in(user, "first_name", GW_MAX_NAME_BYTES / 2 - 1);
    const std::string last = text_in(user, "last_name", GW_MAX_NAME_BYTES / 2);
    if (!name.empty() && !last.empty()) {
        name += ' ';
    }
    name += last;
    return name.empty() ? text_in(user, "username", GW_MAX_NAME_BYTES) : name;
}

std::string title_of(const json::object& chat) {
    std::string title = text_in(chat, "title", GW_MAX_NAME_BYTES);
    return title.empty() ? full_name(chat) : title;
}

std::optional<sdk::sender> user_as_sender(const json::object* user, std::int64_t own_id) {
    const auto id = user == nullptr ? std::nullopt : integer_in(*user, "id");
    if (!id) {
        return std::nullopt;
    }
    return sdk::sender{
        .id = std::to_string(*id), .name = full_name(*user), .bot = flag_in(*user, "is_bot"), .self = *id == own_id};
}

std::optional<sdk::sender> chat_as_sender(const json::object* chat) {
    const auto id = chat == nullptr ? std::nullopt : integer_in(*chat, "id");
    return id ? std::optional(sdk::sender{.id = std::to_string(*id), .name = title_of(*chat)}) : std::nullopt;
}

std::optional<chat_entry> chat_in(const json::object& from) {
    const json::object* chat = object_in(from, "chat");
    const auto id = chat == nullptr ? std::nullopt : integer_in(*chat, "id");
    if (!id) {
        return std::nullopt;
    }
    const std::string_view type = raw_text_in(*chat, "type");
    return chat_entry{.kind = type == "private"   ? sdk::chat_kind::private_chat
                              : type == "channel" ? sdk::chat_kind::channel
                                                  : sdk::chat_kind::group,
                      .id = std::to_string(*id),
                      .title = title_of(*chat)};
}

std::optional<sdk::sender> author_of(const json::object& message, std::int64_t own_id) {
    auto chat = chat_as_sender(object_in(message, "sender_chat"));
    return chat ? std::move(chat) : user_as_sender(object_in(message, "from"), own_id);
}

std::optional<sdk::sender> origin_as_sender(const json::object* origin, std::int64_t own_id) {
    if (origin == nullptr) {
        return std::nullopt;
    }
    const std::string_view type = raw_text_in(*origin, "type");
    if (type == "user") {
        return user_as_sender(object_in(*origin, "sender_user"), own_id);
    }
    if (type == "hidden_user") {
        return sdk::sender{.name = text_in(*origin, "sender_user_name", GW_MAX_NAME_BYTES)};
    }
    return chat_as_sender(object_in(*origin, type == "chat" ? "sender_chat" : "chat"));
}

}  // namespace gateway::telegram
