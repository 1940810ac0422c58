// Places, runs and marks: whose turn it is, how much of a chat is marked, and what becomes of marks that led to
// nothing.
#include "route_lanes_fixture.hpp"

#include <doctest/doctest.h>

using namespace gateway;
using namespace gateway::test;
using namespace std::chrono_literals;
using fixture = lanes_fixture;

TEST_CASE("lanes: what was marked and not handed over is unmarked, in the journal too, when the instance closes") {
    fixture f;
    f.add("marking", 1);
    f.add("marked", 2);
    f.online();
    for (const auto& each : f.take_marks()) {
        if (each.id == 2) {
            f.marked(each);
        }
    }
    CHECK(f.take_calls() == std::vector<std::uint64_t>{2});
    CHECK(f.add("inserted", 3));
    CHECK(f.submitted("committing", 4));
    CHECK(f.add("in flight", 5));
    CHECK(f.start(5));
    f.closing();
    f.committed("committing", 4);
    f.take();
    CHECK(f.unmarks.size() == 4);
    for (const auto& each : f.unmarks) {
        CHECK(each.id != 5);
        CHECK(each.attempt == 0);
        CHECK(each.code.empty());
    }
    for (const std::uint64_t id : {1U, 2U, 3U, 4U}) {
        CHECK(f.start(id) == nullptr);
    }
    f.offline();
    f.online();
    const auto marks = f.take_marks();
    CHECK(marks.size() == 5);
    check_repeated(marks, 5);
}

TEST_CASE("lanes: a retry takes its mark back and keeps its attempt") {
    in_flight_fixture f;
    CHECK(f.receipt(answer(1, GW_OUTCOME_RETRY)));
    f.take();
    REQUIRE(f.unmarks.size() == 1);
    CHECK(f.unmarks[0].attempt == 1);
    CHECK(f.unmarks[0].code == "c");
    CHECK(f.unmarks[0].chat == "a");
}

TEST_CASE("lanes: so many in flight per instance and no more, and each chat has its turn") {
    fixture f({.max_in_flight = 2});
    f.online();
    CHECK(f.add("a", 1));
    CHECK(f.add("b", 2));
    CHECK_FALSE(f.add("c", 3));
    CHECK_FALSE(f.add("d", 4));
    CHECK_FALSE(f.add("a", 5));
    CHECK(f.start(1));
    CHECK(f.start(2));
    CHECK(f.take().empty());
    // The chat that was served just now queues up behind those that wait.
    const auto next_after = [&](std::uint64_t done) {
        CHECK(f.receipt(answer(done, GW_OUTCOME_SENT)));
        const auto marks = f.take_marks();
        REQUIRE(marks.size() == 1);
        f.marked(marks[0]);
        CHECK(f.start(marks[0].id));
        return marks[0].id;
    };
    CHECK(next_after(1) == 3);
    CHECK(next_after(3) == 4);
    CHECK(next_after(2) == 5);
}

TEST_CASE("lanes: however many chats always have something to say, each has its turn in every round") {
    for (const std::uint32_t max_run : {1U, 4U}) {
        CAPTURE(max_run);
        fixture f({.max_in_flight = 4}, {}, max_run);
        f.online();
        std::vector<std::uint32_t> served(20, 0);
        std::uint64_t next_id = 1;
        const auto say_more = [&](std::size_t chat) {
            f.add(std::to_string(chat), next_id * served.size() + chat);
            ++next_id;
        };
        for (std::size_t chat = 0; chat < served.size(); ++chat) {
            for (std::uint32_t i = 0; i < 2 * max_run; ++i) {
                say_more(chat);
            }
        }
        for (int turn = 0; turn < 2000; ++turn) {
            for (const auto& each : f.take_marks()) {
                f.marked(each);
            }
            f.take();
            REQUIRE_FALSE(f.calls.empty());
            for (const auto id : std::exchange(f.calls, {})) {
                CHECK(f.start(id));
                CHECK(f.receipt(answer(id, GW_OUTCOME_SENT)));
                ++served[id % served.size()];
                say_more(id % served.size());
            }
            const auto [least, most] = std::ranges::minmax(served);
            REQUIRE(most - least <= 2 * max_run);
        }
        CHECK(std::ranges::min(served) > 50);
    }
}

