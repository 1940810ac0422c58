// From a Telegram user along a route to an echo, and back: over plain HTTP, TLS and proxies.

#include "support/net_proxies.hpp"
#include "telegram_rig.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <csignal>
#include <string>
#include <thread>
#include <utility>

using namespace gateway::test;
namespace asio = boost::asio;

namespace {

constexpr std::int64_t forum_chat = -1001234567890;

std::string ca_line(const std::filesystem::path& file) {
    return "[net]\nca_file = \"" + file.string() + "\"\n";
}

// A proxy that runs beside the test.
template <class Proxy>
class running {
public:
    running() : proxy_(loop_), thread_([this] { loop_.run(); }) {}
    ~running() { end(); }
    // Before what it saw is looked at.
    void end() {
        if (thread_.joinable()) {
            loop_.stop();
            thread_.join();
        }
    }
    Proxy& proxy() { return proxy_; }

private:
    asio::io_context loop_;
    asio::executor_work_guard<asio::io_context::executor_type> work_{loop_.get_executor()};
    Proxy proxy_;
    std::thread thread_;
};

}  // namespace

TEST_CASE("telegram: a user's message goes along the route to the echo, and the answer comes back as a reply to it") {
    telegram_rig rig;
    rig.start_online();
    const auto asked = rig.user_says(7, "Grüße, 世界 🎉");
    const auto sent = rig.wait_for_sent(1);
    CHECK(number_of(sent.front(), "chat_id") == 7);
    CHECK(text_of(sent.front(), "text") == "Grüße, 世界 🎉");
    CHECK(number_of(sent.front().at("reply_to_message").as_object(), "message_id") == asked.message_id);
    for (const auto& request : rig.server.requests()) {
        CHECK(request.malformed.empty());
    }
}

TEST_CASE("telegram: what a user formats comes back formatted, and what only looks like Markdown as it was typed") {
    telegram_rig rig;
    rig.start_online();
    const std::string typed = "😀 bold\n\n\n  *not* _this_ `or` <b>that</b> \\\n- 1. # > ||x|| [a](b)\nprint(1)\n  x";
    const auto entities = boost::json::parse(R"([{"type":"bold","offset":3,"length":4},
        {"type":"italic","offset":5,"length":2},
        {"type":"pre","offset":66,"length":12,"language":"python"}])")
                              .as_array();
    rig.user_says(7, typed, {.entities = entities});
    const auto sent = rig.wait_for_sent(1);
    CHECK(text_of(sent.front(), "text") == typed);
    CHECK(boost::json::serialize(sent.front().at("entities")) == boost::json::serialize(entities));
}

TEST_CASE("telegram: in a group the answer goes to the group, not to who spoke") {
    telegram_rig rig;
    rig.start_online();
    const auto asked = rig.user_says(-4321, "hello, all");
    const auto sent = rig.wait_for_sent(1);
    CHECK(number_of(sent.front(), "chat_id") == -4321);
    CHECK(text_of(sent.front(), "text") == "hello, all");
    CHECK(number_of(sent.front().at("reply_to_message").as_object(), "message_id") == asked.message_id);
}

TEST_CASE("telegram: in a forum the answer stays in its topic") {
    telegram_rig rig;
    rig.start_online();
    rig.user_says(forum_chat, "in topic 12", {.thread = 12});
    rig.wait_for_sent(1);
    rig.user_says(forum_chat, "in topic 34", {.thread = 34});
    rig.wait_for_sent(2);
    rig.user_says(forum_chat, "in none");
    const auto sent = rig.wait_for_sent(3);
    CHECK(number_of(sent[0], "message_thread_id") == 12);
    CHECK(text_of(sent[0], "text") == "in topic 12");
    CHECK(number_of(sent[1], "message_thread_id") == 34);
    CHECK_FALSE(sent[2].contains("message_thread_id"));
}

TEST_CASE("telegram: who replies to the bot's answer is answered with a reply to that") {
    telegram_rig rig;
    rig.start_online();
    rig.talk("one");
    const auto answer = number_of(rig.server.sent(bot_token).front(), "message_id");
    const auto asked = rig.user_says(7, "two", {.reply_to = answer});
    const auto sent = rig.wait_for_sent(2);
    CHECK(text_of(sent.back(), "text") == "two");
    CHECK(number_of(sent.back().at("reply_to_message").as_object(), "message_id") == asked.message_id);
}

