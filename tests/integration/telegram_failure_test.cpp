// What Telegram answers when something is wrong, and what the host makes of it.

#include "telegram_rig.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>

using namespace gateway::test;
using namespace std::chrono_literals;
using kind = telegram_fault::kind;

namespace {

constexpr const char* get_updates = "getUpdates";
constexpr const char* send_message = "sendMessage";

// Each getUpdates, also the first, is answered so once; the failure is told, and then everything works.
void is_survived(telegram_fault fault, std::string_view code) {
    telegram_rig rig;
    rig.configure(fast_reconnects);
    rig.server.inject(std::move(fault).on(get_updates));
    rig.start();
    rig.wait_for_failure("waiting", "transient", code);
    rig.host.wait_for_line({"online", "instance=tg"});
    rig.talk("after the failure");
}

}  // namespace

TEST_CASE("telegram: a wrong token has failed for good, and with nothing else to do the host ends with 78") {
    telegram_rig rig;
    rig.host.configure(bot_table("tg", "4242:a_token_that_nobody_knows", rig.server.url()));
    rig.start();
    rig.wait_for_failure("failed", "auth", "unauthorized");
    CHECK(rig.host.wait_for_exit() == 78);
    CHECK(rig.requests_of("getMe").size() == 1);
}

TEST_CASE("telegram: a token that is revoked while online has failed, and the echo runs on") {
    telegram_rig rig;
    rig.start_online();
    rig.server.call([](telegram_api& api) { api.revoke(bot_token); });
    rig.wait_for_failure("failed", "auth", "unauthorized");
    CHECK(text_of(rig.host.adapter("tg"), "state") == "failed");
    CHECK(text_of(rig.host.adapter("echo"), "state") == "online");
}

TEST_CASE("telegram: a token that cannot be one is named by its key, never by its value, and not sent anywhere") {
    telegram_rig rig;
    rig.host.configure(bot_table("tg", "no-colon-in-this_one", rig.server.url()));
    rig.start();
    const auto line = rig.host.wait_for_line({"instance=tg", "token"});
    CHECK(line.find("123456:ABC-def") != std::string::npos);
    CHECK(rig.host.wait_for_exit() == 78);
    CHECK(rig.host.output().find("no-colon") == std::string::npos);
    CHECK(rig.server.requests().empty());
}

TEST_CASE("telegram: another poller of the same account is a conflict, which is waited out") {
    telegram_rig rig;
    rig.start_online();
    rig.server.call(
        [](telegram_api& api) { api.find_bot(bot_token)->feed().get_updates(0, 100, 50, [](api_result) {}); });
    rig.wait_for_failure("waiting", "conflict", "terminated_by_other_poller");
    const auto shown = rig.host.adapter("tg");
    CHECK(text_of(shown.at("failure").as_object(), "class") == "conflict");
}

TEST_CASE("telegram: a webhook that forbids polling is deleted, and what waited meanwhile is answered") {
    telegram_rig rig;
    rig.server.call([](telegram_api& api) {
        auto& bot = *api.find_bot(bot_token);
        bot.webhook().set({.url = "https://example.org/hook"});
        bot.user_says(7, 7, "from before");
    });
    rig.start_online();
    const auto sent = rig.wait_for_sent(1);
    CHECK(text_of(sent.front(), "text") == "from before");
    CHECK(rig.requests_of("deleteWebhook").size() == 1);
    CHECK(number_of(rig.host.adapter("tg"), "incarnation") == 1);
}

TEST_CASE("telegram: 429 on getUpdates: its retry_after is a floor under the retry, however short that would be") {
    telegram_rig rig;
    rig.configure(fast_reconnects);
    rig.server.inject(telegram_fault::too_many_requests(7).on(get_updates));
    rig.start();
    const auto line = rig.wait_for_failure("waiting", "rate_limited", "too_many_requests");
    CHECK(field_of(line, "retry_in_ms") > 6500);
    CHECK(field_of(line, "retry_in_ms") <= 7000);
    CHECK(number_of(rig.host.adapter("tg"), "next_retry_ms") > 1000);
    CHECK(number_of(rig.host.adapter("tg"), "next_retry_ms") <= 7000);
}

TEST_CASE("telegram: 429 on getUpdates: no request comes before retry_after has passed") {
    telegram_rig rig(real_time);
    rig.configure(fast_reconnects);
    rig.server.inject(telegram_fault::too_many_requests(1).on(get_updates));
    rig.start();
    rig.wait_for_requests(get_updates, 2);
    const auto polls = rig.requests_of(get_updates);
    CHECK(polls[0].status == 429);
    CHECK(polls[1].at - polls[0].at >= 1s);
    rig.talk("after the pause");
}

