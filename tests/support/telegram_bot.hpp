#pragma once
// One bot's world as the Bot API model keeps it: users, chats with topics and messages, what the bot has sent, and
// its update feed. The test plays the people: user_says, user_edits, user_clicks. Owned by telegram_api; used only
// from the thread that runs it. Ids out of thin air are created: an unknown user or chat becomes known by speaking.
// Bounds: max_messages_per_chat (the oldest are forgotten) and max_log entries in each log.

#include "support/telegram_files.hpp"
#include "support/telegram_pacing.hpp"
#include "support/telegram_updates.hpp"
#include "support/telegram_webhook.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace gateway::test {

struct telegram_chat {
    std::int64_t id = 0;
    std::string type = "private";  // private, group, supergroup, channel
    std::string title{};           // private chats: the user's first name
    std::string username{};
    bool is_forum = false;
    std::set<std::int64_t> topics{};  // message_thread_ids of a forum
    std::string forbidden{};          // not empty: sending answers 403 with it, e.g. "bot was blocked by the user"
    std::int64_t migrated_to = 0;     // not 0: sending answers 400 with migrate_to_chat_id
    std::int64_t next_message_id = 1;
    std::map<std::int64_t, boost::json::object> messages{};
    std::set<std::int64_t> own{};                   // ids of the bot's messages among them
    std::map<std::int64_t, std::string> members{};  // user → status, of those whose status was said
    std::map<std::pair<std::int64_t, std::int64_t>, boost::json::array> reactions{};  // message, user → ReactionTypes
    std::string description{};

    boost::json::object json() const;
    // "member" when nothing else was said, and "administrator" in a channel.
    std::string_view status_of(std::int64_t user) const;
    void forget(std::int64_t message);
};

struct say_options {
    std::int64_t thread = 0;    // a forum's topic; created when new
    std::int64_t reply_to = 0;  // a message id
    boost::json::array entities{};
    boost::json::object extra{};  // further fields of the message, e.g. a photo
};

struct said {
    std::int32_t update_id = 0;  // 0: no update (its type is not allowed, or the queue is full)
    std::int64_t message_id = 0;
};

// One call that did something to a chat: {"method", "chat_id", and the message or the parameters}.
using sent_log = std::deque<boost::json::object>;

class telegram_bot {
public:
    static constexpr std::size_t max_messages_per_chat = 10'000;
    static constexpr std::size_t max_log = 200'000;

    telegram_bot(telegram_clock& clock, std::string token, std::string username, std::int32_t first_update_id);

    const std::string& token() const { return token_; }
    const std::string& username() const { return username_; }
    std::int64_t id() const { return id_; }
    boost::json::object user_json() const;
    telegram_clock& clock() { return clock_; }
    telegram_update_feed& feed() { return feed_; }

    telegram_chat& add_chat(telegram_chat chat);
    telegram_chat* find_chat(std::int64_t id);
    telegram_chat* find_chat(std::string_view id_or_username);
    void add_user(std::int64_t id, std::string_view first_name, std::string_view username = {});

    said user_says(std::int64_t chat, std::int64_t user, std::string_view text, const say_options& options = {});
    said user_edits(std::int64_t chat, std::int64_t message, std::string_view text, boost::json::array entities = {});
    // Presses an inline button; returns the callback query's id.
    std::string user_clicks(std::int64_t chat, std::int64_t user, std::int64_t message, std::string_view data);
    // Of a kind in the API reference; where the bot has not allowed it nothing happens.
    said push_update(std::string_view type, boost::json::value payload);
    // As it is, but for its id: kinds of the future.
    said push_raw_update(boost::json::object body);

    // What the bot did, oldest first: sendMessage, editMessageText, deleteMessage, setMessageReaction …
    const sent_log& sent() const { return sent_; }
    void log_sent(std::string_view method, std::int64_t chat, boost::json::object details);

    boost::json::object& store_message(telegram_chat& chat, boost::json::object message, bool own = false);
    // The chat as it is known, or made up: a private one of the user's, or a group.
    telegram_chat& chat_of_speaker(std::int64_t chat, std::int64_t user);
    boost::json::object user_json_of(std::int64_t user);
    bool knows_user(std::int64_t id) const { return users_.contains(id); }
    telegram_files& files() { return files_; }
    telegram_pacer& pacer() { return pacer_; }
    telegram_webhook& webhook() { return webhook_; }
    std::string new_media_group();
    std::string new_poll();

    bool is_local = false;                               // on a self-hosted server (--local): webhooks may be anywhere
    std::map<std::string, boost::json::array> commands;  // by scope and language
    std::map<std::string, std::int64_t> open_callback_queries;  // id → Unix time of the click

private:
    telegram_clock& clock_;
    std::string token_;
    std::string username_;
    std::int64_t id_;
    telegram_update_feed feed_;
    telegram_webhook webhook_;
    telegram_files files_{id_};
    telegram_pacer pacer_;
    std::map<std::int64_t, telegram_chat> chats_;
    std::map<std::int64_t, boost::json::object> users_;
    sent_log sent_;
    std::uint64_t next_callback_query_ = 1;
    std::uint64_t next_media_group_ = 13'000'000'000'000'001;  // real ones have 17 digits
    std::uint64_t next_poll_ = 1;
};

}  // namespace gateway::test
