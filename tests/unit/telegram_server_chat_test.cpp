#include "support/telegram_people.hpp"
#include "telegram_server_fixture.hpp"

#include <doctest/doctest.h>

using namespace gateway::test;
namespace json = boost::json;

namespace {

struct chatting : telegram_model {
    chatting() { hear(); }
};

}  // namespace

TEST_CASE("telegram server: actions and reactions are checked and logged") {
    chatting model;
    CHECK(model.call("sendChatAction", {{"chat_id", 7}, {"action", "typing"}})->status() == 200);
    CHECK(model.call("sendChatAction", {{"chat_id", 7}, {"action", "dancing"}})->description() ==
          "Bad Request: wrong parameter action in request");
    const json::array thumb{json::object{{"type", "emoji"}, {"emoji", "👍"}}};
    CHECK(model.call("setMessageReaction", {{"chat_id", 7}, {"message_id", 1}, {"reaction", thumb}})->status() == 200);
    CHECK(model.call("setMessageReaction", {{"chat_id", 7}, {"message_id", 9}, {"reaction", thumb}})->description() ==
          "Bad Request: message to react not found");
    REQUIRE(model.bot.sent().size() == 2);
    CHECK(model.bot.sent()[0].at("action").as_string() == "typing");
    CHECK(model.bot.sent()[1].at("reaction") == json::value(thumb));
}

TEST_CASE("telegram server: a callback query is answered once and within 15 s") {
    chatting model;
    const json::object button{{"text", "A"}, {"callback_data", "a"}};
    const json::object keyboard{{"inline_keyboard", json::array{json::array{button}}}};
    model.call("sendMessage", {{"chat_id", 7}, {"text", "choose"}, {"reply_markup", keyboard}});
    const auto answer = [&](const std::string& id) {
        return model.call("answerCallbackQuery", {{"callback_query_id", id}});
    };
    const auto first = model.bot.user_clicks(7, 7, 2, "a");
    CHECK(answer(first)->status() == 200);
    CHECK(answer(first)->status() == 400);
    const auto second = model.bot.user_clicks(7, 7, 2, "a");
    model.clock.advance(std::chrono::seconds(16));
    CHECK(answer(second)->description() ==
          "Bad Request: query is too old and response timeout expired or query ID is invalid");
}

TEST_CASE("telegram server: a reaction is one of those there are, as the reference writes them") {
    chatting model;
    const auto react = [&](json::array reaction) {
        return model.call("setMessageReaction", {{"chat_id", 7}, {"message_id", 1}, {"reaction", std::move(reaction)}});
    };
    const auto emoji = [](std::string_view text) { return json::object{{"type", "emoji"}, {"emoji", text}}; };
    CHECK(react({emoji("❤")})->status() == 200);
    CHECK(react({})->status() == 200);
    for (const auto* other : {"✅", "❤️", ""}) {
        CAPTURE(other);
        CHECK(react({emoji(other)})->description() == "Bad Request: REACTION_INVALID");
    }
    CHECK(react({json::object{{"type", "paid"}}})->description() == "Bad Request: REACTION_INVALID");
    CHECK(react({emoji("👍"), emoji("❤")})->description() == "Bad Request: REACTIONS_TOO_MANY");
    CHECK(react({"👍"})->description() == "Bad Request: can't parse reaction types JSON object");
}

TEST_CASE("telegram server: a chat is described, to a bot that is in it") {
    chatting model;
    model.bot.add_chat({.id = -5, .type = "group", .title = "G", .description = "About"});
    CHECK(model.call("getChat", {{"chat_id", -5}})->result().at("description") == "About");
    CHECK(model.call("getChat", {{"chat_id", 8}})->description() == "Bad Request: chat not found");
    telegram_people(model.bot).membership(-5, 123, "kicked");
    CHECK(model.call("getChat", {{"chat_id", -5}})->description() == "Forbidden: bot was kicked from the group chat");
    telegram_people(model.bot).blocks_bot(7);
    CHECK(model.call("getChat", {{"chat_id", 7}})->status() == 200);
}

