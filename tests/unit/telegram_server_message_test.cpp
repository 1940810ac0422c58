#include "telegram_server_fixture.hpp"

#include <doctest/doctest.h>

using namespace gateway::test;
namespace json = boost::json;

namespace {

json::object entity(std::string_view type, int offset, int length) {
    return {{"type", type}, {"offset", offset}, {"length", length}};
}

json::object reply_to(json::value message) {
    return {{"message_id", std::move(message)}};
}

struct conversation : telegram_model {
    conversation() { hear(); }

    std::shared_ptr<pending_answer> write(std::string_view text, json::object more = {}) {
        json::object params{{"chat_id", chat}, {"text", text}};
        for (auto& member : more) {
            params.insert_or_assign(member.key(), member.value());
        }
        return call("sendMessage", params);
    }
};

std::string repeated(std::string_view text, int times) {
    std::string result;
    for (int i = 0; i < times; ++i) {
        result += text;
    }
    return result;
}

}  // namespace

TEST_CASE("telegram server: a sent message is answered whole and logged") {
    conversation model;
    const auto message = model.write("hello", {{"disable_notification", true}})->result();
    CHECK(message.at("text").as_string() == "hello");
    CHECK(message.at("message_id").as_int64() == 2);
    CHECK(message.at("from").at("id").as_int64() == 123);
    CHECK(message.at("chat").at("id").as_int64() == telegram_model::chat);
    CHECK(message.at("date").as_int64() == model.clock.unix_time_s());
    REQUIRE(model.bot.sent().size() == 1);
    CHECK(model.bot.sent().front().at("method").as_string() == "sendMessage");
    CHECK(model.bot.sent().front().at("disable_notification").as_bool());
}

TEST_CASE("telegram server: a chat must be named and known") {
    conversation model;
    CHECK(model.call("sendMessage", {{"text", "x"}})->description() == "Bad Request: chat_id is empty");
    CHECK(model.write("x", {{"chat_id", 8}})->description() == "Bad Request: chat not found");
    CHECK(model.write("x", {{"chat_id", "@nobody"}})->description() == "Bad Request: chat not found");
    CHECK(model.write("x", {{"chat_id", "7"}})->status() == 200);
    model.bot.add_chat({.id = -1005, .type = "channel", .title = "News", .username = "The_News"});
    CHECK(model.write("x", {{"chat_id", "@the_news"}})->status() == 200);
}

TEST_CASE("telegram server: text is trimmed, and must not be empty then") {
    conversation model;
    CHECK(model.write(" \n x \t")->result().at("text").as_string() == "x");
    CHECK(model.write("")->description() == "Bad Request: message text is empty");
    CHECK(model.write(" \n ")->description() == "Bad Request: message text is empty");
}

TEST_CASE("telegram server: a text has at most 4096 code points, counted after trimming") {
    conversation model;
    CHECK(model.write("  " + repeated("😀", 4096) + " ")->status() == 200);
    CHECK(model.write(repeated("a", 4097))->description() == "Bad Request: message is too long");
}

TEST_CASE("telegram server: entities follow the trimming, in UTF-16 units") {
    conversation model;
    const auto sent =
        model.write("  😀 bold  ", {{"entities", json::array{entity("bold", 5, 4), entity("italic", 0, 2)}}});
    CHECK(sent->result().at("entities") == json::array{entity("bold", 3, 4)});
    const auto over_the_end = model.write("ab  ", {{"entities", json::array{entity("code", 1, 3)}}});
    CHECK(over_the_end->result().at("entities") == json::array{entity("code", 1, 1)});
}

TEST_CASE("telegram server: wrong entities are refused with the place") {
    conversation model;
    const auto refusal = [&](json::value wrong) {
        return model.write("a😀", {{"entities", json::array{std::move(wrong)}}})->description();
    };
    CHECK(refusal(entity("bold", 0, 4)) ==
          "Bad Request: entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 4");
    CHECK(refusal(entity("bold", -1, 1)) ==
          "Bad Request: entity beginning at UTF-16 offset -1 ends after the end of the text at UTF-16 offset 0");
    CHECK(refusal(entity("bold", 2, 1)) ==
          "Bad Request: entity begins in a middle of a UTF-16 symbol at UTF-16 offset 2");
    CHECK(refusal(entity("bold", 0, 2)) ==
          "Bad Request: entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at UTF-16 offset 2");
    CHECK(refusal(entity("fat", 0, 1)) == "Bad Request: can't parse MessageEntity: unsupported type specified");
    CHECK(refusal(entity("text_link", 0, 1)) == "Bad Request: can't parse MessageEntity: can't find field \"url\"");
    CHECK(refusal("bold") == "Bad Request: can't parse MessageEntity: expected an Object");
    CHECK(model.write("x", {{"parse_mode", "Fancy"}})->description() == "Bad Request: unsupported parse_mode");
}

