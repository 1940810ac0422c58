#include "telegram_server_fixture.hpp"

#include <doctest/doctest.h>

using namespace gateway::test;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

constexpr std::int64_t group = -5;

struct paced : telegram_model {
    explicit paced(const telegram_limits& limits = {}) {
        hear();
        bot.user_says(group, 8, "x");
        bot.pacer().limit(limits);
    }

    std::shared_ptr<pending_answer> write(std::int64_t to = chat, std::string_view text = "x") {
        return call("sendMessage", {{"chat_id", to}, {"text", text}});
    }
    // How many in a row get through.
    int accepted(std::int64_t to, int at_most) {
        int count = 0;
        while (count < at_most && write(to)->status() == 200) {
            ++count;
        }
        return count;
    }
};

telegram_limits limits(telegram_rate chat, telegram_rate group_rate, telegram_rate account) {
    return {chat, group_rate, account};
}

}  // namespace

TEST_CASE("telegram server: one chat takes a short burst, then one message a second") {
    paced model;
    CHECK(model.accepted(7, 10) == 3);
    const auto refused = model.write();
    CHECK(refused->status() == 429);
    CHECK(refused->description() == "Too Many Requests: retry after 1");
    CHECK(refused->json().at("parameters").at("retry_after") == 1);
    CHECK(model.accepted(group, 1) == 1);  // another chat does not wait
    model.clock.advance(1s);
    CHECK(model.accepted(7, 10) == 1);
    model.clock.advance(10s);
    CHECK(model.accepted(7, 10) == 3);
    CHECK(model.bot.pacer().refusals().chat == 4);
}

TEST_CASE("telegram server: a group takes twenty messages a minute, and tells how long to wait") {
    paced model(limits({0ms, 1}, {3s, 20}, {0ms, 1}));
    CHECK(model.accepted(group, 100) == 20);
    CHECK(model.write(group)->json().at("parameters").at("retry_after") == 3);
    model.clock.advance(2999ms);
    CHECK(model.accepted(group, 1) == 0);
    model.clock.advance(1ms);
    CHECK(model.accepted(group, 5) == 1);
    CHECK(model.accepted(7, 100) == 100);
    CHECK(model.bot.pacer().refusals().group > 0);
    CHECK(model.bot.pacer().refusals().chat == 0);
}

TEST_CASE("telegram server: an account's limit spans its chats") {
    paced model(limits({0ms, 1}, {0ms, 1}, {100ms, 4}));
    CHECK(model.accepted(7, 2) == 2);
    CHECK(model.accepted(group, 10) == 2);
    CHECK(model.write(7)->status() == 429);
    CHECK(model.bot.pacer().refusals().account == 2);
}

TEST_CASE("telegram server: edits and each item of an album count, typing and reading do not") {
    paced model(limits({1s, 4}, {0ms, 1}, {0ms, 1}));
    const json::object item{{"type", "document"}, {"media", "attach://part"}};
    const json::array media{item, item, item};
    CHECK(model.upload("sendMediaGroup", {{"chat_id", 7}, {"media", media}}, {{"part", "a", "x"}})->status() == 200);
    CHECK(model.write()->status() == 200);
    const json::object edit{{"chat_id", 7}, {"message_id", 5}, {"text", "y"}};
    CHECK(model.call("editMessageText", edit)->status() == 429);
    for (int i = 0; i < 20; ++i) {
        CHECK(model.call("sendChatAction", {{"chat_id", 7}, {"action", "typing"}})->status() == 200);
        CHECK(model.call("getChat", {{"chat_id", 7}})->status() == 200);
    }
    model.clock.advance(1s);
    CHECK(model.call("editMessageText", edit)->status() == 200);
}

TEST_CASE("telegram server: an album larger than the burst passes when nothing came before it") {
    paced model(limits({1s, 2}, {0ms, 1}, {0ms, 1}));
    const json::object item{{"type", "document"}, {"media", "attach://part"}};
    const auto send = [&] {
        return model.upload("sendMediaGroup", {{"chat_id", 7}, {"media", json::array(5, item)}}, {{"part", "a", "x"}});
    };
    CHECK(send()->status() == 200);
    CHECK(send()->json().at("parameters").at("retry_after") == 5);
    model.clock.advance(5s);
    CHECK(send()->status() == 200);
}

TEST_CASE("telegram server: it is counted who asks again before the time") {
    paced model(limits({1s, 1}, {0ms, 1}, {0ms, 1}));
    model.write();
    CHECK(model.write()->status() == 429);
    CHECK(model.bot.pacer().refusals().disobedient == 0);
    model.clock.advance(500ms);
    CHECK(model.write()->status() == 429);
    CHECK(model.bot.pacer().refusals().disobedient == 1);
    model.clock.advance(500ms);
    CHECK(model.write()->status() == 200);
    CHECK(model.bot.pacer().refusals().all() == 2);
}

TEST_CASE("telegram server: nothing is limited until a test says so, nor a chat nobody knows") {
    telegram_model model;
    model.hear();
    for (int i = 0; i < 100; ++i) {
        CHECK(model.call("sendMessage", {{"chat_id", 7}, {"text", "x"}})->status() == 200);
    }
    model.bot.pacer().limit({});
    for (int i = 0; i < 100; ++i) {
        CHECK(model.call("sendMessage", {{"chat_id", 99}, {"text", "x"}})->status() == 400);
    }
    CHECK(model.bot.pacer().refusals().all() == 0);
}
