#include "telegram_update.hpp"

#include "telegram_entities.hpp"
#include "telegram_protocol.hpp"
#include "telegram_text.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

namespace gateway::telegram {
namespace {

namespace json = boost::json;

constexpr std::size_t max_kind_bytes = 64;

// Reading without trust: a member of another type is as good as absent.
const json::object* object(const json::object& from, std::string_view key) {
    const json::value* value = from.if_contains(key);
    return value == nullptr ? nullptr : value->if_object();
}

std::optional<std::int64_t> integer(const json::object& from, std::string_view key) {
    const json::value* value = from.if_contains(key);
    const std::int64_t* number = value == nullptr ? nullptr : value->if_int64();
    return number == nullptr ? std::nullopt : std::optional(*number);
}

std::string text(const json::object& from, std::string_view key, std::size_t max_bytes) {
    const json::value* value = from.if_contains(key);
    const json::string* found = value == nullptr ? nullptr : value->if_string();
    return found == nullptr ? std::string{} : clean_utf8({found->data(), found->size()}, max_bytes);
}

bool flag(const json::object& from, std::string_view key) {
    const json::value* value = from.if_contains(key);
    return value != nullptr && value->is_bool() && value->get_bool();
}

std::string full_name(const json::object& of) {
    std::string name = text(of, "first_name", GW_MAX_NAME_BYTES / 2 - 1);
    const std::string last = text(of, "last_name", GW_MAX_NAME_BYTES / 2);
    if (!name.empty() && !last.empty()) {
        name += ' ';
    }
    name += last;
    return name.empty() ? text(of, "username", GW_MAX_NAME_BYTES) : name;
}

std::string title_of(const json::object& chat) {
    std::string title = text(chat, "title", GW_MAX_NAME_BYTES);
    return title.empty() ? full_name(chat) : title;
}

sdk::chat_kind kind_of(const json::object& chat) {
    const std::string type = text(chat, "type", max_kind_bytes);
    return type == "private"   ? sdk::chat_kind::private_chat
           : type == "channel" ? sdk::chat_kind::channel
                               : sdk::chat_kind::group;
}

// A chat may speak itself: a channel, or an administrator who hides behind the group. Its `from` is a stand-in then.
std::optional<sdk::sender> sender_of(const json::object& message, std::int64_t own_id) {
    if (const json::object* chat = object(message, "sender_chat")) {
        if (const auto id = integer(*chat, "id")) {
            return sdk::sender{.id = std::to_string(*id), .name = title_of(*chat)};
        }
    }
    const json::object* user = object(message, "from");
    const auto id = user == nullptr ? std::nullopt : integer(*user, "id");
    if (!id) {
        return std::nullopt;
    }
    return sdk::sender{
        .id = std::to_string(*id), .name = full_name(*user), .bot = flag(*user, "is_bot"), .self = *id == own_id};
}

void place(const json::object& from, sdk::message& ret_message) {
    const auto thread = integer(from, "message_thread_id");
    if (thread && flag(from, "is_topic_message")) {
        ret_message.thread = std::to_string(*thread);
    }
    const json::object* answered = object(from, "reply_to_message");
    const auto answered_id = answered == nullptr ? std::nullopt : integer(*answered, "message_id");
    const std::string id = answered_id ? std::to_string(*answered_id) : std::string{};
    // In a forum each message that answers nothing answers the topic's first one.
    if (id != ret_message.thread) {
        ret_message.reply_to = id;
    }
}

parsed_update unreadable(std::string about) {
    return {.kind = update_kind::unreadable, .about = std::move(about)};
}

parsed_update parse_message(const json::object& from, std::string_view kind, std::int64_t own_id) {
    const json::object* chat = object(from, "chat");
    const auto chat_id = chat == nullptr ? std::nullopt : integer(*chat, "id");
    const auto message_id = integer(from, "message_id");
    if (!chat_id || !message_id) {
        return unreadable(std::string(kind).append(chat_id ? ".message_id" : ".chat.id").append(" is no number"));
    }
    parsed_update parsed{.kind = update_kind::message};
    sdk::message& message = parsed.what.message;
    const bool caption = !from.contains("text");
    styled_text said = read_entities(utf8::mended(text(from, caption ? "caption" : "text", GW_MAX_TEXT_BYTES)),
                                     from.if_contains(caption ? "caption_entities" : "entities"));
    parsed.unknown_entities = said.unknown;
    message.text = to_markdown(std::move(said.what), GW_MAX_TEXT_BYTES);
    if (message.text.empty()) {
        return {.kind = update_kind::unsupported, .about = std::string(kind).append(" without text")};
    }
    message.id = std::to_string(*message_id);
    message.chat = std::to_string(*chat_id);
    message.sender = sender_of(from, own_id);
    place(from, message);
    constexpr std::int64_t latest = std::numeric_limits<std::int64_t>::max() / 1'000;
    message.time_ms = std::clamp<std::int64_t>(integer(from, "date").value_or(0), 0, latest) * 1'000;
    parsed.what.chat = {.kind = kind_of(*chat), .id = message.chat, .title = title_of(*chat)};
    // Not the update's id: those start over at random, and one message may come again under another id.
    parsed.what.dedupe_id = message.chat + ":" + message.id;
    return parsed;
}

// The id of an update, when it can be acknowledged.
std::optional<std::int64_t> update_id(const json::value& update) {
    const json::object* object = update.if_object();
    const auto id = object == nullptr ? std::nullopt : integer(*object, "update_id");
    // A negative offset would mean something else: "forget all but the last ones".
    return id && *id >= 0 && *id <= std::numeric_limits<std::int32_t>::max() ? id : std::nullopt;
}

}  // namespace

bool known_chats::learn(const sdk::chat_view& chat) {
    const std::size_t hash = std::hash<std::string_view>{}(chat.title) ^ static_cast<std::size_t>(chat.kind);
    const auto known = titles_.find(std::string(chat.id));
    if (known != titles_.end()) {
        return std::exchange(known->second, hash) != hash;
    }
    if (titles_.size() >= max_chats) {
        titles_.clear();
    }
    titles_.emplace(chat.id, hash);
    return true;
}

parsed_update parse_update(const json::value& update, std::int64_t own_id) {
    if (!update_id(update)) {
        return unreadable("update_id is no number that fits");
    }
    const json::object& from = update.get_object();
    for (const std::string_view kind : {"message", "channel_post"}) {
        if (const json::object* message = object(from, kind)) {
            return parse_message(*message, kind, own_id);
        }
        if (from.contains(kind)) {
            return unreadable(std::string(kind).append(" is no object"));
        }
    }
    const auto other =
        std::find_if(from.begin(), from.end(), [](const auto& member) { return member.key() != "update_id"; });
    return {.kind = update_kind::unsupported,
            .about = other == from.end() ? "an empty update"
                                         : clean_utf8({other->key().data(), other->key().size()}, max_kind_bytes)};
}

received read_updates(const json::array& updates, std::int64_t own_id, known_chats& chats) {
    received all;
    const std::size_t count = std::min<std::size_t>(updates.size(), max_updates);
    for (std::size_t index = 0; index < count; ++index) {
        const json::value& update = updates[index];
        if (const auto id = update_id(update)) {
            all.next_offset = *id + 1;
        }
        parsed_update parsed = parse_update(update, own_id);
        switch (parsed.kind) {
            case update_kind::message: {
                const chat_entry& chat = parsed.what.chat;
                const sdk::chat_view entry{chat.kind, chat.id, chat.title};
                if (chats.learn(entry)) {
                    all.events.add_chat(entry);
                }
                all.events.add_message(parsed.what.message, parsed.what.dedupe_id);
                ++all.messages;
                all.unknown_entities += parsed.unknown_entities;
                break;
            }
            case update_kind::unsupported:
                if (all.unsupported++ == 0) {
                    all.unsupported_kind = std::move(parsed.about);
                }
                break;
            case update_kind::unreadable:
                all.unreadable.push_back(std::move(parsed.about));
                break;
        }
    }
    return all;
}

}  // namespace gateway::telegram
