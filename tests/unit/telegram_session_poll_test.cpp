// The connection of one incarnation, with a manual clock.
#include "telegram_session.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace gateway;
using namespace gateway::telegram;
using namespace std::chrono_literals;
using sdk::failure_class;

namespace {

struct rig {
    session under_test{session_settings{.poll_timeout = 50s}};
    milliseconds now{1'000};
    std::vector<act::call> calls;
    std::vector<sdk::failure> lost;
    std::vector<milliseconds> waits;
    std::vector<std::string> logs;
    std::vector<account> connected;
    std::vector<std::string> queries;
    int reads = 0;
    int stores = 0;
    int cancels = 0;

    void step(const session_event& event) {
        for (const session_action& action : under_test.step(event, now)) {
            if (const auto* call = std::get_if<act::call>(&action)) {
                calls.push_back(*call);
            } else if (const auto* failed = std::get_if<act::lost>(&action)) {
                lost.push_back(failed->why);
            } else if (const auto* wait = std::get_if<act::wait>(&action)) {
                waits.push_back(wait->delay);
            } else if (const auto* line = std::get_if<act::log>(&action)) {
                logs.push_back(line->text);
            } else if (const auto* who = std::get_if<act::connected>(&action)) {
                connected.push_back(who->who);
            } else if (const auto* query = std::get_if<act::answer_query>(&action)) {
                queries.push_back(query->id);
            }
            reads += std::holds_alternative<act::read_offset>(action) ? 1 : 0;
            stores += std::holds_alternative<act::store>(action) ? 1 : 0;
            cancels += std::holds_alternative<act::cancel_all>(action) ? 1 : 0;
        }
    }
    void answer_to(call_kind kind, int status, std::string_view body) {
        answer given = parse_answer({.http_status = status, .body = body}, {});
        step(on::answered{kind, given});
    }
    void ok(call_kind kind, std::string_view result) {
        answer_to(kind, 200, R"({"ok":true,"result":)" + std::string(result) + "}");
    }
    void refuse(call_kind kind, int code, std::string_view description, std::string_view more = "") {
        answer_to(kind, code,
                  R"({"ok":false,"error_code":)" + std::to_string(code) + R"(,"description":")" +
                      std::string(description) + "\"" + std::string(more) + "}");
    }
    void break_call(call_kind kind, sdk::status result, std::string_view code) {
        answer given = parse_answer({.result = result, .code = code, .text = "It broke."}, {});
        step(on::answered{kind, given});
    }
    void me() { ok(call_kind::get_me, R"({"id":99,"is_bot":true,"username":"a_bot"})"); }
    void poll_answer(std::string_view updates) { ok(call_kind::poll, updates); }

    void start(const char* offset = nullptr) {
        step(on::connect{});
        step(on::offset_read{offset != nullptr ? sdk::status::ok : sdk::status::not_found,
                             offset != nullptr ? offset : ""});
    }
    // Up to the first long poll.
    void go_online(const char* offset = nullptr) {
        start(offset);
        me();
        poll_answer("[]");
        REQUIRE(connected.size() == 1);
    }
    [[nodiscard]] std::int64_t last_offset() const {
        const auto body = boost::json::parse(calls.back().what.body);
        const auto* offset = body.as_object().if_contains("offset");
        return offset != nullptr ? offset->as_int64() : -1;
    }
    [[nodiscard]] std::int64_t last_timeout() const {
        return boost::json::parse(calls.back().what.body).as_object().at("timeout").as_int64();
    }
};

constexpr std::string_view one_message =
    R"([{"update_id":41,"message":{"message_id":1,"text":"hi","chat":{"id":7,"type":"private"}}}])";

}  // namespace

TEST_CASE_FIXTURE(rig,
                  "telegram: the token check runs while the offset is read, and the first poll does not wait for it") {
    step(on::connect{});
    CHECK(reads == 1);
    REQUIRE(calls.size() == 1);
    CHECK(calls[0].kind == call_kind::get_me);
    CHECK(calls[0].total_timeout == 15s);
    CHECK(calls[0].max_body_bytes == 256 * 1024);
    step(on::offset_read{sdk::status::ok, "40"});
    REQUIRE(calls.size() == 2);
    CHECK(calls[1].kind == call_kind::poll);
    CHECK(last_offset() == 40);
    CHECK(last_timeout() == 0);
    CHECK(calls[1].idle_timeout == 15s);
    CHECK(connected.empty());
}

