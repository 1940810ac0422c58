#include "store_fixture.hpp"
#include "support/journal_file.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace gateway;
using namespace gateway::test;

namespace {

constexpr std::int64_t day_ms = 24 * 3600 * 1000LL;

store::prune_job prune_at(std::int64_t unix_ms) {
    store::prune_job made;
    made.unix_ms = unix_ms;
    return made;
}

std::string ids(const std::vector<store::waiting>& rows) {
    std::string all;
    for (const auto& row : rows) {
        all += std::to_string(row.id) + " ";
    }
    return all;
}

}  // namespace

TEST_CASE("store: events, deliveries and the cursor are there after a restart, down to the last field") {
    store_world world;
    const auto tg = world.db->instance("tg");
    const auto echo = world.db->instance("echo");
    auto made = to(echo, world.db->new_delivery_id(), "tg:1/7", std::string("a\0b", 3));
    auto& said_there = made.what.message;
    said_there.id = std::string("42");
    said_there.reply_to = std::string("41");
    said_there.thread = std::string("t");
    said_there.sender = message::sender{GW_SENDER_BOT, "7", "Ann"};
    said_there.time_ms = -5;
    said_there.extra = std::string("{}");
    const std::string binary("\0\xff\x80", 3);
    const auto done = world.run(commit_of(tg, {said("1", "hi", "u1")}, {made}, {{"offset", binary}}));
    CHECK(done.status == GW_OK);
    CHECK(done.duplicates == std::vector<bool>{false});

    world.reopen();
    CHECK(world.db->instance("tg") == tg);
    CHECK(world.db->instance("echo") == echo);
    const auto key = world.run(key_of(tg, "offset"));
    CHECK(key.status == GW_OK);
    CHECK(key.value == binary);
    const auto loaded = world.run(load_of(echo));
    REQUIRE(loaded.lanes.size() == 1);
    CHECK(loaded.lanes[0].chat == "tg:1/7");
    REQUIRE(loaded.lanes[0].deliveries.size() == 1);
    CHECK(loaded.lanes[0].deliveries[0].created_unix_ms == 1'700'000'000'000);
    CHECK(loaded.lanes[0].deliveries[0].attempt == 0);
    CHECK_FALSE(loaded.lanes[0].deliveries[0].handed);
    const auto marked = world.run(mark_of(echo, {{made.what.id, 1, true, false}}));
    REQUIRE(marked.status == GW_OK);
    REQUIRE(marked.contents.at(0) != nullptr);
    const auto& what = *marked.contents[0];
    CHECK(what.id == made.what.id);
    CHECK(what.attempt == 1);
    CHECK(what.flags == 0);
    CHECK(what.kind == GW_DELIVERY_MESSAGE);
    const auto& back = what.message;
    CHECK(back.chat == said_there.chat);
    CHECK(back.text == said_there.text);
    CHECK(back.id == said_there.id);
    CHECK(back.reply_to == said_there.reply_to);
    CHECK(back.thread == said_there.thread);
    CHECK(back.time_ms == said_there.time_ms);
    CHECK(back.extra == said_there.extra);
    REQUIRE(back.sender.has_value());
    CHECK(back.sender->flags == GW_SENDER_BOT);
    CHECK(back.sender->id == "7");
    CHECK(back.sender->name == "Ann");
}

TEST_CASE("store: an event known by its id is dropped with its deliveries, also after a restart, per instance") {
    store_world world;
    const auto tg = world.db->instance("tg");
    const auto dc = world.db->instance("dc");
    const auto echo = world.db->instance("echo");
    CHECK(world.run(commit_of(tg, {said("1", "a", "u1")}, {to(echo, 1, "c", "a")})).status == GW_OK);
    world.reopen();
    const auto again = world.run(commit_of(
        tg, {said("1", "a", "u1"), said("1", "b", "u2"), said("1", "c", "u2"), said("1", "d"), said("1", "d")},
        {to(echo, 2, "c", "a", 0), to(echo, 3, "c", "b", 1), to(echo, 4, "c", "b", 1), to(echo, 5, "c", "c", 2),
         to(echo, 6, "c", "d", 3), to(echo, 7, "c", "d", 4)}));
    CHECK(again.duplicates == std::vector<bool>{true, false, true, false, false});
    CHECK(world.run(commit_of(dc, {said("1", "a", "u1")}, {to(echo, 8, "c", "a")})).duplicates[0] == false);
    const auto loaded = world.run(load_of(echo));
    REQUIRE(loaded.lanes.size() == 1);
    CHECK(ids(loaded.lanes[0].deliveries) == "1 3 4 6 7 8 ");
}

