// "… is typing": when it is told, and what it yields to.
#include "telegram_sender_rig.hpp"

using namespace gateway;
using namespace gateway::telegram;
using namespace std::chrono_literals;

namespace {

struct typing_rig : sending_rig {
    void type(std::string_view chat, std::uint32_t flags = 0, std::string_view thread = {}) {
        deliver({.kind = sdk::delivery_kind::typing, .message = {.chat = chat, .thread = thread, .flags = flags}});
    }
    void tell(int status, std::string_view body) {
        const act::type last = typed.back();
        under_test.typed(last.where, parse_answer({.http_status = status, .body = body}, {}), now);
    }
    void told() { tell(200, R"({"ok":true,"result":true})"); }
    // The next tick that was asked for comes; false when there is none.
    bool tick() {
        if (ticks.empty()) {
            return false;
        }
        now += ticks.back();
        ticks.clear();
        take(under_test.tick(now));
        return true;
    }
};

constexpr std::string_view flood =
    R"({"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":6}})";

}  // namespace

TEST_CASE_FIXTURE(typing_rig, "telegram: typing is told at once, every 4.5 seconds, and for ten") {
    type("7", 0, "3");
    REQUIRE(typed.size() == 1);
    CHECK(typed[0].what.method == "sendChatAction");
    CHECK(typed[0].what.body == R"({"chat_id":7,"action":"typing","message_thread_id":3})");
    told();
    CHECK(ticks.back() == 4'500ms);
    CHECK(tick());
    told();
    CHECK(tick());
    told();
    CHECK(now == 10'000ms);
    CHECK(typed.size() == 3);
    CHECK_FALSE(tick());  // the ten seconds are over before the next turn
    CHECK(receipts.empty());
    CHECK(under_test.idle());
}

TEST_CASE_FIXTURE(typing_rig, "telegram: typing goes on while it is said again, at the same pace") {
    type("7");
    told();
    now += 1s;
    type("7");
    CHECK(typed.size() == 1);
    for (int turn = 0; turn < 3; ++turn) {
        ticks = {3'500ms};
        if (turn > 0) {
            ticks = {4'500ms};
        }
        CHECK(tick());
        told();
        type("7");
    }
    CHECK(typed.size() == 4);
    CHECK(ticks.back() == 4'500ms);
}

TEST_CASE_FIXTURE(typing_rig, "telegram: typing ends when it is said, when the message was sent, and when closing") {
    type("7");
    told();
    SUBCASE("said") {
        type("7", GW_MESSAGE_REMOVED);
    }
    SUBCASE("sent") {
        deliver(1, "7", "hello");
        ok(1, 5);
    }
    SUBCASE("closing") {
        take(under_test.close());
    }
    CHECK(tick());
    CHECK(typed.size() == 1);
    CHECK(ticks.empty());
}

TEST_CASE_FIXTURE(typing_rig,
                  "telegram: typing waits while a message of the chat is under way, and goes on if it fails") {
    deliver(1, "7", "hello");
    type("7");
    CHECK(typed.empty());
    refuse(1, 429, "Too Many Requests");
    CHECK(tick());
    CHECK(typed.size() == 1);
}

TEST_CASE_FIXTURE(typing_rig, "telegram: an edit ends no typing") {
    type("7");
    told();
    sdk::delivery edit;
    edit.kind = sdk::delivery_kind::edit;
    edit.id = sdk::delivery_id{1};
    edit.message.chat = "7";
    edit.message.text = std::string("x");
    edit.targets.emplace_back("5");
    deliver(edit);
    ok(1, 5);
    CHECK(tick());
    CHECK(typed.size() == 2);
}

TEST_CASE_FIXTURE(typing_rig, "telegram: typing is left out while the chat is paused, and only there") {
    constexpr auto wait = R"(,"parameters":{"retry_after":6})";
    SUBCASE("by a message's refusal") {
        deliver(1, "7", "hello");
        refuse(1, 429, "Too Many Requests", wait);
    }
    SUBCASE("by its own") {
        type("7");
        tell(429, flood);
        typed.clear();
    }
    type("7");
    type("8");
    REQUIRE(typed.size() == 1);
    CHECK(typed[0].where.chat == "8");
    told();
    now += 4'500ms;
    take(under_test.tick(now));
    REQUIRE(typed.size() == 2);
    CHECK(typed[1].where.chat == "8");
    told();
    now += 4'500ms;  // the pause is over
    take(under_test.tick(now));
    CHECK(typed.size() == 4);
}

TEST_CASE_FIXTURE(typing_rig, "telegram: typing is left out everywhere while the account is paused") {
    constexpr auto wait = R"(,"parameters":{"retry_after":6})";
    deliver(1, "7", "hello");
    deliver(2, "8", "hello");
    refuse(1, 429, "Too Many Requests", wait);
    refuse(2, 429, "Too Many Requests", wait);
    CHECK(receipts.at(1).scope == sdk::pause_scope::instance);
    type("9");
    CHECK(typed.empty());
}

TEST_CASE_FIXTURE(typing_rig, "telegram: typing where the bot may not speak is told once") {
    type("7");
    tell(403, R"({"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"})");
    CHECK(tick());
    CHECK(typed.size() == 1);
}

TEST_CASE_FIXTURE(typing_rig, "telegram: typing is bounded: chats, requests under way, and its address") {
    for (int chat = 1; chat <= 70; ++chat) {
        type(std::to_string(chat));
    }
    CHECK(typed.size() == typing::max_sending);  // none of them is answered
    for (std::size_t index = 0; index < typing::max_sending; ++index) {
        under_test.typed(typed[index].where, {}, now);
    }
    typed.clear();
    now += 4'500ms;
    take(under_test.tick(now));
    CHECK(typed.size() == typing::max_sending);
    type("lobby");
    CHECK(typed.size() == typing::max_sending);
    CHECK(receipts.empty());
}

TEST_CASE("telegram: typing in more chats than the bound is not shown") {
    typing under_test;
    for (std::size_t chat = 0; chat < typing::max_chats + 1; ++chat) {
        under_test.show(std::to_string(chat), std::nullopt, 1s);
    }
    std::size_t turns = 0;
    for (int again = 0; again < 20; ++again) {
        for (const typing::turn& each : under_test.due(1s, [](const std::string&) { return false; })) {
            CHECK(each.chat != std::to_string(typing::max_chats));
            under_test.told();
            ++turns;
        }
    }
    CHECK(turns == typing::max_sending);
    // Those of ten seconds ago make room.
    under_test.show("new", std::nullopt, 11s);
    CHECK(under_test.due(11s, [](const std::string&) { return false; }).at(0).chat == "new");
}