TEST_CASE_FIXTURE(rig, "telegram: online is a checked token and an accepted poll, in any order") {
    start();
    SUBCASE("token first") {
        me();
        CHECK(connected.empty());
        poll_answer("[]");
    }
    SUBCASE("poll first") {
        poll_answer("[]");
        CHECK(connected.empty());
        me();
    }
    REQUIRE(connected.size() == 1);
    CHECK(connected[0].id == 99);
    CHECK(connected[0].name == "a_bot");
    CHECK(calls.back().kind == call_kind::poll);
    CHECK(last_timeout() == 50);
    CHECK(last_offset() == -1);
    CHECK(lost.empty());
}

TEST_CASE_FIXTURE(rig, "telegram: a long poll has a deadline a little above its own timeout") {
    go_online();
    CHECK(calls.back().idle_timeout == 60s);
    CHECK(calls.back().total_timeout > 60s);
    CHECK(calls.back().max_body_bytes >= 4 * 1024 * 1024);
}

TEST_CASE_FIXTURE(rig, "telegram: the next poll confirms only what is committed") {
    go_online("40");
    poll_answer(one_message);
    CHECK(stores == 1);
    CHECK(calls.size() == 3);  // no further poll yet
    CHECK(under_test.pending().events() == 2);
    CHECK(under_test.pending().writes() == 1);
    const gw_batch raw = under_test.pending().to_gw(sdk::op_id{1});
    const auto write = *sdk::struct_range<gw_kv_write>(raw.writes).begin();
    CHECK(sdk::view(write.key) == "offset");
    CHECK(sdk::view(write.value) == "42");
    step(on::committed{sdk::status::ok});
    CHECK(calls.size() == 4);
    CHECK(last_offset() == 42);
    CHECK(under_test.pending().empty());
}

TEST_CASE_FIXTURE(rig, "telegram: ids that start over are followed") {
    go_online("2000000000");
    poll_answer(R"([{"update_id":17,"message":{"message_id":1,"text":"x","chat":{"id":7}}}])");
    step(on::committed{sdk::status::ok});
    CHECK(last_offset() == 18);
}

TEST_CASE_FIXTURE(rig, "telegram: updates without anything for the gateway still move the offset") {
    go_online("40");
    poll_answer(R"([{"update_id":41,"poll":{}},{"update_id":42,"message":{"broken":true}}])");
    CHECK(stores == 1);
    CHECK(under_test.pending().events() == 0);
    CHECK(under_test.left_out() == 1);
    REQUIRE(logs.size() == 2);
    CHECK(logs[0] == "One of Telegram's updates cannot be read and is skipped: message.chat.id is no number.");
    CHECK(logs[1].find("poll") != std::string::npos);
    step(on::committed{sdk::status::ok});
    CHECK(last_offset() == 43);
}

TEST_CASE_FIXTURE(rig, "telegram: what is left out is counted over all answers, and each answer logs its own") {
    go_online("40");
    for (const std::string total : {"1", "2"}) {
        poll_answer(
            R"([{"update_id":41,"poll":{}},{"update_id":42,"message":{"message_id":1,"text":"hi","chat":{"id":7},
                        "entities":[{"type":"sparkle","offset":0,"length":2}]}}])");
        REQUIRE(logs.size() == 2);
        CHECK(logs[0] == "Updates left out: 1 (" + total + " so far), the first: poll.");
        CHECK(logs[1] == "Entities of unknown kinds, left as plain text: 1 (" + total + " so far).");
        logs.clear();
        step(on::committed{sdk::status::ok});
    }
    CHECK(under_test.left_out() == 2);
}

TEST_CASE_FIXTURE(rig, "telegram: an empty answer commits nothing") {
    go_online("40");
    now += 50s;
    poll_answer("[]");
    CHECK(stores == 0);
    CHECK(calls.size() == 4);
    CHECK(last_offset() == 40);
    CHECK(waits.empty());
    CHECK(connected.size() == 1);
}

TEST_CASE_FIXTURE(rig, "telegram: a server that does not hold empty polls is not hammered") {
    go_online();
    now += 50ms;
    poll_answer("[]");
    REQUIRE(waits == std::vector<milliseconds>{200ms});
    CHECK(calls.size() == 3);
    step(on::due{});
    CHECK(calls.size() == 4);
    now += 250ms;
    poll_answer("[]");
    CHECK(waits.size() == 1);
    CHECK(calls.size() == 5);
}

