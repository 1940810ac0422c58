// The scheduler checks itself while it runs: an instance that it has lost gets its place again.

#include "reconnect/scheduler_record.hpp"
#include "reconnect_harness.hpp"

#include <doctest/doctest.h>

namespace gateway::reconnect {

struct scheduler_saboteur {
    static void lose_place(scheduler& of, slot_id slot) {
        of.deadlines_.clear(slot);
        of.ready_.clear(slot);
    }
    static void give_deadline(scheduler& of, slot_id slot, time_point when) { of.deadlines_.set(slot, when); }
    static void forget_when(scheduler& of, slot_id slot) { of.records_[index_of(slot)].next_at = never; }
};

}  // namespace gateway::reconnect

namespace {

using namespace gateway::reconnect;
using namespace gateway::reconnect::testing;
using saboteur = scheduler_saboteur;

constexpr slot_id other{1};

// Breaks the slot's place and has it found, by the change of that slot itself.
void lose_and_mend(scripted_fleet& fleet, slot_id slot) {
    saboteur::lose_place(fleet.machine, slot);
    CHECK_FALSE(fleet.machine.invariants_hold());
    CHECK(fleet.machine.check(slot, fleet.now) == slot);
    CHECK(fleet.machine.invariants_hold());
    CHECK_FALSE(fleet.machine.check(slot, fleet.now).has_value());
}

}  // namespace

TEST_CASE("check: a sound scheduler has nothing to mend, empty or not") {
    scripted_fleet fleet;
    CHECK_FALSE(fleet.machine.check(slot_id{7}, fleet.now).has_value());
    fleet.add(0, {});
    fleet.add(1, {.connect = {fails(failure_class::transient)}});
    for (int i = 0; i < 5; ++i) {
        CHECK_FALSE(fleet.machine.check(slot_id{0}, fleet.now).has_value());
    }
}

TEST_CASE("check: one that waits and lost its place is retried when it was due") {
    scripted_fleet fleet;
    const slot_id slot = fleet.add(0, {.connect = {fails(failure_class::transient), succeeds()}});
    lose_and_mend(fleet, slot);
    CHECK(fleet.until_retry(slot) == 30s);
    fleet.run_for(30s);
    CHECK(fleet.state_of(slot) == state::online);
}

TEST_CASE("check: one whose time is not known any more is retried within the ladder's longest wait") {
    scripted_fleet fleet;
    const slot_id slot = fleet.add(0, {.connect = {fails(failure_class::transient), succeeds()}});
    saboteur::forget_when(fleet.machine, slot);
    lose_and_mend(fleet, slot);
    CHECK(fleet.until_retry(slot) == 300s);
}

TEST_CASE("check: one that connects or closes without a deadline is at it now") {
    scripted_fleet fleet;
    const slot_id slot = fleet.add(0, {.connect = {hangs()}, .close_after = std::nullopt});
    lose_and_mend(fleet, slot);
    fleet.run_for(0s);
    CHECK(fleet.state_of(slot) == state::closing);
    CHECK(fleet.at(slot).why->code == "connect_timeout");
    lose_and_mend(fleet, slot);
    fleet.run_for(0s);
    CHECK(fleet.state_of(slot) == state::waiting);
    CHECK(fleet.of(slot).abandoned == 1);
}

TEST_CASE("check: one that gave up is probed again, and a failed one has no deadline") {
    scripted_fleet fleet;
    policy once = exact();
    once.max_attempts = 1;
    const slot_id slot = fleet.add(0, {.connect = {fails(failure_class::transient), succeeds()}}, once);
    const slot_id failed = fleet.add(1, {.connect = {fails(failure_class::auth)}});
    lose_and_mend(fleet, slot);
    saboteur::give_deadline(fleet.machine, failed, fleet.now + 1s);
    CHECK(fleet.machine.check(failed, fleet.now) == failed);
    fleet.run_for(1h);
    CHECK(fleet.state_of(slot) == state::online);
    CHECK(fleet.state_of(failed) == state::failed);
}

TEST_CASE("check: one that nobody changes is found by the changes of the others") {
    scripted_fleet fleet;
    for (std::uint32_t i = 0; i < 10; ++i) {
        fleet.add(i, {.connect = {fails(failure_class::transient)}});
    }
    const slot_id lost{7};
    saboteur::lose_place(fleet.machine, lost);
    int mended = 0;
    for (int i = 0; i < 10; ++i) {
        const auto found = fleet.machine.check(other, fleet.now);
        mended += found == lost ? 1 : 0;
    }
    CHECK(mended == 1);
    CHECK(fleet.machine.invariants_hold());
}
