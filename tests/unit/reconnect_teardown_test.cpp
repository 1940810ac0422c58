// Queue first, then tear down: deadlines of connect and close, identity of incarnations, pause, remove, stop.

#include "unit/reconnect_harness.hpp"

using namespace gateway::reconnect;
using namespace gateway::reconnect::testing;

namespace {

constexpr auto transient = failure_class::transient;

}  // namespace

TEST_CASE("reconnect: a failure is queued before the old incarnation is torn down") {
    scripted_fleet fleet;
    const slot_id slot = fleet.add(0, {.connect = {fails(transient)}, .close_after = std::nullopt});
    CHECK(fleet.state_of(slot) == state::closing);
    CHECK(fleet.at(slot).attempts == 1);
    CHECK(fleet.until_retry(slot) == 30s);
    CHECK(fleet.of(slot).closes == 1);
    CHECK(fleet.of(slot).destroys == 0);
}

TEST_CASE("reconnect: an incarnation that never closes is abandoned at its deadline, and the retry is on time") {
    scripted_fleet fleet;
    const slot_id slot = fleet.add(0, {.connect = {fails(transient)}, .close_after = std::nullopt});
    fleet.run_for(4'999ms);
    CHECK(fleet.of(slot).destroys == 0);
    fleet.run_for(1ms);
    CHECK(fleet.of(slot).abandoned == 1);
    CHECK(fleet.state_of(slot) == state::waiting);
    fleet.run_for(25s);
    CHECK(fleet.creates(slot) == 2);
}

TEST_CASE("reconnect: the fresh incarnation is created only after the old one is gone, though it is due earlier") {
    scripted_fleet fleet;
    const slot_id slot = fleet.add(0, {.close_after = 3s});
    fleet.run_for(60s);
    const auto old = fleet.incarnation(slot);
    fleet.lose(slot, trouble(transient));
    CHECK(fleet.until_retry(slot) == 0s);
    fleet.run_for(2'999ms);
    CHECK(fleet.creates(slot) == 1);
    fleet.run_for(1ms);
    CHECK(fleet.creates(slot) == 2);
    CHECK(fleet.state_of(slot) == state::online);
    CHECK(static_cast<std::uint32_t>(fleet.incarnation(slot)) == static_cast<std::uint32_t>(old) + 1);
    CHECK(fleet.of(slot).abandoned == 0);
}

TEST_CASE("reconnect: a hung connect ends at its deadline as a transient connect_timeout and is torn down") {
    scripted_fleet fleet;
    const slot_id slot = fleet.add(0, {.connect = {hangs(), succeeds()}});
    fleet.run_for(29'999ms);
    CHECK(fleet.state_of(slot) == state::connecting);
    fleet.run_for(1ms);
    CHECK(fleet.state_of(slot) == state::waiting);
    CHECK(fleet.at(slot).attempts == 1);
    CHECK(fleet.until_retry(slot) == 30s);
    CHECK(fleet.at(slot).why->cls == transient);
    CHECK(fleet.at(slot).why->code == "connect_timeout");
    CHECK(fleet.of(slot).destroys == 1);
    fleet.run_for(30s);
    CHECK(fleet.state_of(slot) == state::online);
}

TEST_CASE("reconnect: a connect that finishes after its deadline is stale and changes nothing") {
    scripted_fleet fleet;
    const slot_id slot = fleet.add(0, {.connect = {succeeds(31s), hangs()}, .close_after = 2s});
    fleet.run_for(31s);
    CHECK(fleet.state_of(slot) == state::closing);
    CHECK(fleet.of(slot).publishes == 0);
    fleet.run_for(1s);
    CHECK(fleet.state_of(slot) == state::waiting);
}

TEST_CASE("reconnect: whatever a dead incarnation still says is stale") {
    scripted_fleet fleet;
    const slot_id slot = fleet.add(0, {});
    fleet.run_for(60s);
    const auto old = fleet.incarnation(slot);
    fleet.lose(slot, trouble(transient));
    REQUIRE(fleet.state_of(slot) == state::online);
    scheduler& m = fleet.machine;
    const time_point t = fleet.now;
    CHECK(m.lost(slot, old, trouble(failure_class::auth), t) == outcome::stale);
    CHECK(m.connected(slot, old, t) == outcome::stale);
    CHECK(m.closed(slot, old, t) == outcome::stale);
    CHECK(m.create_failed(slot, old, trouble(failure_class::auth), t) == outcome::stale);
    CHECK(m.lost(slot_id{77}, old, trouble(transient), t) == outcome::stale);
    fleet.carry_out();
    CHECK(fleet.state_of(slot) == state::online);
    CHECK_FALSE(fleet.at(slot).why.has_value());
}

TEST_CASE(
    "reconnect: what does not fit the state is stale: twice connected, closed without being asked, lost in closing") {
    scripted_fleet fleet;
    const slot_id slot = fleet.add(0, {.close_after = std::nullopt});
    const auto incarnation = fleet.incarnation(slot);
    scheduler& m = fleet.machine;
    CHECK(m.connected(slot, incarnation, fleet.now) == outcome::stale);
    CHECK(m.closed(slot, incarnation, fleet.now) == outcome::stale);
    CHECK(m.create_failed(slot, incarnation, trouble(transient), fleet.now) == outcome::stale);
    CHECK(m.add(slot, exact(), fleet.now) == outcome::stale);
    CHECK(fleet.resume(slot) == outcome::stale);
    CHECK(fleet.of(slot).publishes == 1);
    fleet.lose(slot, trouble(transient, "first"));
    CHECK(fleet.lose(slot, trouble(failure_class::auth, "second")) == outcome::stale);
    CHECK(fleet.at(slot).why->code == "first");
    CHECK(fleet.until_retry(slot) == 0s);
}

TEST_CASE("reconnect: every incarnation is closed and destroyed, also those that never connected") {
    scripted_fleet fleet;
    policy p = exact();
    p.max_attempts = 0;
    const slot_id slot = fleet.add(0, {.connect = {fails(transient)}}, p);
    fleet.run_for(12h);
    CHECK(fleet.creates(slot) > 100);
    CHECK(fleet.of(slot).closes == fleet.creates(slot));
    CHECK(fleet.of(slot).destroys == fleet.creates(slot));
    CHECK(fleet.alive.empty());
}

TEST_CASE("reconnect: pausing tears down and stays away; resuming starts afresh") {
    scripted_fleet fleet;
    const slot_id slot = fleet.add(0, {.close_after = 1s});
    fleet.pause(slot);
    CHECK(fleet.state_of(slot) == state::closing);
    CHECK(fleet.of(slot).unpublishes == 1);
    CHECK_FALSE(fleet.at(slot).next_retry.has_value());
    fleet.run_for(24h);
    CHECK(fleet.state_of(slot) == state::paused);
    CHECK(fleet.creates(slot) == 1);
    CHECK(fleet.reconfigure(slot) == outcome::applied);
    CHECK(fleet.new_generation(slot) == outcome::applied);
    CHECK(fleet.state_of(slot) == state::paused);
    CHECK(fleet.exits.empty());
    CHECK(fleet.resume(slot) == outcome::applied);
    CHECK(fleet.state_of(slot) == state::online);
}

TEST_CASE("reconnect: a queued one can be paused, and so can a failed one; a reconnect ends the pause") {
    scripted_fleet fleet;
    const slot_id queued = fleet.add(0, {.connect = {fails(transient), succeeds()}});
    const slot_id failed = fleet.add(1, {.connect = {fails(failure_class::auth), succeeds()}});
    fleet.pause(queued);
    fleet.pause(failed);
    CHECK_FALSE(fleet.machine.next_deadline().has_value());
    fleet.run_for(24h);
    CHECK(fleet.creates(queued) == 1);
    CHECK(fleet.at(failed).why->cls == failure_class::auth);
    fleet.reconnect(queued);
    fleet.reconnect(failed);
    CHECK(fleet.machine.count(state::online) == 2);
    CHECK(fleet.exits.empty());
}

TEST_CASE("reconnect: pause and resume within one teardown end in a fresh start") {
    scripted_fleet fleet;
    const slot_id slot = fleet.add(0, {.close_after = 3s});
    fleet.pause(slot);
    fleet.run_for(1s);
    CHECK(fleet.resume(slot) == outcome::applied);
    fleet.run_for(2s);
    CHECK(fleet.state_of(slot) == state::online);
    CHECK(fleet.creates(slot) == 2);
}

TEST_CASE("reconnect: an operator's reconnect, a changed table and a new generation replace a running incarnation") {
    scripted_fleet fleet;
    const slot_id slot = fleet.add(0, {.close_after = 1s});
    int expected = 1;
    for (int how = 0; how < 3; ++how) {
        (void)(how == 0 ? fleet.reconnect(slot) : how == 1 ? fleet.reconfigure(slot) : fleet.new_generation(slot));
        CHECK(fleet.state_of(slot) == state::closing);
        fleet.run_for(1s);
        CHECK(fleet.state_of(slot) == state::online);
        CHECK(fleet.creates(slot) == ++expected);
        CHECK(fleet.of(slot).destroys == expected - 1);
    }
}

TEST_CASE("reconnect: an operator's reconnect brings an undue retry forward with its attempts forgotten") {
    scripted_fleet fleet;
    const slot_id slot = fleet.add(0, {.connect = {fails(transient), fails(transient), hangs()}});
    fleet.run_for(30s);
    CHECK(fleet.at(slot).attempts == 2);
    fleet.reconnect(slot);
    CHECK(fleet.state_of(slot) == state::connecting);
    CHECK(fleet.at(slot).attempts == 0);
}

TEST_CASE("reconnect: removing tears down first; the slot's next user gets a higher incarnation") {
    scripted_fleet fleet;
    const slot_id slot = fleet.add(0, {.close_after = 1s});
    const auto first = static_cast<std::uint32_t>(fleet.incarnation(slot));
    fleet.remove(slot);
    CHECK(fleet.machine.add(slot, exact(), fleet.now) == outcome::stale);
    CHECK(fleet.reconnect(slot) == outcome::applied);  // too late: it still leaves
    CHECK(fleet.pause(slot) == outcome::applied);      // likewise
    fleet.run_for(1s);
    CHECK_FALSE(fleet.machine.status_of(slot).has_value());
    CHECK(fleet.of(slot).removed == 1);
    CHECK(fleet.machine.configured() == 0);
    fleet.add(0, {.connect = {fails(transient)}});
    CHECK(static_cast<std::uint32_t>(fleet.incarnation(slot)) == first + 1);
    CHECK(fleet.at(slot).attempts == 1);
    fleet.remove(slot);
    fleet.add(0, {});
    CHECK(static_cast<std::uint32_t>(fleet.incarnation(slot)) == first + 2);
    CHECK(fleet.at(slot).attempts == 0);
    CHECK(fleet.exits.empty());
}

TEST_CASE("reconnect: a create that fails while it is already being closed needs no teardown") {
    action_list out;
    scheduler m{{}, out, 1};
    const time_point t{1h};
    const slot_id slot{0};
    m.add(slot, exact(), t);
    m.pause(slot, t);
    const auto incarnation = m.status_of(slot)->incarnation;
    CHECK(m.create_failed(slot, incarnation, trouble(failure_class::config), t) == outcome::applied);
    CHECK(m.status_of(slot)->at == state::paused);
    CHECK(std::none_of(out.begin(), out.end(), [](const action& a) { return a.kind == action_kind::destroy; }));
    CHECK(m.invariants_hold());
}

TEST_CASE("reconnect: stopping closes all at once within their timeouts and one budget, then says so once") {
    scripted_fleet fleet;
    policy patient = exact();
    patient.close_timeout = 60s;
    fleet.add(0, {.close_after = 1s});
    fleet.add(1, {.close_after = std::nullopt});           // abandoned at its own 5 s
    fleet.add(2, {.close_after = std::nullopt}, patient);  // abandoned at the budget's end
    fleet.add(3, {.connect = {hangs()}});
    const slot_id queued = fleet.add(4, {.connect = {fails(transient)}});
    fleet.stop_all(10s);
    CHECK(fleet.machine.count(state::closing) == 3);
    CHECK(fleet.of(queued).removed == 1);
    fleet.run_for(1s);
    CHECK(fleet.machine.count(state::closing) == 2);
    fleet.run_for(4s);
    CHECK(fleet.machine.count(state::closing) == 1);
    CHECK(fleet.of(slot_id{1}).abandoned == 1);
    fleet.run_for(4'999ms);
    CHECK(fleet.stopped_all == 0);
    fleet.run_for(1ms);
    CHECK(fleet.stopped_all == 1);
    CHECK(fleet.of(slot_id{2}).abandoned == 1);
    CHECK(fleet.alive.empty());
    fleet.stop_all(1s);
    fleet.run_for(24h);
    CHECK(fleet.stopped_all == 1);
    CHECK(fleet.exits.empty());
    CHECK(fleet.machine.add(slot_id{0}, exact(), fleet.now) == outcome::stale);
}

TEST_CASE("reconnect: stopping shortens a teardown that has begun, and creates nothing any more") {
    scripted_fleet fleet{{.max_connecting = 1}};
    policy patient = exact();
    patient.close_timeout = 60s;
    const slot_id slot = fleet.add(0, {.connect = {hangs()}, .close_after = std::nullopt}, patient);
    const slot_id next = fleet.add(1, {});
    fleet.stop_all(30s);
    fleet.stop_all(2s);
    fleet.stop_all(30s);
    fleet.run_for(2s);
    CHECK(fleet.stopped_all == 1);
    CHECK(fleet.of(slot).abandoned == 1);
    CHECK(fleet.creates(next) == 0);
}

TEST_CASE("reconnect: stopping with nothing configured is done at once") {
    scripted_fleet fleet;
    fleet.stop_all(1s);
    CHECK(fleet.stopped_all == 1);
}