TEST_CASE("store: key-value writes replace, delete, and stay within 1,000 keys an instance") {
    store_world world;
    const auto tg = world.db->instance("tg");
    const auto fill = [&](int from, int count) {
        std::vector<message::kv_write> writes;
        for (int i = 0; i < count; ++i) {
            writes.push_back({std::to_string(from + i), "x"});
        }
        return world.run(commit_of(tg, {said("1", "e", std::to_string(from))}, {}, std::move(writes)));
    };
    CHECK(fill(0, 999).status == GW_OK);
    CHECK(fill(999, 1).status == GW_OK);
    // One too many: nothing of the batch takes effect, the event neither.
    CHECK(fill(5000, 1).status == GW_ERR_LIMIT);
    CHECK(world.run(key_of(tg, "5000")).status == GW_ERR_NOT_FOUND);
    const auto retried = world.run(commit_of(tg, {said("1", "e", "5000")}));
    CHECK(retried.duplicates[0] == false);
    // Others still work, and so do replacing, deleting, and doing both in one batch.
    CHECK(world.run(commit_of(world.db->instance("dc"), {}, {}, {{"5000", "y"}})).status == GW_OK);
    CHECK(world.run(commit_of(tg, {}, {}, {{"7", "new"}})).status == GW_OK);
    CHECK(world.run(key_of(tg, "7")).value == "new");
    CHECK(world.run(commit_of(tg, {}, {}, {{"5000", "y"}, {"7", std::nullopt}})).status == GW_OK);
    CHECK(world.run(key_of(tg, "7")).status == GW_ERR_NOT_FOUND);
    CHECK(world.run(key_of(tg, "5000")).value == "y");
    world.reopen();
    CHECK(fill(6000, 1).status == GW_ERR_LIMIT);
    CHECK(world.run(commit_of(tg, {}, {}, {{"8", std::nullopt}, {"nothing", std::nullopt}})).status == GW_OK);
    CHECK(fill(6000, 1).status == GW_OK);
    CHECK(fill(6001, 1).status == GW_ERR_LIMIT);
}

TEST_CASE("store: one refused batch in a group takes no other with it") {
    store_world world;
    const auto tg = world.db->instance("tg");
    std::vector<message::kv_write> writes;
    for (int i = 0; i < 1001; ++i) {
        writes.push_back({std::to_string(i), "x"});
    }
    std::vector<gw_status> ends;
    const auto queue = [&](store::commit_job job) {
        world.db->run(std::make_unique<store::commit_job>(std::move(job)),
                      [&](store::commit_job& done) { ends.push_back(done.status); });
    };
    queue(commit_of(tg, {said("1", "a", "u1")}));
    queue(commit_of(tg, {said("1", "b", "u2")}, {}, std::move(writes)));
    queue(commit_of(tg, {said("1", "c", "u3")}, {}, {{"k", "v"}}));
    CHECK(ends.empty());  // never inside the call
    world.settle();
    CHECK(ends == std::vector<gw_status>{GW_OK, GW_ERR_LIMIT, GW_OK});
    CHECK(world.run(key_of(tg, "k")).value == "v");
    CHECK(world.run(key_of(tg, "0")).status == GW_ERR_NOT_FOUND);
}

TEST_CASE("store: reads see what was queued before them, and handlers come in the order of the calls") {
    store_world world;
    const auto tg = world.db->instance("tg");
    std::vector<std::string> seen;
    for (int i = 0; i < 2000; ++i) {
        world.db->run(std::make_unique<store::commit_job>(commit_of(tg, {}, {}, {{"k", std::to_string(i)}})),
                      [&](store::commit_job&) { seen.emplace_back("c"); });
        world.db->run(std::make_unique<store::kv_job>(key_of(tg, "k")),
                      [&](store::kv_job& read) { seen.push_back(read.value); });
    }
    world.settle();
    REQUIRE(seen.size() == 4000);
    for (std::size_t i = 0; i < seen.size(); i += 2) {
        REQUIRE(seen[i] == "c");
        REQUIRE(seen[i + 1] == std::to_string(i / 2));
    }
}

