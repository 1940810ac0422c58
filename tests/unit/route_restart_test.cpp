// The message plane over the real database, whose host goes away and comes back.
#include "route_world.hpp"
#include "store/database.hpp"
#include "support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>

using namespace gateway;
using namespace gateway::test;
using namespace std::chrono_literals;

namespace {

// One life of the host; the file outlives it.
struct host {
    boost::asio::io_context loop;
    std::unique_ptr<store::database> journal;
    std::unique_ptr<plane_world> world;

    host(const std::filesystem::path& directory, manual_time& time) {
        store::settings options;
        options.file = directory / "gateway.db";
        auto opened = store::database::open(loop, options);
        REQUIRE_MESSAGE(opened.has_value(), opened.error());
        journal = std::move(*opened);
        world = std::make_unique<plane_world>(loop, time, *journal);
    }
    ~host() { journal->close(); }
    host(const host&) = delete;
    host& operator=(const host&) = delete;
};

}  // namespace

TEST_CASE("plane: deliveries outlive the host, those handed over are repeated and say so, order holds") {
    temporary_directory directory;
    manual_time time;
    {
        host first(directory.path(), time);
        first.world->all_online();
        CHECK(first.world->submit(tg, batch_of({said("1", "a"), said("1", "b"), said("2", "c"), said("3", "d")})) ==
              GW_OK);
        first.world->run();
        const auto all = first.world->take();
        REQUIRE(all.size() == 3);
        for (const auto& each : all) {
            if (each.what.message.text == "d") {
                CHECK(first.world->receipt(echo, each.what.id) == GW_OK);
            }
        }
    }
    host second(directory.path(), time);
    CHECK(second.world->plane.count().found == 3);
    CHECK(second.world->take().empty());
    second.world->on_deliver = [&](std::uint32_t slot, const message::delivery& what) {
        CHECK(second.world->plane.receipt(slot, receipt_for(what.id, GW_OUTCOME_SENT)) == GW_OK);
    };
    second.world->all_online();
    std::string in_chat_1;
    for (const auto& each : second.world->take()) {
        const auto& text = each.what.message.text;
        CHECK(each.what.flags == (text == "b" ? 0U : GW_DELIVERY_REPEATED));
        CHECK(each.what.attempt == (text == "b" ? 1U : 2U));
        in_chat_1 += each.what.message.chat == "tg:1" ? text : "";
    }
    CHECK(in_chat_1 == "ab");
    CHECK(second.world->plane.count().sent == 3);
    CHECK(second.world->plane.count().pending == 0);
    second.world->check_balance();
}

TEST_CASE("plane: stopped in the middle of a backlog, the host repeats what was in flight and nothing else") {
    temporary_directory directory;
    manual_time time;
    std::uint64_t in_flight = 0;
    {
        host first(directory.path(), time);
        message::batch many;
        for (int i = 0; i < 300; ++i) {
            many.events.push_back(said(std::to_string(i % 3), std::to_string(i)));
        }
        CHECK(first.world->submit(tg, std::move(many)) == GW_OK);
        first.world->run();
        int handed = 0;
        first.world->on_deliver = [&](std::uint32_t slot, const message::delivery& what) {
            if (++handed < 100) {
                CHECK(first.world->plane.receipt(slot, receipt_for(what.id, GW_OUTCOME_SENT)) == GW_OK);
            } else if (handed == 100) {
                in_flight = what.id;
                first.world->plane.closing(slot);  // some of every chat are marked ahead by now
            }
        };
        first.world->all_online();
        first.world->plane.offline(echo);
    }
    host second(directory.path(), time);
    second.world->on_deliver = [&](std::uint32_t slot, const message::delivery& what) {
        CHECK(what.flags == (what.id == in_flight ? GW_DELIVERY_REPEATED : 0U));
        CHECK(what.attempt == (what.id == in_flight ? 2U : 1U));
        CHECK(second.world->plane.receipt(slot, receipt_for(what.id, GW_OUTCOME_SENT)) == GW_OK);
    };
    second.world->all_online();
    CHECK(second.world->plane.count().sent == 201);
    CHECK(second.world->plane.count().repeated == 1);
    second.world->check_balance();
}

