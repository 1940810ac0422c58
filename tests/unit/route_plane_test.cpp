// The message plane: batches on their way in, and what belongs to instances.
#include "route_plane_fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <stdexcept>

using namespace gateway;
using namespace gateway::test;
using namespace std::chrono_literals;
using fixture = plane_fixture;

TEST_CASE("plane: an event is committed, then handed to the agent, and its receipt ends it") {
    fixture f;
    f.world.all_online();
    CHECK(f.world.submit(tg, batch_of({said("-100", "hi")})) == GW_OK);
    CHECK(f.world.commits.empty());
    f.world.run();
    CHECK(f.world.commits == std::vector<gw_status>{GW_OK});
    const auto all = f.world.take();
    REQUIRE(all.size() == 1);
    CHECK(all[0].slot == echo);
    CHECK(all[0].what.message.chat == "tg:-100");
    CHECK(all[0].what.message.text == "hi");
    CHECK(all[0].what.attempt == 1);
    CHECK(all[0].what.flags == 0);
    CHECK(f.world.plane.pending(echo) == 1);
    CHECK(f.world.receipt(echo, all[0].what.id) == GW_OK);
    CHECK(f.world.plane.pending(echo) == 0);
    CHECK(f.journal.waiting() == 0);
    REQUIRE(f.journal.finished.size() == 1);
    CHECK(f.journal.finished[0].outcome == GW_OUTCOME_SENT);
    f.world.check_balance();
}

TEST_CASE("plane: on the way to an idle agent a message costs one commit before and one after") {
    fixture f;
    f.world.all_online();
    CHECK(f.world.submit(tg, batch_of({said("-100", "hi")})) == GW_OK);
    f.world.run();
    const auto& row = f.journal.outbox.begin()->second.begin()->second;
    CHECK(row.handed);
    CHECK(row.attempt == 1);
}

TEST_CASE("plane: an agent's answer reaches the chat it answers") {
    fixture f;
    f.world.on_deliver = [&](std::uint32_t slot, const message::delivery& what) {
        if (slot == echo) {
            auto answer = said(what.message.chat, "you said " + what.message.text);
            answer.message.reply_to = what.message.id;
            CHECK(f.world.submit(echo, batch_of({std::move(answer)})) == GW_OK);
        }
        CHECK(f.world.plane.receipt(slot, receipt_for(what.id, GW_OUTCOME_SENT)) == GW_OK);  // from within the call
    };
    f.world.all_online();
    auto question = said("-100", "hi");
    question.message.id = std::string("42");
    question.message.thread = std::string("7");
    CHECK(f.world.submit(tg, batch_of({std::move(question)})) == GW_OK);
    f.world.run();
    const auto all = f.world.take();
    REQUIRE(all.size() == 2);
    CHECK(all[1].slot == tg);
    CHECK(all[1].what.message.chat == "-100");
    CHECK(all[1].what.message.thread == "7");
    CHECK(all[1].what.message.reply_to == "42");
    CHECK(all[1].what.message.text == "you said hi");
    const auto count = f.world.plane.count();
    CHECK(count.in == 2);
    CHECK(count.routed == 2);
    CHECK(count.sent == 2);
    CHECK(count.pending == 0);
    f.world.check_balance();
}

TEST_CASE("plane: an event that was there before is dropped, with what would have come of it") {
    fixture f;
    f.world.all_online();
    CHECK(f.world.submit(tg, batch_of({said("1", "a", "u1"), said("1", "b", "u2")})) == GW_OK);
    CHECK(f.world.submit(tg, batch_of({said("1", "b", "u2"), said("1", "c", "u3"), said("1", "d")})) == GW_OK);
    CHECK(f.world.submit(dc, batch_of({said("1", "e", "u1")})) == GW_OK);
    f.world.on_deliver = [&](std::uint32_t slot, const message::delivery& what) {
        CHECK(f.world.plane.receipt(slot, receipt_for(what.id, GW_OUTCOME_SENT)) == GW_OK);
    };
    f.world.run();
    std::string texts;
    for (const auto& each : f.world.take()) {
        texts += each.what.message.text;
    }
    std::ranges::sort(texts);
    CHECK(texts == "abcde");
    CHECK(f.world.plane.count().duplicates == 1);
    f.world.check_balance();
}

