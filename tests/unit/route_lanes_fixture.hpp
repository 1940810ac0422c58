// One instance's lanes on a clock that the test moves, and what they want done.
#pragma once

#include "route/lanes.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace gateway::test {

using namespace std::chrono_literals;
using route::actions;
using route::deliver_action;
using route::lane_settings;
using route::lanes;
using route::record_action;

inline constexpr std::uint32_t tg = 3;
inline constexpr std::int64_t unix_now = 1'700'000'000'000;

inline message::receipt answer(std::uint64_t id, std::int32_t outcome, std::int64_t retry_after_ms = 0,
                               std::int32_t scope = GW_SCOPE_CHAT) {
    message::receipt made;
    made.delivery = id;
    made.outcome = outcome;
    if (outcome == GW_OUTCOME_SENT) {
        made.message_ids.emplace_back("m");
    } else {
        made.code += 'c';
    }
    made.retry_after_ms = retry_after_ms;
    made.scope = scope;
    return made;
}

inline store::waiting_lane found(std::string chat, std::vector<store::waiting> deliveries) {
    return {std::move(chat), std::move(deliveries)};
}

inline store::waiting row(std::uint64_t id, bool handed = false, bool repeated = false, std::uint32_t attempt = 1) {
    return {{id, handed ? attempt : 0U, handed, repeated}, unix_now, 10};
}

inline message::delivery content(std::string chat, std::uint64_t id) {
    message::delivery made;
    made.id = id;
    made.message.chat = std::move(chat);
    return made;
}

// One mark of a run, or one that is taken back.
struct one_mark {
    std::string chat;
    std::uint64_t id;
    std::uint32_t attempt;
    bool repeated;
    std::uint32_t run;
    std::string code;
};
using commit = std::variant<one_mark, record_action>;

struct lanes_fixture {
    lanes under_test;
    lanes::time_point now = lanes::time_point{} + 1h;
    actions done;
    std::vector<one_mark> unmarks;     // taken out of `done`
    std::vector<std::uint64_t> calls;  // likewise: what is to be delivered

    // One delivery of a chat is marked at a time, unless a test is about more.
    explicit lanes_fixture(lane_settings options = {}, const std::vector<store::waiting_lane>& waiting = {},
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
    void marked(const one_mark& what) {
        std::vector<std::unique_ptr<message::delivery>> contents(2);  // null: of one that is gone
        contents[1] = std::make_unique<message::delivery>(content(what.chat, what.id));
        under_test.marked(tg, what.chat, what.run, std::move(contents), now, done);
    }
    void mark_failed(const one_mark& what, bool gone) {
        under_test.mark_failed(tg, what.chat, what.id, what.run, gone, now, done);
    }

    // The call into the instance.
    std::unique_ptr<message::delivery> start(std::uint64_t id) { return under_test.take(tg, id, now); }
    bool receipt(message::receipt what) { return under_test.receipt(tg, std::move(what), now, done); }

    void pass(std::chrono::milliseconds time) {
        now += time;
        under_test.tick(now, done);
    }

    // An idle chat's delivery, handed over.
    void add_and_start(const std::string& chat, std::uint64_t id) {
        CHECK(add(chat, id));
        CHECK(start(id));
    }
    // One delivery there and back at once: from now on two of a chat are marked at a time.
    void warm_up() {
        online();
        add_and_start("warm up", 1);
        CHECK(receipt(answer(1, GW_OUTCOME_SENT)));
        take();
    }

    // What is to be committed since the last call, but for marks taken back.
    std::vector<commit> take() {
        std::vector<commit> rest;
        for (auto& each : std::exchange(done, {})) {
            if (auto* call = std::get_if<deliver_action>(&each)) {
                calls.push_back(call->id);
            } else if (auto* unmark = std::get_if<route::unmark_action>(&each)) {
                for (const auto& one : unmark->marks) {
                    CHECK_FALSE(one.handed);
                    unmarks.push_back({unmark->chat, one.id, one.attempt, one.repeated, 0, unmark->code});
                }
            } else if (auto* mark = std::get_if<route::mark_action>(&each)) {
                for (const auto& one : mark->marks) {
                    CHECK(one.handed);
                    rest.emplace_back(one_mark{mark->chat, one.id, one.attempt, one.repeated, mark->run, {}});
                }
            } else {
                rest.emplace_back(std::get<record_action>(std::move(each)));
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
    std::vector<one_mark> take_marks() {
        std::vector<one_mark> marks;
        for (auto& each : take()) {
            if (auto* mark = std::get_if<one_mark>(&each)) {
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
        const auto mark = one<one_mark>();
        marked(mark);
        const auto what = start(mark.id);
        REQUIRE(what != nullptr);
        CHECK(what->attempt == mark.attempt);
        CHECK(what->flags == (mark.repeated ? GW_DELIVERY_REPEATED : 0U));
        return {mark.attempt, mark.repeated};
    }

    [[nodiscard]] bool is_idle() const { return under_test.pending(tg) == 0 && under_test.lane_count(tg) == 0; }
};

// Online, and the first delivery of chat "a" is with the instance.
struct in_flight_fixture : lanes_fixture {
    explicit in_flight_fixture(const lane_settings& options = {}, std::uint32_t max_run = 1)
        : lanes_fixture(options, {}, max_run) {
        online();
        add_and_start("a", 1);
    }
};

// All but this one start for the first time.
inline void check_repeated(const std::vector<one_mark>& marks, std::uint64_t id) {
    for (const auto& each : marks) {
        CHECK(each.repeated == (each.id == id));
        CHECK(each.attempt == (each.id == id ? 2 : 1));
    }
}

}  // namespace gateway::test