TEST_CASE("plane: a host that dies in the middle of a backlog repeats a run of a chat at most, said to be") {
    temporary_directory directory;
    manual_time time;
    {
        host first(directory.path(), time);
        message::batch many;
        for (int i = 0; i < 300; ++i) {
            many.events.push_back(said("1", std::to_string(i)));
        }
        CHECK(first.world->submit(tg, std::move(many)) == GW_OK);
        first.world->run();
        int handed = 0;
        first.world->on_deliver = [&](std::uint32_t slot, const message::delivery& what) {
            if (++handed <= 100) {
                CHECK(first.world->plane.receipt(slot, receipt_for(what.id, GW_OUTCOME_SENT)) == GW_OK);
            }
        };
        first.world->all_online();
    }
    host second(directory.path(), time);
    int next = 100;
    second.world->on_deliver = [&](std::uint32_t slot, const message::delivery& what) {
        CHECK(what.message.text == std::to_string(next++));
        CHECK(second.world->plane.receipt(slot, receipt_for(what.id, GW_OUTCOME_SENT)) == GW_OK);
    };
    second.world->all_online();
    CHECK(next == 300);
    CHECK(second.world->plane.count().repeated > 1);
    CHECK(second.world->plane.count().repeated <= route::lane_settings{}.max_run);
}

TEST_CASE("plane: an event that a platform repeats after a restart is not delivered a second time") {
    temporary_directory directory;
    manual_time time;
    for (int life = 0; life < 3; ++life) {
        host one(directory.path(), time);
        one.world->all_online();
        CHECK(one.world->submit(tg, batch_of({said("1", "a", "u1")}, {{"offset", "1"}})) == GW_OK);
        one.world->run();
        const auto all = one.world->take();
        CHECK(all.size() == (life == 0 ? 1 : 0));
        for (const auto& each : all) {
            CHECK(one.world->receipt(echo, each.what.id) == GW_OK);
        }
        CHECK(one.world->plane.count().duplicates == (life == 0 ? 0 : 1));
        one.world->check_balance();
    }
}

TEST_CASE("plane: deliveries that wait for an instance that stays away are too late after a day, also over a restart") {
    temporary_directory directory;
    manual_time time;
    {
        host first(directory.path(), time);
        CHECK(first.world->submit(tg, batch_of({said("1", "a")})) == GW_OK);
        first.world->pass(23h);
    }
    host second(directory.path(), time);
    CHECK(second.world->submit(tg, batch_of({said("1", "b")})) == GW_OK);
    second.world->pass(1h + 1min);
    second.world->all_online();
    const auto all = second.world->take();
    REQUIRE(all.size() == 1);
    CHECK(all[0].what.message.text == "b");
    CHECK(second.world->plane.count().failed == 1);
    second.world->check_balance();
}

TEST_CASE("plane: the directory and an instance's keys are there after a restart") {
    temporary_directory directory;
    manual_time time;
    {
        host first(directory.path(), time);
        message::event chat;
        chat.kind = GW_EVENT_CHAT;
        chat.chat = {GW_CHAT_GROUP, "1", "Friends"};
        CHECK(first.world->submit(tg, batch_of({chat}, {{"offset", "7"}})) == GW_OK);
        first.world->run();
    }
    host second(directory.path(), time);
    REQUIRE(second.world->plane.chats().size() == 1);
    CHECK(second.world->plane.chats()[0].title == "Friends");
    std::string offset;
    second.world->plane.kv_get(tg, "offset", [&](gw_status, std::string value) { offset = std::move(value); });
    second.world->run();
    CHECK(offset == "7");
}

TEST_CASE("plane: thousands of events through the real journal arrive once each, in order per chat") {
    temporary_directory directory;
    manual_time time;
    host one(directory.path(), time);
    std::vector<int> next(10, 0);
    one.world->on_deliver = [&](std::uint32_t slot, const message::delivery& what) {
        const auto number = std::stoi(what.message.text);
        CHECK(next[static_cast<std::size_t>(number % 10)]++ == number / 10);
        CHECK(one.world->plane.receipt(slot, receipt_for(what.id, GW_OUTCOME_SENT)) == GW_OK);
    };
    one.world->all_online();
    for (int i = 0; i < 2000;) {
        message::batch some;
        for (int k = 0; k < 50; ++k, ++i) {
            some.events.push_back(said(std::to_string(i % 10), std::to_string(i), std::to_string(i)));
        }
        CHECK(one.world->submit(tg, std::move(some)) == GW_OK);
        if (i % 500 == 0) {
            one.world->run();
        }
    }
    one.world->run();
    CHECK(one.world->plane.count().sent == 2000);
    CHECK(one.world->plane.count().repeated == 0);
    one.world->check_balance();
}