TEST_CASE_FIXTURE(rig, "telegram: a busy host gets the same batch again after growing pauses, and no poll goes out") {
    go_online();
    poll_answer(one_message);
    for (int round = 0; round < 6; ++round) {
        step(on::busy{});
        CHECK(under_test.pending().events() == 2);
        step(on::due{});
    }
    CHECK(waits == std::vector<milliseconds>{100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms});
    CHECK(stores == 7);
    CHECK(calls.size() == 3);
    step(on::committed{sdk::status::ok});
    CHECK(last_offset() == 42);
    poll_answer(R"([{"update_id":50}])");  // the next batch begins with the shortest pause
    step(on::busy{});
    CHECK(waits.back() == 100ms);
}

TEST_CASE_FIXTURE(rig, "telegram: what could not be committed is kept, tried again and never confirmed") {
    go_online("41");
    poll_answer(one_message);
    for (int round = 0; round < 7; ++round) {
        step(on::committed{sdk::status::io});
        CHECK(under_test.pending().events() == 2);
        step(on::due{});
    }
    CHECK(waits == std::vector<milliseconds>{1s, 2s, 4s, 8s, 16s, 30s, 30s});
    CHECK(logs.size() == 1);
    CHECK(calls.size() == 3);
    CHECK(lost.empty());
    step(on::committed{sdk::status::ok});
    CHECK(last_offset() == 42);
}

TEST_CASE_FIXTURE(rig, "telegram: a webhook is deleted, once, and polling goes on") {
    constexpr auto active = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook";
    start("40");
    me();
    refuse(call_kind::poll, 409, active);
    CHECK(lost.empty());
    REQUIRE(calls.back().kind == call_kind::delete_webhook);
    CHECK(logs.size() == 1);
    SUBCASE("and it works") {
        ok(call_kind::delete_webhook, "true");
        CHECK(calls.back().kind == call_kind::poll);
        CHECK(last_offset() == 40);
        poll_answer("[]");
        CHECK(connected.size() == 1);
    }
    SUBCASE("and it is there again") {
        ok(call_kind::delete_webhook, "true");
        refuse(call_kind::poll, 409, active);
        REQUIRE(lost.size() == 1);
        CHECK(lost[0].cls == failure_class::conflict);
        CHECK(lost[0].code == "webhook");
    }
    SUBCASE("and deleting fails") {
        refuse(call_kind::delete_webhook, 429, "Too Many Requests", R"(,"parameters":{"retry_after":3})");
        REQUIRE(lost.size() == 1);
        CHECK(lost[0].cls == failure_class::rate_limited);
        CHECK(lost[0].retry_after == 3s);
    }
}

TEST_CASE_FIXTURE(rig, "telegram: a failed poll ends the incarnation with the answer's class") {
    go_online();
    SUBCASE("another poller") {
        refuse(call_kind::poll, 409, "Conflict: terminated by other getUpdates request");
        CHECK(lost.at(0).cls == failure_class::conflict);
        CHECK(lost.at(0).code == "terminated_by_other_poller");
    }
    SUBCASE("revoked token") {
        refuse(call_kind::poll, 401, "Unauthorized");
        CHECK(lost.at(0).cls == failure_class::auth);
    }
    SUBCASE("flood") {
        refuse(call_kind::poll, 429, "Too Many Requests", R"(,"parameters":{"retry_after":9})");
        CHECK(lost.at(0).cls == failure_class::rate_limited);
        CHECK(lost.at(0).retry_after == 9s);
    }
    SUBCASE("page") {
        answer_to(call_kind::poll, 502, "<html></html>");
        CHECK(lost.at(0).cls == failure_class::transient);
        CHECK(lost.at(0).code == "http_502");
    }
    SUBCASE("result of a wrong type") {
        poll_answer("{}");
        CHECK(lost.at(0).code == "bad_answer");
        CHECK(lost.at(0).text == "getUpdates got a result that is an object, but must be a list of updates.");
    }
    SUBCASE("updates that cannot be acknowledged") {
        poll_answer(R"([{"update_id":null}])");
        CHECK(lost.at(0).code == "bad_answer");
        CHECK(stores == 0);
        CHECK(logs.empty());  // nothing is skipped
    }
    SUBCASE("reset") {
        break_call(call_kind::poll, sdk::status::network, "reset");
        CHECK(lost.at(0).code == "reset");
    }
    SUBCASE("too large") {
        break_call(call_kind::poll, sdk::status::too_large, "body_too_large");
        CHECK(lost.at(0).code == "too_large");
    }
    SUBCASE("connecting takes too long: no stall, the network") {
        break_call(call_kind::poll, sdk::status::timeout, "timeout_connect");
        CHECK(lost.at(0).code == "timeout_connect");
    }
    CHECK(lost.size() == 1);
    CHECK(calls.size() == 3);
    CHECK(under_test.over());
}

