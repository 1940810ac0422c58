#include "support/telegram_people.hpp"

#include "support/telegram_text.hpp"

#include <cassert>

namespace gateway::test {
namespace {

namespace json = boost::json;

json::array reaction_types(const std::vector<std::string>& emoji) {
    json::array types;
    for (const auto& each : emoji) {
        types.push_back(json::object{{"type", "emoji"}, {"emoji", each}});
    }
    return types;
}

}  // namespace

json::object member_json(json::object user, std::string_view status) {
    json::object member{{"user", std::move(user)}, {"status", status}};
    if (status == "creator") {
        member["is_anonymous"] = false;
    } else if (status == "administrator") {
        member["can_be_edited"] = false;
        for (const auto* right : {"is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
                                  "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users",
                                  "can_post_stories", "can_edit_stories", "can_delete_stories"}) {
            member[right] = right != std::string_view("is_anonymous");
        }
    } else if (status == "kicked") {
        member["until_date"] = 0;
    } else if (status == "restricted") {
        member["until_date"] = 0;
        member["is_member"] = true;
        for (const auto* right : {"can_send_messages", "can_send_photos", "can_send_documents", "can_send_polls"}) {
            member[right] = false;
        }
    }
    return member;
}

json::object origin_user(std::int64_t id, std::string_view first_name, std::int64_t date) {
    return {{"type", "user"},
            {"date", date},
            {"sender_user", json::object{{"id", id}, {"is_bot", false}, {"first_name", first_name}}}};
}

json::object origin_hidden(std::string_view name, std::int64_t date) {
    return {{"type", "hidden_user"}, {"date", date}, {"sender_user_name", name}};
}

json::object origin_channel(std::int64_t id, std::string_view title, std::int64_t message, std::int64_t date) {
    return {{"type", "channel"},
            {"date", date},
            {"chat", json::object{{"id", id}, {"title", title}, {"type", "channel"}}},
            {"message_id", message}};
}

json::object location_fields(double latitude, double longitude) {
    return {{"location", json::object{{"latitude", latitude}, {"longitude", longitude}}}};
}

json::object venue_fields(double latitude, double longitude, std::string_view title, std::string_view address) {
    auto fields = location_fields(latitude, longitude);  // a venue is a place too, for clients that know no venues
    fields["venue"] = json::object{{"location", fields["location"]}, {"title", title}, {"address", address}};
    return fields;
}

json::object contact_fields(std::string_view phone_number, std::string_view first_name) {
    return {{"contact", json::object{{"phone_number", phone_number}, {"first_name", first_name}}}};
}

json::object poll_fields(std::string_view question, const std::vector<std::string>& options) {
    json::array shown;
    for (const auto& option : options) {
        shown.push_back(json::object{{"text", option}, {"voter_count", 0}});
    }
    return {{"poll", json::object{{"id", "5000"},
                                  {"question", question},
                                  {"options", std::move(shown)},
                                  {"total_voter_count", 0},
                                  {"is_closed", false},
                                  {"is_anonymous", true},
                                  {"type", "regular"},
                                  {"allows_multiple_answers", false}}}};
}

json::object telegram_people::who(std::int64_t user) {
    return user == bot_.id() ? bot_.user_json() : bot_.user_json_of(user);
}

said telegram_people::sends(std::int64_t chat, std::int64_t user, sent_file file, say_options options) {
    const auto& stored = bot_.files().add(file.kind, std::move(file.content));
    for (const auto& member : stored.fields) {
        options.extra[member.key()] = member.value();
    }
    if (!file.caption.empty()) {
        options.extra["caption"] = file.caption;
    }
    if (!file.caption_entities.empty()) {
        options.extra["caption_entities"] = std::move(file.caption_entities);
    }
    return bot_.user_says(chat, user, "", options);
}

std::vector<said> telegram_people::sends_album(std::int64_t chat, std::int64_t user, std::vector<sent_file> files,
                                               const say_options& options) {
    auto grouped = options;
    grouped.extra["media_group_id"] = bot_.new_media_group();
    std::vector<said> sent;
    for (auto& file : files) {
        sent.push_back(sends(chat, user, std::move(file), grouped));
    }
    return sent;
}

said telegram_people::forwards(std::int64_t chat, std::int64_t user, std::string_view text, json::object origin) {
    say_options options;
    options.extra["forward_origin"] = std::move(origin);
    return bot_.user_says(chat, user, text, options);
}

said telegram_people::quotes(std::int64_t chat, std::int64_t user, std::int64_t message, std::string_view quote,
                             std::string_view text) {
    auto* known = bot_.find_chat(chat);
    assert(known != nullptr && known->messages.contains(message));
    const auto& answered = known->messages.at(message);
    const auto* whole = answered.if_contains("text");
    const std::string_view all = whole == nullptr ? std::string_view() : std::string_view(whole->get_string());
    const auto at = std::min(all.find(quote), all.size());
    say_options options;
    options.reply_to = message;
    options.extra["quote"] =
        json::object{{"text", quote}, {"position", count_utf16_units(all.substr(0, at))}, {"is_manual", true}};
    return bot_.user_says(chat, user, text, options);
}

said telegram_people::quotes_elsewhere(std::int64_t chat, std::int64_t user, json::object origin,
                                       std::string_view quote, std::string_view text) {
    say_options options;
    options.extra["external_reply"] = json::object{{"origin", std::move(origin)}};
    options.extra["quote"] = json::object{{"text", quote}, {"position", 0}, {"is_manual", true}};
    return bot_.user_says(chat, user, text, options);
}

said telegram_people::edits_caption(std::int64_t chat_id, std::int64_t message, std::string_view caption,
                                    json::array entities) {
    auto* chat = bot_.find_chat(chat_id);
    if (chat == nullptr || !chat->messages.contains(message)) {
        return {0, message};
    }
    auto& stored = chat->messages.at(message);
    stored["caption"] = caption;
    stored.erase("caption_entities");
    if (!entities.empty()) {
        stored["caption_entities"] = std::move(entities);
    }
    stored["edit_date"] = bot_.clock().unix_time_s();
    auto pushed = bot_.push_update(chat->type == "channel" ? "edited_channel_post" : "edited_message", stored);
    return {pushed.update_id, message};
}

said telegram_people::reacts(std::int64_t chat_id, std::int64_t user, std::int64_t message,
                             const std::vector<std::string>& emoji) {
    auto& chat = bot_.chat_of_speaker(chat_id, user);
    auto& current = chat.reactions[{message, user}];
    auto before = std::exchange(current, reaction_types(emoji));
    const json::object reaction{{"chat", chat.json()},
                                {"message_id", message},
                                {"user", who(user)},
                                {"date", bot_.clock().unix_time_s()},
                                {"old_reaction", std::move(before)},
                                {"new_reaction", current}};
    return {bot_.push_update("message_reaction", reaction).update_id, message};
}

said telegram_people::reactions_counted(std::int64_t chat_id, std::int64_t message,
                                        const std::vector<std::pair<std::string, int>>& counts) {
    auto& chat = bot_.chat_of_speaker(chat_id, chat_id);
    json::array reactions;
    for (const auto& [emoji, count] : counts) {
        reactions.push_back(
            json::object{{"type", json::object{{"type", "emoji"}, {"emoji", emoji}}}, {"total_count", count}});
    }
    const json::object counted{{"chat", chat.json()},
                               {"message_id", message},
                               {"date", bot_.clock().unix_time_s()},
                               {"reactions", std::move(reactions)}};
    return {bot_.push_update("message_reaction_count", counted).update_id, message};
}

said telegram_people::set_status(telegram_chat& chat, json::object user, std::string_view status, json::object by) {
    const auto id = user.at("id").get_int64();
    const bool is_bot_itself = id == bot_.id();
    const json::object change{{"chat", chat.json()},
                              {"from", std::move(by)},
                              {"date", bot_.clock().unix_time_s()},
                              {"old_chat_member", member_json(user, chat.status_of(id))},
                              {"new_chat_member", member_json(user, status)}};
    chat.members[id] = status;
    if (is_bot_itself) {
        const std::string what = chat.type == "private" ? "user" : chat.type + " chat";
        chat.forbidden = status == "kicked" ? chat.type == "private" ? "bot was blocked by the user"
                                                                     : "bot was kicked from the " + what
                         : status == "left" ? "bot is not a member of the " + what
                                            : "";
    }
    return bot_.push_update(is_bot_itself ? "my_chat_member" : "chat_member", change);
}

said telegram_people::membership(std::int64_t chat, std::int64_t user, std::string_view status, std::int64_t by) {
    return set_status(bot_.chat_of_speaker(chat, by), who(user), status, who(by));
}

said telegram_people::blocks_bot(std::int64_t user) {
    return membership(user, bot_.id(), "kicked", user);
}

said telegram_people::unblocks_bot(std::int64_t user) {
    return membership(user, bot_.id(), "member", user);
}

said telegram_people::joins(std::int64_t chat, const std::vector<std::int64_t>& users) {
    json::array members;
    for (const auto user : users) {
        members.push_back(who(user));
    }
    say_options options;
    options.extra["new_chat_member"] = members.at(0);
    options.extra["new_chat_participant"] = members.at(0);  // the name it had at first, still sent
    options.extra["new_chat_members"] = std::move(members);
    return bot_.user_says(chat, users.front(), "", options);
}

said telegram_people::leaves(std::int64_t chat, std::int64_t user) {
    say_options options;
    options.extra["left_chat_member"] = who(user);
    options.extra["left_chat_participant"] = who(user);
    return bot_.user_says(chat, user, "", options);
}

std::pair<said, said> telegram_people::upgrades(std::int64_t group, std::int64_t supergroup) {
    auto& old_chat = bot_.chat_of_speaker(group, 1);
    old_chat.migrated_to = supergroup;
    telegram_chat grown;
    grown.id = supergroup;
    grown.type = "supergroup";
    grown.title = old_chat.title;
    bot_.add_chat(std::move(grown));
    say_options options;
    options.extra = {{"migrate_to_chat_id", supergroup}};
    const auto last = bot_.user_says(group, 1, "", options);
    options.extra = {{"migrate_from_chat_id", group}};
    return {last, bot_.user_says(supergroup, 1, "", options)};
}

said telegram_people::opens_topic(std::int64_t chat_id, std::int64_t user, std::string_view name) {
    auto& chat = bot_.chat_of_speaker(chat_id, user);
    say_options options;
    options.thread = chat.next_message_id;  // a topic is named after the message that opens it
    options.extra["forum_topic_created"] = json::object{{"name", name}, {"icon_color", 7'322'096}};
    return bot_.user_says(chat_id, user, "", options);
}

said telegram_people::stops_draft(std::int64_t chat_id, std::int64_t draft) {
    auto& chat = bot_.chat_of_speaker(chat_id, chat_id);
    return bot_.push_update("stopped_message_generation", json::object{{"chat", chat.json()}, {"draft_id", draft}});
}

}  // namespace gateway::test
