// The message plane: deliveries on their way out, their marks and receipts.
#include "route_plane_fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace gateway;
using namespace gateway::test;
using namespace std::chrono_literals;
using fixture = plane_fixture;

TEST_CASE("plane: a receipt that could not be written is written when the disk works again, and counts once") {
    fixture f;
    f.world.all_online();
    CHECK(f.world.submit(tg, batch_of({said("1", "a"), said("1", "b")})) == GW_OK);
    f.world.run();
    const auto first = f.world.take();
    REQUIRE(first.size() == 1);
    f.journal.broken = true;
    CHECK(f.world.receipt(echo, first[0].what.id) == GW_OK);
    f.world.pass(5s);
    CHECK(f.world.take().empty());  // nothing is handed over that could not be marked
    CHECK(f.journal.waiting() == 2);
    f.journal.broken = false;
    f.world.pass(1s);
    CHECK(f.journal.waiting() == 1);
    const auto second = f.world.take();
    REQUIRE(second.size() == 1);
    CHECK(second[0].what.message.text == "b");
    CHECK(second[0].what.attempt == 1);
    CHECK(f.world.plane.count().sent == 1);
    f.world.check_balance();
}

TEST_CASE("plane: one chat that stands still holds up no other chat of the same instance") {
    fixture f;
    f.world.all_online();
    CHECK(f.world.submit(tg, batch_of({said("slow", "1"), said("slow", "2")})) == GW_OK);
    f.world.run();
    CHECK(f.world.take().size() == 1);
    for (int i = 0; i < 10; ++i) {
        CHECK(f.world.submit(tg, batch_of({said("fast", std::to_string(i))})) == GW_OK);
        f.world.run();
        const auto all = f.world.take();
        REQUIRE(all.size() == 1);
        CHECK(all[0].what.message.text == std::to_string(i));
        CHECK(f.world.receipt(echo, all[0].what.id) == GW_OK);
    }
}

TEST_CASE("plane: a failure told by the receipt is counted, retries and repetitions carry their marks") {
    fixture f;
    f.world.all_online();
    CHECK(f.world.submit(tg, batch_of({said("1", "a"), said("2", "b"), said("3", "c")})) == GW_OK);
    f.world.run();
    const auto all = f.world.take();
    REQUIRE(all.size() == 3);
    auto failed = receipt_for(all[0].what.id, GW_OUTCOME_FAILED);
    failed.code = std::string(100, 'c');
    failed.text = std::string(1000, 't');
    CHECK(f.world.plane.receipt(echo, std::move(failed)) == GW_OK);
    CHECK(f.world.receipt(echo, all[1].what.id, GW_OUTCOME_RETRY) == GW_OK);
    CHECK(f.world.receipt(echo, all[2].what.id, GW_OUTCOME_UNKNOWN) == GW_OK);
    CHECK(f.world.receipt(echo, all[2].what.id) == GW_ERR_NOT_FOUND);
    CHECK(f.world.receipt(echo, 999) == GW_ERR_NOT_FOUND);
    REQUIRE(f.journal.finished.size() == 1);
    CHECK(f.journal.finished[0].code.size() == 64);
    f.world.pass(1s);
    const auto again = f.world.take();
    REQUIRE(again.size() == 2);
    for (const auto& each : again) {
        CHECK(each.what.attempt == 2);
        CHECK(each.what.flags == (each.what.message.text == "c" ? GW_DELIVERY_REPEATED : 0U));
    }
    CHECK(f.world.plane.count().failed == 1);
    CHECK(f.world.plane.count().repeated == 1);
    CHECK(f.world.plane.count().handed == 5);
    f.world.check_balance();
}

TEST_CASE("plane: a receipt that makes no sense is refused, and the delivery still waits for one") {
    fixture f;
    f.world.all_online();
    CHECK(f.world.submit(tg, batch_of({said("1", "a")})) == GW_OK);
    f.world.run();
    const auto id = f.world.take().at(0).what.id;
    std::string fault;
    CHECK(f.world.plane.receipt(echo, receipt_for(id, 9), &fault) == GW_ERR_INVALID);
    CHECK(fault == "receipt of delivery 1: the outcome is none of GW_OUTCOME_*");
    CHECK(f.world.receipt(echo, id) == GW_OK);
}

TEST_CASE("plane: what an incarnation does not take waits for the next one") {
    fixture f;
    f.world.all_online();
    f.world.takes = false;
    CHECK(f.world.submit(tg, batch_of({said("1", "a"), said("2", "b")})) == GW_OK);
    f.world.run();
    f.world.takes = true;
    CHECK(f.world.submit(tg, batch_of({said("3", "c")})) == GW_OK);
    f.world.pass(10s);
    CHECK(f.world.take().empty());
    CHECK(f.world.plane.count().handed == 0);
    f.world.plane.offline(echo);
    f.world.plane.online(echo);
    f.world.run();
    const auto all = f.world.take();
    CHECK(all.size() == 3);
    for (const auto& each : all) {
        CHECK(each.what.attempt == 1);
        CHECK(each.what.flags == 0);
    }
}

