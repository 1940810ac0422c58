// The list of behaviours this project began with, one case each, against the real scheduler.

#include "unit/reconnect_harness.hpp"

using namespace gateway::reconnect;
using namespace gateway::reconnect::testing;

namespace {

constexpr auto transient = failure_class::transient;
constexpr auto auth = failure_class::auth;

script failing_then(std::deque<connect_result> rest) {
    rest.push_front(fails(transient));
    return {.connect = std::move(rest)};
}

// Another instance that is online and stays so: keeps the stop rule out of a case that is not about it.
void add_healthy(scripted_fleet& fleet) {
    fleet.add(9, {});
}

}  // namespace

TEST_CASE("reconnect: a failed connect at start is queued with attempts 1 and its retry 30 s ahead") {
    scripted_fleet fleet;
    const slot_id slot = fleet.add(0, {.connect = {fails(trouble(transient, "dns"))}});
    const status s = fleet.at(slot);
    CHECK(s.at == state::waiting);
    CHECK(s.attempts == 1);
    CHECK(fleet.until_retry(slot) == 30s);
    REQUIRE(s.why.has_value());
    CHECK(s.why->cls == transient);
    CHECK(s.why->code == "dns");
    CHECK(s.why->text == "a sentence");
    CHECK(fleet.of(slot).publishes == 0);
}

TEST_CASE("reconnect: a non-retryable failure at start is not queued") {
    for (const auto cls : {failure_class::auth, failure_class::config, failure_class::unsupported}) {
        scripted_fleet fleet;
        add_healthy(fleet);
        const slot_id slot = fleet.add(0, {.connect = {fails(cls)}});
        CHECK(fleet.state_of(slot) == state::failed);
        CHECK_FALSE(fleet.at(slot).next_retry.has_value());
        CHECK(fleet.at(slot).why->cls == cls);
        fleet.run_for(48h);
        CHECK(fleet.creates(slot) == 1);
        CHECK(fleet.of(slot).destroys == 1);
    }
}

TEST_CASE(
    "reconnect: a due retry that succeeds leaves the queue, is published, gets its settings, rebuilds the chats") {
    scripted_fleet fleet;
    const slot_id slot = fleet.add(0, failing_then({succeeds()}));
    fleet.run_for(30s);
    CHECK(fleet.state_of(slot) == state::online);
    CHECK_FALSE(fleet.at(slot).next_retry.has_value());
    CHECK_FALSE(fleet.at(slot).why.has_value());
    CHECK(fleet.of(slot).publishes == 1);
    CHECK(fleet.of(slot).settings_handed == 1);
    CHECK(fleet.of(slot).deliveries_released == 1);
    CHECK(fleet.directory_rebuilds == 1);
    CHECK(fleet.machine.count(state::waiting) == 0);
}

TEST_CASE("reconnect: a due retry that fails non-retryably leaves the queue and is not published") {
    scripted_fleet fleet;
    add_healthy(fleet);
    const slot_id slot = fleet.add(0, failing_then({fails(auth)}));
    fleet.run_for(30s);
    CHECK(fleet.state_of(slot) == state::failed);
    CHECK_FALSE(fleet.at(slot).next_retry.has_value());
    CHECK(fleet.of(slot).publishes == 0);
    CHECK(fleet.machine.count(state::waiting) == 0);
}

TEST_CASE("reconnect: one that fails retryably stays with one more attempt and the next delay") {
    scripted_fleet fleet;
    const slot_id slot = fleet.add(0, {.connect = {fails(transient)}});
    std::uint32_t attempts = 1;
    for (const duration delay : {30s, 60s, 120s, 240s, 300s, 300s, 300s}) {
        CHECK(fleet.state_of(slot) == state::waiting);
        CHECK(fleet.at(slot).attempts == attempts++);
        CHECK(fleet.until_retry(slot) == delay);
        fleet.run_for(delay);
    }
}

TEST_CASE("reconnect: every retryable class is retried, also conflict and internal") {
    for (const auto cls :
         {failure_class::transient, failure_class::rate_limited, failure_class::conflict, failure_class::internal}) {
        scripted_fleet fleet;
        const slot_id slot = fleet.add(0, {.connect = {fails(cls), succeeds()}});
        CHECK(fleet.until_retry(slot) == 30s);
        fleet.run_for(30s);
        CHECK(fleet.state_of(slot) == state::online);
    }
}

TEST_CASE("reconnect: at 20 attempts it is removed from the queue and nothing is created") {
    scripted_fleet fleet;
    add_healthy(fleet);
    policy p = exact();
    p.probe = 0s;
    const slot_id slot = fleet.add(0, {.connect = {fails(transient)}}, p);
    fleet.run_for(30s + 60s + 120s + 240s + 14 * 300s);
    CHECK(fleet.state_of(slot) == state::waiting);
    CHECK(fleet.at(slot).attempts == 19);
    fleet.run_for(300s);
    CHECK(fleet.state_of(slot) == state::gave_up);
    CHECK(fleet.at(slot).attempts == 20);
    CHECK(fleet.of(slot).gave_up == 1);
    CHECK_FALSE(fleet.at(slot).next_retry.has_value());
    fleet.run_for(48h);
    CHECK(fleet.creates(slot) == 20);
}

