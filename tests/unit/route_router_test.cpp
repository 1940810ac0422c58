#include "route/router.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace gateway;
using route::copy;
using route::route_config;
using route::router;
using route::verdict;

namespace {

constexpr std::uint32_t tg = 0;
constexpr std::uint32_t dc = 1;
constexpr std::uint32_t echo = 2;
constexpr std::uint32_t helper = 3;
constexpr std::uint32_t stranger = 4;

route_config to_agent(std::vector<std::string> from, std::string to) {
    route_config made;
    made.from = std::move(from);
    made.to = std::move(to);
    return made;
}

route_config over(std::vector<std::string> bridge) {
    route_config made;
    made.bridge = std::move(bridge);
    return made;
}

struct fixture {
    router under_test;

    explicit fixture(const std::vector<route_config>& routes) {
        under_test.add_instance(tg, "tg");
        under_test.add_instance(dc, "dc");
        const auto set = under_test.set_routes(routes);
        REQUIRE_MESSAGE(set.has_value(), set.error());
        under_test.add_instance(echo, "echo");
        under_test.add_instance(helper, "helper");
        under_test.add_instance(stranger, "stranger");
    }

    // Where the message goes, as "slot chat/thread text", sorted.
    std::vector<std::string> go(std::uint32_t from, const message::message& said, verdict expected) {
        std::vector<copy> copies;
        CHECK(under_test.route(from, said, copies) == expected);
        std::vector<std::string> all;
        for (const auto& each : copies) {
            all.push_back(std::to_string(each.to) + " " + each.message.chat + "|" + each.message.thread + "|" +
                          each.message.text);
        }
        std::ranges::sort(all);
        return all;
    }
};

message::message said(std::string chat, std::string thread = {}, std::string text = "hi") {
    message::message made;
    made.id = "42";
    made.chat = std::move(chat);
    made.thread = std::move(thread);
    made.text = std::move(text);
    made.sender = message::sender{0, "7", "Ann"};
    made.time_ms = 1000;
    return made;
}

using strings = std::vector<std::string>;

}  // namespace

TEST_CASE("router: which patterns take a message to an agent") {
    struct {
        strings from;
        std::uint32_t slot;
        const char* chat;
        const char* thread;
        bool goes;
    } const table[] = {
        {{"tg:*"}, tg, "-100", "", true},
        {{"tg:*"}, dc, "-100", "", false},
        {{"*"}, dc, "1", "", true},
        {{"t*"}, tg, "1", "", true},
        {{"t*"}, dc, "1", "", false},
        {{"tg:-100"}, tg, "-100", "", true},
        {{"tg:-100"}, tg, "-100", "7", true},
        {{"tg:-100"}, tg, "-1001", "", false},
        {{"tg:-100/7"}, tg, "-100", "7", true},
        {{"tg:-100/7"}, tg, "-100", "8", false},
        {{"tg:-100/7"}, tg, "-100", "", false},
        {{"tg:-100/*"}, tg, "-100", "8", true},
        {{"tg:-100/*"}, tg, "-100", "", false},
        {{"tg:-1*"}, tg, "-100", "", true},
        {{"tg:-1*"}, tg, "100", "", false},
        {{"dc:1", "tg:-100"}, tg, "-100", "", true},
        {{"tg:a%2Fb"}, tg, "a/b", "", true},
        {{"tg:a%2Fb*"}, tg, "a/bc", "", true},
        {{"tg:a*"}, tg, "a/b", "", true},
    };
    for (const auto& row : table) {
        CAPTURE(row.from[0]);
        CAPTURE(row.chat);
        CAPTURE(row.thread);
        fixture routes({to_agent(row.from, "echo")});
        const auto went =
            routes.go(row.slot, said(row.chat, row.thread), row.goes ? verdict::routed : verdict::unroutable);
        CHECK(went.size() == (row.goes ? 1 : 0));
    }
}

