// Deliveries: what goes out, and what each answer makes of them.
#include "telegram_sender_rig.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace gateway;
using namespace gateway::telegram;
using namespace std::chrono_literals;
using sdk::outcome;

namespace {

struct expectation {
    const char* what;
    int status;
    std::string body;
    outcome result;
    std::string code;
};

std::string refused_with(int code, std::string_view description) {
    return R"({"ok":false,"error_code":)" + std::to_string(code) + R"(,"description":")" + std::string(description) +
           "\"}";
}

}  // namespace

TEST_CASE_FIXTURE(sending_rig, "telegram: a delivery becomes one message, and its id the receipt") {
    deliver(1, "-1001", "hello", "7", "5");
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].what.body == R"({"chat_id":-1001,"text":"hello","message_thread_id":7,)"
                               R"("reply_parameters":{"message_id":5,"allow_sending_without_reply":true}})");
    ok(1, 42);
    REQUIRE(receipts.size() == 1);
    CHECK(receipts[0] == sent_receipt(1, {"42"}, 1));
    CHECK(under_test.idle());
}

TEST_CASE_FIXTURE(sending_rig, "telegram: what cannot be sent is said at once") {
    deliver(1, "7", " \n ");
    deliver(2, "", "hello");
    deliver(3, "lobby", "hello");
    deliver(4, "7", "hello", "general");
    deliver(5, "@", "hello");
    CHECK(sent.empty());
    REQUIRE(receipts.size() == 5);
    CHECK(receipts[0].code == "empty");
    for (std::size_t index = 1; index < 5; ++index) {
        CHECK(receipts[index].outcome == outcome::failed);
        CHECK(receipts[index].code == "bad_address");
    }
}

TEST_CASE_FIXTURE(sending_rig, "telegram: a reply to something that is no message of Telegram is sent without it") {
    deliver(1, "@news", "hello", "", "not-a-number");
    CHECK(body(0) == boost::json::object{{"chat_id", "@news"}, {"text", "hello"}});
}

TEST_CASE_FIXTURE(sending_rig, "telegram: the pieces of a long text go out in order, and the first one replies") {
    deliver(1, "7", three_pieces, "", "5");
    REQUIRE(sent.size() == 1);
    CHECK(body(0).contains("reply_parameters"));
    ok(1, 10);
    REQUIRE(sent.size() == 2);
    CHECK(body(1).at("text").as_string() == std::string(4096, 'b'));
    CHECK_FALSE(body(1).contains("reply_parameters"));
    ok(1, 11);
    CHECK(receipts.empty());
    ok(1, 12);
    REQUIRE(receipts.size() == 1);
    CHECK(receipts[0] == sent_receipt(1, {"10", "11", "12"}, 3));
}

TEST_CASE_FIXTURE(sending_rig, "telegram: Markdown goes out as plain text with entities, in each piece its own") {
    deliver(1, "7", "**" + std::string(4000, 'a') + " " + std::string(200, 'b') + "** _i_");
    CHECK(body(0).at("text").as_string() == std::string(4000, 'a'));
    CHECK(boost::json::serialize(body(0).at("entities")) == R"([{"type":"bold","offset":0,"length":4000}])");
    ok(1, 10);
    CHECK(body(1).at("text").as_string() == std::string(200, 'b') + " i");
    CHECK(boost::json::serialize(body(1).at("entities")) ==
          R"([{"type":"bold","offset":0,"length":200},{"type":"italic","offset":201,"length":1}])");
    CHECK_FALSE(body(1).contains("parse_mode"));
}

