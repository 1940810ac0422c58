// Quick retries and their budget, flapping, the stable period, giving up, probing and being revived.

#include "unit/reconnect_harness.hpp"

using namespace gateway::reconnect;
using namespace gateway::reconnect::testing;

namespace {

constexpr auto transient = failure_class::transient;

policy gives_up_after(std::uint32_t attempts) {
    policy p = exact();
    p.max_attempts = attempts;
    return p;
}

std::vector<duration> first(std::vector<duration> all, std::size_t count) {
    all.resize(std::min(all.size(), count));
    return all;
}

}  // namespace

TEST_CASE("reconnect: a loss is retried after 0, 1 and 5 s, and then by the ladder from its start") {
    scripted_fleet fleet;
    const slot_id slot = fleet.add(0, {.connect = {succeeds(), fails(transient)}});
    fleet.run_for(60s);
    fleet.lose(slot, trouble(transient));
    CHECK(fleet.at(slot).attempts == 1);
    CHECK(fleet.until_retry(slot) == 1s);
    fleet.run_for(10min);
    const std::vector<duration> expected{60s, 1s, 5s, 30s, 60s, 120s, 240s};
    CHECK(first(fleet.gaps(slot), 7) == expected);
}

TEST_CASE("reconnect: a flapping connection spends ten quick retries and goes to the ladder, attempts counting up") {
    scripted_fleet fleet;
    const slot_id slot = fleet.add(0, {.lose_after = 2s});
    fleet.run_for(21s);
    CHECK(fleet.creates(slot) == 11);
    CHECK(fleet.at(slot).attempts == 0);
    fleet.run_for(1s);
    CHECK(fleet.state_of(slot) == state::waiting);
    CHECK(fleet.at(slot).attempts == 1);
    CHECK(fleet.until_retry(slot) == 30s);
    fleet.run_for(30s + 2s);
    CHECK(fleet.at(slot).attempts == 2);
    CHECK(fleet.until_retry(slot) == 60s);
    fleet.run_for(60s + 2s);
    CHECK(fleet.at(slot).attempts == 3);
    CHECK(fleet.until_retry(slot) == 120s);
}

TEST_CASE("reconnect: the budget's return does not bring a flapping connection back to quick retries") {
    scripted_fleet fleet;
    const slot_id slot = fleet.add(0, {.lose_after = 2s});
    fleet.run_for(1h);
    const auto gaps = fleet.gaps(slot);
    REQUIRE(gaps.size() > 16);
    for (std::size_t i = 10; i < gaps.size(); ++i) {
        CHECK(gaps[i] >= 30s);
    }
}

TEST_CASE("reconnect: a connection that flaps for 24 hours gives up and makes only a bounded number of connects") {
    scripted_fleet fleet;
    const slot_id slot = fleet.add(0, {.lose_after = 2s});
    fleet.run_for(24h);
    CHECK(fleet.creates(slot) >= 30);
    CHECK(fleet.creates(slot) <= 11 + 20 + 24);
    CHECK(fleet.at(slot).attempts == 20);
    CHECK(fleet.of(slot).gave_up >= 1);
    CHECK(fleet.exits.empty());
}

TEST_CASE("reconnect: connects of a fleet flapping for 24 hours with jitter stay bounded for each") {
    scripted_fleet fleet{{.max_connecting = 4}, 7};
    for (std::uint32_t i = 0; i < 10; ++i) {
        fleet.add(i, {.connect = {succeeds(300ms)}, .lose_after = duration{500 + 5000 * i}}, policy{});
    }
    fleet.run_for(24h);
    for (std::uint32_t i = 0; i < 10; ++i) {
        CHECK(fleet.creates(slot_id{i}) <= 11 + 20 + 27);  // probes come up to 10 % early
        CHECK(fleet.creates(slot_id{i}) >= 30);
    }
}

TEST_CASE("reconnect: no ten minutes hold more than ten quick retries, also of connections that are stable between") {
    scripted_fleet fleet;
    policy p = exact();
    p.stable_after = 5s;
    const slot_id slot = fleet.add(0, {.lose_after = 7s}, p);
    fleet.run_for(6h);
    const auto& times = fleet.of(slot).creates;
    const auto gaps = fleet.gaps(slot);
    std::vector<time_point> quick;
    for (std::size_t i = 0; i < gaps.size(); ++i) {
        if (gaps[i] < 30s) {
            quick.push_back(times[i + 1]);
        }
    }
    REQUIRE(quick.size() > 100);
    for (std::size_t i = 10; i < quick.size(); ++i) {
        CHECK(quick[i] - quick[i - 10] >= 10min);
    }
}