TEST_CASE("router: an agent gets the message with the origin's address as its chat, and its id to answer to") {
    fixture routes({to_agent({"tg:*"}, "echo")});
    auto origin = said("-1001234", "7");
    origin.reply_to = "41";
    origin.extra = R"({"photo":1})";
    std::vector<copy> copies;
    CHECK(routes.under_test.route(tg, origin, copies) == verdict::routed);
    REQUIRE(copies.size() == 1);
    CHECK(copies[0].to == echo);
    const auto& made = copies[0].message;
    CHECK(made.chat == "tg:-1001234/7");
    CHECK(made.thread.empty());
    CHECK(made.id == "42");
    CHECK(made.reply_to == "41");
    CHECK(made.text == "hi");
    REQUIRE(made.sender.has_value());
    CHECK(made.sender->name == "Ann");
    CHECK(made.time_ms == 1000);
    CHECK(made.extra == origin.extra);
}

TEST_CASE("router: an agent's answer goes back to the chat and thread it names, as a reply") {
    fixture routes({to_agent({"tg:*"}, "echo")});
    auto answer = said("tg:-1001234/7", "", "you said hi");
    answer.reply_to = "42";
    answer.extra = R"({"silent":true})";
    answer.sender.reset();
    std::vector<copy> copies;
    CHECK(routes.under_test.route(echo, answer, copies) == verdict::answered);
    REQUIRE(copies.size() == 1);
    CHECK(copies[0].to == tg);
    const auto& made = copies[0].message;
    CHECK(made.chat == "-1001234");
    CHECK(made.thread == "7");
    CHECK(made.reply_to == "42");
    CHECK(made.text == "you said hi");
    CHECK(made.time_ms == 1000);
    CHECK(made.extra == answer.extra);
    CHECK(made.id.empty());
    CHECK_FALSE(made.sender.has_value());
}

TEST_CASE("router: an agent speaks only into chats that a route sends to it") {
    fixture routes({to_agent({"tg:-100", "tg:-200/7"}, "echo"), to_agent({"dc:*"}, "helper")});
    CHECK(routes.go(echo, said("tg:-100"), verdict::answered) == strings{"0 -100||hi"});
    CHECK(routes.go(echo, said("tg:-100/9"), verdict::answered) == strings{"0 -100|9|hi"});
    CHECK(routes.go(echo, said("tg:-100", "9"), verdict::answered) == strings{"0 -100|9|hi"});
    CHECK(routes.go(echo, said("tg:-200/7"), verdict::answered) == strings{"0 -200|7|hi"});
    CHECK(routes.go(echo, said("tg:-200/7", "9"), verdict::answered) == strings{"0 -200|7|hi"});
    CHECK(routes.go(echo, said("tg:-200/8"), verdict::refused).empty());
    CHECK(routes.go(echo, said("tg:-300"), verdict::refused).empty());
    CHECK(routes.go(echo, said("dc:1"), verdict::refused).empty());
    CHECK(routes.go(helper, said("dc:1"), verdict::answered) == strings{"1 1||hi"});
    CHECK(routes.go(helper, said("tg:-100"), verdict::refused).empty());
    // What names no instance is the name of a chat of its own.
    CHECK(routes.go(echo, said("gone:1"), verdict::unroutable).empty());
    // Who is no agent has no such rights: to it this is just the name of a chat.
    CHECK(routes.go(stranger, said("tg:-100"), verdict::unroutable).empty());
}

TEST_CASE("router: a bridge gives no agent the right to speak in its chats") {
    fixture routes({over({"tg:1", "dc:2"}), to_agent({"dc:*"}, "echo")});
    CHECK(routes.go(echo, said("tg:1"), verdict::refused).empty());
    CHECK(routes.go(echo, said("dc:2"), verdict::answered) == strings{"1 2||hi"});
}

TEST_CASE("router: what an agent says in its own chats is an ordinary event and may be routed") {
    fixture routes({to_agent({"tg:*"}, "echo"), to_agent({"echo:lobby"}, "helper")});
    CHECK(routes.go(echo, said("lobby"), verdict::routed) == strings{"3 echo:lobby||hi"});
    CHECK(routes.go(echo, said("elsewhere"), verdict::unroutable).empty());
    CHECK(routes.go(helper, said("echo:lobby"), verdict::answered) == strings{"2 lobby||hi"});
}

TEST_CASE("router: every matching route counts, each destination once, and never the instance that spoke") {
    fixture routes({to_agent({"*"}, "echo"), to_agent({"tg:*", "tg:-100"}, "echo"), to_agent({"tg:-100"}, "helper")});
    CHECK(routes.go(tg, said("-100"), verdict::routed) == strings{"2 tg:-100||hi", "3 tg:-100||hi"});
    CHECK(routes.go(echo, said("lobby"), verdict::unroutable).empty());

    fixture wide({to_agent({"*"}, "echo"), to_agent({"tg:-*"}, "helper"), to_agent({"tg:*"}, "stranger")});
    CHECK(wide.go(tg, said("-100"), verdict::routed) == strings{"2 tg:-100||hi", "3 tg:-100||hi", "4 tg:-100||hi"});
}

