#include "route/lanes.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

using namespace gateway;
using namespace std::chrono_literals;
using route::actions;
using route::deliver_action;
using route::lane_settings;
using route::lanes;
using route::mark_action;
using route::record_action;
using route::refill_action;
using route::unmark_action;

namespace {

constexpr std::uint32_t tg = 3;
constexpr std::int64_t unix_now = 1'700'000'000'000;

message::receipt answer(std::uint64_t id, std::int32_t outcome, std::int64_t retry_after_ms = 0,
                        std::int32_t scope = GW_SCOPE_CHAT) {
    message::receipt made;
    made.delivery = id;
    made.outcome = outcome;
    (outcome == GW_OUTCOME_SENT ? made.message_id : made.code) += outcome == GW_OUTCOME_SENT ? 'm' : 'c';
    made.retry_after_ms = retry_after_ms;
    made.scope = scope;
    return made;
}

store::waiting_lane found(std::string chat, std::uint64_t total, std::vector<store::waiting> first) {
    return {std::move(chat), total, std::move(first)};
}

store::waiting row(std::uint64_t id, bool handed = false, bool repeated = false, std::uint32_t attempt = 1) {
    return {id, unix_now, handed ? attempt : 0U, handed, repeated, 10};
}

message::delivery content(std::string chat, std::uint64_t id) {
    message::delivery made;
    made.id = id;
    made.message.chat = std::move(chat);
    return made;
}

struct fixture {
    lanes under_test;
    lanes::time_point now = lanes::time_point{} + 1h;
    actions done;
    std::vector<unmark_action> unmarks;  // taken out of `done`
    std::vector<std::uint64_t> calls;    // likewise: what is to be delivered

    // One delivery of a chat is marked at a time, unless a test is about more.
    explicit fixture(lane_settings options = {}, const std::vector<store::waiting_lane>& waiting = {},
                     std::uint32_t max_run = 1)
        : under_test((options.max_run = max_run, options)) {
        under_test.add_instance(tg);
        under_test.loaded(tg, waiting, now, unix_now, done);
    }

    void online() { under_test.online(tg, now, done); }
    void closing() { under_test.closing(tg, done); }
    void offline() { under_test.offline(tg, now, done); }

    bool submitted(const std::string& chat, std::uint64_t id, std::size_t bytes = 10) {
        return under_test.submitted(tg, chat, id, bytes, now);
    }
    void committed(const std::string& chat, std::uint64_t id) {
        under_test.committed(tg, content(chat, id), now, done);
    }
    // Both. True: marked with the insert.
    bool add(const std::string& chat, std::uint64_t id) {
        const bool is_marked = submitted(chat, id);
        committed(chat, id);
        return is_marked;
    }
    void marked(const mark_action& what) { under_test.marked(tg, what.mark, content(what.chat, what.id), now, done); }
    void mark_failed(const mark_action& what, bool gone) {
        under_test.mark_failed(tg, what.chat, what.id, what.mark, gone, now, done);
    }

    // The call into the instance.
    std::unique_ptr<message::delivery> start(std::uint64_t id) { return under_test.take(tg, id, now); }
    bool receipt(message::receipt what) { return under_test.receipt(tg, std::move(what), now, done); }

    void pass(std::chrono::milliseconds time) {
        now += time;
        under_test.tick(now, done);
    }

    // What is to be committed since the last call, but for marks taken back.
    actions take() {
        actions rest;
        for (auto& each : std::exchange(done, {})) {
            if (auto* call = std::get_if<deliver_action>(&each)) {
                calls.push_back(call->id);
            } else if (auto* unmark = std::get_if<unmark_action>(&each)) {
                unmarks.push_back(std::move(*unmark));
            } else {
                rest.push_back(std::move(each));
            }
        }
        return rest;
    }
    std::vector<std::uint64_t> take_unmarked() {
        const auto rest = take();
        CHECK(rest.empty());
        std::vector<std::uint64_t> ids;
        for (const auto& each : std::exchange(unmarks, {})) {
            ids.push_back(each.id);
        }
        return ids;
    }
    std::vector<std::uint64_t> take_calls() {
        const auto rest = take();
        CHECK(rest.empty());
        return std::exchange(calls, {});
    }
    std::vector<mark_action> take_marks() {
        std::vector<mark_action> marks;
        for (auto& each : take()) {
            if (auto* mark = std::get_if<mark_action>(&each)) {
                marks.push_back(std::move(*mark));
            }
        }
        return marks;
    }
    template <class Action>
    Action one() {
        auto all = take();
        REQUIRE(all.size() == 1);
        REQUIRE(std::holds_alternative<Action>(all[0]));
        return std::get<Action>(all[0]);
    }