TEST_CASE("telegram: each answer to a message has one outcome") {
    const std::vector<expectation> table{
        {"no such chat", 400, refused_with(400, "Bad Request: chat not found"), outcome::failed, "chat_not_found"},
        {"empty", 400, refused_with(400, "Bad Request: message text is empty"), outcome::failed, "empty"},
        {"too long", 400, refused_with(400, "Bad Request: message is too long"), outcome::failed, "too_long"},
        {"no thread, none given", 400, refused_with(400, "Bad Request: message thread not found"), outcome::failed,
         "thread_not_found"},
        {"anything else", 400, refused_with(400, "Bad Request: whatever"), outcome::failed, "http_400"},
        {"blocked", 403, refused_with(403, "Forbidden: bot was blocked by the user"), outcome::failed, "blocked"},
        {"kicked", 403, refused_with(403, "Forbidden: bot was kicked from the supergroup chat"), outcome::failed,
         "kicked"},
        {"deactivated", 403, refused_with(403, "Forbidden: user is deactivated"), outcome::failed, "deactivated"},
        {"no rights", 400, refused_with(400, "Bad Request: not enough rights to send text messages to the chat"),
         outcome::failed, "no_rights"},
        {"no rights, differently", 400, refused_with(400, "Bad Request: have no rights to send a message"),
         outcome::failed, "no_rights"},
        {"no member", 403, refused_with(403, "Forbidden: bot is not a member of the channel chat"), outcome::failed,
         "not_member"},
        {"migrated, to nobody knows where", 400,
         refused_with(400, "Bad Request: group chat was upgraded to a supergroup chat"), outcome::failed, "migrated"},
        {"refused button", 400, refused_with(400, "Bad Request: BUTTON_DATA_INVALID"), outcome::failed, "bad_button"},
        {"too large", 413, refused_with(413, "Request Entity Too Large"), outcome::failed, "too_large"},
        {"too large for something in between", 413, "<html></html>", outcome::failed, "too_large"},
        {"closed topic", 400, refused_with(400, "Bad Request: TOPIC_CLOSED"), outcome::failed, "topic_closed"},
        {"flood", 429, refused_with(429, "Too Many Requests"), outcome::retry, "too_many_requests"},
        {"flood, from a proxy", 429, "slow down", outcome::retry, "too_many_requests"},
        {"token", 401, refused_with(401, "Unauthorized"), outcome::retry, "unauthorized"},
        {"token, unknown", 404, refused_with(404, "Not Found"), outcome::retry, "not_found"},
        {"redirect", 302, "", outcome::retry, "redirect"},
        {"refused by a proxy", 403, "<html></html>", outcome::retry, "http_403"},
        {"server error", 500, refused_with(500, "Internal Server Error"), outcome::unknown, "http_500"},
        {"page", 502, "<html></html>", outcome::unknown, "http_502"},
        {"no JSON", 200, "<html></html>", outcome::unknown, "bad_answer"},
        {"truncated", 200, R"({"ok":true,"result":{"mess)", outcome::unknown, "bad_answer"},
    };
    for (const expectation& each : table) {
        CAPTURE(each.what);
        sending_rig rig;
        rig.deliver(1, "7", "hello");
        rig.answer_to(1, each.status, each.body);
        REQUIRE(rig.receipts.size() == 1);
        CHECK(rig.receipts[0].outcome == each.result);
        CHECK(rig.receipts[0].code == each.code);
        CHECK_FALSE(rig.receipts[0].text.empty());
        CHECK(rig.under_test.idle());
        CHECK(rig.unauthorized.size() == (each.status == 401 || each.status == 404 ? 1 : 0));
    }
}

TEST_CASE_FIXTURE(sending_rig, "telegram: without an answer it depends on whether the request went out") {
    deliver(1, "7", "hello");
    break_call(1, sdk::status::network, "connect", false);
    deliver(2, "7", "hello");
    break_call(2, sdk::status::network, "reset", true);
    deliver(3, "7", "hello");
    break_call(3, sdk::status::timeout, "timeout_total", true);
    REQUIRE(receipts.size() == 3);
    CHECK(receipts[0].outcome == outcome::retry);
    CHECK(receipts[0].code == "connect");
    CHECK(receipts[0].retry_after == 0ms);
    CHECK(receipts[1].outcome == outcome::unknown);
    CHECK(receipts[1].code == "reset");
    CHECK(receipts[2].outcome == outcome::unknown);
}

TEST_CASE_FIXTURE(sending_rig, "telegram: a success without an id is a success") {
    deliver(1, "7", "hello");
    answer_to(1, 200, R"({"ok":true,"result":true})");
    CHECK(receipts.at(0) == sent_receipt(1, {}, 1));
}