TEST_CASE("plane: what is routed nowhere is counted by its reason") {
    fixture f;
    f.world.all_online();
    auto own = said("1", "mine");
    own.message.sender = message::sender{GW_SENDER_SELF, {}, {}};
    message::event chat;
    chat.kind = GW_EVENT_CHAT;
    chat.chat = {GW_CHAT_GROUP, "1", "Friends"};
    message::event unknown;
    unknown.kind = 99;
    CHECK(f.world.submit(tg, batch_of({own, chat, unknown})) == GW_OK);
    CHECK(f.world.submit(echo, batch_of({said("lobby", "x"), said("nowhere:1", "x"), said("dc:1", "x")})) == GW_OK);
    CHECK(f.world.plane.set_routes({}).has_value());
    f.world.run();
    CHECK(f.world.submit(echo, batch_of({said("tg:1", "x")})) == GW_OK);
    f.world.run();
    const auto count = f.world.plane.count();
    CHECK(count.in == 7);
    CHECK(count.own == 1);
    CHECK(count.directory == 2);
    CHECK(count.unroutable == 3);
    CHECK(count.routed == 1);
    f.world.check_balance();
}

TEST_CASE("plane: at most 16 batches of an instance are uncommitted, then it is busy until one is") {
    fixture f;
    f.journal.hold();
    for (unsigned i = 0; i < route::max_uncommitted_batches; ++i) {
        CHECK(f.world.submit(tg, batch_of({said("1", "x")})) == GW_OK);
    }
    CHECK(f.world.submit(tg, batch_of({said("1", "y")})) == GW_ERR_BUSY);
    CHECK(f.world.submit(dc, batch_of({said("1", "z")})) == GW_OK);
    CHECK(f.world.plane.count().uncommitted == 17);
    f.world.check_balance();
    f.journal.release();
    f.world.run();
    CHECK(f.world.commits.size() == 17);
    CHECK(f.world.submit(tg, batch_of({said("1", "y")})) == GW_OK);
    f.world.run();
    f.world.check_balance();
}

TEST_CASE("plane: uncommitted batches of all instances together have a bound in bytes") {
    fixture f;
    f.journal.hold();
    const std::string large(GW_MAX_TEXT_BYTES, 'x');
    const auto batch = batch_of(std::vector<message::event>(500, said("1", large)));  // 31 MiB
    CHECK(f.world.submit(tg, message::batch(batch)) == GW_OK);
    CHECK(f.world.submit(tg, message::batch(batch)) == GW_OK);
    CHECK(f.world.submit(dc, message::batch(batch)) == GW_ERR_BUSY);
    CHECK(f.world.submit(dc, batch_of({said("1", "small")})) == GW_OK);
    f.journal.release();
    f.world.run();
    CHECK(f.world.submit(dc, message::batch(batch)) == GW_OK);
}

TEST_CASE("plane: a full destination makes its sources wait, and no others") {
    fixture f({.lanes = {.max_pending = 3}});
    f.world.plane.online(dc);
    CHECK(f.world.submit(tg, batch_of({said("1", "a"), said("1", "b"), said("1", "c"), said("1", "d")})) == GW_OK);
    f.world.run();
    CHECK(f.world.submit(tg, batch_of({said("2", "e")})) == GW_ERR_BUSY);
    CHECK(f.world.submit(dc, batch_of({said("2", "e")})) == GW_ERR_BUSY);
    CHECK(f.world.submit(echo, batch_of({said("dc:2", "f")})) == GW_OK);
    CHECK(f.world.submit(tg, batch_of({}, {{"cursor", "1"}})) == GW_OK);
    f.world.run();
    CHECK(f.world.take().size() == 1);
    f.world.check_balance();
    f.world.on_deliver = [&](std::uint32_t slot, const message::delivery& what) {
        CHECK(f.world.plane.receipt(slot, receipt_for(what.id, GW_OUTCOME_SENT)) == GW_OK);
    };
    f.world.plane.online(echo);
    f.world.run();
    CHECK(f.world.take().size() == 4);
    CHECK(f.world.submit(tg, batch_of({said("2", "e")})) == GW_OK);
    f.world.run();
    f.world.check_balance();
}