    // The mark that is due now, carried out.
    struct hand_over {
        std::uint32_t attempt;
        bool repeated;
    };
    hand_over mark_and_start() {
        const auto mark = one<mark_action>();
        marked(mark);
        const auto what = start(mark.id);
        REQUIRE(what != nullptr);
        CHECK(what->attempt == mark.attempt);
        CHECK(what->flags == (mark.repeated ? GW_DELIVERY_REPEATED : 0U));
        return {mark.attempt, mark.repeated};
    }

    [[nodiscard]] bool is_idle() const { return under_test.pending(tg) == 0 && under_test.lane_count(tg) == 0; }
};

}  // namespace

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
    CHECK(std::get<mark_action>(all[1]).id == 2);
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
    fixture f;
    f.online();
    CHECK(f.add("a", 1));
    CHECK(f.start(1));
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
    CHECK(f.add("a", 1));
    CHECK(f.start(1));
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
    fixture f;
    f.online();
    CHECK(f.add("a", 1));
    CHECK(f.start(1));
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
    fixture f({.max_attempts = 2});
    f.online();
    CHECK(f.add("a", 1));
    CHECK(f.start(1));
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
    fixture f;
    f.online();
    CHECK(f.add("a", 1));
    CHECK(f.start(1));
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
    fixture f;
    f.online();
    CHECK(f.add("a", 1));
    CHECK(f.start(1));
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
    const auto all = f.take();
    REQUIRE(all.size() == 3);
    for (const auto& each : all) {
        const auto& mark = std::get<mark_action>(each);
        CHECK(mark.repeated == (mark.id == 1));
        CHECK(mark.attempt == (mark.id == 1 ? 2 : 1));
    }
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
    CHECK(f.one<mark_action>().id == 2);
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
    CHECK_FALSE(std::get<mark_action>(all[0]).repeated);
    CHECK_FALSE(std::get<mark_action>(all[1]).repeated);
}

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
        CHECK(each.attempts == 0);
        CHECK(each.code.empty());
    }
    for (const std::uint64_t id : {1, 2, 3, 4}) {
        CHECK(f.start(id) == nullptr);
    }
    f.offline();
    f.online();
    const auto marks = f.take_marks();
    CHECK(marks.size() == 5);
    for (const auto& each : marks) {
        CHECK(each.repeated == (each.id == 5));
        CHECK(each.attempt == (each.id == 5 ? 2 : 1));
    }
}

TEST_CASE("lanes: a retry takes its mark back and keeps its attempt") {
    fixture f;
    f.online();
    CHECK(f.add("a", 1));
    CHECK(f.start(1));
    CHECK(f.receipt(answer(1, GW_OUTCOME_RETRY)));
    f.take();
    REQUIRE(f.unmarks.size() == 1);
    CHECK(f.unmarks[0].attempts == 1);
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
    fixture f({}, {}, 2);
    f.online();
    CHECK(f.add("a", 1));
    CHECK(f.start(1));
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
    CHECK(f.add("a", 1));
    CHECK(f.start(1));
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
    f.online();
    CHECK(f.add("warm up", 1));
    CHECK(f.start(1));
    CHECK(f.receipt(answer(1, GW_OUTCOME_SENT)));
    f.take();
    CHECK(f.submitted("a", 2, 101));
    CHECK_FALSE(f.submitted("a", 3, 101));
    CHECK_FALSE(f.submitted("a", 4, 100));
    for (const std::uint64_t id : {2, 3, 4}) {
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
    fixture f({}, {found("a", 2, {row(1), large}), found("b", 2, {row(3), row(4)})}, 2);
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
            f.online();
            CHECK(f.add("warm up", 1));
            CHECK(f.start(1));
            CHECK(f.receipt(answer(1, GW_OUTCOME_SENT)));
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
            CHECK(std::ranges::count(marks, 2U, &mark_action::id) == 1);
            for (const auto& each : marks) {
                CHECK(each.attempt == (each.id == 2 ? 2 : 1));
                CHECK(each.repeated == (each.id == 2 && outcome == GW_OUTCOME_UNKNOWN));
            }
        }
    }
}