TEST_CASE_FIXTURE(sending_rig, "telegram: a flood of one chat pauses that chat, of two chats at a time the account") {
    constexpr auto wait = R"(,"parameters":{"retry_after":5})";
    deliver(1, "7", "hello");
    deliver(2, "8", "hello");
    refuse(1, 429, "Too Many Requests", wait);
    CHECK(receipts.at(0).retry_after == 5s);
    CHECK(receipts.at(0).scope == sdk::pause_scope::chat);
    now += 4s;
    for (std::size_t again = 1; again < 3; ++again) {
        refuse(2, 429, "Too Many Requests", wait);
        CHECK(receipts.at(again).scope == sdk::pause_scope::instance);
        deliver(2, "8", "hello");
    }
    now += 1s;  // the first pause is over
    refuse(2, 429, "Too Many Requests", wait);
    CHECK(receipts.at(3).scope == sdk::pause_scope::chat);
    now += 1s;
    deliver(4, "8", "hello");
    refuse(4, 429, "Too Many Requests", wait);
    CHECK(receipts.at(4).scope == sdk::pause_scope::chat);
}

TEST_CASE_FIXTURE(sending_rig, "telegram: a flood that a server in between refuses has its pause too") {
    const std::string_view name = "retry-after";
    const std::string_view value = "12";
    const gw_http_header header{sizeof(gw_http_header), 0, sdk::to_gw(name), sdk::to_gw(value)};
    deliver(1, "7", "hello");
    take(under_test.answered(sdk::delivery_id{1},
                             parse_answer({.http_status = 429,
                                           .body = "slow down",
                                           .headers = sdk::struct_range<gw_http_header>({&header, 1, sizeof header})},
                                          {}),
                             now));
    REQUIRE(receipts.size() == 1);
    CHECK(receipts[0].retry_after == 12s);
}

TEST_CASE_FIXTURE(sending_rig, "telegram: a group that became a supergroup gets the message there, once") {
    constexpr auto moved = R"(,"parameters":{"migrate_to_chat_id":-1005})";
    deliver(1, "-5", "hello");
    refuse(1, 400, "Bad Request: group chat was upgraded to a supergroup chat", moved);
    CHECK(receipts.empty());
    CHECK(body(1).at("chat_id").as_int64() == -1005);
    SUBCASE("and it works") {
        ok(1, 3);
        CHECK(receipts.at(0).outcome == outcome::sent);
    }
    SUBCASE("and it is refused again") {
        refuse(1, 400, "Bad Request: group chat was upgraded to a supergroup chat", moved);
        CHECK(receipts.at(0).outcome == outcome::failed);
    }
    CHECK(sent.size() == 2);
}

TEST_CASE_FIXTURE(sending_rig, "telegram: a topic that is gone gets the message in its chat, once") {
    deliver(1, "-1005", "hello", "7");
    refuse(1, 400, "Bad Request: message thread not found");
    CHECK(receipts.empty());
    CHECK_FALSE(body(1).contains("message_thread_id"));
    refuse(1, 400, "Bad Request: message thread not found");
    CHECK(receipts.at(0).outcome == outcome::failed);
    CHECK(sent.size() == 2);
}

TEST_CASE_FIXTURE(sending_rig, "telegram: a server's error is no refusal that says how it would work") {
    deliver(1, "-5", "hello", "7");
    refuse(1, 500, "Internal Server Error: message thread not found", R"(,"parameters":{"migrate_to_chat_id":-1005})");
    CHECK(sent.size() == 1);
    CHECK(receipts.at(0).outcome == outcome::unknown);
}

TEST_CASE_FIXTURE(sending_rig, "telegram: a repeat goes on at the piece that was not sent") {
    deliver(1, "7", three_pieces);
    ok(1, 10);
    SUBCASE("after a pause that the platform asked for") {
        refuse(1, 429, "Too Many Requests", R"(,"parameters":{"retry_after":5})");
        CHECK(receipts.at(0).outcome == outcome::retry);
    }
    SUBCASE("after a reset that leaves it open whether it was sent") {
        break_call(1, sdk::status::network, "reset", true);
        CHECK(receipts.at(0).outcome == outcome::unknown);
    }
    deliver(1, "7", three_pieces);
    REQUIRE(sent.size() == 3);
    CHECK(body(2).at("text").as_string() == std::string(4096, 'b'));
    ok(1, 11);
    ok(1, 12);
    CHECK(receipts.at(0).calls == 2);
    CHECK(receipts.at(1) == sent_receipt(1, {"10", "11", "12"}, 2));
    deliver(1, "7", three_pieces);  // forgotten once it is sent
    CHECK(body(4).at("text").as_string() == std::string(4096, 'a'));
}

