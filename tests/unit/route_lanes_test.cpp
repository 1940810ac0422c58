// The states of a delivery, and what waits.
#include "route_lanes_fixture.hpp"

#include <doctest/doctest.h>

using namespace gateway;
using namespace gateway::test;
using namespace std::chrono_literals;
using fixture = lanes_fixture;

TEST_CASE("lanes: an idle online chat's delivery is marked with its insert, handed over, recorded, forgotten") {
    fixture f;
    f.online();
    CHECK(f.add("a", 1));
    CHECK(f.take_calls() == std::vector<std::uint64_t>{1});
    const auto what = f.start(1);
    REQUIRE(what != nullptr);
    CHECK(what->message.chat == "a");
    CHECK(what->attempt == 1);
    CHECK(what->flags == 0);
    CHECK(f.receipt(answer(1, GW_OUTCOME_SENT)));
    const auto recorded = f.one<record_action>();
    CHECK(recorded.outcome == GW_OUTCOME_SENT);
    CHECK(recorded.message_id == "m");
    CHECK(recorded.chat == "a");
    CHECK(f.is_idle());
    f.pass(30s);
    CHECK_FALSE(f.under_test.next_tick().has_value());
}

TEST_CASE("lanes: the next delivery of a chat starts after the receipt of the one before") {
    fixture f;
    f.online();
    CHECK(f.add("a", 1));
    CHECK_FALSE(f.add("a", 2));
    CHECK_FALSE(f.add("a", 3));
    CHECK(f.start(1));
    CHECK(f.take().empty());
    CHECK_FALSE(f.start(2));
    CHECK(f.receipt(answer(1, GW_OUTCOME_FAILED)));
    const auto all = f.take();
    REQUIRE(all.size() == 2);
    CHECK(std::get<record_action>(all[0]).outcome == GW_OUTCOME_FAILED);
    CHECK(std::get<record_action>(all[0]).code == "c");
    CHECK(std::get<one_mark>(all[1]).id == 2);
    CHECK(f.under_test.pending(tg) == 2);
}

TEST_CASE("lanes: while the instance is away deliveries wait, and flow when it is back") {
    fixture f;
    CHECK_FALSE(f.add("a", 1));
    CHECK_FALSE(f.add("b", 2));
    CHECK(f.take().empty());
    f.online();
    CHECK(f.take().size() == 2);
}

TEST_CASE("lanes: a chat that is paused holds up no other, and goes on when its time has come") {
    in_flight_fixture f;
    CHECK_FALSE(f.add("a", 2));
    CHECK(f.receipt(answer(1, GW_OUTCOME_RETRY, 5000)));
    CHECK(f.take_unmarked() == std::vector<std::uint64_t>{1});
    CHECK(f.under_test.next_tick() == f.now + 5s);
    CHECK(f.add("b", 3));
    CHECK(f.start(3));
    f.pass(4999ms);
    CHECK(f.take().empty());
    f.pass(1ms);
    const auto how = f.mark_and_start();
    CHECK(how.attempt == 2);
    CHECK_FALSE(how.repeated);
    CHECK(f.receipt(answer(1, GW_OUTCOME_SENT)));
    f.take();
}

TEST_CASE("lanes: a pause of the instance holds up all its chats and no other instance") {
    fixture f;
    f.under_test.add_instance(4);
    f.under_test.loaded(4, {}, f.now, unix_now, f.done);
    f.under_test.online(4, f.now, f.done);
    f.online();
    f.add_and_start("a", 1);
    CHECK(f.receipt(answer(1, GW_OUTCOME_RETRY, 2000, GW_SCOPE_INSTANCE)));
    f.take();
    CHECK_FALSE(f.add("b", 2));
    CHECK(f.take().empty());
    CHECK(f.under_test.submitted(4, "b", 3, 10, f.now));
    f.pass(2000ms);
    const auto all = f.take();
    CHECK(all.size() == 2);
}

TEST_CASE("lanes: without a retry-after the pace is 1 s, doubling to 60 s") {
    in_flight_fixture f;
    for (const auto delay : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
        CHECK(f.receipt(answer(1, GW_OUTCOME_RETRY)));
        f.take();
        f.pass(delay - 1ms);
        CHECK(f.take().empty());
        f.pass(1ms);
        f.mark_and_start();
    }
}

TEST_CASE("lanes: after the last attempt a delivery has failed") {
    in_flight_fixture f({.max_attempts = 2});
    CHECK(f.receipt(answer(1, GW_OUTCOME_RETRY)));
    f.take();
    f.pass(1s);
    f.mark_and_start();
    CHECK(f.receipt(answer(1, GW_OUTCOME_RETRY)));
    const auto recorded = f.one<record_action>();
    CHECK(recorded.outcome == GW_OUTCOME_FAILED);
    CHECK(recorded.code == "attempts_exhausted");
    CHECK(f.is_idle());
}