TEST_CASE_FIXTURE(rig, "telegram: a silent poll is a stall") {
    go_online();
    now += 60s;
    SUBCASE("no byte came") {
        break_call(call_kind::poll, sdk::status::timeout, "timeout_idle");
    }
    SUBCASE("bytes came, but no end") {
        break_call(call_kind::poll, sdk::status::timeout, "timeout_total");
    }
    REQUIRE(lost.size() == 1);
    CHECK(lost[0].cls == failure_class::transient);
    CHECK(lost[0].code == "poll_stalled");
    CHECK(lost[0].text.find("60 s") != std::string::npos);
}

TEST_CASE_FIXTURE(rig, "telegram: a wrong token is reported once, although two calls are refused") {
    start();
    refuse(call_kind::get_me, 401, "Unauthorized");
    refuse(call_kind::poll, 401, "Unauthorized");
    REQUIRE(lost.size() == 1);
    CHECK(lost[0].cls == failure_class::auth);
    CHECK(lost[0].text.find("@BotFather") != std::string::npos);
}

TEST_CASE_FIXTURE(rig, "telegram: a token check that fails or makes no sense is no connection") {
    start();
    SUBCASE("network") {
        break_call(call_kind::get_me, sdk::status::network, "dns");
        CHECK(lost.at(0).code == "dns");
    }
    SUBCASE("nonsense") {
        ok(call_kind::get_me, R"({"username":"a_bot"})");
        CHECK(lost.at(0).code == "bad_answer");
    }
    SUBCASE("not found") {
        refuse(call_kind::get_me, 404, "Not Found");
        CHECK(lost.at(0).cls == failure_class::auth);
        CHECK(lost.at(0).code == "not_found");
    }
    CHECK(lost.size() == 1);
    CHECK(connected.empty());
}

TEST_CASE_FIXTURE(rig, "telegram: an offset that cannot be read is a failure, one that is no number is not") {
    step(on::connect{});
    SUBCASE("unreadable") {
        step(on::offset_read{sdk::status::io, ""});
        REQUIRE(lost.size() == 1);
        CHECK(lost[0].cls == failure_class::internal);
        CHECK(calls.size() == 1);
    }
    SUBCASE("zero, the first of a new bot") {
        step(on::offset_read{sdk::status::ok, "0"});
        CHECK(last_offset() == 0);
        CHECK(logs.empty());
    }
    SUBCASE("no number") {
        step(on::offset_read{sdk::status::ok, "4x"});
        CHECK(last_offset() == -1);
        CHECK(logs.size() == 1);
    }
    SUBCASE("negative, which would make the server forget") {
        step(on::offset_read{sdk::status::ok, "-1"});
        CHECK(calls.back().what.body.find("offset") == std::string::npos);
        CHECK(logs.size() == 1);
    }
}

TEST_CASE_FIXTURE(rig, "telegram: what comes before getMe is answered waits for it, and for who the bot is") {
    start();
    poll_answer(R"([{"update_id":1,"message":{"message_id":1,"text":"x","from":{"id":99},"chat":{"id":-7}}},
        {"update_id":2,"message":{"message_id":2,"text":"/ask@a_bot it","chat":{"id":-7},
                                  "entities":[{"type":"bot_command","offset":0,"length":10}]}}])");
    CHECK(stores == 0);
    CHECK(calls.size() == 2);
    SUBCASE("and is stored then, our own known as such, a command as ours") {
        me();
        CHECK(connected.size() == 1);
        CHECK(stores == 1);
        const gw_batch raw = under_test.pending().to_gw(sdk::op_id{1});
        auto events = sdk::struct_range<gw_event>(raw.events).begin();
        const gw_event own = *++events;
        CHECK((own.message->sender->flags & GW_SENDER_SELF) != 0);
        const gw_event command = *++events;
        CHECK(sdk::view(command.message->text) == "/ask it");
        CHECK((command.message->flags & GW_MESSAGE_ADDRESSED) != 0);
        step(on::committed{sdk::status::ok});
        CHECK(last_offset() == 3);
    }
    SUBCASE("and is not taken when the token is wrong") {
        refuse(call_kind::get_me, 401, "Unauthorized");
        CHECK(lost.size() == 1);
        CHECK(stores == 0);
    }
}