TEST_CASE("plane: what was marked and not handed over is unmarked in the journal when the instance closes") {
    fixture f;
    f.world.all_online();
    f.world.calls_are_lost = true;
    CHECK(f.world.submit(tg, batch_of({said("1", "a"), said("1", "b"), said("2", "c")})) == GW_OK);
    f.world.run();
    const auto marked = [&] {
        std::uint64_t count = 0;
        for (const auto& [instance, rows] : f.journal.outbox) {
            count += static_cast<std::uint64_t>(
                std::ranges::count_if(rows, [](const auto& each) { return each.second.handed; }));
        }
        return count;
    };
    CHECK(marked() == 2);
    f.world.plane.closing(echo);
    f.world.run();
    CHECK(marked() == 0);
    CHECK(f.world.plane.take(echo, 1) == nullptr);
    f.world.calls_are_lost = false;
    f.world.plane.offline(echo);
    f.world.plane.online(echo);
    f.world.run();
    const auto all = f.world.take();
    REQUIRE(all.size() == 2);
    for (const auto& each : all) {
        CHECK(each.what.flags == 0);
        CHECK(each.what.attempt == 1);
    }
    CHECK(f.world.plane.count().handed == 2);
    CHECK(f.world.plane.count().repeated == 0);
}

TEST_CASE("plane: a mark that is taken back leaves what was known before: an attempt with an unknown outcome") {
    fixture f;
    f.world.all_online();
    CHECK(f.world.submit(tg, batch_of({said("1", "a")})) == GW_OK);
    f.world.run();
    CHECK(f.world.take().size() == 1);
    f.world.calls_are_lost = true;
    for (int i = 0; i < 2; ++i) {
        f.world.plane.offline(echo);
        f.world.plane.online(echo);
        f.world.run();
    }
    f.world.plane.closing(echo);
    f.world.run();
    const auto& row = f.journal.outbox.begin()->second.begin()->second;
    CHECK_FALSE(row.handed);
    CHECK(row.repeated);
    CHECK(row.attempt == 1);
}

TEST_CASE("plane: a mark that could not be taken back is not taken back later, when it may be another one's") {
    fixture f;
    f.world.all_online();
    f.world.calls_are_lost = true;
    CHECK(f.world.submit(tg, batch_of({said("1", "a")})) == GW_OK);
    f.world.run();
    f.journal.broken = true;
    f.world.plane.offline(echo);
    f.world.run();
    f.journal.broken = false;
    f.world.calls_are_lost = false;
    f.world.plane.online(echo);
    f.world.pass(5s);
    CHECK(f.world.take().size() == 1);
    CHECK(f.journal.outbox.begin()->second.begin()->second.handed);
}

TEST_CASE("plane: an incarnation that died with a delivery has it repeated by the next one, said to be") {
    fixture f;
    f.world.all_online();
    CHECK(f.world.submit(tg, batch_of({said("1", "a"), said("1", "b")})) == GW_OK);
    f.world.run();
    const auto id = f.world.take().at(0).what.id;
    f.world.plane.closing(echo);
    f.world.plane.offline(echo);
    CHECK(f.world.receipt(echo, id) == GW_ERR_NOT_FOUND);
    f.world.plane.online(echo);
    f.world.run();
    const auto again = f.world.take();
    REQUIRE(again.size() == 1);
    CHECK(again[0].what.id == id);
    CHECK(again[0].what.message.text == "a");
    CHECK(again[0].what.flags == GW_DELIVERY_REPEATED);
    CHECK(again[0].what.attempt == 2);
}

TEST_CASE("plane: what the journal does not hold any more is given up, and its chat goes on") {
    fixture f;
    CHECK(f.world.submit(tg, batch_of({said("1", "a"), said("1", "b"), said("1", "c")})) == GW_OK);
    f.world.run();
    CHECK(f.journal.outbox.begin()->second.erase(2) == 1);
    std::string texts;
    f.world.on_deliver = [&](std::uint32_t slot, const message::delivery& what) {
        texts += what.message.text;
        CHECK(f.world.plane.receipt(slot, receipt_for(what.id, GW_OUTCOME_SENT)) == GW_OK);
    };
    f.world.all_online();
    CHECK(texts == "ac");
    CHECK(f.world.plane.count().failed == 1);
    CHECK(f.world.plane.pending(echo) == 0);
    f.world.check_balance();
}

TEST_CASE("plane: a lane of thousands is delivered in order") {
    fixture f;
    for (int i = 0; i < 5; ++i) {
        message::batch many;
        for (int k = 0; k < 1000; ++k) {
            many.events.push_back(said("1", std::to_string(i * 1000 + k)));
        }
        CHECK(f.world.submit(tg, std::move(many)) == GW_OK);
    }
    f.world.run();
    int next = 0;
    f.world.on_deliver = [&](std::uint32_t slot, const message::delivery& what) {
        CHECK(what.message.text == std::to_string(next++));
        CHECK(f.world.plane.receipt(slot, receipt_for(what.id, GW_OUTCOME_SENT)) == GW_OK);
    };
    f.world.plane.online(echo);
    f.world.run();
    CHECK(next == 5000);
    CHECK(f.world.plane.count().sent == 5000);
    f.world.check_balance();
}