TEST_CASE("telegram server: a reply needs its message, unless told otherwise") {
    conversation model;
    CHECK(
        model.write("x", {{"reply_parameters", reply_to(1)}})->result().at("reply_to_message").at("text").as_string() ==
        "hello");
    CHECK(model.write("x", {{"reply_parameters", reply_to(99)}})->description() ==
          "Bad Request: message to be replied not found");
    const auto alone = model.write(
        "x", {{"reply_parameters", json::object{{"message_id", 99}, {"allow_sending_without_reply", true}}}});
    CHECK(alone->status() == 200);
    CHECK_FALSE(alone->result().as_object().contains("reply_to_message"));
    CHECK(model.write("x", {{"reply_parameters", reply_to("1")}})->description() ==
          "Bad Request: can't parse reply parameters: field \"message_id\" must be of type Number");
}

TEST_CASE("telegram server: a quote is an exact part of what is answered, the one nearest to where it is looked for") {
    conversation model;
    model.bot.user_says(7, 7, "😀 again and again");
    const auto quote = [&](std::string_view text, int position) {
        const json::object reply{{"message_id", 2}, {"quote", text}, {"quote_position", position}};
        return model.write("x", {{"reply_parameters", reply}});
    };
    CHECK(quote("again", 0)->result().at("quote") ==
          json::value{{"text", "again"}, {"position", 3}, {"is_manual", true}});
    CHECK(quote("again", 12)->result().at("quote").at("position") == 13);
    CHECK(quote("never", 0)->description() == "Bad Request: QUOTE_TEXT_INVALID");
    CHECK(model.write("x", {{"reply_parameters", json::object{{"message_id", 2}, {"qoute", "again"}}}})
              ->description()
              .find("unknown field \"qoute\"") != std::string::npos);
    CHECK(model.write("x", {{"reply_parameters", json::object{{"message_id", 2}, {"chat_id", 8}}}})->status() == 400);
}

TEST_CASE("telegram server: link previews are asked for in known words") {
    conversation model;
    const auto write = [&](json::object options) { return model.write("x", {{"link_preview_options", options}}); };
    CHECK(write({{"is_disabled", true}})->result().at("link_preview_options").at("is_disabled") == true);
    CHECK(write({{"is_disabled", "yes"}})->description() ==
          "Bad Request: can't parse link preview options: field \"is_disabled\" must be of type Boolean");
    CHECK(write({{"disabled", true}})->description().find("unknown field \"disabled\"") != std::string::npos);
}

TEST_CASE("telegram server: several messages are deleted at once, those that are gone skipped") {
    conversation model;
    model.write("a");
    model.write("b");
    const auto erase = [&](json::array ids) {
        return model.call("deleteMessages", {{"chat_id", 7}, {"message_ids", std::move(ids)}});
    };
    CHECK(erase({2, 3, 99})->status() == 200);
    CHECK(model.bot.find_chat(7)->messages.size() == 1);
    CHECK(erase({})->description() == "Bad Request: message identifiers are not specified");
    CHECK(erase(json::array(101, 1))->description() == "Bad Request: too many message identifiers specified");
    CHECK(erase({"1"})->description() == "Bad Request: invalid message identifier specified");
}

TEST_CASE("telegram server: others' messages in a group are an administrator's to delete, old ones too") {
    conversation model;
    model.bot.user_says(-5, 8, "x");
    const auto erase = [&](std::int64_t chat) {
        return model.call("deleteMessage", {{"chat_id", chat}, {"message_id", 1}});
    };
    CHECK(erase(-5)->description() == "Bad Request: message can't be deleted");
    model.clock.advance(std::chrono::hours(49));
    CHECK(erase(7)->description() == "Bad Request: message can't be deleted");
    model.bot.find_chat(-5)->members[123] = "administrator";
    CHECK(erase(-5)->status() == 200);
}