TEST_CASE("plane: a batch out of bounds is refused as a whole, with a sentence") {
    fixture f;
    std::string fault;
    const auto refuse = [&](message::batch&& what) {
        fault.clear();
        return f.world.plane.submit(tg, std::move(what), [](gw_status) { FAIL("called"); }, &fault);
    };
    CHECK(refuse(batch_of({said("1", "fine"), said("", "x")})) == GW_ERR_INVALID);
    CHECK(fault == "event 1: the chat must not be empty");
    CHECK(refuse(batch_of({said("1", "\xff")})) == GW_ERR_UTF8);
    CHECK(refuse(batch_of(std::vector<message::event>(1001, said("1", "x")))) == GW_ERR_LIMIT);
    CHECK(f.world.plane.submit(77, batch_of({}), {}) == GW_ERR_STALE);
    f.world.run();
    CHECK(f.world.plane.count().in == 0);
}

TEST_CASE("plane: with a broken disk the instance is told, nothing is delivered, and all works again when it does") {
    fixture f;
    f.world.all_online();
    f.journal.broken = true;
    CHECK(f.world.submit(tg, batch_of({said("1", "a", "u1")})) == GW_OK);
    f.world.run();
    CHECK(f.world.commits == std::vector<gw_status>{GW_ERR_IO});
    CHECK(f.world.take().empty());
    CHECK(f.world.plane.count().failed_commits == 1);
    f.world.check_balance();
    f.journal.broken = false;
    CHECK(f.world.submit(tg, batch_of({said("1", "a", "u1")})) == GW_OK);
    f.world.run();
    CHECK(f.world.take().size() == 1);
    f.world.check_balance();
}

TEST_CASE("plane: a call into a module that never returns takes nothing else with it") {
    fixture f;
    f.world.all_online();
    f.world.on_deliver = [&](std::uint32_t, const message::delivery& what) {
        if (what.message.text == "hang") {
            throw std::runtime_error("as if this thread was lost here");
        }
    };
    CHECK(f.world.submit(tg, batch_of({said("1", "a"), said("2", "hang"), said("3", "b")})) == GW_OK);
    CHECK(f.world.plane.submit(dc, batch_of({said("4", "c")}), [](gw_status) {
        throw std::runtime_error("as if this thread was lost here");
    }) == GW_OK);
    CHECK(f.world.submit(dc, batch_of({said("5", "d")})) == GW_OK);
    for (int lost = 0; lost < 2; ++lost) {
        CHECK_THROWS(f.world.run());
    }
    f.world.run();
    std::string texts;
    for (const auto& each : f.world.take()) {
        texts += each.what.message.text;
    }
    CHECK(texts == "ahangbcd");
    CHECK(f.world.commits.size() == 2);
    f.world.check_balance();
}

TEST_CASE("plane: key-value reads see every write accepted before, and batches with too many keys change nothing") {
    fixture f;
    std::vector<std::string> seen;
    const auto read = [&](std::uint32_t slot, const char* key) {
        f.world.plane.kv_get(slot, key, [&](gw_status status, std::string value) {
            seen.push_back(status == GW_OK ? value : std::to_string(status));
        });
    };
    CHECK(f.world.submit(tg, batch_of({}, {{"offset", "5"}})) == GW_OK);
    read(tg, "offset");
    read(dc, "offset");
    CHECK(f.world.submit(tg, batch_of({}, {{"offset", std::nullopt}})) == GW_OK);
    read(tg, "offset");
    CHECK(seen.empty());
    f.world.run();
    CHECK(seen == std::vector<std::string>{"5", std::to_string(GW_ERR_NOT_FOUND), std::to_string(GW_ERR_NOT_FOUND)});
    for (int i = 0; i < 20; ++i) {
        message::batch many;
        for (int k = 0; k < 64; ++k) {
            many.writes.push_back({std::to_string(i * 64 + k), "x"});
        }
        CHECK(f.world.submit(tg, std::move(many)) == GW_OK);
        f.world.run();
    }
    CHECK(std::ranges::count(f.world.commits, GW_ERR_LIMIT) == 5);
}