TEST_CASE("lanes: when the disk fails a mark, what was marked ahead waits too") {
    fixture f({}, {}, 4);
    f.online();
    CHECK(f.add("warm up", 1));
    CHECK(f.start(1));
    CHECK(f.receipt(answer(1, GW_OUTCOME_SENT)));
    f.take();
    CHECK(f.submitted("a", 2));
    CHECK(f.submitted("b", 3, 5000));
    CHECK_FALSE(f.submitted("b", 4, 5000));
    for (const std::uint64_t id : {3, 4}) {
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
    fixture f({.max_in_flight = 1});
    f.online();
    CHECK(f.add("a", 1));
    CHECK(f.start(1));
    CHECK_FALSE(f.add("b", 2));
    CHECK_FALSE(f.submitted("c", 3));
    CHECK(f.receipt(answer(1, GW_OUTCOME_SENT)));
    CHECK(f.take_marks().at(0).id == 2);
    f.committed("c", 3);
    CHECK(f.take().empty());
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
    fixture f({.ttl = 60s, .receipt_timeout = 600s, .sweep_every = 10s});
    f.online();
    CHECK(f.add("a", 1));
    CHECK(f.start(1));
    f.pass(599s);
    CHECK(f.take_calls() == std::vector<std::uint64_t>{1});
    f.pass(10s);
    CHECK(f.one<record_action>().code == "expired");  // unknown once, and too old to be repeated
    CHECK_FALSE(f.receipt(answer(1, GW_OUTCOME_SENT)));
}

TEST_CASE("lanes: what was marked ahead and is too old when its turn comes is not handed over") {
    fixture f({.ttl = 60s}, {}, 2);
    f.online();
    CHECK(f.add("warm up", 1));
    CHECK(f.start(1));
    CHECK(f.receipt(answer(1, GW_OUTCOME_SENT)));
    f.take();
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

TEST_CASE("lanes: a delivery whose receipt never comes is repeated once, and its late receipt is not found") {
    fixture f({.receipt_timeout = 600s, .sweep_every = 10s});
    f.online();
    CHECK(f.add("a", 1));
    CHECK(f.start(1));
    f.pass(600s);
    CHECK_FALSE(f.receipt(answer(1, GW_OUTCOME_SENT)));
    CHECK(f.mark_and_start().repeated);
    f.pass(600s);
    const auto recorded = f.one<record_action>();
    CHECK(recorded.outcome == GW_OUTCOME_UNKNOWN);
    CHECK(recorded.code == "receipt_timeout");
    CHECK(f.is_idle());
}

TEST_CASE("lanes: after a restart what was marked may have been sent: repeated until its attempts are spent") {
    fixture f({.max_attempts = 2},
              {found("a", 2, {row(1, true), row(2)}), found("b", 1, {row(3, true, true, 2)}), found("c", 1, {row(4)})});
    CHECK(f.one<record_action>().id == 3);
    CHECK(f.under_test.pending(tg) == 3);
    f.online();
    const auto all = f.take();
    REQUIRE(all.size() == 2);
    for (const auto& each : all) {
        const auto& mark = std::get<mark_action>(each);
        CHECK(mark.repeated == (mark.id == 1));
        CHECK(mark.attempt == (mark.id == 1 ? 2 : 1));
    }
}

TEST_CASE("lanes: the time to live counts from the creation, and not longer when the clock was set back") {
    auto old = row(1);
    old.created_unix_ms = unix_now - 50'000;
    auto future = row(2);
    future.created_unix_ms = unix_now + 1'000'000'000;
    fixture f({.ttl = 60s, .sweep_every = 10s}, {found("a", 1, {old}), found("b", 1, {future})});
    f.pass(10s);
    CHECK(f.one<record_action>().id == 1);
    f.pass(50s);
    CHECK(f.one<record_action>().id == 2);
}

TEST_CASE("lanes: a long lane is in memory up to its window, the rest is asked for when it is half empty") {
    fixture f({.window = 4}, {found("a", 10, {row(1), row(2), row(3), row(4)})});
    CHECK(f.take().empty());
    f.online();
    f.mark_and_start();
    CHECK(f.receipt(answer(1, GW_OUTCOME_SENT)));
    auto all = f.take();
    CHECK(std::get<mark_action>(all.at(1)).id == 2);
    f.marked(std::get<mark_action>(all.at(1)));
    CHECK(f.start(2));
    CHECK(f.receipt(answer(2, GW_OUTCOME_SENT)));
    all = f.take();
    REQUIRE(all.size() == 3);
    const auto& refill = std::get<refill_action>(all[1]);
    CHECK(refill.chat == "a");
    CHECK(refill.after == 4);
    CHECK_FALSE(f.add("a", 11));  // behind those that are not here
    f.under_test.refilled(tg, "a", {row(5), row(6), row(7), row(8)}, f.now, unix_now, f.done);
    CHECK(f.take().empty());
    CHECK(f.under_test.pending(tg) == 9);
    f.under_test.refilled(tg, "a", {}, f.now, unix_now, f.done);  // whoever removed the others
    CHECK(f.under_test.pending(tg) == 6);
}

TEST_CASE("lanes: a refill that failed is repeated after a while") {
    fixture f({.window = 2}, {found("a", 4, {row(1)})});
    CHECK(f.one<refill_action>().after == 1);
    f.under_test.refill_failed(tg, "a", f.now);
    f.pass(999ms);
    CHECK(f.take().empty());
    f.pass(1ms);
    CHECK(f.one<refill_action>().after == 1);
}

TEST_CASE("lanes: a mark that could not be committed hands nothing over, and is repeated after a while") {
    fixture f;
    f.add("a", 1);
    f.online();
    f.mark_failed(f.one<mark_action>(), false);
    CHECK(f.take_unmarked().empty());
    CHECK_FALSE(f.start(1));
    f.pass(1s);
    CHECK(f.mark_and_start().attempt == 1);
}

TEST_CASE("lanes: a mark that was taken back is nobody's, and its late answer is not taken for the next one's") {
    fixture f;
    f.add("a", 1);
    f.online();
    const auto first = f.one<mark_action>();
    f.offline();
    CHECK(f.take_unmarked() == std::vector<std::uint64_t>{1});
    f.online();
    const auto second = f.one<mark_action>();
    CHECK(second.attempt == first.attempt);
    f.marked(first);  // undone by what was committed after it
    CHECK(f.take_calls().empty());
    f.mark_failed(first, true);
    CHECK(f.take().empty());
    f.marked(second);
    CHECK(f.take_calls() == std::vector<std::uint64_t>{1});
}

TEST_CASE("lanes: a delivery that the journal does not hold any more is given up, and its chat goes on") {
    fixture f;
    f.add("a", 1);
    f.add("a", 2);
    f.online();
    f.mark_failed(f.one<mark_action>(), true);
    const auto all = f.take();
    REQUIRE(all.size() == 2);
    CHECK(std::get<record_action>(all[0]).code == "gone");
    CHECK(std::get<mark_action>(all[1]).id == 2);
}

TEST_CASE("lanes: a delivery that was not committed leaves no trace, and the next one starts") {
    fixture f;
    f.online();
    CHECK(f.submitted("a", 1));
    CHECK_FALSE(f.submitted("a", 2));
    f.under_test.withdrawn(tg, "a", 1, f.now, f.done);
    CHECK(f.take().empty());
    f.committed("a", 2);
    CHECK(f.one<mark_action>().id == 2);
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
    CHECK(f.under_test.loaded(tg, {found("a", 1, {row(1)})}, f.now, unix_now, f.done) == 1);
    CHECK(f.one<mark_action>().id == 1);
    f.committed("a", 5);
    CHECK(f.one<refill_action>().after == 1);
}

TEST_CASE("lanes: what was committed before a late load is not counted twice") {
    fixture f;
    f.under_test.add_instance(tg);
    f.add("a", 1);
    f.add("a", 2);
    CHECK_FALSE(f.submitted("a", 3));
    const auto waiting = {found("a", 2, {row(1), row(2)}), found("b", 1, {row(4)})};
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
    f.marked({tg, "a", 2, 1, false, 1});
    CHECK_FALSE(f.receipt(answer(1, GW_OUTCOME_SENT)));
    f.offline();
    f.online();
    f.pass(30s);
    CHECK(f.take().empty());
    CHECK_FALSE(f.under_test.next_tick().has_value());
}