TEST_CASE("reconnect: attempts reset only after 60 s online, not at the first success") {
    scripted_fleet fleet;
    const slot_id slot = fleet.add(0, {.connect = {fails(transient), fails(transient), fails(transient), succeeds()}});
    fleet.run_for(30s + 60s + 120s);
    CHECK(fleet.state_of(slot) == state::online);
    CHECK(fleet.at(slot).attempts == 3);
    fleet.run_for(59'999ms);
    CHECK(fleet.at(slot).attempts == 3);
    fleet.run_for(1ms);
    CHECK(fleet.at(slot).attempts == 0);
    CHECK(fleet.of(slot).publishes == 1);
}

TEST_CASE("reconnect: a loss before the stable period continues from the attempts it had") {
    scripted_fleet fleet;
    const slot_id slot = fleet.add(0, {.connect = {fails(transient), fails(transient), succeeds(), fails(transient)}});
    fleet.run_for(30s + 60s + 59s);
    fleet.lose(slot, trouble(transient));  // its quick retry fails at once
    CHECK(fleet.at(slot).attempts == 3);
    fleet.run_for(1s + 5s);
    CHECK(fleet.at(slot).attempts == 5);
    CHECK(fleet.until_retry(slot) == 120s);  // the third rung: two attempts were answered quickly
}

TEST_CASE("reconnect: a stable period counts also when the loss is reported before its deadline was looked at") {
    scripted_fleet fleet;
    const slot_id slot = fleet.add(0, {.connect = {fails(transient), succeeds(), hangs()}});
    fleet.run_for(30s);
    fleet.now += 61s;  // the loop was late
    fleet.lose(slot, trouble(transient));
    CHECK(fleet.at(slot).attempts == 0);
}

TEST_CASE("reconnect: what gave up is probed once an hour, stays given up when the probe fails, and says so once") {
    scripted_fleet fleet;
    const slot_id slot = fleet.add(0, {.connect = {fails(transient)}}, gives_up_after(2));
    fleet.run_for(30s);
    for (int hour = 1; hour <= 5; ++hour) {
        CHECK(fleet.state_of(slot) == state::gave_up);
        CHECK(fleet.at(slot).attempts == 2);
        CHECK(fleet.until_retry(slot) == 1h);
        fleet.run_for(1h - 1ms);
        CHECK(fleet.creates(slot) == 1 + hour);
        fleet.run_for(1ms);
        CHECK(fleet.creates(slot) == 2 + hour);
    }
    CHECK(fleet.of(slot).gave_up == 1);
    CHECK(fleet.exits.empty());
    CHECK(fleet.of(slot).publishes == 0);
}

TEST_CASE("reconnect: a probe that succeeds brings it online again, and attempts reset when it is stable") {
    scripted_fleet fleet;
    const slot_id slot = fleet.add(0, {.connect = {fails(transient), fails(transient), succeeds()}}, gives_up_after(2));
    fleet.run_for(30s + 1h);
    CHECK(fleet.state_of(slot) == state::online);
    CHECK(fleet.at(slot).attempts == 2);
    CHECK(fleet.of(slot).publishes == 1);
    fleet.run_for(60s);
    CHECK(fleet.at(slot).attempts == 0);
    fleet.lose(slot, trouble(transient));
    CHECK(fleet.state_of(slot) == state::online);  // by a quick retry
}

TEST_CASE("reconnect: a probe's success that does not last gives up again until the next probe") {
    scripted_fleet fleet;
    const slot_id slot = fleet.add(0, {.connect = {fails(transient), fails(transient), succeeds()}, .lose_after = 59s},
                                   gives_up_after(2));
    fleet.run_for(30s + 1h + 59s);
    CHECK(fleet.state_of(slot) == state::gave_up);
    CHECK(fleet.of(slot).gave_up == 2);
    CHECK(fleet.at(slot).attempts == 2);
    CHECK(fleet.until_retry(slot) == 1h);
}

TEST_CASE("reconnect: a probe that fails non-retryably is failed, and so is one that hangs given up again") {
    scripted_fleet fleet;
    const slot_id slot =
        fleet.add(0, {.connect = {fails(transient), hangs(), fails(failure_class::auth)}}, gives_up_after(1));
    fleet.add(1, {});
    fleet.run_for(1h + 30s);
    CHECK(fleet.state_of(slot) == state::gave_up);
    CHECK(fleet.at(slot).why->code == "connect_timeout");
    fleet.run_for(1h);
    CHECK(fleet.state_of(slot) == state::failed);
    CHECK_FALSE(fleet.at(slot).next_retry.has_value());
}

TEST_CASE("reconnect: giving up is undone by an operator, a changed configuration and a new generation") {
    for (int how = 0; how < 3; ++how) {
        for (const auto cls : {transient, failure_class::auth}) {
            scripted_fleet fleet;
            fleet.add(1, {});
            const slot_id slot = fleet.add(0, {.connect = {fails(cls), fails(transient)}}, gives_up_after(1));
            CHECK(fleet.state_of(slot) == (cls == transient ? state::gave_up : state::failed));
            policy changed = exact();
            changed.initial = 7s;
            const outcome result = how == 0   ? fleet.reconnect(slot)
                                   : how == 1 ? fleet.reconfigure(slot, changed)
                                              : fleet.new_generation(slot);
            CHECK(result == outcome::applied);
            CHECK(fleet.creates(slot) == 2);
            CHECK(fleet.at(slot).attempts == 1);
            if (how == 1) {
                CHECK(fleet.until_retry(slot) == 7s);
            } else {
                CHECK(fleet.state_of(slot) == state::gave_up);
            }
        }
    }
}

TEST_CASE("reconnect: changed rules alone revive what gave up by the old ones") {
    scripted_fleet fleet;
    fleet.add(1, {});
    const slot_id slot = fleet.add(0, {.connect = {fails(transient)}}, gives_up_after(1));
    CHECK(fleet.state_of(slot) == state::gave_up);
    policy patient = exact();
    patient.initial = 7s;
    CHECK(fleet.set_policy(slot, patient) == outcome::applied);
    CHECK(fleet.creates(slot) == 2);
    CHECK(fleet.until_retry(slot) == 7s);
}

TEST_CASE("reconnect: changed rules leave a connection and a wait as they are, and hold from the next failure on") {
    scripted_fleet fleet;
    const slot_id online = fleet.add(1, {});
    const slot_id slot = fleet.add(0, {.connect = {fails(transient)}}, exact());
    CHECK(fleet.until_retry(slot) == 30s);
    policy hasty = exact();
    hasty.initial = 1s;
    hasty.factor = 1.0;
    CHECK(fleet.set_policy(slot, hasty) == outcome::applied);
    CHECK(fleet.set_policy(online, hasty) == outcome::applied);
    CHECK(fleet.until_retry(slot) == 30s);
    CHECK(fleet.state_of(online) == state::online);
    CHECK(fleet.creates(online) == 1);
    fleet.run_for(30s);
    CHECK(fleet.creates(slot) == 2);
    CHECK(fleet.until_retry(slot) == 1s);
}

TEST_CASE("reconnect: a changed table brings a fresh budget of quick retries, of its own size") {
    scripted_fleet fleet;
    const slot_id slot = fleet.add(0, {.lose_after = 2s});
    fleet.run_for(22s);
    CHECK(fleet.state_of(slot) == state::waiting);
    policy generous = exact();
    generous.quick_budget = 20;
    fleet.reconfigure(slot, generous);
    fleet.run_for(41s);
    CHECK(fleet.creates(slot) == 11 + 21);
    fleet.run_for(1s);
    CHECK(fleet.until_retry(slot) == 30s);
}

TEST_CASE("reconnect: with max_attempts 0 it never gives up") {
    scripted_fleet fleet;
    const slot_id slot = fleet.add(0, {.connect = {fails(transient)}}, gives_up_after(0));
    fleet.run_for(24h * 30);
    CHECK(fleet.state_of(slot) == state::waiting);
    CHECK(fleet.at(slot).attempts > 8600);
}

TEST_CASE(
    "reconnect: a server's retry-after is a floor under ladder, quick retries and probes, and never shortens them") {
    scripted_fleet fleet;
    const auto limited = [](duration wait) { return fails(trouble(failure_class::rate_limited, "flood", wait)); };
    const slot_id slot = fleet.add(0, {.connect = {limited(5s), limited(100s), succeeds(), limited(2h), limited(3h)}},
                                   gives_up_after(4));
    CHECK(fleet.until_retry(slot) == 30s);
    fleet.run_for(30s);
    CHECK(fleet.until_retry(slot) == 100s);
    fleet.run_for(100s);
    CHECK(fleet.state_of(slot) == state::online);
    fleet.script_of(slot).close_after = 1ms;
    fleet.lose(slot, trouble(failure_class::rate_limited, "flood", 10s));
    CHECK(fleet.until_retry(slot) == 10s);
    fleet.run_for(10s + 1ms);
    CHECK(fleet.at(slot).attempts == 3);
    CHECK(fleet.until_retry(slot) == 2h - 1ms);
    fleet.run_for(2h);
    CHECK(fleet.state_of(slot) == state::gave_up);
    CHECK(fleet.until_retry(slot) == 3h - 1ms);
}

TEST_CASE("reconnect: a loss by a rate limit without a stated wait is not answered with a quick retry") {
    scripted_fleet fleet;
    const slot_id slot = fleet.add(0, {});
    fleet.run_for(10min);
    fleet.lose(slot, trouble(failure_class::rate_limited));
    CHECK(fleet.at(slot).attempts == 0);
    CHECK(fleet.until_retry(slot) == 30s);
}

TEST_CASE("reconnect: obeying a server's wait never gives up sooner than the ladder alone") {
    scripted_fleet fleet;
    fleet.add(9, {});
    const slot_id limited =
        fleet.add(0, {.connect = {fails(trouble(failure_class::rate_limited, "flood", 90s))}}, gives_up_after(6));
    const slot_id plain = fleet.add(1, {.connect = {fails(transient)}}, gives_up_after(6));
    fleet.run_for(30s + 60s + 120s + 240s + 300s);
    CHECK(fleet.state_of(plain) == state::gave_up);
    CHECK(fleet.state_of(limited) == state::waiting);
    fleet.run_for(90s);
    CHECK(fleet.state_of(limited) == state::gave_up);
}