TEST_CASE_FIXTURE(sending_rig, "telegram: of too many interrupted texts the oldest begins anew") {
    for (std::uint64_t id = 1; id <= sender::max_remembered + 1; ++id) {
        deliver(id, "7", three_pieces);
        ok(id, 10);
        break_call(id, sdk::status::network, "connect", false);
    }
    sent.clear();
    deliver(1, "7", three_pieces);
    deliver(2, "7", three_pieces);
    CHECK(body(0).at("text").as_string() == std::string(4096, 'a'));
    CHECK(body(1).at("text").as_string() == std::string(4096, 'b'));
}

TEST_CASE_FIXTURE(sending_rig, "telegram: a text of which nothing was sent takes no place among the interrupted ones") {
    deliver(1, "7", three_pieces);
    ok(1, 10);
    break_call(1, sdk::status::network, "connect", false);
    for (std::uint64_t id = 2; id <= sender::max_remembered + 1; ++id) {
        deliver(id, "7", "hello");
        break_call(id, sdk::status::network, "connect", false);
    }
    sent.clear();
    deliver(1, "7", three_pieces);
    CHECK(body(0).at("text").as_string() == std::string(4096, 'b'));
}

TEST_CASE_FIXTURE(sending_rig, "telegram: a refusal without a reason is called that") {
    deliver(1, "7", "hello");
    answer_to(1, 400, R"({"ok":false,"error_code":400})");
    CHECK(receipts.at(0).code == "http_400");
    CHECK(receipts.at(0).text == "Telegram refused it without a reason.");
}

TEST_CASE_FIXTURE(sending_rig, "telegram: a refusal in the middle says how much was sent") {
    deliver(1, "7", three_pieces);
    ok(1, 10);
    refuse(1, 403, "Forbidden: bot was blocked by the user");
    CHECK(receipts.at(0).outcome == outcome::failed);
    CHECK(receipts.at(0).text.find("1 of 3") != std::string::npos);
}

TEST_CASE_FIXTURE(sending_rig, "telegram: requests under way are bounded; the rest waits in order") {
    for (std::uint64_t id = 1; id <= sender::max_sending + 2; ++id) {
        deliver(id, std::to_string(id), "hello");
    }
    CHECK(sent.size() == sender::max_sending);
    ok(5, 1);
    REQUIRE(sent.size() == sender::max_sending + 1);
    CHECK(sent.back().id == sdk::delivery_id{sender::max_sending + 1});
    refuse(6, 400, "Bad Request");
    CHECK(sent.back().id == sdk::delivery_id{sender::max_sending + 2});
}

TEST_CASE_FIXTURE(sending_rig, "telegram: what waits is bounded too; the rest goes back as busy") {
    for (std::uint64_t id = 1; id <= sender::max_sending + sender::max_waiting; ++id) {
        deliver(id, std::to_string(id), "hello");
    }
    CHECK(receipts.empty());
    deliver(5'000, "7", "hello");
    REQUIRE(receipts.size() == 1);
    CHECK(receipts[0].delivery == sdk::delivery_id{5'000});
    CHECK(receipts[0].outcome == outcome::retry);
    CHECK(receipts[0].code == "busy");
}

TEST_CASE_FIXTURE(sending_rig, "telegram: closing hands back what waits and lets what is under way end") {
    for (std::uint64_t id = 1; id <= sender::max_sending + 1; ++id) {
        deliver(id, std::to_string(id), id == 1 ? three_pieces : "hello");
    }
    take(under_test.close());
    REQUIRE(receipts.size() == 1);
    CHECK(receipts[0].delivery == sdk::delivery_id{sender::max_sending + 1});
    CHECK(receipts[0].outcome == outcome::retry);
    deliver(100, "7", "late");
    CHECK(receipts.at(1).outcome == outcome::retry);
    CHECK(receipts.at(1).code == "closing");
    ok(1, 10);  // its other pieces still go out
    CHECK(sent.back().id == sdk::delivery_id{1});
    for (std::uint64_t id = 2; id <= sender::max_sending; ++id) {
        ok(id, 1);
    }
    CHECK_FALSE(under_test.idle());
    take(under_test.give_up());
    CHECK(receipts.back().delivery == sdk::delivery_id{1});
    CHECK(receipts.back().outcome == outcome::unknown);
    CHECK(under_test.idle());
    ok(1, 11);  // too late
    CHECK(receipts.back().outcome == outcome::unknown);
}
