// Many instances: bounded and fair concurrent connects, one instance's trouble not delaying others, the stop rule.

#include "unit/reconnect_harness.hpp"

using namespace gateway::reconnect;
using namespace gateway::reconnect::testing;

namespace {

constexpr auto transient = failure_class::transient;
constexpr auto auth = failure_class::auth;

policy gives_up_at_once(duration probe) {
    policy p = exact();
    p.max_attempts = 1;
    p.probe = probe;
    return p;
}

}  // namespace

TEST_CASE("reconnect: at most 64 instances connect at a time, and a freed place is used at once") {
    scripted_fleet fleet;
    for (std::uint32_t i = 0; i < 200; ++i) {
        fleet.add(i, {.connect = {succeeds(duration{1000 + i})}});
    }
    CHECK(fleet.machine.count(state::connecting) == 64);
    CHECK(fleet.machine.count(state::waiting) == 136);
    fleet.run_for(1s);
    CHECK(fleet.machine.count(state::online) == 1);
    CHECK(fleet.machine.count(state::connecting) == 64);
    fleet.run_for(4s);
    CHECK(fleet.machine.count(state::online) == 200);
}

TEST_CASE("reconnect: a failed connect frees its place at once, though its teardown hangs") {
    scripted_fleet fleet{{.max_connecting = 1}};
    const slot_id first = fleet.add(0, {.connect = {fails(trouble(transient), 1s)}, .close_after = std::nullopt});
    const slot_id second = fleet.add(1, {});
    fleet.run_for(1s);
    CHECK(fleet.state_of(first) == state::closing);
    CHECK(fleet.state_of(second) == state::online);
}

TEST_CASE("reconnect: places go to those due in the order in which they became due") {
    scripted_fleet fleet{{.max_connecting = 1}};
    const slot_id blocker = fleet.add(0, {.connect = {succeeds(25s)}});
    for (std::uint32_t i = 1; i <= 5; ++i) {
        fleet.add(6 - i, {.connect = {succeeds(1s)}});
    }
    fleet.run_for(25s);
    CHECK(fleet.state_of(blocker) == state::online);
    for (std::uint32_t i = 1; i <= 5; ++i) {
        CHECK(fleet.state_of(slot_id{6 - i}) == state::connecting);
        fleet.run_for(1s);
        CHECK(fleet.state_of(slot_id{6 - i}) == state::online);
    }
}

TEST_CASE("reconnect: one that becomes due in the moment a place is freed stands behind those already in line") {
    scripted_fleet fleet{{.max_connecting = 1}};
    const slot_id due_later = fleet.add(5, {.connect = {fails(transient), hangs()}});
    const slot_id hung = fleet.add(0, {.connect = {hangs()}});  // its deadline is the other's retry
    const slot_id in_line = fleet.add(1, {.connect = {hangs()}});
    fleet.run_for(30s);
    CHECK(fleet.state_of(hung) == state::waiting);
    CHECK(fleet.state_of(in_line) == state::connecting);
    CHECK(fleet.state_of(due_later) == state::waiting);
}

TEST_CASE("reconnect: one hung connect does not delay another instance's retry") {
    scripted_fleet fleet;
    fleet.add(0, {.connect = {hangs()}});
    const slot_id other = fleet.add(1, {.connect = {fails(transient), succeeds()}});
    fleet.run_for(30s);
    CHECK(fleet.of(other).creates.back() == fleet.now);
    CHECK(fleet.state_of(other) == state::online);
}

TEST_CASE("reconnect: a paused or removed one gives up its place in the line") {
    scripted_fleet fleet{{.max_connecting = 1}};
    fleet.add(0, {.connect = {succeeds(10s)}});
    const slot_id paused = fleet.add(1, {});
    const slot_id removed = fleet.add(2, {});
    const slot_id last = fleet.add(3, {});
    fleet.pause(paused);
    fleet.remove(removed);
    fleet.run_for(10s);
    CHECK(fleet.state_of(last) == state::online);
    CHECK(fleet.creates(paused) == 0);
    CHECK(fleet.creates(removed) == 0);
}

TEST_CASE("reconnect: a raised limit is used at once") {
    scripted_fleet fleet{{.max_connecting = 1}};
    for (std::uint32_t i = 0; i < 5; ++i) {
        fleet.add(i, {.connect = {hangs()}});
    }
    fleet.tell([](scheduler& m, time_point t) { return m.set({.max_connecting = 3}, t), outcome::applied; });
    CHECK(fleet.machine.count(state::connecting) == 3);
}