TEST_CASE("lanes: an unknown outcome is repeated once and said to be, a second one ends it") {
    in_flight_fixture f;
    CHECK(f.receipt(answer(1, GW_OUTCOME_UNKNOWN)));
    CHECK(f.take().empty());
    f.pass(1s);
    const auto how = f.mark_and_start();
    CHECK(how.repeated);
    CHECK(how.attempt == 2);
    CHECK(f.receipt(answer(1, GW_OUTCOME_UNKNOWN)));
    CHECK(f.one<record_action>().outcome == GW_OUTCOME_UNKNOWN);
    CHECK(f.is_idle());
}

TEST_CASE("lanes: once its outcome was unknown, a delivery stays marked as repeated, whatever comes between") {
    in_flight_fixture f;
    CHECK(f.receipt(answer(1, GW_OUTCOME_UNKNOWN)));
    f.pass(1s);
    f.mark_and_start();
    CHECK(f.receipt(answer(1, GW_OUTCOME_RETRY, 1000)));
    f.take();
    f.pass(1s);
    CHECK(f.mark_and_start().repeated);
}

TEST_CASE("lanes: what an incarnation took with it is repeated, what it was not handed is not") {
    fixture f;
    f.online();
    CHECK(f.add("in flight", 1));
    CHECK(f.add("ready", 2));
    CHECK(f.start(1));
    CHECK(f.submitted("committing", 3));
    f.offline();
    CHECK(f.take().empty());
    CHECK_FALSE(f.start(2));
    f.committed("committing", 3);
    CHECK_FALSE(f.receipt(answer(1, GW_OUTCOME_SENT)));
    f.online();
    const auto marks = f.take_marks();
    REQUIRE(marks.size() == 3);
    check_repeated(marks, 1);
    CHECK(f.under_test.pending(tg) == 3);
}

TEST_CASE("lanes: however many incarnations take a delivery with them, it is repeated until its attempts are spent") {
    fixture f({.max_attempts = 3});
    f.online();
    CHECK(f.add("a", 1));
    CHECK_FALSE(f.add("a", 2));
    CHECK(f.start(1));
    for (std::uint32_t attempt = 2; attempt <= 3; ++attempt) {
        f.offline();
        f.online();
        const auto how = f.mark_and_start();
        CHECK(how.repeated);
        CHECK(how.attempt == attempt);
    }
    f.offline();
    CHECK(f.one<record_action>().outcome == GW_OUTCOME_UNKNOWN);
    f.online();
    CHECK(f.one<one_mark>().id == 2);
}

TEST_CASE("lanes: a closing instance gets nothing new, but its receipts count") {
    fixture f;
    f.online();
    CHECK(f.add("a", 1));
    CHECK(f.add("b", 2));
    CHECK(f.start(1));
    f.closing();
    CHECK_FALSE(f.start(2));
    CHECK_FALSE(f.add("c", 3));
    CHECK(f.receipt(answer(1, GW_OUTCOME_SENT)));
    CHECK(f.one<record_action>().outcome == GW_OUTCOME_SENT);
    f.offline();
    f.online();
    const auto all = f.take();
    REQUIRE(all.size() == 2);
    CHECK_FALSE(std::get<one_mark>(all[0]).repeated);
    CHECK_FALSE(std::get<one_mark>(all[1]).repeated);
}

TEST_CASE("lanes: a receipt counts once, and only from the instance that has the delivery") {
    fixture f;
    f.under_test.add_instance(4);
    f.online();
    CHECK(f.add("a", 1));
    CHECK_FALSE(f.receipt(answer(1, GW_OUTCOME_SENT)));
    CHECK(f.start(1));
    CHECK_FALSE(f.start(1));
    CHECK_FALSE(f.under_test.receipt(4, answer(1, GW_OUTCOME_SENT), f.now, f.done));
    CHECK_FALSE(f.under_test.receipt(9, answer(1, GW_OUTCOME_SENT), f.now, f.done));
    CHECK(f.receipt(answer(1, GW_OUTCOME_SENT)));
    CHECK_FALSE(f.receipt(answer(1, GW_OUTCOME_SENT)));
}

TEST_CASE("lanes: what waited for longer than its time to live has failed, also while the instance is away") {
    fixture f({.ttl = 60s, .sweep_every = 10s});
    f.add("a", 1);
    f.pass(30s);
    f.add("a", 2);
    f.pass(20s);
    CHECK(f.take().empty());
    f.pass(10s);
    const auto recorded = f.one<record_action>();
    CHECK(recorded.id == 1);
    CHECK(recorded.outcome == GW_OUTCOME_FAILED);
    CHECK(recorded.code == "expired");
    CHECK(f.under_test.pending(tg) == 1);
}

TEST_CASE("lanes: what is in flight does not expire, what is never answered becomes unknown") {
    in_flight_fixture f({.ttl = 60s, .receipt_timeout = 600s, .sweep_every = 10s});
    f.pass(599s);
    CHECK(f.take_calls() == std::vector<std::uint64_t>{1});
    f.pass(10s);
    CHECK(f.one<record_action>().code == "expired");  // unknown once, and too old to be repeated
    CHECK_FALSE(f.receipt(answer(1, GW_OUTCOME_SENT)));
}

