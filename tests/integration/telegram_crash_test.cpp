// Restarts and crashes within a stream of messages: each is answered, and what is answered twice was marked before.

#include "support/journal_file.hpp"
#include "telegram_rig.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

using namespace gateway::test;

namespace {

constexpr int message_count = 400;
constexpr int chat_count = 12;

// The texts that the journal says may have been handed to Telegram when the host ended.
std::vector<std::string> under_way(const journal_file& journal) {
    return journal.texts(
        "SELECT text FROM outbox JOIN instances ON instances.id = outbox.instance WHERE handed = 1 AND name = 'tg'");
}

// Users in several chats who say "m0", "m1" …, and what the bot answered.
class stream {
public:
    explicit stream(telegram_rig& rig) : rig_(rig) {}

    void say(int count) {
        for (; count > 0 && said_ < message_count; --count, ++said_) {
            rig_.user_says(1 + said_ % chat_count, std::string("m").append(std::to_string(said_)));
        }
    }

    // How often each text was sent.
    [[nodiscard]] std::map<std::string, int> answers() const { return count(rig_.server.sent(bot_token)); }

    // Until each text was sent.
    void wait_for_answers() {
        const bool all = rig_.server.wait_until(
            [this](telegram_api& api) {
                return count(api.find_bot(bot_token)->sent()).size() == static_cast<std::size_t>(said_);
            },
            telegram_rig::patience * 2);
        INFO("the host wrote:\n" << rig_.host.output());
        REQUIRE_MESSAGE(all, "messages were not answered in time");
    }

private:
    static std::map<std::string, int> count(const sent_log& sent) {
        std::map<std::string, int> times;
        for (const auto& each : sent) {
            ++times[text_of(each, "text")];
        }
        return times;
    }

    telegram_rig& rig_;
    int said_ = 0;
};

void check_balance(telegram_rig& rig) {
    rig.host.signal(SIGTERM);
    CHECK(rig.host.wait_for_exit() == 0);
    const journal_file journal(rig.host.state_dir() / "gateway.db");
    CHECK(journal.number("SELECT count(*) FROM outbox") == 0);
    CHECK(journal.number("SELECT count(*) FROM journal JOIN instances ON instances.id = journal.instance "
                         "WHERE name = 'tg' AND kind = 1") == message_count);
    CHECK(journal.number("SELECT count(DISTINCT dedupe) FROM journal JOIN instances ON instances.id = "
                         "journal.instance WHERE name = 'tg' AND kind = 1") == message_count);
}

}  // namespace

TEST_CASE("telegram: the offset survives a restart: nothing is asked for or answered again") {
    telegram_rig rig;
    rig.start_online();
    rig.talk("before");
    rig.wait_for_poll();
    rig.host.signal(SIGTERM);
    REQUIRE(rig.host.wait_for_exit() == 0);
    rig.user_says(7, "while it is down");
    const auto polls = rig.requests_of("getUpdates").size();
    rig.start_online();
    const auto sent = rig.wait_for_sent(2);
    CHECK(text_of(sent[1], "text") == "while it is down");
    const auto first = rig.requests_of("getUpdates").at(polls);
    CHECK(first.params.contains("offset"));
    CHECK(rig.counter("events", "duplicates") == 0);
    CHECK(rig.server.sent(bot_token).size() == 2);
}

TEST_CASE("telegram: ended in order at random points of a stream, each message is answered exactly once") {
    const auto seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    telegram_rig rig;
    rig.configure(fast_reconnects);
    stream users(rig);
    std::size_t awaited = 0;
    for (int life = 0; life < 5; ++life) {
        users.say(message_count / 6);
        rig.start();
        rig.host.wait_for_line({"ready"});
        awaited += random() % 40;
        rig.wait_for_sent(awaited);
        rig.host.signal(SIGTERM);
        REQUIRE(rig.host.wait_for_exit() == 0);
        awaited = rig.server.sent(bot_token).size();
    }
    users.say(message_count);
    rig.start();
    users.wait_for_answers();
    check_balance(rig);
    CHECK(users.answers().size() == message_count);
    for (const auto& [text, times] : users.answers()) {
        INFO(text);
        CHECK(times == 1);
    }
}

TEST_CASE(
    "telegram: killed at random points of a stream, each message is answered once, and twice only if the journal "
    "had marked it as under way") {
    const auto seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    telegram_rig rig;
    rig.configure(fast_reconnects);
    stream users(rig);
    std::map<std::string, int> excused;  // how many more times a text may have been sent
    for (int life = 0; life < 8; ++life) {
        users.say(message_count / 9);
        rig.start();
        rig.wait_for_sent(rig.server.sent(bot_token).size() + random() % 30);
        rig.host.kill();
        for (const auto& text : under_way(journal_file(rig.host.state_dir() / "gateway.db"))) {
            ++excused[text];
        }
    }
    users.say(message_count);
    rig.start();
    users.wait_for_answers();
    check_balance(rig);
    const auto answers = users.answers();
    CHECK(answers.size() == message_count);
    int once = 0;
    for (const auto& [text, times] : answers) {
        INFO(text);
        CHECK(times <= 1 + (excused.contains(text) ? excused[text] : 0));
        once += times == 1 ? 1 : 0;
    }
    CHECK(once > message_count / 2);
}