TEST_CASE("plane: the directory knows told and seen chats, but not those that agents answer in") {
    fixture f;
    f.world.all_online();
    message::event chat;
    chat.kind = GW_EVENT_CHAT;
    chat.chat = {GW_CHAT_GROUP, "1", "Friends"};
    CHECK(f.world.submit(tg, batch_of({chat, said("1", "a"), said("2", "b")})) == GW_OK);
    CHECK(f.world.submit(echo, batch_of({said("tg:1", "c"), said("lobby", "d")})) == GW_OK);
    f.world.run();
    const auto all = f.world.plane.chats();
    REQUIRE(all.size() == 3);
    CHECK(all[0].address == "echo:lobby");
    CHECK(all[1].address == "tg:1");
    CHECK(all[1].title == "Friends");
    CHECK(all[2].address == "tg:2");
    CHECK(all[2].seen_ms == f.time.unix_ms());
    CHECK(f.world.plane.chats(tg).size() == 2);
}

TEST_CASE("plane: a removed instance's handlers are not called, and its slot's next owner gets nothing of it") {
    fixture f;
    f.world.all_online();
    CHECK(f.world.submit(tg, batch_of({said("1", "before")})) == GW_OK);
    f.world.run();
    f.journal.hold();
    CHECK(f.world.submit(tg, batch_of({said("2", "during")})) == GW_OK);
    f.world.plane.kv_get(tg, "k", [](gw_status, std::string) { FAIL("called"); });
    CHECK(f.world.submit(dc, batch_of({said("3", "other")})) == GW_OK);
    f.world.commits.clear();
    f.world.take();
    f.world.plane.remove_instance(echo);
    f.world.plane.remove_instance(tg);
    f.world.plane.add_instance(echo, "successor");
    f.world.plane.add_instance(tg, "tg2");
    f.world.plane.online(echo);
    f.journal.release();
    f.world.run();
    CHECK(f.world.commits.size() == 1);
    CHECK(f.world.take().empty());
    CHECK(f.world.plane.count().left == 3);
    CHECK(f.journal.waiting() == 3);
    f.world.check_balance();
    // Configured again, in another slot: what waits is found.
    f.world.plane.add_instance(7, "echo");
    f.world.plane.online(7);
    f.world.run();
    const auto all = f.world.take();
    CHECK(all.size() == 3);
    for (const auto& each : all) {
        CHECK(each.slot == 7);
    }
    CHECK(f.world.plane.count().found == 3);
    f.world.check_balance();
}

TEST_CASE("plane: new routes hold for the next event") {
    fixture f;
    f.world.all_online();
    route::route_config bridge;
    bridge.bridge = {"tg:1", "dc:2"};
    CHECK(f.world.plane.set_routes({bridge}).has_value());
    CHECK(f.world.submit(tg, batch_of({said("1", "a")})) == GW_OK);
    f.world.run();
    const auto all = f.world.take();
    REQUIRE(all.size() == 1);
    CHECK(all[0].slot == dc);
    CHECK(all[0].what.message.chat == "2");
}

TEST_CASE("plane: what waits for an instance is loaded again after the disk failed at that") {
    boost::asio::io_context loop;
    manual_time time;
    memory_journal journal(loop);
    journal.broken = true;
    plane_world world(loop, time, journal);
    journal.broken = false;
    world.all_online();
    CHECK(world.submit(tg, batch_of({said("1", "a")})) == GW_OK);
    world.run();
    CHECK(world.take().empty());
    world.pass(1s);
    CHECK(world.take().size() == 1);
    world.check_balance();
}

TEST_CASE("plane: with nothing to do it wakes up once an hour, to forget what is old") {
    fixture f;
    f.world.all_online();
    CHECK(f.time.next() == f.time.now() + 1min);
    f.world.pass(1min);
    CHECK(f.journal.prunes == 1);
    CHECK(f.time.next() == f.time.now() + 60min);
    f.world.pass(60min);
    CHECK(f.journal.prunes == 2);
}