TEST_CASE("router: copies are added to those of the messages before, which change nothing") {
    fixture routes({to_agent({"tg:*"}, "echo"), over({"tg:1", "dc:2"})});
    std::vector<copy> copies;
    CHECK(routes.under_test.route(tg, said("1"), copies) == verdict::routed);
    CHECK(copies.size() == 2);
    CHECK(routes.under_test.route(tg, said("1"), copies) == verdict::routed);
    CHECK(copies.size() == 4);
    CHECK(routes.under_test.route(dc, said("9"), copies) == verdict::unroutable);
    CHECK(routes.under_test.route(echo, said("tg:1"), copies) == verdict::answered);
    CHECK(copies.size() == 5);
}

TEST_CASE("router: one's own messages are routed nowhere") {
    fixture routes({to_agent({"*"}, "echo"), over({"tg:1", "dc:2"})});
    auto own = said("1");
    own.sender->flags = GW_SENDER_BOT;
    CHECK(routes.go(tg, own, verdict::routed).size() == 2);
    own.sender->flags = GW_SENDER_BOT | GW_SENDER_SELF;
    CHECK(routes.go(tg, own, verdict::own).empty());
    auto answer = said("tg:1");
    answer.sender->flags = GW_SENDER_SELF;
    CHECK(routes.go(echo, answer, verdict::own).empty());
}

TEST_CASE("router: a bridge says it in all its other addresses, with the name in front") {
    fixture routes({over({"tg:1", "dc:2/5", "dc:3"})});
    CHECK(routes.go(tg, said("1"), verdict::routed) == strings{"1 2|5|Ann: hi", "1 3||Ann: hi"});
    CHECK(routes.go(tg, said("1", "9"), verdict::routed) == strings{"1 2|5|Ann: hi", "1 3||Ann: hi"});
    CHECK(routes.go(dc, said("2", "5"), verdict::routed) == strings{"0 1||Ann: hi", "1 3||Ann: hi"});
    CHECK(routes.go(dc, said("2", "6"), verdict::unroutable).empty());
    CHECK(routes.go(dc, said("2"), verdict::unroutable).empty());
    CHECK(routes.go(dc, said("3", "x"), verdict::routed) == strings{"0 1||Ann: hi", "1 2|5|Ann: hi"});
}

TEST_CASE("router: threads of one chat can be bridged, and so can chats of one id on two platforms") {
    fixture routes({over({"tg:1/5", "tg:1/6", "dc:1/5"})});
    CHECK(routes.go(tg, said("1", "5"), verdict::routed) == strings{"0 1|6|Ann: hi", "1 1|5|Ann: hi"});
    CHECK(routes.go(tg, said("1", "6"), verdict::routed) == strings{"0 1|5|Ann: hi", "1 1|5|Ann: hi"});
    CHECK(routes.go(dc, said("1", "5"), verdict::routed) == strings{"0 1|5|Ann: hi", "0 1|6|Ann: hi"});
    CHECK(routes.go(tg, said("1"), verdict::unroutable).empty());
}

TEST_CASE("router: a bridged copy carries neither ids nor replies nor the other platform's extras") {
    fixture routes({over({"tg:1", "dc:2"})});
    auto origin = said("1");
    origin.reply_to = "41";
    origin.extra = "{}";
    std::vector<copy> copies;
    CHECK(routes.under_test.route(tg, origin, copies) == verdict::routed);
    REQUIRE(copies.size() == 1);
    CHECK(copies[0].message.time_ms == 1000);
    CHECK(copies[0].message.id.empty());
    CHECK(copies[0].message.reply_to.empty());
    CHECK(copies[0].message.extra.empty());
    CHECK_FALSE(copies[0].message.sender.has_value());
}

