// The stub's decisions: configuration, places in the script, what is said and answered.
#include "stub_script.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace gateway;
using namespace gateway::stub;
using namespace std::chrono_literals;

namespace {

std::string complaint(std::string_view json) {
    try {
        (void)parse_script(json);
    } catch (const sdk::config_error& wrong) {
        return wrong.what();
    }
    return "no complaint";
}

// The steps of so many connects, each with the place that the one before left.
std::vector<connect_step> run(const script& of, int connects, std::optional<std::string>& stored) {
    std::vector<connect_step> steps;
    for (int i = 0; i < connects; ++i) {
        connect_decision decision = next_connect(of, stored);
        if (decision.place) {
            stored = decision.place;
        }
        steps.push_back(std::move(decision.step));
    }
    return steps;
}

}  // namespace

TEST_CASE("stub: an empty table connects and does nothing else") {
    const script plain = parse_script("{}");
    CHECK(next_connect(plain, std::nullopt).step.kind == step_kind::ok);
    CHECK_FALSE(next_connect(plain, std::nullopt).place);
    CHECK_FALSE(plain.create_fails);
    CHECK_FALSE(plain.echo);
    CHECK_FALSE(plain.lose_after);
    CHECK_FALSE(plain.say);
}

TEST_CASE("stub: every key is read") {
    const script full = parse_script(R"({
        "connect": ["fail:transient:dns", "fail:rate_limited:flood:5s", "hang", "ok"],
        "create": "fail", "lose_after": "2s", "lose": "auth:revoked", "echo": true,
        "say": {"chat": "lobby", "text": "hello", "every": "1s", "count": 10}})");
    REQUIRE(full.connect.size() == 4);
    CHECK(full.connect[0].why.cls == sdk::failure_class::transient);
    CHECK(full.connect[0].why.code == "dns");
    CHECK(full.connect[0].why.text == "Rehearsed: the connect script says \"fail:transient:dns\".");
    CHECK_FALSE(full.connect[0].why.retry_after);
    CHECK(full.connect[1].why.cls == sdk::failure_class::rate_limited);
    CHECK(full.connect[1].why.retry_after == 5s);
    CHECK(full.connect[2].kind == step_kind::hang);
    CHECK(full.connect[3].kind == step_kind::ok);
    CHECK(full.create_fails);
    CHECK(full.lose_after == 2s);
    REQUIRE(full.lose);
    CHECK(full.lose->cls == sdk::failure_class::auth);
    CHECK(full.lose->code == "revoked");
    CHECK(full.echo);
    REQUIRE(full.say);
    CHECK(full.say->chat == "lobby");
    CHECK(full.say->every == 1s);
    CHECK(full.say->count == 10);
}

TEST_CASE("stub: a loss is a reset of the connection unless another, or silence, is configured") {
    CHECK(parse_script(R"({"lose_after": "1s"})").lose->code == "reset");
    CHECK_FALSE(parse_script(R"({"lose_after": "1s", "lose": "stall"})").lose);
}

TEST_CASE("stub: what cannot be used is refused by key, with what would be right") {
    CHECK(complaint("[]") == "configuration: is not a JSON object");
    CHECK(complaint("{") == "configuration: is not a JSON object");
    CHECK(complaint(R"({"conect": []})") ==
          "conect: is unknown; there are connect, create, lose_after, lose, echo and say");
    CHECK(complaint(R"({"connect": "ok"})").starts_with("connect: is not a list"));
    CHECK(complaint(R"({"connect": []})").starts_with("connect: is not a list of at least one entry"));
    for (const char* entry : {"", "OK", "fail", "fail:", "fail:transient", "fail:transient:", "fail:strange:code",
                              "fail:transient:code:", "fail:transient:code:5", "fail:transient:code:5s:x"}) {
        CAPTURE(entry);
        CHECK(complaint(std::string(R"({"connect": ["ok", ")").append(entry).append("\"]}"))
                  .starts_with("connect[1]: is none of \"ok\", \"hang\" and \"fail:\" with CLASS:CODE"));
    }
    CHECK(complaint(R"({"create": "maybe"})") == "create: is neither \"ok\" nor \"fail\"");
    CHECK(complaint(R"({"lose_after": 2})") == "lose_after: is not a string");
    CHECK(complaint(R"({"lose_after": "2"})") == "lose_after: is not a duration, such as \"30s\"");
    CHECK(complaint(R"({"lose": "fail:transient:x"})").starts_with("lose: is neither \"stall\" nor CLASS:CODE"));
    CHECK(complaint(R"({"echo": 1})") == "echo: is not true or false");
    CHECK(complaint(R"({"say": "hello"})") == "say: is not a table");
    CHECK(complaint(R"({"say": {"chat": "lobby"}})") == "say: needs chat and text");
    CHECK(parse_script(R"({"say": {"chat": "lobby", "text": "hello"}})").say->every == 1s);
    CHECK(parse_script(R"({"say": {"chat": "lobby", "text": "hello"}})").say->count == 0);
    CHECK(complaint(R"({"say": {"count": -1}})") == "say.count: is not a whole number of at least 0");
    CHECK(complaint(R"({"say": {"loud": true}})") == "say.loud: is unknown; there are chat, text, every and count");
}