TEST_CASE_FIXTURE(rig, "telegram: who the bot is comes from getMe, whatever number its token begins with") {
    start();
    ok(call_kind::get_me, R"({"id":5,"username":"a_bot"})");
    poll_answer(R"([{"update_id":1,"message":{"message_id":1,"text":"x","from":{"id":5},"chat":{"id":-7}}}])");
    const gw_batch raw = under_test.pending().to_gw(sdk::op_id{1});
    const auto events = sdk::struct_range<gw_event>(raw.events);
    const gw_event last = *++events.begin();
    REQUIRE(last.message != nullptr);
    CHECK((last.message->sender->flags & GW_SENDER_SELF) != 0);
}

TEST_CASE_FIXTURE(rig, "telegram: an album that may go on is looked at again after a second, from its beginning") {
    constexpr std::string_view picture =
        R"({"update_id":42,"message":{"message_id":2,"chat":{"id":7,"type":"private"},"media_group_id":"g",
            "photo":[{"file_id":"f"}]}})";
    go_online("41");
    SUBCASE("what came before it is stored at once") {
        poll_answer(R"([{"update_id":41,"poll":{}},)" + std::string(picture) + "]");
        CHECK(stores == 1);
        CHECK(under_test.pending().events() == 0);
        step(on::committed{sdk::status::ok});
    }
    SUBCASE("nothing came before it") {
        poll_answer("[" + std::string(picture) + "]");
        CHECK(stores == 0);
    }
    CHECK(waits == std::vector<milliseconds>{1s});
    CHECK(calls.size() == 3);
    const int before = stores;
    step(on::due{});
    CHECK(calls.size() == 4);
    CHECK(last_timeout() == 50);  // a short one with the same offset would be held back for three seconds
    poll_answer("[" + std::string(picture) + "]");
    CHECK(stores == before + 1);
    CHECK(under_test.pending().events() == 2);
    step(on::committed{sdk::status::ok});
    CHECK(last_offset() == 43);
    CHECK(waits.size() == 1);
}

TEST_CASE_FIXTURE(rig, "telegram: whoever pressed a button is answered before it is stored") {
    go_online();
    poll_answer(R"([{"update_id":41,"callback_query":{"id":"q1","from":{"id":7},"data":"x",
        "message":{"message_id":1,"chat":{"id":7,"type":"private"}}}}])");
    CHECK(queries == std::vector<std::string>{"q1"});
    CHECK(stores == 1);
}

TEST_CASE_FIXTURE(rig, "telegram: all kinds that are carried are asked for, members only when it is wanted") {
    const auto asked = [](const rig& of) { return of.calls.back().what.body; };
    go_online();
    for (const char* kind : {"message", "edited_message", "channel_post", "edited_channel_post", "message_reaction",
                             "callback_query", "my_chat_member"}) {
        CHECK(asked(*this).find(std::string("\"").append(kind).append("\"")) != std::string::npos);
    }
    CHECK(asked(*this).find("\"chat_member\"") == std::string::npos);
    rig other;
    other.under_test = session{session_settings{.poll_timeout = 50s, .chat_members = true}};
    other.go_online();
    CHECK(asked(other).find("\"chat_member\"") != std::string::npos);
}

TEST_CASE_FIXTURE(rig, "telegram: closing cancels what is under way, and nothing follows") {
    go_online();
    SUBCASE("while polling") {
        step(on::close{});
        CHECK(cancels == 1);
        break_call(call_kind::poll, sdk::status::cancelled, "cancelled");
    }
    SUBCASE("while storing") {
        poll_answer(one_message);
        step(on::close{});
        CHECK(cancels == 1);
        step(on::committed{sdk::status::ok});
    }
    SUBCASE("while holding") {
        poll_answer(one_message);
        step(on::busy{});
        step(on::close{});
        step(on::due{});
        CHECK(stores == 1);
    }
    CHECK(calls.size() == 3);
    CHECK(lost.empty());
}

TEST_CASE_FIXTURE(rig, "telegram: closing after a loss still cancels what is under way") {
    go_online();
    step(on::unauthorized{{.cls = failure_class::auth, .code = "unauthorized"}});
    CHECK(cancels == 0);
    step(on::close{});
    CHECK(cancels == 1);
    CHECK(lost.size() == 1);
}

TEST_CASE_FIXTURE(rig, "telegram: a message refused for the token's sake ends the incarnation") {
    go_online();
    step(on::unauthorized{{.cls = failure_class::auth, .code = "unauthorized"}});
    REQUIRE(lost.size() == 1);
    CHECK(lost[0].code == "unauthorized");
    poll_answer(one_message);
    CHECK(stores == 0);
}