TEST_CASE("router: who has no name is called by id, who is unknown by nothing") {
    fixture routes({over({"tg:1", "dc:2"})});
    auto origin = said("1");
    origin.sender->name.clear();
    CHECK(routes.go(tg, origin, verdict::routed) == strings{"1 2||7: hi"});
    origin.sender->id.clear();
    CHECK(routes.go(tg, origin, verdict::routed) == strings{"1 2||hi"});
    origin.sender.reset();
    CHECK(routes.go(tg, origin, verdict::routed) == strings{"1 2||hi"});
}

TEST_CASE("router: a text that fills its bound is bridged without the name rather than cut") {
    fixture routes({over({"tg:1", "dc:2"})});
    const auto longest = said("1", "", std::string(GW_MAX_TEXT_BYTES, 'x'));
    CHECK(routes.go(tg, longest, verdict::routed) == strings{"1 2||" + longest.text});
    const auto fitting = said("1", "", std::string(GW_MAX_TEXT_BYTES - 5, 'x'));
    CHECK(routes.go(tg, fitting, verdict::routed) == strings{"1 2||Ann: " + fitting.text});
    const auto over_by_one = said("1", "", fitting.text + "x");
    CHECK(routes.go(tg, over_by_one, verdict::routed) == strings{"1 2||" + over_by_one.text});
    CHECK(routes.go(tg, said("1", "", ""), verdict::unroutable).empty());
}

TEST_CASE("router: two bridges with a common destination say it there once") {
    fixture routes({over({"tg:1", "dc:2"}), over({"tg:1", "dc:2", "dc:3"})});
    CHECK(routes.go(tg, said("1"), verdict::routed) == strings{"1 2||Ann: hi", "1 3||Ann: hi"});
}

TEST_CASE("router: an instance that left is no destination, and is one again when it is back") {
    fixture routes({to_agent({"tg:*"}, "echo"), over({"tg:1", "dc:2"})});
    routes.under_test.remove_instance(echo);
    routes.under_test.remove_instance(dc);
    CHECK(routes.go(tg, said("1"), verdict::unroutable).empty());
    routes.under_test.add_instance(9, "echo");
    CHECK(routes.go(tg, said("1"), verdict::routed) == strings{"9 tg:1||hi"});
    CHECK(routes.go(9, said("tg:1"), verdict::answered) == strings{"0 1||hi"});
}

TEST_CASE("router: an address too long to be a chat is not handed to an agent") {
    fixture routes({to_agent({"tg:*"}, "echo")});
    CHECK(routes.go(tg, said(std::string(252, 'x')), verdict::routed).size() == 1);
    CHECK(routes.go(tg, said(std::string(253, 'x')), verdict::unroutable).empty());
}

TEST_CASE("router: new routes replace the old ones at once, wrong ones leave them") {
    fixture routes({to_agent({"tg:*", "tg:1"}, "echo")});
    REQUIRE(routes.under_test.set_routes({to_agent({"dc:*"}, "helper")}).has_value());
    CHECK(routes.go(tg, said("1"), verdict::unroutable).empty());
    CHECK(routes.go(dc, said("1"), verdict::routed) == strings{"3 dc:1||hi"});
    CHECK(routes.go(echo, said("tg:1"), verdict::unroutable).empty());

    struct {
        route_config wrong;
        const char* why;
    } const table[] = {
        {to_agent({"tg"}, "echo"), "route 2 has a pattern that is none: \"tg\""},
        {to_agent({}, "echo"), "route 2 needs \"from\" and \"to\""},
        {to_agent({"tg:*"}, ""), "route 2 needs \"from\" and \"to\""},
        {over({"tg:1"}), "route 2 has a bridge of one address"},
        {over({"tg:1", "dc:*"}), "route 2 has a bridge over \"dc:*\""},
    };
    for (const auto& row : table) {
        const auto set = routes.under_test.set_routes({to_agent({"tg:*"}, "echo"), row.wrong});
        REQUIRE(set.has_error());
        CHECK_MESSAGE(set.error().starts_with(row.why), set.error());
    }
    for (auto both : {to_agent({"tg:*"}, "echo"), to_agent({"tg:*"}, ""), to_agent({}, "echo")}) {
        both.bridge = {"tg:1", "dc:1"};
        CHECK(routes.under_test.set_routes({both}).error() ==
              "route 1 has both \"bridge\" and \"from\" or \"to\"; it needs either");
    }
    CHECK(routes.go(dc, said("1"), verdict::routed) == strings{"3 dc:1||hi"});
}