TEST_CASE("store: a delivery goes from waiting over marked to finished, and a mark can be taken back") {
    store_world world;
    const auto echo = world.db->instance("echo");
    CHECK(
        world.run(commit_of(echo, {said("1", "x")}, {to(echo, 1, "c", "x", 0, true), to(echo, 2, "c", "y")})).status ==
        GW_OK);
    const auto state = [&] { return world.run(load_of(echo)).lanes.at(0).deliveries; };
    const auto mark = [&](store::progress how) { return world.run(mark_of(echo, {how})); };
    CHECK(state().at(0).handed);
    CHECK(state().at(0).attempt == 1);
    CHECK_FALSE(state().at(1).handed);
    CHECK(mark({1, 1, false, false}).contents.at(0) == nullptr);
    CHECK_FALSE(state().at(0).handed);
    CHECK(state().at(0).attempt == 1);
    CHECK(mark({1, 0, false, false}).status == GW_OK);
    CHECK(state().at(0).attempt == 0);
    CHECK_FALSE(state().at(0).repeated);
    const auto marked = mark({1, 2, true, true});
    REQUIRE(marked.contents.at(0) != nullptr);
    CHECK(marked.contents[0]->flags == GW_DELIVERY_REPEATED);
    CHECK(marked.contents[0]->attempt == 2);
    CHECK_FALSE(marked.contents[0]->message.sender.has_value());
    CHECK(state().at(0).handed);
    CHECK(state().at(0).repeated);
    CHECK(mark({1, 1, false, true}).status == GW_OK);
    CHECK(state().at(0).repeated);
    CHECK_FALSE(state().at(0).handed);
    CHECK(world.run(record_of(echo, "c", 1, GW_OUTCOME_SENT)).status == GW_OK);
    CHECK(world.run(record_of(echo, "c", 1, GW_OUTCOME_SENT)).status == GW_ERR_NOT_FOUND);
    CHECK(mark({1, 3, true, false}).contents.at(0) == nullptr);
    CHECK(ids(state()) == "2 ");
}

TEST_CASE("store: how a delivery ended is kept without its content, once, whoever says it again") {
    store_world world;
    const auto echo = world.db->instance("echo");
    CHECK(world.run(commit_of(echo, {said("1", "x")}, {to(echo, 1, "c", "secret"), to(echo, 2, "d", "y")})).status ==
          GW_OK);
    auto end = record_of(echo, "c", 1, GW_OUTCOME_FAILED, 5);
    end.message_id = std::string("m");
    end.code = std::string("blocked");
    CHECK(world.run(store::record_job(end)).status == GW_OK);
    end.outcome = GW_OUTCOME_SENT;
    CHECK(world.run(std::move(end)).status == GW_ERR_NOT_FOUND);
    world.db.reset();
    const journal_file file(world.file());
    CHECK(file.texts("SELECT id || ' ' || chat || ' ' || outcome || ' ' || message || ' ' || code || ' ' || "
                     "finished_ms FROM finished WHERE instance = (SELECT id FROM instances WHERE name = 'echo')") ==
          std::vector<std::string>{"1 c " + std::to_string(GW_OUTCOME_FAILED) + " m blocked 5"});
    CHECK(file.texts("SELECT text FROM outbox") == std::vector<std::string>{"y"});
}