TEST_CASE("lanes: while receipts come fast, more and more of a chat is marked at a time, and less when they do not") {
    fixture f({.ahead_below = 10ms}, {}, 4);
    f.add("a", 1);
    for (std::uint64_t id = 2; id <= 20; ++id) {
        f.add("a", id);
    }
    f.online();
    std::vector<std::size_t> marked_at_once;
    const auto serve = [&](std::uint64_t id, std::chrono::milliseconds takes) {
        const auto marks = f.take_marks();
        for (const auto& each : marks) {
            f.marked(each);
        }
        marked_at_once.push_back(marks.size());
        CHECK(f.start(id));
        f.now += takes;
        CHECK(f.receipt(answer(id, GW_OUTCOME_SENT)));
    };
    for (std::uint64_t id = 1; id <= 4; ++id) {
        serve(id, 9ms);
    }
    CHECK(marked_at_once == std::vector<std::size_t>{1, 2, 0, 4});
    marked_at_once.clear();
    for (std::uint64_t id = 5; id <= 10; ++id) {
        serve(id, 10ms);
    }
    CHECK(marked_at_once.back() == 1);
    CHECK(f.take_marks().size() == 1);
}

TEST_CASE("lanes: deliveries that arrive while their chat is served fast are marked with their insert") {
    in_flight_fixture f({}, 2);
    CHECK_FALSE(f.submitted("a", 2));
    f.under_test.withdrawn(tg, "a", 2, f.now, f.done);
    CHECK(f.receipt(answer(1, GW_OUTCOME_SENT)));
    CHECK(f.add("a", 3));
    CHECK(f.start(3));
    CHECK(f.submitted("a", 4));
    CHECK_FALSE(f.submitted("a", 5));
    f.committed("a", 4);
    f.committed("a", 5);
    f.take();
    CHECK(f.start(4) == nullptr);
    CHECK(f.receipt(answer(3, GW_OUTCOME_SENT)));
    CHECK(f.start(4));
    CHECK(f.take_marks().empty());
    CHECK(f.receipt(answer(4, GW_OUTCOME_SENT)));
    CHECK(f.take_marks().at(0).id == 5);
}

TEST_CASE("lanes: a chat that is served fast and hears more and more ends its run when another one waits") {
    fixture f({.max_in_flight = 1}, {}, 4);
    f.online();
    f.add_and_start("a", 1);
    CHECK(f.receipt(answer(1, GW_OUTCOME_SENT)));
    CHECK(f.add("a", 2));
    CHECK_FALSE(f.add("b", 3));
    CHECK_FALSE(f.submitted("a", 4));
    f.committed("a", 4);
    CHECK(f.start(2));
    f.take();
    CHECK(f.receipt(answer(2, GW_OUTCOME_SENT)));
    const auto marks = f.take_marks();
    REQUIRE(marks.size() == 1);
    CHECK(marks[0].id == 3);
}

TEST_CASE("lanes: a large delivery is marked when its turn has come") {
    fixture f({.ahead_bytes = 100}, {}, 4);
    f.warm_up();
    CHECK(f.submitted("a", 2, 101));
    CHECK_FALSE(f.submitted("a", 3, 101));
    CHECK_FALSE(f.submitted("a", 4, 100));
    for (const std::uint64_t id : {2U, 3U, 4U}) {
        f.committed("a", id);
    }
    CHECK(f.start(2));
    CHECK(f.take_marks().empty());
    CHECK(f.receipt(answer(2, GW_OUTCOME_SENT)));
    const auto marks = f.take_marks();
    REQUIRE(marks.size() == 2);
    CHECK(marks[0].id == 3);
    CHECK(marks[1].id == 4);
}

TEST_CASE("lanes: a large delivery that the journal holds is not marked ahead either") {
    auto large = row(2);
    large.bytes = 5000;
    fixture f({}, {found("a", {row(1), large}), found("b", {row(3), row(4)})}, 2);
    f.online();
    for (const auto& each : f.take_marks()) {
        f.marked(each);
    }
    CHECK(f.start(1));
    CHECK(f.start(3));
    CHECK(f.receipt(answer(3, GW_OUTCOME_SENT)));  // fast: two at a time from now on
    CHECK(f.take_marks().at(0).id == 4);
    CHECK(f.take_marks().empty());
}

TEST_CASE(
    "lanes: a chat that is paused or whose answer is unknown has its marks taken back, and starts over in order") {
    for (const auto outcome : {GW_OUTCOME_RETRY, GW_OUTCOME_UNKNOWN}) {
        for (const auto scope : {GW_SCOPE_CHAT, GW_SCOPE_INSTANCE}) {
            fixture f({}, {}, 4);
            f.warm_up();
            CHECK(f.add("a", 2));
            CHECK(f.add("a", 3));
            CHECK(f.add("b", 4));
            CHECK(f.start(2));
            f.take();
            CHECK(f.receipt(answer(2, outcome, 0, scope)));
            const bool all_pause = outcome == GW_OUTCOME_RETRY && scope == GW_SCOPE_INSTANCE;
            auto unmarked = f.take_unmarked();
            std::ranges::sort(unmarked);
            CHECK(unmarked == (all_pause                       ? std::vector<std::uint64_t>{2, 3, 4}
                               : outcome == GW_OUTCOME_UNKNOWN ? std::vector<std::uint64_t>{3}
                                                               : std::vector<std::uint64_t>{2, 3}));
            CHECK(f.start(3) == nullptr);
            CHECK((f.start(4) == nullptr) == all_pause);
            f.pass(1s);
            const auto marks = f.take_marks();
            REQUIRE_FALSE(marks.empty());
            CHECK(std::ranges::count(marks, 2U, &one_mark::id) == 1);
            for (const auto& each : marks) {
                CHECK(each.attempt == (each.id == 2 ? 2 : 1));
                CHECK(each.repeated == (each.id == 2 && outcome == GW_OUTCOME_UNKNOWN));
            }
        }
    }
}