TEST_CASE("telegram: a text as long as Telegram allows arrives whole, counted in UTF-16") {
    telegram_rig rig;
    rig.start_online();
    std::string longest;
    for (int i = 0; i < 2048; ++i) {
        longest += "🎉";
    }
    rig.talk(longest);
}

TEST_CASE("telegram: over TLS, with the server's authority in net.ca_file") {
    temporary_directory directory;
    const auto ca = directory.path() / "ca.pem";
    telegram_rig rig({.tls = true, .ca_file = ca, .speed = 20.0});
    REQUIRE(rig.server.url().starts_with("https://"));
    rig.configure(ca_line(ca));
    rig.start_online();
    rig.talk("over TLS");
}

TEST_CASE("telegram: a server whose certificate nobody vouches for gets no byte of the token, and is tried again") {
    temporary_directory directory;
    telegram_rig rig({.tls = true, .ca_file = directory.path() / "ca.pem", .speed = 20.0});
    rig.start();
    rig.wait_for_failure("waiting", "transient", "tls");
    CHECK(rig.server.requests().empty());
    CHECK(text_of(rig.host.adapter("tg"), "state") == "waiting");
}

TEST_CASE("telegram: through a SOCKS5 proxy, which looks up the name") {
    running<test_socks_proxy> proxy;
    telegram_rig rig;
    const auto port = rig.server.url().substr(rig.server.url().rfind(':'));
    rig.host.configure("[net]\nproxy = \"" + proxy.proxy().url("socks5h") + "\"\n" +
                       bot_table("tg", bot_token, "http://bot-api.test" + port) + echo_tables());
    rig.start_online();
    rig.talk("through SOCKS5");
    rig.host.kill();
    proxy.end();
    REQUIRE_FALSE(proxy.proxy().names().empty());
    CHECK(proxy.proxy().names().front() == "bot-api.test");
}

TEST_CASE("telegram: through an HTTP proxy's tunnel, which never sees the token") {
    running<test_http_proxy> proxy;
    temporary_directory directory;
    const auto ca = directory.path() / "ca.pem";
    telegram_rig rig({.tls = true, .ca_file = ca, .speed = 20.0});
    rig.configure(ca_line(ca) + "proxy = \"" + proxy.proxy().url() + "\"\n");
    rig.start_online();
    rig.talk("through a tunnel");
    rig.host.kill();
    proxy.end();
    REQUIRE_FALSE(proxy.proxy().heads().empty());
    for (const auto& head : proxy.proxy().heads()) {
        CHECK(head.starts_with("CONNECT 127.0.0.1:"));
        CHECK(head.find("Secret") == std::string::npos);
    }
}

TEST_CASE("telegram: an instance's own proxy, or none, goes before that of all") {
    running<test_socks_proxy> own;
    telegram_rig rig;
    const std::string other = "5151:AAE-integration_Another-0123456789abc";
    rig.server.add_bot(other, "other_bot");
    rig.host.configure("[net]\nproxy = \"http://127.0.0.1:1\"\n" +
                       bot_table("tg", bot_token, rig.server.url(), "proxy = \"" + own.proxy().url("socks5") + "\"") +
                       bot_table("tg2", other, rig.server.url(), "proxy = \"direct\"") + echo_tables());
    rig.start();
    rig.wait_for_poll();
    REQUIRE(rig.server.wait_for_poll(other, telegram_rig::patience));
    rig.talk("through its own");
    rig.server.user_says(other, 8, 8, "directly");
    CHECK(rig.server.wait_for_sent(other, 1, telegram_rig::patience));
    rig.host.kill();
    own.end();
    REQUIRE_FALSE(own.proxy().names().empty());
    CHECK(own.proxy().names().front() == "address");
}

TEST_CASE("telegram: a proxy that is not there is transient trouble, and the token is not told") {
    telegram_rig rig;
    rig.configure({}, "proxy = \"socks5h://127.0.0.1:1\"");
    rig.start();
    rig.wait_for_failure("waiting", "transient", "proxy");
    CHECK(rig.server.requests().empty());
}
