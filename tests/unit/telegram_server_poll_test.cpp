#include "telegram_server_fixture.hpp"

#include <doctest/doctest.h>

using namespace gateway::test;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

std::string texts(const pending_answer& answer) {
    std::string joined;
    const auto updates = answer.result();
    for (const auto& update : updates.as_array()) {
        joined += std::string(update.at("message").at("text").as_string()) + ' ';
    }
    return joined;
}

}  // namespace

TEST_CASE("telegram server: a poll without a timeout is answered at once, empty") {
    telegram_model model;
    const auto poll = model.call("getUpdates");
    REQUIRE(poll->here());
    CHECK(poll->updates() == 0);
}

TEST_CASE("telegram server: a poll waits for its timeout and is then answered empty") {
    telegram_model model;
    const auto poll = model.call("getUpdates", {{"timeout", 30}});
    model.clock.advance(29'999ms);
    CHECK_FALSE(poll->here());
    model.clock.advance(1ms);
    REQUIRE(poll->here());
    CHECK(poll->updates() == 0);
}

TEST_CASE("telegram server: a timeout above 50 s is cut to 50 s") {
    telegram_model model;
    const auto poll = model.call("getUpdates", {{"timeout", 90}});
    model.clock.advance(49s);
    CHECK_FALSE(poll->here());
    model.clock.advance(1s);
    CHECK(poll->here());
}

TEST_CASE("telegram server: a message answers the waiting poll") {
    telegram_model model;
    const auto poll = model.call("getUpdates", {{"timeout", 50}});
    const auto spoken = model.hear("now");
    REQUIRE(poll->here());
    CHECK(texts(*poll) == "now ");
    CHECK(poll->result().at(0).at("update_id").as_int64() == spoken.update_id);
    CHECK(model.clock.pending() == 0);
}

TEST_CASE("telegram server: update ids count up from the first one, whatever it is") {
    telegram_model model;
    CHECK(model.hear().update_id == telegram_model::first_update);
    CHECK(model.hear().update_id == telegram_model::first_update + 1);
    auto& other = model.api.add_bot("5:random", "other_bot");
    const auto first = other.user_says(1, 1, "x").update_id;
    INFO("first update id " << first << ", from the default seed");
    CHECK(first > 2'000'000);
}

TEST_CASE("telegram server: an offset confirms the updates before it and forgets them") {
    telegram_model model;
    model.hear("a");
    model.hear("b");
    const auto offset = model.hear("c").update_id;
    CHECK(texts(*model.call("getUpdates")) == "a b c ");
    CHECK(texts(*model.call("getUpdates")) == "a ");  // unconfirmed, but asked for again at once: one only
    CHECK(texts(*model.call("getUpdates", {{"offset", offset}})) == "c ");
    CHECK(model.bot.feed().pending() == 1);
    CHECK(model.call("getUpdates", {{"offset", offset + 1}})->updates() == 0);
    CHECK(model.bot.feed().pending() == 0);
}

TEST_CASE("telegram server: unconfirmed updates come again") {
    telegram_model model;
    model.hear("a");
    model.hear("b");
    CHECK(texts(*model.call("getUpdates")) == "a b ");
    model.clock.advance(1s);
    CHECK(texts(*model.call("getUpdates")) == "a b ");
}

TEST_CASE("telegram server: a limit bounds the answer, and what is outside 1 to 100 counts as the nearest") {
    telegram_model model;
    for (int i = 0; i < 150; ++i) {
        model.hear();
    }
    CHECK(model.call("getUpdates", {{"limit", 3}})->updates() == 3);
    model.clock.advance(1s);
    CHECK(model.call("getUpdates", {{"limit", 1000}})->updates() == 100);
    model.clock.advance(1s);
    CHECK(model.call("getUpdates", {{"limit", -4}})->updates() == 1);
}

TEST_CASE("telegram server: a negative offset keeps the newest updates only") {
    telegram_model model;
    for (const auto* text : {"a", "b", "c", "d"}) {
        model.hear(text);
    }
    CHECK(texts(*model.call("getUpdates", {{"offset", -2}})) == "c d ");
    CHECK(model.bot.feed().pending() == 2);
}

TEST_CASE("telegram server: an offset more than ten past the next id is ignored") {
    telegram_model model;
    const auto newest = model.hear("a").update_id;
    CHECK(texts(*model.call("getUpdates", {{"offset", newest + 12}})) == "a ");
    CHECK(model.call("getUpdates", {{"offset", newest + 11}})->updates() == 0);
    CHECK(model.bot.feed().pending() == 0);
}

TEST_CASE("telegram server: after a renumbering, an old offset brings everything or nothing but never sticks") {
    telegram_model model;
    model.hear("old");
    model.bot.feed().renumber(50);
    model.hear("new");
    CHECK(texts(*model.call("getUpdates", {{"offset", telegram_model::first_update + 1}})) == "new ");
}

TEST_CASE("telegram server: updates are kept for a day") {
    telegram_model model;
    model.hear("old");
    model.clock.advance(24h);
    CHECK(model.call("getUpdates")->updates() == 1);
    model.clock.advance(4s);
    CHECK(model.call("getUpdates")->updates() == 0);
}

TEST_CASE("telegram server: the same offset again within 3 s with a short timeout is held for 3 s") {
    telegram_model model;
    CHECK(model.call("getUpdates", {{"offset", 5}, {"timeout", 0}})->here());
    const auto hasty = model.call("getUpdates", {{"offset", 5}, {"timeout", 2}});
    CHECK_FALSE(hasty->here());
    model.clock.advance(2'999ms);
    CHECK_FALSE(hasty->here());
    model.clock.advance(1ms);
    CHECK(hasty->here());
    SUBCASE("another offset is not") {
        CHECK(model.call("getUpdates", {{"offset", 6}})->here());
    }
    SUBCASE("nor is the same one later") {
        CHECK(model.call("getUpdates", {{"offset", 5}})->here());
    }
}

TEST_CASE("telegram server: a second poll that waits ends the first one with 409") {
    telegram_model model;
    const auto first = model.call("getUpdates", {{"timeout", 50}});
    const auto second = model.call("getUpdates", {{"timeout", 50}});
    CHECK(first->status() == 409);
    CHECK(first->description() ==
          "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running");
    CHECK_FALSE(second->here());
    model.hear();
    CHECK(second->updates() == 1);
}

TEST_CASE("telegram server: a second poll that need not wait leaves the first one alone") {
    telegram_model model;
    const auto first = model.call("getUpdates", {{"timeout", 50}});
    CHECK(model.call("getUpdates", {{"offset", 3}})->here());
    CHECK_FALSE(first->here());
}

TEST_CASE("telegram server: within 3 s of one conflict the others are answered 3 s late") {
    telegram_model model;
    const auto first = model.call("getUpdates", {{"timeout", 50}});
    const auto second = model.call("getUpdates", {{"timeout", 50}});
    const auto third = model.call("getUpdates", {{"timeout", 50}});
    CHECK(first->status() == 409);
    CHECK_FALSE(second->here());
    model.clock.advance(2'999ms);
    CHECK_FALSE(second->here());
    model.clock.advance(1ms);
    CHECK(second->status() == 409);
    const auto fourth = model.call("getUpdates", {{"timeout", 50}});
    CHECK(third->status() == 409);
    CHECK_FALSE(fourth->here());
}

TEST_CASE("telegram server: a webhook forbids polling and ends a poll that waits") {
    telegram_model model;
    const auto poll = model.call("getUpdates", {{"timeout", 50}});
    const auto set = model.call("setWebhook", {{"url", "https://example.org/x"}});
    CHECK(set->description() == "Webhook was set");
    CHECK(poll->status() == 409);
    CHECK(poll->description() == "Conflict: terminated by setWebhook request");
    model.clock.advance(3s);
    const auto refused = model.call("getUpdates");
    CHECK(refused->status() == 409);
    CHECK(refused->description() ==
          "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook "
          "first");
    CHECK(model.call("getWebhookInfo")->result().at("url").as_string() == "https://example.org/x");
    CHECK(model.call("deleteWebhook")->description() == "Webhook was deleted");
    CHECK(model.call("deleteWebhook")->description() == "Webhook is already deleted");
    CHECK(model.call("getUpdates")->status() == 200);
}

TEST_CASE("telegram server: deleting the webhook drops pending updates only when asked to") {
    telegram_model model;
    model.hear();
    model.call("deleteWebhook", {{"drop_pending_updates", false}});
    CHECK(model.bot.feed().pending() == 1);
    model.call("deleteWebhook", {{"drop_pending_updates", true}});
    CHECK(model.bot.feed().pending() == 0);
}

TEST_CASE("telegram server: allowed_updates is remembered until another list comes") {
    telegram_model model;
    CHECK(model.bot.push_update("message_reaction", json::object{}).update_id == 0);
    model.call("getUpdates", {{"allowed_updates", json::array{"message_reaction"}}});
    model.call("getUpdates", {{"offset", 1}});
    CHECK(model.hear().update_id == 0);
    CHECK(model.bot.push_update("message_reaction", json::object{}).update_id != 0);
    SUBCASE("an empty list means the default") {
        model.call("getUpdates", {{"offset", 2}, {"allowed_updates", json::array()}});
    }
    SUBCASE("so does one of unknown names") {
        model.call("getUpdates", {{"offset", 2}, {"allowed_updates", json::array{"messages"}}});
    }
    CHECK(model.hear().update_id != 0);
    CHECK(model.bot.push_update("message_reaction", json::object{}).update_id == 0);
}

TEST_CASE("telegram server: one answer holds about 4 MB, one update 512 KiB") {
    telegram_model model;
    const std::string big(500 * 1024, 'x');
    for (int i = 0; i < 12; ++i) {
        CHECK(model.hear(big).update_id != 0);
    }
    CHECK(model.hear(std::string(513 * 1024, 'x')).update_id == 0);
    const auto poll = model.call("getUpdates");
    CHECK(poll->updates() == 8);
    CHECK(poll->response->body.size() < 4 * 1024 * 1024);
}

TEST_CASE("telegram server: a revoked token ends the poll with 401") {
    telegram_model model;
    const auto poll = model.call("getUpdates", {{"timeout", 50}});
    model.api.revoke("123:secret");
    CHECK(poll->status() == 401);
    CHECK(model.clock.pending() == 0);
}

TEST_CASE("telegram server: an abandoned poll is not answered, and still holds the place") {
    telegram_model model;
    bool answered = false;
    api_request request;
    request.method = "GET";
    request.target = "/bot123:secret/getUpdates?timeout=50";
    const auto id = model.api.handle(request, [&](const api_response&) { answered = true; });
    model.api.abandon(id);
    CHECK(model.bot.feed().is_polled());
    model.hear();
    CHECK_FALSE(answered);
    CHECK(model.api.requests().back().status == 200);
}