TEST_CASE("stub: each connect takes the next entry, and the last one repeats") {
    const script of = parse_script(R"({"connect": ["fail:transient:a", "hang", "ok"]})");
    std::optional<std::string> stored;
    const auto steps = run(of, 5, stored);
    CHECK(steps[0].why.code == "a");
    CHECK(steps[1].kind == step_kind::hang);
    CHECK(steps[2].kind == step_kind::ok);
    CHECK(steps[3].kind == step_kind::ok);
    CHECK(steps[4].kind == step_kind::ok);
}

TEST_CASE("stub: at the last entry nothing is stored any more") {
    const script of = parse_script(R"({"connect": ["hang", "ok"]})");
    std::optional<std::string> stored;
    run(of, 1, stored);
    REQUIRE(stored);
    CHECK_FALSE(next_connect(of, stored).place);
}

TEST_CASE("stub: a changed connect script starts from its beginning") {
    std::optional<std::string> stored;
    run(parse_script(R"({"connect": ["hang", "hang", "ok"]})"), 3, stored);
    const script changed = parse_script(R"({"connect": ["fail:auth:revoked", "hang", "ok"]})");
    CHECK(next_connect(changed, stored).step.kind == step_kind::fail);
}

TEST_CASE("stub: a stored place that cannot be read is the beginning") {
    const script of = parse_script(R"({"connect": ["hang", "ok"]})");
    for (const char* stored : {"", "1", "x y", "1 2 3", "-1 5", "99999999999999999999 1", "\xff"}) {
        CAPTURE(stored);
        CHECK(next_connect(of, stored).step.kind == step_kind::hang);
    }
}

TEST_CASE("stub: what is said is numbered across incarnations, never twice under one id, and ends") {
    const say_options what{.chat = "lobby", .text = "hello", .every = 1s, .count = 2};
    say_place at = resume_saying(what, std::nullopt, 1'000);
    const auto first = next_utterance(what, at, 5);
    REQUIRE(first);
    CHECK(first->message.chat == "lobby");
    CHECK(first->message.text == "hello");
    CHECK(first->message.time_ms == 5);
    CHECK(first->dedupe_id == "say-1000-1");

    at = resume_saying(what, first->place, 2'000);  // The next incarnation.
    const auto second = next_utterance(what, at, 6);
    REQUIRE(second);
    CHECK(second->dedupe_id == "say-1000-2");
    CHECK_FALSE(next_utterance(what, resume_saying(what, second->place, 3'000), 7));
}

TEST_CASE("stub: a changed text begins a run of its own, and so does going back to the old one") {
    const say_options old{.chat = "lobby", .text = "hello", .every = 1s, .count = 1};
    const say_options changed{.chat = "lobby", .text = "bye", .every = 1s, .count = 1};
    const auto first = next_utterance(old, resume_saying(old, std::nullopt, 1'000), 0);
    const auto second = next_utterance(changed, resume_saying(changed, first->place, 2'000), 0);
    const auto third = next_utterance(old, resume_saying(old, second->place, 3'000), 0);
    REQUIRE(third);
    CHECK(second->dedupe_id == "say-2000-1");
    CHECK(third->dedupe_id == "say-3000-1");
}

TEST_CASE("stub: a count of 0 is said for ever, and another pace goes on where it was") {
    say_options what{.chat = "lobby", .text = "hello", .every = 1s, .count = 0};
    std::string stored = next_utterance(what, {.run = 1, .said = 1'000'000}, 0)->place;
    what.every = 5s;
    CHECK(resume_saying(what, stored, 9).said == 1'000'001);
}

TEST_CASE("stub: an answer goes to the chat and thread it answers, and its id comes from the delivery") {
    const sdk::delivery_view delivery{.id = sdk::delivery_id{7},
                                      .message = {.chat = "tg:1", .thread = "3", .text = "hello"}};
    const sdk::message answer = echo_of(delivery, 5);
    CHECK(answer.id == "echo-7");
    CHECK(answer.chat == "tg:1");
    CHECK(answer.thread == "3");
    CHECK(answer.text == "hello");
    CHECK(answer.reply_to == delivered_id(sdk::delivery_id{7}));
    CHECK(answer.sender->bot);
    CHECK_FALSE(answer.sender->self);
}

TEST_CASE("stub: a delivered message that has an id already is answered under it") {
    const sdk::delivery_view delivery{.id = sdk::delivery_id{7}, .message = {.id = "555", .chat = "tg:1"}};
    CHECK(echo_of(delivery, 5).reply_to == "555");
}
