#include "support/telegram_people.hpp"
#include "telegram_server_fixture.hpp"

#include <doctest/doctest.h>

using namespace gateway::test;
namespace json = boost::json;

namespace {

constexpr std::int64_t group = -5;
constexpr std::int64_t supergroup = -1'000'000'000'005;

struct town : telegram_model {
    telegram_people people{bot};

    // What the newest update holds, under its kind.
    json::value last(std::string_view kind) {
        const auto updates = call("getUpdates", {{"offset", -1}})->result();
        REQUIRE(updates.as_array().size() == 1);
        REQUIRE(updates.at(0).as_object().contains(kind));
        return updates.at(0).at(kind);
    }

    void allow(json::array kinds) { call("getUpdates", {{"offset", 1}, {"allowed_updates", std::move(kinds)}}); }
};

}  // namespace

TEST_CASE("telegram server: what people send can be downloaded by the bot") {
    town model;
    model.people.sends(7, 7, {media_kind::photo, {.bytes = "an image"}, "look", {}});
    const auto message = model.last("message");
    CHECK(message.at("caption") == "look");
    CHECK_FALSE(message.as_object().contains("text"));
    const auto& largest = message.at("photo").as_array().back();
    const auto file = model.call("getFile", {{"file_id", largest.at("file_id")}})->result();
    CHECK(model.download(file.at("file_path").as_string())->response->body == "an image");
    for (const auto kind : {media_kind::document, media_kind::video, media_kind::animation, media_kind::audio,
                            media_kind::voice, media_kind::video_note, media_kind::sticker}) {
        const auto field = traits_of(kind).field;
        CAPTURE(field);
        model.people.sends(7, 7, {kind, {.bytes = "x", .attributes = {{"duration", 4}}}, "", {}});
        CHECK(model.last("message").at(field).at("duration") == 4);
    }
}

TEST_CASE("telegram server: an album arrives as messages of one group, each in its own update") {
    town model;
    const auto sent = model.people.sends_album(
        7, 7, {{media_kind::photo, {.bytes = "a"}, "both", {}}, {media_kind::video, {.bytes = "b"}, "", {}}});
    const auto updates = model.call("getUpdates")->result();
    REQUIRE(updates.as_array().size() == 2);
    CHECK(updates.at(0).at("message").at("media_group_id") == updates.at(1).at("message").at("media_group_id"));
    CHECK(updates.at(1).at("message").at("message_id") == sent[1].message_id);
    const auto other = model.people.sends_album(7, 7, {{}, {}});
    CHECK(model.last("message").at("media_group_id") != updates.at(0).at("message").at("media_group_id"));
}

TEST_CASE("telegram server: places, contacts and polls come in their fields, a venue as a place too") {
    town model;
    const auto says = [&](json::object fields) { model.bot.user_says(7, 7, "", {.extra = std::move(fields)}); };
    says(venue_fields(48.1, 11.5, "Café", "Street 1"));
    CHECK(model.last("message").at("venue").at("location") == model.last("message").at("location"));
    says(contact_fields("+49", "Ann"));
    CHECK(model.last("message").at("contact").at("first_name") == "Ann");
    says(poll_fields("Well?", {"yes", "no"}));
    CHECK(model.last("message").at("poll").at("options").at(1).at("text") == "no");
    says(location_fields(1, 2));
    CHECK(model.last("message").at("location").at("longitude") == 2.0);
}