TEST_CASE("lanes: when the disk fails a mark, what was marked ahead waits too") {
    fixture f({}, {}, 4);
    f.warm_up();
    CHECK(f.submitted("a", 2));
    CHECK(f.submitted("b", 3, 5000));
    CHECK_FALSE(f.submitted("b", 4, 5000));
    for (const std::uint64_t id : {3U, 4U}) {
        f.committed("b", id);
    }
    f.committed("a", 2);
    CHECK(f.start(3));
    CHECK(f.receipt(answer(3, GW_OUTCOME_SENT)));
    const auto marks = f.take_marks();
    REQUIRE(marks.size() == 1);
    f.mark_failed(marks[0], false);
    CHECK(f.take_unmarked() == std::vector<std::uint64_t>{2});
    CHECK(f.start(2) == nullptr);
    f.pass(1s);
    CHECK(f.take_marks().size() == 2);
}

TEST_CASE("lanes: a new chat waits behind those that wait already") {
    in_flight_fixture f({.max_in_flight = 1});
    CHECK_FALSE(f.add("b", 2));
    CHECK_FALSE(f.submitted("c", 3));
    CHECK(f.receipt(answer(1, GW_OUTCOME_SENT)));
    CHECK(f.take_marks().at(0).id == 2);
    f.committed("c", 3);
    CHECK(f.take().empty());
}

TEST_CASE("lanes: what was marked ahead and is too old when its turn comes is not handed over") {
    fixture f({.ttl = 60s}, {}, 2);
    f.warm_up();
    CHECK(f.add("a", 2));
    CHECK(f.add("a", 3));
    CHECK(f.start(2));
    f.pass(61s);
    f.take();
    CHECK(f.receipt(answer(2, GW_OUTCOME_SENT)));
    const auto all = f.take();
    REQUIRE(all.size() == 2);
    CHECK(std::get<record_action>(all[1]).id == 3);
    CHECK(std::get<record_action>(all[1]).code == "expired");
    CHECK(f.is_idle());
}

TEST_CASE("lanes: after a restart what was marked may have been sent: repeated until its attempts are spent") {
    fixture f({.max_attempts = 2},
              {found("a", {row(1, true), row(2)}), found("b", {row(3, true, true, 2)}), found("c", {row(4)})});
    CHECK(f.one<record_action>().id == 3);
    CHECK(f.under_test.pending(tg) == 3);
    f.online();
    const auto marks = f.take_marks();
    REQUIRE(marks.size() == 2);
    check_repeated(marks, 1);
    CHECK(f.under_test.pending(tg) == 3);
}

TEST_CASE("lanes: what is found at a late load comes before what was submitted since, and in its order") {
    fixture f;
    f.under_test.add_instance(tg);
    f.online();
    f.add("a", 11);
    CHECK_FALSE(f.submitted("a", 12));
    CHECK(f.under_test.loaded(tg, {found("a", {row(3), row(5), row(11)})}, f.now, unix_now, f.done) == 2);
    CHECK(f.under_test.pending(tg) == 4);
    f.committed("a", 12);
    for (const std::uint64_t id : {3U, 5U, 11U, 12U}) {
        const auto marks = f.take_marks();
        REQUIRE(marks.size() == 1);
        CHECK(marks[0].id == id);
        f.marked(marks[0]);
        CHECK(f.start(id));
        CHECK(f.receipt(answer(id, GW_OUTCOME_SENT)));
    }
    f.take();
    CHECK(f.is_idle());
}

TEST_CASE("lanes: a mark that was taken back is nobody's, and its late answer is not taken for the next one's") {
    fixture f;
    f.add("a", 1);
    f.online();
    const auto first = f.one<one_mark>();
    f.offline();
    CHECK(f.take_unmarked() == std::vector<std::uint64_t>{1});
    f.online();
    const auto second = f.one<one_mark>();
    CHECK(second.attempt == first.attempt);
    f.marked(first);  // undone by what was committed after it
    CHECK(f.take_calls().empty());
    f.mark_failed(first, true);
    CHECK(f.take().empty());
    f.marked(second);
    CHECK(f.take_calls() == std::vector<std::uint64_t>{1});
}
