#include "telegram_service.hpp"

#include "telegram_json.hpp"
#include "telegram_media.hpp"
#include "telegram_who.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace gateway::telegram {
namespace {

namespace json = boost::json;

constexpr std::size_t max_words_bytes = 1024;

struct sentence {
    std::string_view field;
    std::string_view words;          // after who did it
    std::string_view named_by = {};  // a member of the field's object: what the words end with, in quotation marks
};
constexpr std::array<sentence, 25> sentences{{
    {"boost_added", "boosted the chat"},
    {"channel_chat_created", "created the channel"},
    {"chat_background_set", "changed the chat's background"},
    {"delete_chat_photo", "removed the chat's photo"},
    {"forum_topic_closed", "closed the topic"},
    {"forum_topic_created", "opened the topic", "name"},
    {"forum_topic_edited", "changed the topic", "name"},
    {"forum_topic_reopened", "opened the topic again"},
    {"general_forum_topic_hidden", "hid the general topic"},
    {"general_forum_topic_unhidden", "showed the general topic again"},
    {"gift", "gave a gift"},
    {"giveaway_completed", "ended a giveaway"},
    {"giveaway_created", "started a giveaway"},
    {"group_chat_created", "created the group"},
    {"message_auto_delete_timer_changed", "changed when messages are deleted"},
    {"new_chat_photo", "changed the chat's photo"},
    {"pinned_message", "pinned a message"},
    {"proximity_alert_triggered", "came close"},
    {"refunded_payment", "was paid back"},
    {"successful_payment", "paid"},
    {"supergroup_chat_created", "created the group"},
    {"video_chat_ended", "ended the video chat"},
    {"video_chat_participants_invited", "invited to the video chat"},
    {"video_chat_scheduled", "scheduled a video chat"},
    {"video_chat_started", "started a video chat"},
}};

constexpr std::array<std::string_view, 6> ours_alone{"chat_shared",  "connected_website", "passport_data",
                                                     "users_shared", "web_app_data",      "write_access_allowed"};

std::string quoted(std::string_view name) {
    return std::string(" “").append(name).append("”");
}

}  // namespace

std::string called(const std::optional<sdk::sender>& who) {
    return !who ? "Somebody" : who->name.empty() ? "User " + who->id : who->name;
}

std::optional<service> read_service(const json::object& message, std::string_view author) {
    service read{.text = std::string(author) + " "};
    if (const std::string title = text_in(message, "new_chat_title", max_words_bytes); !title.empty()) {
        read.text += "named the chat" + quoted(title) + ".";
        return read;
    }
    const auto* found = std::find_if(sentences.begin(), sentences.end(),
                                     [&](const sentence& each) { return message.contains(each.field); });
    if (found == sentences.end()) {
        return std::nullopt;
    }
    read.text += found->words;
    const json::object* about = object_in(message, found->field);
    if (about != nullptr && !found->named_by.empty()) {
        if (const std::string name = text_in(*about, found->named_by, max_words_bytes); !name.empty()) {
            read.text += quoted(name);
        }
    }
    read.text += '.';
    if (found->field == "pinned_message") {
        read.about = about;
    } else if (auto photo = largest_photo(message, "new_chat_photo")) {
        read.attachments.push_back(std::move(*photo));
    }
    return read;
}

std::string_view not_carried(const json::object& message) {
    const auto* found = std::find_if(ours_alone.begin(), ours_alone.end(),
                                     [&](std::string_view field) { return message.contains(field); });
    return found == ours_alone.end() ? std::string_view{} : *found;
}

std::string membership_words(const std::optional<sdk::sender>& by, const sdk::sender& who, bool left) {
    if (!by || by->id == who.id) {
        return called(who) + (left ? " left." : " joined.");
    }
    return called(by) + (left ? " removed " : " added ") + called(who) + ".";
}

std::vector<membership> members_of(const json::object& message, const std::optional<sdk::sender>& author,
                                   std::int64_t own_id) {
    std::vector<membership> members;
    const auto add = [&](const json::object* user, bool left) {
        if (auto who = user_as_sender(user, own_id)) {
            std::string words = membership_words(author, *who, left);
            members.push_back({std::move(*who), left, std::move(words)});
        }
    };
    const json::array* joined = array_in(message, "new_chat_members");
    const std::size_t count = joined == nullptr ? 0 : std::min(joined->size(), max_members);
    for (std::size_t index = 0; index < count; ++index) {
        add((*joined)[index].if_object(), false);
    }
    add(object_in(message, "left_chat_member"), true);
    return members;
}

}  // namespace gateway::telegram