TEST_CASE("store: a run is marked at once, each with its content, and what the journal does not hold has none") {
    store_world world;
    const auto echo = world.db->instance("echo");
    const auto other = world.db->instance("other");
    CHECK(world
              .run(commit_of(echo, {said("1", "x")},
                             {to(echo, 1, "a", "x"), to(echo, 2, "b", "y"), to(other, 3, "a", "z")}))
              .status == GW_OK);
    const auto marked = world.run(mark_of(
        echo,
        {{1, 1, true, false}, {3, 1, true, false}, {2, 5, true, true}, {1, 0, false, false}, {9, 0, true, false}}));
    CHECK(marked.status == GW_OK);
    REQUIRE(marked.contents.size() == 5);
    REQUIRE(marked.contents[0] != nullptr);
    CHECK(marked.contents[0]->message.text == "x");
    CHECK(marked.contents[1] == nullptr);  // another instance's
    REQUIRE(marked.contents[2] != nullptr);
    CHECK(marked.contents[2]->message.chat == "b");
    CHECK(marked.contents[2]->attempt == 5);
    CHECK(marked.contents[3] == nullptr);
    CHECK(marked.contents[4] == nullptr);
    const auto loaded = world.run(load_of(echo));
    REQUIRE(loaded.lanes.size() == 2);
    CHECK_FALSE(loaded.lanes[0].deliveries.at(0).handed);  // the last word counts
    CHECK(loaded.lanes[1].deliveries.at(0).handed);
    CHECK_FALSE(world.run(load_of(other)).lanes.at(0).deliveries.at(0).handed);
}

TEST_CASE("store: what waits is told with the bytes of its content, not its characters") {
    store_world world;
    const auto echo = world.db->instance("echo");
    auto made = to(echo, 1, "c", "\xC3\xA4\xC3\xB6");
    made.what.message.extra = std::string("{\"a\":1}");
    CHECK(world.run(commit_of(echo, {said("1", "x")}, {std::move(made)})).status == GW_OK);
    CHECK(world.run(load_of(echo)).lanes.at(0).deliveries.at(0).bytes == 11);
}

TEST_CASE("store: all that waits for an instance is loaded by lane, in order") {
    store_world world;
    const auto echo = world.db->instance("echo");
    const auto other = world.db->instance("other");
    std::vector<store::outgoing> deliveries;
    for (std::uint64_t i = 1; i <= 10; ++i) {
        deliveries.push_back(to(echo, i, i % 2 == 0 ? "even" : "odd", "x"));
    }
    deliveries.push_back(to(other, 11, "odd", "x"));
    CHECK(world.run(commit_of(echo, {said("1", "x")}, std::move(deliveries))).status == GW_OK);
    const auto loaded = world.run(load_of(echo));
    REQUIRE(loaded.lanes.size() == 2);
    CHECK(loaded.lanes[0].chat == "odd");
    CHECK(ids(loaded.lanes[0].deliveries) == "1 3 5 7 9 ");
    CHECK(loaded.lanes[1].chat == "even");
    CHECK(ids(loaded.lanes[1].deliveries) == "2 4 6 8 10 ");
}

TEST_CASE("store: delivery ids are never given again, also when nothing is left of the deliveries") {
    store_world world;
    const auto echo = world.db->instance("echo");
    std::uint64_t last = 0;
    for (int life = 0; life < 5; ++life) {
        for (int i = 0; i < 3; ++i) {
            const auto id = world.db->new_delivery_id();
            CHECK(id > last);
            last = id;
            CHECK(world.run(commit_of(echo, {said("1", "x")}, {to(echo, id, "c", "x")})).status == GW_OK);
            CHECK(world.run(record_of(echo, "c", id, GW_OUTCOME_SENT)).status == GW_OK);
        }
        while (world.run(prune_at(1'700'000'000'000 + 30 * day_ms)).more) {
        }
        world.reopen();
    }
}

