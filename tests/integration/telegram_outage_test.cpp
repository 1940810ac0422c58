// Connections that break, hang or cannot be made: what is repeated, what is marked, and what comes back.

#include "telegram_rig.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

using namespace gateway::test;
using kind = telegram_fault::kind;

namespace {

// One message in each of these chats is with the echo, which is paused, and the next poll waits on its connection: what
// is done to further connections concerns the answers only.
void ask_while_echo_is_paused(telegram_rig& rig, const std::vector<std::int64_t>& chats) {
    CHECK(rig.host.post("/v1/adapters/echo/pause").status == 200);
    rig.host.wait_for_line({"paused", "instance=echo"});
    for (const auto chat : chats) {
        rig.user_says(chat, std::string("to ").append(std::to_string(chat)));
    }
    const bool confirmed = rig.server.wait_until(
        [](telegram_api& api) {
            auto& feed = api.find_bot(bot_token)->feed();
            return feed.pending() == 0 && feed.is_polled();
        },
        telegram_rig::patience);
    REQUIRE(confirmed);
}

void resume_echo(telegram_rig& rig) {
    CHECK(rig.host.post("/v1/adapters/echo/resume").status == 200);
    rig.host.wait_for_line({"online", "instance=echo"});
}

}  // namespace

TEST_CASE("telegram: a server that goes away is tried until it is back, and nobody's message is lost") {
    telegram_rig rig;
    rig.configure(fast_reconnects);
    rig.start_online();
    rig.talk("before");
    rig.server.stop_listening();
    rig.server.drop_connections(true);
    rig.user_says(7, "meanwhile");
    rig.wait_for_failure("waiting", "transient", "connect");
    rig.server.listen();
    rig.host.wait_for_line({"online", "instance=tg"});
    const auto sent = rig.wait_for_sent(2);
    CHECK(text_of(sent.back(), "text") == "meanwhile");
    rig.talk("after", 3);
    CHECK(rig.server.sent(bot_token).size() == 3);
}

TEST_CASE("telegram: an answer that is ready while the server is away is kept, and sent when it is back") {
    telegram_rig rig;
    rig.configure(fast_reconnects);
    rig.start_online();
    ask_while_echo_is_paused(rig, {7});
    rig.server.stop_listening();
    rig.server.drop_connections(true);
    rig.wait_for_failure("waiting", "transient", "connect");
    resume_echo(rig);
    rig.server.listen();
    const auto sent = rig.wait_for_sent(1);
    CHECK(text_of(sent.front(), "text") == "to 7");
    CHECK(rig.counter("deliveries", "repeated") == 0);
}

TEST_CASE("telegram: a message whose connection is refused is sent again, unmarked, since nobody can have got it") {
    telegram_rig rig(real_time);
    rig.start_online();
    ask_while_echo_is_paused(rig, {7, 8, 9});
    rig.server.stop_listening();
    rig.server.drop_idle_connections();  // the poll's stays
    resume_echo(rig);
    rig.host.wait_for_line({"a delivery is repeated later", "instance=tg", "code=connect"});
    rig.server.listen();
    rig.wait_for_sent(3);
    rig.talk("to 7 again", 4);
    CHECK(rig.requests_of("sendMessage").size() == 4);
    CHECK(rig.counter("deliveries", "repeated") == 0);
    CHECK(rig.counter("deliveries", "unknown") == 0);
    CHECK(number_of(rig.host.adapter("tg"), "incarnation") == 1);
}

TEST_CASE("telegram: a message whose connection is reset before the request is sent again, unmarked") {
    temporary_directory directory;
    const auto ca = directory.path() / "ca.pem";
    telegram_rig rig({.tls = true, .ca_file = ca});
    rig.configure("[net]\nca_file = \"" + ca.string() + "\"\n");
    rig.start_online();
    ask_while_echo_is_paused(rig, {7, 8, 9});
    rig.server.inject(telegram_fault::of(kind::connect_reset));  // before the handshake, so before any request
    rig.server.drop_idle_connections();                          // the poll's stays
    resume_echo(rig);
    rig.host.wait_for_line({"a delivery is repeated later", "instance=tg"});
    rig.wait_for_sent(3);
    rig.talk("to 7 again", 4);
    CHECK(rig.requests_of("sendMessage").size() == 4);
    CHECK(rig.counter("deliveries", "repeated") == 0);
    CHECK(number_of(rig.host.adapter("tg"), "incarnation") == 1);
}

TEST_CASE("telegram: a message whose answer is lost is sent once more, and the second sending is marked") {
    telegram_rig rig;
    rig.start_online();
    rig.server.inject(telegram_fault::of(kind::reset).on("sendMessage").with_effect());
    rig.user_says(7, "was it sent?");
    const auto sent = rig.wait_for_sent(2);
    CHECK(text_of(sent[0], "text") == "was it sent?");
    CHECK(text_of(sent[1], "text") == "was it sent?");
    rig.talk("and this one?", 3);
    CHECK(rig.requests_of("sendMessage").size() == 3);
    CHECK(rig.counter("deliveries", "repeated") == 1);
    CHECK(rig.counter("deliveries", "unknown") == 0);
}

TEST_CASE("telegram: a message whose answer is lost twice is not sent a third time, and the loss is told") {
    telegram_rig rig;
    rig.start_online();
    rig.server.inject(telegram_fault::of(kind::reset).on("sendMessage").for_times(2));
    rig.user_says(7, "lost twice");
    rig.host.wait_for_line({"a delivery was dropped", "instance=tg", "chat=7", "code=reset"});
    rig.talk("and this one?");
    CHECK(rig.requests_of("sendMessage").size() == 3);
    CHECK(rig.counter("deliveries", "unknown") == 1);
}

TEST_CASE("telegram: a message that a 502 page answers may have been sent: it is sent once more, marked") {
    telegram_rig rig;
    rig.start_online();
    rig.server.inject(telegram_fault::html_page(502).on("sendMessage"));
    rig.talk("through the page");
    CHECK(rig.requests_of("sendMessage").size() == 2);
    CHECK(rig.counter("deliveries", "repeated") == 1);
}

TEST_CASE("telegram: a poll that falls silent is told from a quiet one, and a fresh incarnation takes over") {
    telegram_rig rig;
    rig.configure(fast_reconnects, "poll_timeout = \"1s\"");
    rig.server.inject(telegram_fault::of(kind::stall).on("getUpdates").after(1));
    rig.start();
    rig.host.wait_for_line({"online", "instance=tg"});
    rig.wait_for_failure("waiting", "transient", "poll_stalled");
    rig.host.wait_for_line({"online", "instance=tg"});
    rig.talk("heard again");
    CHECK(number_of(rig.host.adapter("tg"), "incarnation") == 2);
}

TEST_CASE("telegram: connections that are accepted and never answered end at the connect deadline") {
    telegram_rig rig;
    rig.configure(std::string(fast_reconnects) + "connect_timeout = \"500ms\"\n");
    rig.server.inject(telegram_fault::of(kind::connect_stall).for_times(4));
    rig.start();
    rig.wait_for_failure("waiting", "transient", "connect_timeout");
    rig.host.wait_for_line({"online", "instance=tg"});
    rig.talk("at last");
}
