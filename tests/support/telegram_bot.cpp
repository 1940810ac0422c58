#include "support/telegram_bot.hpp"

#include "support/telegram_text.hpp"

#include <algorithm>
#include <charconv>

namespace gateway::test {
namespace {

namespace json = boost::json;
using std::chrono::seconds;

constexpr seconds update_lives{86'400};
constexpr seconds callback_query_lives{150};
constexpr std::int64_t supergroup_boundary = -1'000'000'000'000;

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
    Number number{};
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
    return whole ? std::optional(number) : std::nullopt;
}

// The server marks commands itself; people do not send entities for them.
void mark_command(json::object& message, std::string_view text) {
    if (text.size() < 2 || text.front() != '/' || message.contains("entities")) {
        return;
    }
    const auto length = text.find_first_of(" \n\t");
    const auto command = text.substr(0, length);
    message["entities"] =
        json::array{json::object{{"type", "bot_command"}, {"offset", 0}, {"length", count_utf16_units(command)}}};
}

}  // namespace

json::object telegram_chat::json() const {
    json::object object{{"id", id}, {"type", type}};
    object[type == "private" ? "first_name" : "title"] = title;
    if (!username.empty()) {
        object["username"] = username;
    }
    if (is_forum) {
        object["is_forum"] = true;
    }
    return object;
}

std::string_view telegram_chat::status_of(std::int64_t user) const {
    const auto it = members.find(user);
    return it != members.end() ? std::string_view(it->second) : type == "channel" ? "administrator" : "member";
}

void telegram_chat::forget(std::int64_t message) {
    messages.erase(message);
    own.erase(message);
}

telegram_bot::telegram_bot(telegram_clock& clock, std::string token, std::string username, std::int32_t first_update_id)
    : clock_(clock),
      token_(std::move(token)),
      username_(std::move(username)),
      id_(parse_number<std::int64_t>(std::string_view(token_).substr(0, token_.find(':'))).value_or(1)),
      feed_(clock, first_update_id),
      webhook_(clock, feed_, static_cast<std::uint64_t>(id_)) {}

json::object telegram_bot::user_json() const {
    return {{"id", id_}, {"is_bot", true}, {"first_name", username_}, {"username", username_}};
}

telegram_chat& telegram_bot::add_chat(telegram_chat chat) {
    const auto id = chat.id;
    return chats_.insert_or_assign(id, std::move(chat)).first->second;
}

telegram_chat* telegram_bot::find_chat(std::int64_t id) {
    const auto it = chats_.find(id);
    return it == chats_.end() ? nullptr : &it->second;
}

telegram_chat* telegram_bot::find_chat(std::string_view id_or_username) {
    if (const auto id = parse_number<std::int64_t>(id_or_username)) {
        return find_chat(*id);
    }
    if (id_or_username.empty() || id_or_username.front() != '@') {
        return nullptr;
    }
    const auto it = std::find_if(chats_.begin(), chats_.end(), [&](const auto& entry) {
        return entry.second.type != "private" && equals_ignoring_case(entry.second.username, id_or_username.substr(1));
    });
    return it == chats_.end() ? nullptr : &it->second;
}

void telegram_bot::add_user(std::int64_t id, std::string_view first_name, std::string_view username) {
    json::object user{{"id", id}, {"is_bot", false}, {"first_name", first_name}};
    if (!username.empty()) {
        user["username"] = username;
    }
    users_.insert_or_assign(id, std::move(user));
}

json::object telegram_bot::user_json_of(std::int64_t user) {
    if (!users_.contains(user)) {
        add_user(user, "User " + std::to_string(user));
    }
    return users_.at(user);
}

telegram_chat& telegram_bot::chat_of_speaker(std::int64_t chat, std::int64_t user) {
    if (auto* known = find_chat(chat)) {
        return *known;
    }
    telegram_chat added;
    added.id = chat;
    if (chat > 0) {
        added.title = user_json_of(user).at("first_name").get_string();
    } else {
        added.type = chat < supergroup_boundary ? "supergroup" : "group";
        added.title = "Group " + std::to_string(chat);
    }
    return add_chat(std::move(added));
}

json::object& telegram_bot::store_message(telegram_chat& chat, json::object message, bool own) {
    const auto id = chat.next_message_id++;
    json::object complete{{"message_id", id}};
    for (auto& member : message) {
        complete.insert_or_assign(member.key(), std::move(member.value()));
    }
    if (chat.messages.size() >= max_messages_per_chat) {
        chat.own.erase(chat.messages.begin()->first);
        chat.messages.erase(chat.messages.begin());
    }
    if (own) {
        chat.own.insert(id);
    }
    return chat.messages.insert_or_assign(id, std::move(complete)).first->second;
}

std::string telegram_bot::new_media_group() {
    return std::to_string(next_media_group_++);
}

std::string telegram_bot::new_poll() {
    return std::to_string(id_) + std::to_string(next_poll_++);
}

said telegram_bot::user_says(std::int64_t chat_id, std::int64_t user, std::string_view text,
                             const say_options& options) {
    auto& chat = chat_of_speaker(chat_id, user);
    if (options.thread != 0) {
        chat.is_forum = true;
        chat.topics.insert(options.thread);
    }
    json::object message;
    if (chat.type == "channel") {
        message["sender_chat"] = chat.json();
    } else {
        message["from"] = user_json_of(user);
    }
    message["chat"] = chat.json();
    message["date"] = clock_.unix_time_s();
    if (options.thread != 0) {
        message["message_thread_id"] = options.thread;
        message["is_topic_message"] = true;
    }
    // In a topic, what answers nothing answers the message that opened the topic.
    const auto answered = options.reply_to != 0 ? options.reply_to : options.thread;
    if (const auto replied = chat.messages.find(answered);
        replied != chat.messages.end() && (options.reply_to != 0 || replied->second.contains("forum_topic_created"))) {
        auto quoted = replied->second;
        quoted.erase("reply_to_message");
        message["reply_to_message"] = std::move(quoted);
    }
    if (!text.empty()) {
        message["text"] = text;
        if (!options.entities.empty()) {
            message["entities"] = options.entities;
        }
        mark_command(message, text);
    }
    for (const auto& member : options.extra) {
        message[member.key()] = member.value();
    }
    const auto& stored = store_message(chat, std::move(message));
    const auto id = stored.at("message_id").get_int64();
    const auto update = feed_.push(chat.type == "channel" ? "channel_post" : "message", stored, update_lives);
    return {update.value_or(0), id};
}

said telegram_bot::user_edits(std::int64_t chat_id, std::int64_t message, std::string_view text, json::array entities) {
    auto* chat = find_chat(chat_id);
    if (chat == nullptr || !chat->messages.contains(message)) {
        return {0, message};
    }
    auto& stored = chat->messages.at(message);
    stored["text"] = text;
    stored.erase("entities");
    if (!entities.empty()) {
        stored["entities"] = std::move(entities);
    }
    mark_command(stored, text);
    stored["edit_date"] = clock_.unix_time_s();
    const auto update =
        feed_.push(chat->type == "channel" ? "edited_channel_post" : "edited_message", stored, update_lives);
    return {update.value_or(0), message};
}

std::string telegram_bot::user_clicks(std::int64_t chat_id, std::int64_t user, std::int64_t message,
                                      std::string_view data) {
    auto id = std::to_string(id_) + std::to_string(next_callback_query_++);
    json::object query{{"id", id}, {"from", user_json_of(user)}, {"chat_instance", "1"}, {"data", data}};
    auto* chat = find_chat(chat_id);
    if (chat != nullptr) {  // what is gone is shown by its id alone, dated 0
        const auto found = chat->messages.find(message);
        query["message"] = found != chat->messages.end()
                               ? found->second
                               : json::object{{"chat", chat->json()}, {"message_id", message}, {"date", 0}};
    }
    open_callback_queries[id] = clock_.unix_time_s();
    feed_.push("callback_query", std::move(query), callback_query_lives);
    return id;
}

said telegram_bot::push_update(std::string_view type, json::value payload) {
    return {feed_.push(type, std::move(payload), update_lives).value_or(0), 0};
}

said telegram_bot::push_raw_update(json::object body) {
    return {feed_.push_raw(std::move(body), update_lives).value_or(0), 0};
}

void telegram_bot::log_sent(std::string_view method, std::int64_t chat, json::object details) {
    if (sent_.size() >= max_log) {
        sent_.pop_front();
    }
    json::object entry{{"method", method}, {"chat_id", chat}};
    for (auto& member : details) {
        entry.insert_or_assign(member.key(), std::move(member.value()));
    }
    sent_.push_back(std::move(entry));
}

}  // namespace gateway::test