TEST_CASE("reconnect: an undue one is left alone and nothing is created") {
    scripted_fleet fleet;
    const slot_id slot = fleet.add(0, {.connect = {fails(transient)}});
    const status before = fleet.at(slot);
    fleet.run_for(29'999ms);
    fleet.tell([](scheduler& m, time_point t) { return m.advance(t), outcome::applied; });
    CHECK(fleet.creates(slot) == 1);
    CHECK(fleet.at(slot).next_retry == before.next_retry);
    CHECK(fleet.at(slot).attempts == 1);
    fleet.run_for(1ms);
    CHECK(fleet.creates(slot) == 2);
}

TEST_CASE("reconnect: with nothing queued the scheduler idles, without a wake-up") {
    scripted_fleet fleet;
    CHECK_FALSE(fleet.machine.next_deadline().has_value());
    const slot_id online = fleet.add(0, {});
    fleet.add(1, {.connect = {fails(auth)}});
    const slot_id paused = fleet.add(2, {});
    fleet.pause(paused);
    fleet.run_for(60s);  // the end of its unstable period is the last thing to happen
    CHECK(fleet.state_of(online) == state::online);
    CHECK_FALSE(fleet.machine.next_deadline().has_value());
    const int before = fleet.wake_ups;
    fleet.run_for(24h);
    CHECK(fleet.wake_ups == before);
}

TEST_CASE("reconnect: a module that cannot create leaves the queue with its reason") {
    for (const auto cls : {failure_class::unsupported, failure_class::transient}) {
        scripted_fleet fleet;
        add_healthy(fleet);
        const slot_id slot = fleet.add(0, {.create_fails = trouble(cls, "missing_dependency")});
        CHECK(fleet.state_of(slot) == state::failed);
        CHECK(fleet.at(slot).why->code == "missing_dependency");
        fleet.run_for(48h);
        CHECK(fleet.creates(slot) == 1);
        CHECK(fleet.of(slot).closes == 0);
        CHECK(fleet.of(slot).destroys == 0);
    }
}

TEST_CASE("reconnect: a queued one whose module can no longer create leaves the queue with its reason") {
    scripted_fleet fleet;
    add_healthy(fleet);
    const slot_id slot = fleet.add(0, {.connect = {fails(transient)}});
    fleet.script_of(slot).create_fails = trouble(failure_class::config, "bad_key");
    fleet.run_for(30s);
    CHECK(fleet.state_of(slot) == state::failed);
    CHECK(fleet.at(slot).why->code == "bad_key");
    CHECK_FALSE(fleet.at(slot).next_retry.has_value());
}

TEST_CASE("reconnect: a retryable loss at run time is queued with attempts 0") {
    scripted_fleet fleet;
    policy ladder = exact();
    ladder.quick.clear();
    for (std::uint32_t i = 0; const policy& p : {exact(), ladder}) {
        const slot_id slot = fleet.add(i++, {.close_after = 1s}, p);
        fleet.run_for(2s);
        fleet.lose(slot, trouble(transient));
        CHECK(fleet.state_of(slot) == state::closing);
        CHECK(fleet.at(slot).attempts == 0);
        CHECK(fleet.until_retry(slot) == (p.quick.empty() ? 30s : 0s));
        CHECK(fleet.of(slot).unpublishes == 1);
    }
    fleet.run_for(1s);
    CHECK(fleet.state_of(slot_id{0}) == state::online);  // its quick retry, at once
    CHECK(fleet.state_of(slot_id{1}) == state::waiting);
    CHECK(fleet.at(slot_id{1}).attempts == 0);
}

TEST_CASE("reconnect: a non-retryable loss at run time is not queued") {
    scripted_fleet fleet;
    add_healthy(fleet);
    const slot_id slot = fleet.add(0, {});
    fleet.run_for(10min);
    fleet.lose(slot, trouble(auth, "401"));
    CHECK(fleet.state_of(slot) == state::failed);
    CHECK(fleet.at(slot).why->code == "401");
    CHECK(fleet.of(slot).unpublishes == 1);
    fleet.run_for(48h);
    CHECK(fleet.creates(slot) == 1);
}

TEST_CASE("reconnect: a queued one keeps the host alive") {
    scripted_fleet fleet;
    fleet.add(0, {.connect = {fails(transient)}});
    fleet.add(1, {.connect = {fails(auth)}});
    fleet.run_for(1h);
    CHECK(fleet.exits.empty());
}

TEST_CASE("reconnect: with none online and none queued the host stops, once, non-zero") {
    scripted_fleet fleet;
    policy unprobed = exact();
    unprobed.max_attempts = 3;
    unprobed.probe = 0s;
    fleet.add(0, {.connect = {fails(transient)}}, unprobed);
    const slot_id other = fleet.add(1, {.connect = {fails(auth)}});
    fleet.run_for(89s);
    CHECK(fleet.exits.empty());
    fleet.run_for(1s);
    CHECK(fleet.exits == std::vector{1});
    fleet.reconnect(other);
    fleet.run_for(24h);
    CHECK(fleet.exits.size() == 1);
}
