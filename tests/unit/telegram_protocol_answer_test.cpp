// Each answer of the platform, and of what stands in between, has one meaning.
#include "telegram_protocol.hpp"

#include <doctest/doctest.h>

#include <ostream>
#include <string>
#include <vector>

using namespace gateway;
using namespace gateway::telegram;
using namespace std::chrono_literals;
using sdk::failure_class;

namespace {

constexpr std::string_view secret = "AAAAsecretAAAA";

answer parsed(int status, std::string_view body) {
    return parse_answer({.http_status = status, .body = body}, secret);
}

answer unanswered(sdk::status result, std::string_view code, bool maybe_written = true) {
    return parse_answer({.result = result, .maybe_written = maybe_written, .code = code, .text = "It broke."}, secret);
}

std::string refusal(int code, std::string_view description, std::string_view parameters = "") {
    return R"({"ok":false,"error_code":)" + std::to_string(code) + R"(,"description":")" + std::string(description) +
           "\"" + std::string(parameters) + "}";
}

struct expectation {
    const char* what;
    int status;
    std::string body;
    failure_class cls;
    std::string code;
};

}  // namespace

TEST_CASE("telegram: each failed answer has its class and code") {
    const std::string nested = std::string(200, '[') + std::string(200, ']');
    const std::vector<expectation> table{
        {"wrong token", 401, refusal(401, "Unauthorized"), failure_class::auth, "unauthorized"},
        {"malformed token", 404, refusal(404, "Not Found"), failure_class::auth, "not_found"},
        {"wrong token, no body", 401, "", failure_class::auth, "unauthorized"},
        {"another poller", 409,
         refusal(409,
                 "Conflict: terminated by other getUpdates request; make sure that only one bot instance is "
                 "running"),
         failure_class::conflict, "terminated_by_other_poller"},
        {"a webhook", 409,
         refusal(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook"),
         failure_class::conflict, "webhook"},
        {"setWebhook ends a poll", 409, refusal(409, "Conflict: terminated by setWebhook request"),
         failure_class::conflict, "webhook"},
        {"another conflict", 409, refusal(409, "Conflict"), failure_class::conflict, "conflict"},
        {"flood", 429, refusal(429, "Too Many Requests: retry after 7", R"(,"parameters":{"retry_after":7})"),
         failure_class::rate_limited, "too_many_requests"},
        {"flood, from a proxy", 429, "slow down", failure_class::rate_limited, "too_many_requests"},
        {"server error", 500, refusal(500, "Internal Server Error"), failure_class::transient, "http_500"},
        {"error_code in a 200", 200, refusal(502, "Bad Gateway"), failure_class::transient, "http_502"},
        {"bad gateway", 502, "<html><body>502</body></html>", failure_class::transient, "http_502"},
        {"gateway timeout", 504, "", failure_class::transient, "http_504"},
        {"a page that denies", 401, "<html>proxy</html>", failure_class::transient, "http_401"},
        {"a page that finds nothing", 404, " <!DOCTYPE html>", failure_class::transient, "http_404"},
        {"a plain text that finds nothing", 404, "404 page not found\n", failure_class::transient, "http_404"},
        {"nothing that finds nothing", 404, "", failure_class::transient, "http_404"},
        {"JSON of something else that finds nothing", 404, R"({"error":"no route"})", failure_class::transient,
         "http_404"},
        {"a plain text that denies", 401, "Unauthorized", failure_class::transient, "http_401"},
        {"JSON of something else that denies", 401, R"({"error":"log in"})", failure_class::transient, "http_401"},
        {"a refusal without its own code", 401, R"({"ok":false})", failure_class::auth, "unauthorized"},
        {"bad request", 400, refusal(400, "Bad Request: no"), failure_class::transient, "http_400"},
        {"redirect", 302, "", failure_class::transient, "redirect"},
        {"redirect with a body", 307, R"({"ok":true,"result":[]})", failure_class::transient, "redirect"},
        {"redirect with a refusal", 302, refusal(401, "Unauthorized"), failure_class::transient, "redirect"},
        {"a portal's page", 200, "<html>log in</html>", failure_class::transient, "bad_answer"},
        {"nothing", 200, "", failure_class::transient, "bad_answer"},
        {"truncated", 200, R"({"ok":true,"result":[{"update_id":1)", failure_class::transient, "bad_answer"},
        {"no object", 200, R"([1,2])", failure_class::transient, "bad_answer"},
        {"no ok", 200, R"({"result":[]})", failure_class::transient, "bad_answer"},
        {"ok of a wrong type", 200, R"({"ok":1,"result":[]})", failure_class::transient, "bad_answer"},
        {"no result", 200, R"({"ok":true})", failure_class::transient, "bad_answer"},
        {"not ok, and no code", 200, R"({"ok":false})", failure_class::transient, "bad_answer"},
        {"a code out of range", 200, refusal(7, "?"), failure_class::transient, "bad_answer"},
        {"a code above all", 200, refusal(700, "?"), failure_class::transient, "bad_answer"},
        {"a code out of range in a 500", 500, refusal(7, "?"), failure_class::transient, "http_500"},
        {"nested deeper than the bound", 200, R"({"ok":true,"result":)" + nested + "}", failure_class::transient,
         "bad_answer"},
        {"ok in a 500", 500, R"({"ok":true,"result":[]})", failure_class::transient, "http_500"},
    };
    for (const expectation& each : table) {
        CAPTURE(each.what);
        const answer given = parsed(each.status, each.body);
        CHECK(given.kind != answer_kind::result);
        const sdk::failure why = failure_of(given, "getUpdates");
        CHECK(why.cls == each.cls);
        CHECK(why.code == each.code);
        CHECK_FALSE(why.text.empty());
    }
}

TEST_CASE("telegram: of an answer that is none of the Bot API it is said what is wrong and where, not what it holds") {
    const auto said = [](std::string_view body) { return failure_of(parsed(200, body), "getMe").text; };
    CHECK(said("") == "getMe got an answer that is empty.");
    CHECK(said(" \n") == "getMe got an answer that is empty.");
    CHECK(said("<html>hello</html>") == "getMe got an answer that looks like a web page, not JSON.");
    CHECK(said(R"({"ok":true,"res)") == "getMe got an answer that ends inside the JSON after 15 bytes.");
    CHECK(said(R"({"ok":secret})") == "getMe got an answer that is no JSON at byte 7.");
    CHECK(said(R"({"ok":true} x)") == "getMe got an answer that is no JSON at byte 13.");
    CHECK(said("{\"ok\":\xff}") == "getMe got an answer that is no UTF-8 at byte 7.");
    CHECK(said(std::string(200, '[')) == "getMe got an answer that is nested more than 100 deep at byte 101.");
    CHECK(said("[]") == "getMe got an answer that is a list, but must be an object.");
    CHECK(said("7") == "getMe got an answer that is a number, but must be an object.");
    CHECK(said(R"({"ok":1})") == "getMe got an answer that has no 'ok' that is true or false.");
    CHECK(said(R"({"ok":true})") == "getMe got an answer that has no 'result'.");
    CHECK(said(R"({"ok":false})") == "getMe got an answer that is a refusal without an error_code from 400 to 599.");
}

TEST_CASE("telegram: without an answer the failure is transient, with the host's code") {
    const answer dns = unanswered(sdk::status::network, "dns", false);
    CHECK(dns.kind == answer_kind::none);
    CHECK_FALSE(dns.maybe_written);
    CHECK(failure_of(dns, "getMe").cls == failure_class::transient);
    CHECK(failure_of(dns, "getMe").code == "dns");
    CHECK(failure_of(dns, "getMe").text == "getMe failed: It broke.");
    CHECK(unanswered(sdk::status::network, "reset").maybe_written);
    CHECK(failure_of(unanswered(sdk::status::timeout, "timeout_connect"), "getMe").code == "timeout_connect");
    CHECK(failure_of(unanswered(sdk::status::too_large, "body_too_large"), "getMe").code == "too_large");
    CHECK(failure_of(unanswered(sdk::status::network, ""), "getMe").code == "network");
}

TEST_CASE("telegram: a page is known by its type too, and is not Telegram's word about a token") {
    const std::string_view name = "content-type";
    const std::string_view value = "text/html; charset=utf-8";
    const gw_http_header header{sizeof(gw_http_header), 0, sdk::to_gw(name), sdk::to_gw(value)};
    const answer given = parse_answer({.http_status = 401,
                                       .body = "Please log in",
                                       .headers = sdk::struct_range<gw_http_header>({&header, 1, sizeof header})},
                                      secret);
    CHECK(failure_of(given, "getMe").cls == failure_class::transient);
    CHECK(failure_of(given, "getMe").text == "getMe got the HTTP status 401 from a server in between.");
}

TEST_CASE("telegram: a pause is taken from the answer or its header, within bounds") {
    const auto pause = [](std::string_view parameters) {
        return parsed(429, refusal(429, "Too Many Requests", std::string(",\"parameters\":") + std::string(parameters)))
            .retry_after;
    };
    CHECK(pause(R"({"retry_after":7})") == 7s);
    CHECK(pause(R"({"retry_after":0})") == 0s);
    CHECK(pause(R"({"retry_after":-5})") == 0s);
    CHECK(pause(R"({"retry_after":99999999999999})") == 24h);
    CHECK(pause(R"({"retry_after":"7"})") == std::nullopt);
    CHECK(pause(R"({"retry_after":1e300})") == std::nullopt);
    CHECK(pause(R"([])") == std::nullopt);
    const std::string_view name = "retry-after";
    const std::string_view value = "12";
    const gw_http_header header{sizeof(gw_http_header), 0, sdk::to_gw(name), sdk::to_gw(value)};
    const answer given = parse_answer({.http_status = 429,
                                       .body = "slow down",
                                       .headers = sdk::struct_range<gw_http_header>({&header, 1, sizeof header})},
                                      secret);
    CHECK(given.retry_after == 12s);
    CHECK(failure_of(given, "getMe").retry_after == 12s);
}

TEST_CASE("telegram: a group's new id is read from the refusal") {
    CHECK(parsed(400, refusal(400, "Bad Request: group chat was upgraded to a supergroup chat",
                              R"(,"parameters":{"migrate_to_chat_id":-1001234567890})"))
              .migrate_to == -1001234567890);
    CHECK_FALSE(parsed(400, refusal(400, "Bad Request")).migrate_to);
}

TEST_CASE("telegram: the token is removed from what servers say, and long speeches are cut") {
    const answer given = parsed(400, refusal(400, "Cannot POST /bot1:AAAAsecretAAAA/getMe AAAAsecretAAAA"));
    CHECK(given.text == "Cannot POST /bot1:…/getMe …");
    const answer broken = parse_answer(
        {.result = sdk::status::network, .code = "connect", .text = "No way to /botAAAAsecretAAAA/ there."}, secret);
    CHECK(failure_of(broken, "getMe").text == "getMe failed: No way to /bot…/ there.");
    CHECK(parsed(400, refusal(400, std::string(5000, 'x'))).text.size() == max_description_bytes);
    CHECK(parsed(400, "{\"ok\":false,\"error_code\":400,\"description\":\"\xff\"}").text == "\xef\xbf\xbd");
}

TEST_CASE("telegram: a description is recognised without regard to case") {
    answer given;
    given.text = "Bad Request: Message THREAD not found";
    CHECK(given.says("message thread not found"));
    CHECK_FALSE(given.says("chat not found"));
}

TEST_CASE("telegram: who the bot is") {
    const auto who = [](const char* json) { return parse_account(boost::json::parse(json)); };
    REQUIRE(who(R"({"id":7,"is_bot":true,"first_name":"A","username":"a_bot"})"));
    CHECK(who(R"({"id":7,"first_name":"A","username":"a_bot"})")->name == "a_bot");
    CHECK(who(R"({"id":7,"first_name":"A"})")->name == "A");
    CHECK(who(R"({"id":7})")->id == 7);
    CHECK_FALSE(who(R"({"id":"7"})"));
    CHECK_FALSE(who(R"({"id":1e99})"));
    CHECK_FALSE(who(R"([])"));
    CHECK_FALSE(who(R"(true)"));
}

TEST_CASE("telegram: the ids of what was sent") {
    const auto ids = [](const char* json) { return parse_sent_ids(boost::json::parse(json)); };
    CHECK(ids(R"({"message_id":42})") == std::vector<std::string>{"42"});
    CHECK(ids(R"([{"message_id":42},{"message_id":43}])") == std::vector<std::string>{"42", "43"});
    CHECK(ids(R"({"message_id":0})").empty());  // scheduled by the server
    CHECK(ids(R"({"message_id":"42"})").empty());
    CHECK(ids(R"(true)").empty());
}

TEST_CASE("telegram: requests, as they go out") {
    CHECK(get_me_request().method == "getMe");
    CHECK(get_me_request().body == "{}");
    const std::string kinds =
        R"("message","edited_message","channel_post","edited_channel_post","message_reaction","callback_query",)"
        R"("my_chat_member")";
    CHECK(get_updates_request(std::nullopt, 0s, false).body ==
          R"({"timeout":0,"limit":100,"allowed_updates":[)" + kinds + "]}");
    CHECK(get_updates_request(43, 50s, true).body ==
          R"({"timeout":50,"limit":100,"allowed_updates":[)" + kinds + R"(,"chat_member"],"offset":43})");
    CHECK(answer_callback_query_request("12").method == "answerCallbackQuery");
    CHECK(answer_callback_query_request("12").body == R"({"callback_query_id":"12"})");
    CHECK(delete_webhook_request().method == "deleteWebhook");
    CHECK(delete_webhook_request().body == "{}");  // what waits is kept
}

TEST_CASE("telegram: a number is all of a text, or there is none") {
    CHECK(parse_number("42") == 42);
    CHECK(parse_number("-1001234567890") == -1001234567890);
    for (const char* other : {"", "4 2", "+4", "4x", " 4", "9223372036854775808", "0x10", "-"}) {
        CAPTURE(other);
        CHECK_FALSE(parse_number(other));
    }
}