TEST_CASE("telegram server: a member has the status that was said, or is a member") {
    chatting model;
    model.bot.user_says(-5, 8, "x");
    const auto member = [&](std::int64_t user) {
        return model.call("getChatMember", {{"chat_id", -5}, {"user_id", user}});
    };
    CHECK(member(8)->result().at("status") == "member");
    CHECK(member(123)->result().at("user").at("is_bot") == true);
    telegram_people(model.bot).membership(-5, 8, "creator");
    CHECK(member(8)->result().at("status") == "creator");
    CHECK(member(99)->description() == "Bad Request: member not found");
    CHECK(member(0)->description() == "Bad Request: invalid user_id specified");
}

TEST_CASE("telegram server: commands are kept by scope and language") {
    chatting model;
    const auto list = [](std::string_view name) {
        return json::array{json::object{{"command", name}, {"description", "Begin"}}};
    };
    const json::object in_chat{{"type", "chat"}, {"chat_id", 7}};
    CHECK(model.call("setMyCommands", {{"commands", list("start")}})->status() == 200);
    CHECK(model.call("setMyCommands", {{"commands", list("los")}, {"language_code", "de"}})->status() == 200);
    CHECK(model.call("setMyCommands", {{"commands", list("here")}, {"scope", in_chat}})->status() == 200);
    const auto named = [&](const json::object& place) {
        const auto commands = model.call("getMyCommands", place)->result();
        return commands.as_array().empty() ? json::value() : commands.at(0).at("command");
    };
    CHECK(named({}) == "start");
    CHECK(named({{"scope", json::object{{"type", "default"}}}}) == "start");
    CHECK(named({{"language_code", "de"}}) == "los");
    CHECK(named({{"scope", in_chat}}) == "here");
    CHECK(model.call("deleteMyCommands", {{"scope", in_chat}})->status() == 200);
    CHECK(named({{"scope", in_chat}}).is_null());
    CHECK(named({}) == "start");
}

TEST_CASE("telegram server: commands are stored trimmed, and refused in the platform's words") {
    chatting model;
    const auto set = [&](std::string_view name, std::string_view description) {
        const json::array commands{json::object{{"command", name}, {"description", description}}};
        return model.call("setMyCommands", {{"commands", commands}});
    };
    CHECK(set(" /start_1 ", " Begin ")->status() == 200);
    CHECK(model.call("getMyCommands")->result().at(0) == json::value{{"command", "start_1"}, {"description", "Begin"}});
    struct {
        std::string name;
        std::string description;
        const char* refusal;
    } const cases[] = {{"", "x", "command must be non-empty"},
                       {"/", "x", "command must be non-empty"},
                       {std::string(33, 'a'), "x", "command length must not exceed 32"},
                       {"a", " ", "command description must be non-empty"},
                       {"a", std::string(257, 'x'), "command description length must not exceed 256"},
                       {"Start", "x", "BOT_COMMAND_INVALID"},
                       {"with space", "x", "BOT_COMMAND_INVALID"}};
    for (const auto& each : cases) {
        CAPTURE(each.name);
        CHECK(set(each.name, each.description)->description() == "Bad Request: " + std::string(each.refusal));
    }
    const json::array many(101, json::object{{"command", "a"}, {"description", "x"}});
    CHECK(model.call("setMyCommands", {{"commands", many}})->description() == "Bad Request: BOT_COMMANDS_TOO_MUCH");
}

TEST_CASE("telegram server: a scope or language that is none is refused") {
    chatting model;
    const auto refusal = [&](const json::object& place) { return model.call("getMyCommands", place)->description(); };
    const auto scope = [](json::object object) { return json::object{{"scope", std::move(object)}}; };
    CHECK(refusal({{"language_code", "german"}}) == "Bad Request: invalid language code specified");
    CHECK(refusal(scope({{"type", "everywhere"}})) ==
          "Bad Request: can't parse BotCommandScope: unsupported type specified");
    CHECK(refusal(scope({{"type", "chat"}})) == "Bad Request: can't parse BotCommandScope: chat_id is empty");
    CHECK(refusal(scope({{"type", "chat"}, {"chat_id", 99}})) == "Bad Request: chat not found");
    CHECK(refusal(scope({{"type", "chat_member"}, {"chat_id", 7}})) ==
          "Bad Request: can't parse BotCommandScope: invalid user_id specified");
}