TEST_CASE("reconnect: more deadlines due at once than one advance handles are handled by the next ones") {
    action_list out;
    scheduler m{{.max_connecting = 10'000}, out, 1};
    const time_point t{1h};
    for (std::uint32_t i = 0; i < 10'000; ++i) {
        m.add(slot_id{i}, exact(), t);
    }
    m.advance(t + 30s);
    CHECK(m.count(state::closing) == max_due_per_advance);
    REQUIRE(m.next_deadline().has_value());
    CHECK(*m.next_deadline() <= t + 30s);
    m.advance(t + 30s);
    m.advance(t + 30s);
    CHECK(m.count(state::closing) == 10'000);
    CHECK(*m.next_deadline() == t + 35s);
    CHECK(m.invariants_hold());
}

TEST_CASE(
    "reconnect: when every instance failed for what only a changed configuration can mend, the host exits with 78") {
    scripted_fleet fleet;
    fleet.machine.begin_changes();
    fleet.add(0, {.connect = {fails(auth)}});
    fleet.add(1, {.connect = {fails(failure_class::config)}});
    fleet.add(2, {.create_fails = trouble(failure_class::unsupported)});
    CHECK(fleet.exits.empty());
    fleet.tell([](scheduler& m, time_point t) { return m.end_changes(t), outcome::applied; });
    CHECK(fleet.exits == std::vector{78});
}

TEST_CASE("reconnect: when one of them could not be created for another reason, the host exits with 1") {
    scripted_fleet fleet;
    fleet.machine.begin_changes();
    fleet.add(0, {.connect = {fails(auth)}});
    fleet.add(1, {.create_fails = trouble(failure_class::internal)});
    fleet.tell([](scheduler& m, time_point t) { return m.end_changes(t), outcome::applied; });
    CHECK(fleet.exits == std::vector{1});
}

TEST_CASE("reconnect: the host stays while one is still to be probed, and stops when none is") {
    scripted_fleet probed;
    probed.add(0, {.connect = {fails(transient)}}, gives_up_at_once(1h));
    probed.run_for(24h);
    CHECK(probed.exits.empty());
    scripted_fleet unprobed;
    unprobed.add(0, {.connect = {fails(transient)}}, gives_up_at_once(0s));
    CHECK(unprobed.exits == std::vector{1});
}

TEST_CASE("reconnect: the host judges only after the last teardown is over") {
    scripted_fleet fleet;
    fleet.add(0, {.connect = {fails(auth)}, .close_after = std::nullopt});
    CHECK(fleet.exits.empty());
    fleet.run_for(5s);
    CHECK(fleet.exits == std::vector{78});
}

TEST_CASE("reconnect: told to stay, the host stays though all have failed; told otherwise later, it stops") {
    scripted_fleet fleet{{.on_all_failed = all_failed::stay}};
    fleet.add(0, {.connect = {fails(auth)}});
    fleet.run_for(24h);
    CHECK(fleet.exits.empty());
    fleet.tell([](scheduler& m, time_point t) { return m.set({}, t), outcome::applied; });
    CHECK(fleet.exits == std::vector{78});
}

TEST_CASE("reconnect: with nothing configured the host stays, also after the last instance was removed") {
    scripted_fleet fleet;
    fleet.tell([](scheduler& m, time_point t) { return m.advance(t), outcome::applied; });
    const slot_id slot = fleet.add(0, {});
    fleet.remove(slot);
    fleet.run_for(24h);
    CHECK(fleet.exits.empty());
    CHECK(fleet.machine.configured() == 0);
}

TEST_CASE("reconnect: a paused instance keeps the host alive, and one that is online does too") {
    scripted_fleet fleet;
    const slot_id kept = fleet.add(0, {});
    const slot_id bad = fleet.add(1, {.connect = {fails(auth)}});
    fleet.pause(kept);
    fleet.run_for(24h);
    CHECK(fleet.exits.empty());
    fleet.remove(kept);
    CHECK(fleet.exits == std::vector{78});
    CHECK(fleet.state_of(bad) == state::failed);
}

TEST_CASE("reconnect: an instance without its module fails, keeps the host up, and connects with a new generation") {
    action_list out;
    scheduler m{{}, out, 1};
    const time_point t{1h};
    const slot_id slot{0};
    const auto said = [&](action_kind kind) {
        return std::count_if(out.begin(), out.end(), [&](const action& a) { return a.kind == kind; });
    };
    m.add(slot, exact(), t);
    const auto incarnation = m.status_of(slot)->incarnation;
    CHECK(m.module_missing(slot, incarnation, trouble(failure_class::unsupported, "no_module"), t) == outcome::applied);
    CHECK(m.status_of(slot)->at == state::failed);
    CHECK(m.status_of(slot)->why->code == "no_module");
    CHECK_FALSE(m.next_deadline().has_value());
    CHECK(said(action_kind::exit) == 0);
    CHECK(said(action_kind::destroy) == 0);
    CHECK(m.module_missing(slot, incarnation, trouble(failure_class::unsupported), t) == outcome::stale);
    CHECK(m.invariants_hold());

    // Its module is there now, but cannot create it either: no longer a reason to stay.
    m.new_generation(slot, t);
    CHECK(said(action_kind::create) == 2);
    m.create_failed(slot, m.status_of(slot)->incarnation, trouble(failure_class::config), t);
    CHECK(said(action_kind::exit) == 1);
    CHECK(m.invariants_hold());
}

TEST_CASE("reconnect: when the one that waited for a module is removed, the rest are judged without it") {
    action_list out;
    scheduler m{{}, out, 1};
    const time_point t{1h};
    m.add(slot_id{0}, exact(), t);
    m.add(slot_id{1}, exact(), t);
    m.module_missing(slot_id{0}, m.status_of(slot_id{0})->incarnation, trouble(failure_class::unsupported), t);
    m.create_failed(slot_id{1}, m.status_of(slot_id{1})->incarnation, trouble(failure_class::config), t);
    const auto exits = [&] {
        return std::count_if(out.begin(), out.end(), [](const action& a) { return a.kind == action_kind::exit; });
    };
    CHECK(exits() == 0);
    m.remove(slot_id{0}, t);
    CHECK(exits() == 1);
    CHECK(m.invariants_hold());
}

TEST_CASE("reconnect: a change says how it was when it happened, whatever follows in the same step") {
    action_list out;
    scheduler m{{}, out, 1};
    const time_point t{1h};
    const slot_id slot{0};
    m.add(slot, exact(), t);
    const auto incarnation = m.status_of(slot)->incarnation;
    m.connected(slot, incarnation, t);
    m.lost(slot, incarnation, trouble(transient), t);
    out.clear();
    m.closed(slot, incarnation, t);  // a retry at once: it connects again already
    CHECK(m.status_of(slot)->at == state::connecting);
    REQUIRE(out.size() >= 3);
    CHECK(out[1] == action{.kind = action_kind::changed,
                           .from = state::closing,
                           .to = state::waiting,
                           .reports_failure = true,
                           .slot = slot,
                           .incarnation = incarnation,
                           .retry_in = 0ms});
    CHECK_FALSE(out[2].reports_failure);
    CHECK(out[2].to == state::connecting);

    out.clear();
    m.lost(slot, m.status_of(slot)->incarnation, trouble(transient), t);
    CHECK_FALSE(out[0].reports_failure);  // told when its teardown is over
    m.closed(slot, m.status_of(slot)->incarnation, t + 200ms);
    const auto waits = std::find_if(out.begin(), out.end(), [](const action& a) { return a.to == state::waiting; });
    REQUIRE(waits != out.end());
    CHECK(waits->reports_failure);
    CHECK(waits->attempts == 1);
    CHECK(waits->retry_in == 800ms);

    out.clear();
    m.pause(slot, t + 300ms);
    CHECK_FALSE(out[0].reports_failure);  // an old failure is no news
}

TEST_CASE("reconnect: what an older incarnation failed of is not reported again when a newer one makes way") {
    action_list out;
    scheduler m{{}, out, 1};
    const time_point t{1h};
    const slot_id slot{0};
    m.add(slot, exact(), t);
    m.create_failed(slot, m.status_of(slot)->incarnation, trouble(failure_class::auth), t);
    const auto reports = [&] {
        return std::count_if(out.begin(), out.end(), [](const action& a) { return a.reports_failure; });
    };
    CHECK(reports() == 1);
    out.clear();
    m.reconfigure(slot, exact(), t);
    CHECK(m.status_of(slot)->at == state::connecting);
    m.reconfigure(slot, exact(), t);
    m.closed(slot, m.status_of(slot)->incarnation, t);
    m.pause(slot, t);
    m.closed(slot, m.status_of(slot)->incarnation, t);
    CHECK(m.status_of(slot)->at == state::paused);
    CHECK(reports() == 0);
}

TEST_CASE("reconnect: giving up says how many attempts there were, and when the probe is due") {
    action_list out;
    scheduler m{{}, out, 1};
    const time_point t{1h};
    const slot_id slot{0};
    m.add(slot, gives_up_at_once(1h), t);
    m.lost(slot, m.status_of(slot)->incarnation, trouble(transient), t);
    m.closed(slot, m.status_of(slot)->incarnation, t);
    const auto said =
        std::find_if(out.begin(), out.end(), [](const action& a) { return a.kind == action_kind::gave_up; });
    REQUIRE(said != out.end());
    CHECK(said->attempts == 1);
    CHECK(said->retry_in == 1h);
}