TEST_CASE("telegram server: a draft is shown in private, by a number that is not 0, and may be empty") {
    conversation model;
    const auto draft = [&](std::int64_t chat, int id, std::string_view text) {
        return model.call("sendMessageDraft", {{"chat_id", chat}, {"draft_id", id}, {"text", text}});
    };
    CHECK(draft(7, 5, "so far")->result().as_bool());
    CHECK(model.bot.sent().back().at("text") == "so far");
    CHECK(draft(7, 5, "")->status() == 200);
    CHECK(draft(7, 0, "x")->status() == 400);
    CHECK(draft(7, 5, repeated("a", 4097))->description() == "Bad Request: message is too long");
    model.bot.user_says(-5, 8, "x");
    CHECK(draft(-5, 5, "x")->description() == "Bad Request: TEXTDRAFT_PEER_INVALID");
    CHECK(model.bot.find_chat(7)->messages.size() == 1);
}

TEST_CASE("telegram server: a topic must exist; a reply goes into its message's topic") {
    conversation model;
    constexpr std::int64_t forum = -1'001'234'567'890;
    say_options in_topic;
    in_topic.thread = 77;
    const auto question = model.bot.user_says(forum, 5, "question", in_topic);
    const auto topic_of = [](const pending_answer& answer) {
        return answer.result().at("message_thread_id").as_int64();
    };
    CHECK(topic_of(*model.write("x", {{"chat_id", forum}, {"message_thread_id", 77}})) == 77);
    CHECK(topic_of(*model.write("x", {{"chat_id", forum}, {"reply_parameters", reply_to(question.message_id)}})) == 77);
    CHECK(model.write("x", {{"chat_id", forum}, {"message_thread_id", 78}})->description() ==
          "Bad Request: message thread not found");
    CHECK(model.write("x", {{"message_thread_id", 77}})->description() == "Bad Request: message thread not found");
}

TEST_CASE("telegram server: forbidden and migrated chats say so") {
    conversation model;
    model.bot.add_chat({.id = 9, .forbidden = "bot was blocked by the user"});
    model.bot.add_chat({.id = -5, .type = "group", .migrated_to = -1'000'000'000'005});
    const auto blocked = model.write("x", {{"chat_id", 9}});
    CHECK(blocked->status() == 403);
    CHECK(blocked->description() == "Forbidden: bot was blocked by the user");
    const auto moved = model.write("x", {{"chat_id", -5}});
    CHECK(moved->status() == 400);
    CHECK(moved->json().at("parameters").at("migrate_to_chat_id").as_int64() == -1'000'000'000'005);
}

TEST_CASE("telegram server: an edit must change something of the bot's own message") {
    conversation model;
    model.write("draft");
    const auto edit = [&](std::int64_t message, std::string_view text) {
        return model.call("editMessageText", {{"chat_id", 7}, {"message_id", message}, {"text", text}});
    };
    const auto changed = edit(2, "final")->result();
    CHECK(changed.at("text").as_string() == "final");
    CHECK(changed.at("edit_date").as_int64() == model.clock.unix_time_s());
    CHECK(edit(2, " final ")->description() ==
          "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
          "as a current content and reply markup of the message");
    CHECK(edit(1, "x")->description() == "Bad Request: message can't be edited");
    CHECK(edit(50, "x")->description() == "Bad Request: message to edit not found");
    CHECK(edit(0, "x")->description() == "Bad Request: message identifier is not specified");
    CHECK(model.bot.sent().back().at("text").as_string() == "final");
}

TEST_CASE("telegram server: a deleted message is gone") {
    conversation model;
    const json::object first{{"chat_id", 7}, {"message_id", 1}};
    CHECK(model.call("deleteMessage", first)->result().as_bool());
    CHECK(model.call("deleteMessage", first)->description() == "Bad Request: message to delete not found");
}

TEST_CASE("telegram server: people's messages carry who, where, what they answer and marked commands") {
    conversation model;
    say_options reply;
    reply.reply_to = 1;
    model.bot.user_says(7, 7, "/start now", reply);
    const auto update = model.call("getUpdates")->result().at(1).at("message");
    CHECK(update.at("reply_to_message").at("message_id").as_int64() == 1);
    CHECK(update.at("entities") == json::array{entity("bot_command", 0, 6)});
    CHECK(model.bot.user_says(-5, 6, "x").message_id == 1);
    CHECK(model.bot.find_chat(-5)->type == "group");
    CHECK(model.bot.user_edits(7, 1, "changed").update_id != 0);
}