TEST_CASE("lanes: a delivery whose receipt never comes is repeated once, and its late receipt is not found") {
    in_flight_fixture f({.receipt_timeout = 600s, .sweep_every = 10s});
    f.pass(600s);
    CHECK_FALSE(f.receipt(answer(1, GW_OUTCOME_SENT)));
    CHECK(f.mark_and_start().repeated);
    f.pass(600s);
    const auto recorded = f.one<record_action>();
    CHECK(recorded.outcome == GW_OUTCOME_UNKNOWN);
    CHECK(recorded.code == "receipt_timeout");
    CHECK(f.is_idle());
}

TEST_CASE("lanes: the time to live counts from the creation, and not longer when the clock was set back") {
    auto old = row(1);
    old.created_unix_ms = unix_now - 50'000;
    auto future = row(2);
    future.created_unix_ms = unix_now + 1'000'000'000;
    fixture f({.ttl = 60s, .sweep_every = 10s}, {found("a", {old}), found("b", {future})});
    f.pass(10s);
    CHECK(f.one<record_action>().id == 1);
    f.pass(50s);
    CHECK(f.one<record_action>().id == 2);
}

TEST_CASE("lanes: a mark that could not be committed hands nothing over, and is repeated after a while") {
    fixture f;
    f.add("a", 1);
    f.online();
    f.mark_failed(f.one<one_mark>(), false);
    CHECK(f.take_unmarked().empty());
    CHECK_FALSE(f.start(1));
    f.pass(1s);
    CHECK(f.mark_and_start().attempt == 1);
}

TEST_CASE("lanes: a delivery that the journal does not hold any more is given up, and its chat goes on") {
    fixture f;
    f.add("a", 1);
    f.add("a", 2);
    f.online();
    f.mark_failed(f.one<one_mark>(), true);
    const auto all = f.take();
    REQUIRE(all.size() == 2);
    CHECK(std::get<record_action>(all[0]).code == "gone");
    CHECK(std::get<one_mark>(all[1]).id == 2);
}

TEST_CASE("lanes: a delivery that was not committed leaves no trace, and the next one starts") {
    fixture f;
    f.online();
    CHECK(f.submitted("a", 1));
    CHECK_FALSE(f.submitted("a", 2));
    f.under_test.withdrawn(tg, "a", 1, f.now, f.done);
    CHECK(f.take().empty());
    f.committed("a", 2);
    CHECK(f.one<one_mark>().id == 2);
    CHECK(f.submitted("b", 3));
    f.under_test.withdrawn(tg, "b", 3, f.now, f.done);
    CHECK(f.under_test.lane_count(tg) == 1);
    CHECK(f.under_test.pending(tg) == 1);
}

TEST_CASE("lanes: until it is known what waits, nothing starts, and then the oldest first") {
    fixture f;
    f.under_test.add_instance(tg);
    f.online();
    CHECK_FALSE(f.submitted("a", 5));
    CHECK(f.take().empty());
    CHECK(f.under_test.loaded(tg, {found("a", {row(1)})}, f.now, unix_now, f.done) == 1);
    f.mark_and_start();
    f.committed("a", 5);
    CHECK(f.take().empty());
    CHECK(f.receipt(answer(1, GW_OUTCOME_SENT)));
    CHECK(f.take_marks().at(0).id == 5);
}

TEST_CASE("lanes: what was committed before a late load is not counted twice") {
    fixture f;
    f.under_test.add_instance(tg);
    f.add("a", 1);
    f.add("a", 2);
    CHECK_FALSE(f.submitted("a", 3));
    const auto waiting = {found("a", {row(1), row(2)}), found("b", {row(4)})};
    CHECK(f.under_test.loaded(tg, waiting, f.now, unix_now, f.done) == 1);
    CHECK(f.under_test.pending(tg) == 4);
}

TEST_CASE("lanes: full is the bound of what waits for an instance") {
    fixture f({.max_pending = 2});
    CHECK_FALSE(f.under_test.full(tg));
    f.add("a", 1);
    CHECK_FALSE(f.under_test.full(tg));
    CHECK_FALSE(f.submitted("b", 2));
    CHECK(f.under_test.full(tg));
}

TEST_CASE("lanes: a removed instance takes its lanes with it, and late answers about it are ignored") {
    fixture f;
    f.online();
    CHECK(f.add("a", 1));
    f.add("a", 2);
    CHECK(f.submitted("b", 3));
    CHECK(f.under_test.remove_instance(tg) == 3);
    CHECK(f.under_test.pending() == 0);
    CHECK_FALSE(f.start(1));
    f.committed("b", 3);
    f.marked({"a", 2, 1, false, 1, {}});
    CHECK_FALSE(f.receipt(answer(1, GW_OUTCOME_SENT)));
    f.offline();
    f.online();
    f.pass(30s);
    CHECK(f.take().empty());
    CHECK_FALSE(f.under_test.next_tick().has_value());
}