TEST_CASE("store: the chat directory keeps the latest telling, and forgets the longest unseen past its bound") {
    store_world world;
    const auto tg = world.db->instance("tg");
    message::event chat;
    chat.kind = GW_EVENT_CHAT;
    chat.chat = {GW_CHAT_GROUP, "1", "Old"};
    CHECK(world.run(commit_of(tg, {chat})).status == GW_OK);
    chat.chat = {GW_CHAT_CHANNEL, "1", "New"};
    auto later = commit_of(tg, {chat});
    later.unix_ms += 5;
    CHECK(world.run(std::move(later)).status == GW_OK);
    auto loaded = world.run(load_of(tg));
    REQUIRE(loaded.chats.size() == 1);
    CHECK(loaded.chats[0].title == "New");
    CHECK(loaded.chats[0].kind == GW_CHAT_CHANNEL);
    CHECK(loaded.chats_seen_ms[0] == 1'700'000'000'005);
    for (int i = 0; i < 12; ++i) {
        auto many = commit_of(tg, std::vector<message::event>(1000, chat));
        for (int k = 0; k < 1000; ++k) {
            many.events[static_cast<std::size_t>(k)].chat.id = std::to_string(i) + "/" + std::to_string(k);
        }
        many.unix_ms += 1000 + i;
        CHECK(world.run(std::move(many)).status == GW_OK);
    }
    while (world.run(prune_at(1'700'000'000'000)).more) {
    }
    loaded = world.run(load_of(tg));
    CHECK(loaded.chats.size() == store::max_directory_chats);
    CHECK(loaded.chats_seen_ms.back() >= 1'700'000'001'002);
}

TEST_CASE("store: an event about a chat is remembered by its id only when it has one") {
    store_world world;
    const auto tg = world.db->instance("tg");
    message::event chat;
    chat.kind = GW_EVENT_CHAT;
    chat.chat = {GW_CHAT_GROUP, "1", "A"};
    CHECK_FALSE(world.run(commit_of(tg, {chat, chat})).duplicates[1]);
    chat.dedupe_id = std::string("x");
    chat.chat.title = std::string("B");
    CHECK_FALSE(world.run(commit_of(tg, {chat})).duplicates[0]);
    chat.chat.title = std::string("C");
    CHECK(world.run(commit_of(tg, {chat})).duplicates[0]);
    CHECK(world.run(load_of(tg)).chats[0].title == "B");
}

TEST_CASE("store: ids are remembered for the retention time, then forgotten in small steps") {
    store_world world;
    const auto tg = world.db->instance("tg");
    auto old = commit_of(tg, {});
    for (int i = 0; i < 1200; ++i) {
        old.events.push_back(said("1", "x", std::to_string(i)));
    }
    const auto start = old.unix_ms;
    CHECK(world.run(std::move(old)).status == GW_OK);
    auto young = commit_of(tg, {said("1", "y", "young")});
    young.unix_ms += day_ms;
    CHECK(world.run(std::move(young)).status == GW_OK);

    CHECK_FALSE(world.run(prune_at(start + 7 * day_ms)).more);
    CHECK(world.run(commit_of(tg, {said("1", "x", "0")})).duplicates[0]);
    int steps = 0;
    while (world.run(prune_at(start + 7 * day_ms + 1)).more) {
        ++steps;
    }
    CHECK(steps == 2);
    CHECK_FALSE(world.run(commit_of(tg, {said("1", "x", "0")})).duplicates[0]);
    CHECK(world.run(commit_of(tg, {said("1", "y", "young")})).duplicates[0]);
}

TEST_CASE("store: deliveries to an instance that nobody asks for any more are dropped when they are old") {
    store_world world;
    const auto gone = world.db->instance("gone");
    const auto here = world.db->instance("here");
    CHECK(world.run(commit_of(here, {said("1", "x")}, {to(gone, 1, "c", "x"), to(here, 2, "c", "x")})).status == GW_OK);
    world.reopen();
    CHECK(world.run(load_of(here)).lanes.size() == 1);
    CHECK(world.run(prune_at(1'700'000'000'000 + 6 * day_ms)).dropped == 0);
    CHECK(world.run(prune_at(1'700'000'000'000 + 8 * day_ms)).dropped == 1);
    CHECK(world.run(load_of(here)).lanes.size() == 1);
    CHECK(world.run(load_of(gone)).lanes.empty());
}

TEST_CASE("store: closing commits what is queued and calls no handler") {
    store_world world;
    const auto tg = world.db->instance("tg");
    for (int i = 0; i < 1000; ++i) {
        world.db->run(std::make_unique<store::commit_job>(commit_of(tg, {}, {}, {{"k", std::to_string(i)}})),
                      [](store::commit_job&) { FAIL("called"); });
    }
    world.db->close();
    world.settle();
    world.reopen();
    CHECK(world.run(key_of(tg, "k")).value == "999");
}
