#include "route/directory.hpp"

#include <doctest/doctest.h>

#include <string>

using gateway::message::chat;
using gateway::route::directory;

TEST_CASE("directory: told and seen chats are listed by address") {
    directory chats(10);
    chats.add_instance(0, "tg");
    chats.add_instance(1, "dc");
    chats.seen(0, "a/b", 5);
    chats.told(0, chat{GW_CHAT_GROUP, "-100", "Friends"}, 3);
    chats.told(1, chat{GW_CHAT_PRIVATE, "7", "Ann"}, 4);
    const auto all = chats.list();
    REQUIRE(all.size() == 3);
    CHECK(all[0].address == "dc:7");
    CHECK(all[1].address == "tg:-100");
    CHECK(all[1].kind == GW_CHAT_GROUP);
    CHECK(all[1].title == "Friends");
    CHECK(all[2].address == "tg:a%2Fb");
    CHECK(all[2].kind == 0);
    CHECK(all[2].seen_ms == 5);
    CHECK(chats.list(1).size() == 1);
    CHECK(chats.list(9).empty());
}

TEST_CASE("directory: the latest telling counts, a message only moves the time on") {
    directory chats(10);
    chats.add_instance(0, "tg");
    chats.told(0, chat{GW_CHAT_GROUP, "1", "Old"}, 3);
    chats.told(0, chat{GW_CHAT_CHANNEL, "1", "New"}, 4);
    chats.seen(0, "1", 9);
    chats.seen(0, "1", 8);
    const auto all = chats.list();
    REQUIRE(all.size() == 1);
    CHECK(all[0].title == "New");
    CHECK(all[0].kind == GW_CHAT_CHANNEL);
    CHECK(all[0].seen_ms == 9);
}

TEST_CASE("directory: past its bound the longest unseen chats are forgotten, of that instance only") {
    directory chats(100);
    chats.add_instance(0, "tg");
    chats.add_instance(1, "dc");
    chats.seen(1, "old", 1);
    for (int i = 0; i < 100; ++i) {
        chats.seen(0, std::to_string(i), i);
    }
    CHECK(chats.list(0).size() == 100);
    chats.seen(0, "0", 1000);
    chats.seen(0, "new", 1001);
    const auto left = chats.list(0);
    CHECK(left.size() == 91);
    for (const auto& each : left) {
        CHECK(each.seen_ms > 10);
    }
    CHECK(chats.list(1).size() == 1);
}

TEST_CASE("directory: an instance takes its chats with it") {
    directory chats(10);
    chats.add_instance(0, "tg");
    chats.seen(0, "1", 1);
    chats.remove_instance(0);
    CHECK(chats.list().empty());
}