TEST_CASE("telegram server: forwards, quotes and answers to other chats tell where they come from") {
    town model;
    model.people.forwards(7, 7, "news", origin_channel(-1009, "News", 3, 1'600'000'000));
    CHECK(model.last("message").at("forward_origin").at("chat").at("title") == "News");
    const auto spoken = model.hear("😀 a long story");
    model.people.quotes(7, 7, spoken.message_id, "long", "how long?");
    const auto quoting = model.last("message");
    CHECK(quoting.at("quote") == json::value{{"text", "long"}, {"position", 5}, {"is_manual", true}});
    CHECK(quoting.at("reply_to_message").at("message_id") == spoken.message_id);
    model.people.quotes_elsewhere(7, 7, origin_hidden("Somebody", 1), "their words", "mine");
    CHECK(model.last("message").at("external_reply").at("origin").at("sender_user_name") == "Somebody");
    CHECK_FALSE(model.last("message").as_object().contains("reply_to_message"));
}

TEST_CASE("telegram server: edits come as edits, in channels as edited posts, whatever was edited") {
    town model;
    const auto text = model.hear("draft");
    model.bot.user_edits(7, text.message_id, "/final now", {});
    CHECK(model.last("edited_message").at("text") == "/final now");
    CHECK(model.last("edited_message").at("entities").at(0).at("type") == "bot_command");
    const auto photo = model.people.sends(7, 7, {media_kind::photo, {}, "before", {}});
    model.people.edits_caption(7, photo.message_id, "after");
    CHECK(model.last("edited_message").at("caption") == "after");
    CHECK(model.last("edited_message").as_object().contains("photo"));
    model.bot.add_chat({.id = -1009, .type = "channel", .title = "News"});
    const auto post = model.bot.user_says(-1009, 7, "post");
    CHECK(model.last("channel_post").at("sender_chat").at("title") == "News");
    CHECK_FALSE(model.last("channel_post").as_object().contains("from"));
    model.bot.user_edits(-1009, post.message_id, "changed");
    CHECK(model.last("edited_channel_post").at("text") == "changed");
}

TEST_CASE("telegram server: a reaction tells what it was before, and only whom asked") {
    town model;
    const auto spoken = model.hear();
    CHECK(model.people.reacts(7, 7, spoken.message_id, {"👍"}).update_id == 0);
    model.allow({"message_reaction", "message_reaction_count"});
    model.people.reacts(7, 7, spoken.message_id, {"👍", "❤"});
    const auto changed = model.last("message_reaction");
    CHECK(changed.at("old_reaction").as_array().size() == 1);
    CHECK(changed.at("new_reaction").at(1).at("emoji") == "❤");
    model.people.reacts(7, 7, spoken.message_id, {});
    CHECK(model.last("message_reaction").at("new_reaction").as_array().empty());
    model.people.reactions_counted(-1009, 3, {{"👍", 12}});
    CHECK(model.last("message_reaction_count").at("reactions").at(0).at("total_count") == 12);
}

TEST_CASE("telegram server: who blocks the bot or puts it out cannot be written to until they take it back") {
    town model;
    model.hear();
    const auto write = [&](std::int64_t chat) { return model.call("sendMessage", {{"chat_id", chat}, {"text", "x"}}); };
    model.people.blocks_bot(7);
    const auto blocked = model.last("my_chat_member");
    CHECK(blocked.at("old_chat_member").at("status") == "member");
    CHECK(blocked.at("new_chat_member").at("status") == "kicked");
    CHECK(blocked.at("new_chat_member").at("user").at("id") == 123);
    CHECK(write(7)->description() == "Forbidden: bot was blocked by the user");
    model.people.unblocks_bot(7);
    CHECK(write(7)->status() == 200);
    model.people.membership(group, 123, "kicked");
    CHECK(write(group)->description() == "Forbidden: bot was kicked from the group chat");
    model.people.membership(supergroup, 123, "left");
    CHECK(write(supergroup)->description() == "Forbidden: bot is not a member of the supergroup chat");
    model.people.membership(supergroup, 123, "administrator");
    CHECK(model.last("my_chat_member").at("new_chat_member").at("can_delete_messages") == true);
    CHECK(write(supergroup)->status() == 200);
}

TEST_CASE("telegram server: others' membership is told to whom asked, their coming and going to all") {
    town model;
    CHECK(model.people.membership(group, 9, "kicked").update_id == 0);
    model.people.joins(group, {9, 10});
    CHECK(model.last("message").at("new_chat_members").at(1).at("id") == 10);
    model.people.leaves(group, 9);
    CHECK(model.last("message").at("left_chat_member").at("id") == 9);
    model.allow({"chat_member"});
    model.people.membership(group, 9, "restricted");
    CHECK(model.last("chat_member").at("old_chat_member").at("status") == "kicked");
}

TEST_CASE("telegram server: a group that grows says where it goes, and refuses what still comes") {
    town model;
    model.bot.user_says(group, 8, "hello");
    model.people.upgrades(group, supergroup);
    const auto updates = model.call("getUpdates")->result();
    REQUIRE(updates.as_array().size() == 3);
    CHECK(updates.at(1).at("message").at("migrate_to_chat_id") == supergroup);
    CHECK(updates.at(1).at("message").at("chat").at("id") == group);
    CHECK(updates.at(2).at("message").at("migrate_from_chat_id") == group);
    const auto late = model.call("sendMessage", {{"chat_id", group}, {"text", "x"}});
    CHECK(late->json().at("parameters").at("migrate_to_chat_id") == supergroup);
    CHECK(model.call("sendMessage", {{"chat_id", supergroup}, {"text", "x"}})->status() == 200);
}

TEST_CASE("telegram server: a topic opens with a message, which its other messages answer") {
    town model;
    const auto opened = model.people.opens_topic(supergroup, 8, "Plans");
    CHECK(model.last("message").at("forum_topic_created").at("name") == "Plans");
    model.bot.user_says(supergroup, 8, "well", {.thread = opened.message_id});
    const auto in_topic = model.last("message");
    CHECK(in_topic.at("message_thread_id") == opened.message_id);
    CHECK(in_topic.at("reply_to_message").at("message_id") == opened.message_id);
    CHECK(in_topic.at("chat").at("is_forum") == true);
}

TEST_CASE("telegram server: a button under a message that is gone shows its id alone") {
    town model;
    model.hear();
    model.bot.user_clicks(7, 7, 4711, "a");
    const auto query = model.last("callback_query");
    CHECK(query.at("message").at("message_id") == 4711);
    CHECK(query.at("message").at("date") == 0);
}

TEST_CASE("telegram server: a stopped draft, and updates of kinds nobody knows, come as they are") {
    town model;
    model.people.stops_draft(7, 5);
    CHECK(model.last("stopped_message_generation").at("draft_id") == 5);
    CHECK(model.bot.push_raw_update({{"telepathy", json::object{{"thought", "?"}}}}).update_id != 0);
    CHECK(model.last("telepathy").at("thought") == "?");
    model.bot.push_raw_update({});
    CHECK(model.call("getUpdates", {{"offset", -1}})->result().at(0).as_object().size() == 1);
}