TEST_CASE("telegram: 429 on sendMessage delays that chat only, and by what it says") {
    telegram_rig rig(real_time);
    rig.start_online();
    rig.server.inject(telegram_fault::too_many_requests(2).on(send_message));
    rig.user_says(7, "too much");
    rig.wait_for_requests(send_message, 1);
    rig.user_says(8, "no trouble here");
    const auto sent = rig.wait_for_sent(2);
    CHECK(text_of(sent[0], "text") == "no trouble here");
    CHECK(text_of(sent[1], "text") == "too much");
    const auto sends = rig.requests_of(send_message);
    REQUIRE(sends.size() == 3);
    CHECK(sends[2].at - sends[0].at >= 2s);
    CHECK(rig.counter("deliveries", "repeated") == 0);
    CHECK(number_of(rig.host.adapter("tg"), "incarnation") == 1);
}

TEST_CASE("telegram: a storm of 502 pages at start is waited out") {
    telegram_rig rig;
    rig.configure(fast_reconnects);
    rig.server.inject(telegram_fault::html_page(502).for_times(20));
    rig.start();
    rig.wait_for_failure("waiting", "transient", "http_502");
    rig.host.wait_for_line({"online", "instance=tg"});
    rig.talk("after the storm");
    CHECK(number_of(rig.host.adapter("tg"), "incarnation") > 10);
}

TEST_CASE("telegram: a storm of 502 pages while online is waited out, and the answer of before arrives after it") {
    telegram_rig rig;
    rig.configure(fast_reconnects);
    rig.start_online();
    for (const char* method : {get_updates, "getMe"}) {
        rig.server.inject(telegram_fault::html_page(502).on(method).for_times(5));
    }
    rig.user_says(7, "in the storm");
    rig.wait_for_failure("waiting", "transient", "http_502");
    rig.host.wait_for_line({"online", "instance=tg"});
    const auto sent = rig.wait_for_sent(1);
    CHECK(text_of(sent.front(), "text") == "in the storm");
}

TEST_CASE("telegram: an answer that is no JSON is transient trouble") {
    is_survived(telegram_fault::raw(200, "<not json"), "bad_answer");
}

TEST_CASE("telegram: JSON of the wrong shape is transient trouble") {
    is_survived(telegram_fault::raw(200, R"({"ok":true,"result":[{"update_id":"five"}]})"), "bad_answer");
}

TEST_CASE("telegram: an answer cut off by the end of the connection is transient trouble") {
    is_survived(telegram_fault::of(kind::cut, 8), "reset");
}

TEST_CASE("telegram: an answer cut off by a reset is transient trouble") {
    is_survived(telegram_fault::of(kind::broken, 8), "reset");
}

TEST_CASE("telegram: truncated JSON in a whole answer is transient trouble") {
    is_survived(telegram_fault::raw(200, R"({"ok":true,"result":[)"), "bad_answer");
}

TEST_CASE("telegram: an answer larger than any of Telegram's is not read to its end, and transient trouble") {
    is_survived(telegram_fault::oversized(64 * 1024 * 1024), "too_large");
}

TEST_CASE("telegram: an answer that is no UTF-8 is transient trouble") {
    is_survived(telegram_fault::invalid_utf8(), "bad_answer");
}

TEST_CASE("telegram: 5xx on one instance does not delay another") {
    telegram_rig rig;
    const std::string well = "5151:AAE-integration_Another-0123456789abc";
    rig.server.add_bot(well, "well_bot");
    auto fault = telegram_fault::error(500, "Internal Server Error").for_times(telegram_fault::forever);
    fault.token = bot_token;
    rig.server.inject(std::move(fault));
    rig.host.configure(bot_table("tg", bot_token, rig.server.url()) + bot_table("tg2", well, rig.server.url()) +
                       echo_tables());
    rig.start();
    REQUIRE(rig.server.wait_for_poll(well, telegram_rig::patience));
    rig.server.user_says(well, 7, 7, "hello");
    CHECK(rig.server.wait_for_sent(well, 1, telegram_rig::patience));
    rig.wait_for_failure("waiting", "transient", "http_500");
    CHECK(text_of(rig.host.adapter("tg2"), "state") == "online");
    CHECK(number_of(rig.host.adapter("tg2"), "incarnation") == 1);
}

TEST_CASE("telegram: a message that Telegram refuses for good fails alone, and the chats go on") {
    telegram_rig rig;
    rig.start_online();
    rig.server.inject(telegram_fault::error(403, "Forbidden: bot was blocked by the user").on(send_message));
    rig.user_says(7, "I do not listen");
    rig.host.wait_for_line({"a delivery failed", "instance=tg", "chat=7", "code=blocked"});
    rig.talk("now I do");
    CHECK(rig.counter("deliveries", "failed") == 1);
    CHECK(number_of(rig.host.adapter("tg"), "incarnation") == 1);
}
