// Random fleets under random events: nothing is lost, nothing lives twice, the end comes once.

#include "unit/reconnect_harness.hpp"

#include <random>

using namespace gateway::reconnect;
using namespace gateway::reconnect::testing;

namespace {

constexpr std::uint32_t slots = 24;

struct chaos {
    explicit chaos(std::uint64_t seed) : random{seed}, fleet{{.max_connecting = 4}, seed} {}

    std::mt19937_64 random;
    scripted_fleet fleet;

    std::uint64_t below(std::uint64_t bound) { return random() % bound; }
    duration some_ms(std::uint64_t bound) { return duration{static_cast<std::int64_t>(below(bound))}; }
    slot_id some_slot() { return slot_id{static_cast<std::uint32_t>(below(slots))}; }

    failure some_failure() {
        const bool retry = below(10) != 0;
        const auto cls = static_cast<failure_class>(retry ? below(4) : 4 + below(3));
        return trouble(cls, "random", below(4) == 0 ? std::optional{some_ms(100'000)} : std::nullopt);
    }

    script some_script() {
        script s;
        s.connect.clear();
        for (std::uint64_t n = 1 + below(5); n > 0; --n) {
            const auto what = below(10);
            s.connect.push_back(what < 4   ? succeeds(some_ms(40'000))
                                : what < 9 ? fails(some_failure(), some_ms(20'000))
                                           : hangs());
        }
        if (below(15) == 0) {
            s.create_fails = some_failure();
        }
        if (below(2) == 0) {
            s.lose_after = some_ms(200'000) + 1ms;
            s.lose = some_failure();
        }
        s.close_after = below(4) == 0 ? std::nullopt : std::optional{some_ms(8'000)};
        return s;
    }

    policy some_policy() {
        policy p;
        p.max_attempts = static_cast<std::uint32_t>(below(6));
        p.probe = below(2) == 0 ? 0ms : duration{10min};
        p.quick.resize(below(4));
        p.quick_budget = static_cast<std::uint32_t>(below(12));
        p.stable_after = some_ms(100'000);
        return p;
    }

    void some_event() {
        const slot_id slot = some_slot();
        const auto incarnation = incarnation_id{static_cast<std::uint32_t>(below(20))};
        switch (below(12)) {
            case 0:
            case 1:
                if (!fleet.machine.status_of(slot)) {
                    fleet.add(static_cast<std::uint32_t>(slot), some_script(), some_policy());
                }
                break;
            case 2:
                fleet.pause(slot);
                break;
            case 3:
                fleet.resume(slot);
                break;
            case 4:
                fleet.reconnect(slot);
                break;
            case 5:
                fleet.reconfigure(slot, some_policy());
                break;
            case 6:
                fleet.new_generation(slot);
                break;
            case 7:
                fleet.remove(slot);
                break;
            case 8:  // nonsense from incarnations dead or never born
                fleet.tell(
                    [&](scheduler& m, time_point t) { return m.create_failed(slot_id{99}, incarnation, {}, t); });
                break;
            case 9:
                if (!fleet.alive.contains(static_cast<std::uint32_t>(slot))) {
                    CHECK(fleet.tell([&](scheduler& m, time_point t) { return m.closed(slot, incarnation, t); }) ==
                          outcome::stale);
                }
                break;
            case 10:
                if (fleet.machine.status_of(slot)) {
                    fleet.lose(slot, some_failure());
                }
                break;
            default:
                fleet.run_for(some_ms(120'000));
        }
    }

    void nothing_is_lost() {
        std::size_t configured = 0;
        for (std::uint32_t i = 0; i < slots; ++i) {
            const auto s = fleet.machine.status_of(slot_id{i});
            REQUIRE(fleet.alive.contains(i) == (s && is_alive(s->at)));
            if (!s) {
                continue;
            }
            ++configured;
            if (s->at == state::waiting) {
                REQUIRE(s->next_retry.has_value());
                // It waits for its time, or for a place that is truly taken.
                REQUIRE((*s->next_retry > fleet.now || fleet.machine.count(state::connecting) == 4));
            }
        }
        REQUIRE(configured == fleet.machine.configured());
    }
};

}  // namespace

TEST_CASE("reconnect: under random events no instance is lost, doubled or left without a deadline") {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        CAPTURE(seed);
        chaos c{seed};
        for (int step = 0; step < 400; ++step) {
            CAPTURE(step);
            c.some_event();
            c.nothing_is_lost();
            REQUIRE(c.fleet.exits.size() <= 1);
        }
        c.fleet.run_for(2h);
        c.nothing_is_lost();
        c.fleet.stop_all(3s);
        c.fleet.run_for(3s);
        REQUIRE(c.fleet.stopped_all == 1);
        REQUIRE(c.fleet.alive.empty());
        REQUIRE(c.fleet.machine.configured() == 0);
        REQUIRE_FALSE(c.fleet.machine.next_deadline().has_value());
        for (auto& [slot, seen] : c.fleet.seen) {
            REQUIRE(seen.publishes == seen.unpublishes);
        }
    }
}

TEST_CASE("reconnect: left alone, every fleet comes to rest: online, failed, or given up and unprobed, with one exit") {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        CAPTURE(seed);
        chaos c{seed};
        policy p;
        p.max_attempts = 5;
        p.probe = 0s;
        const bool hopeless = seed % 2 == 0;
        for (std::uint32_t i = 0; i < slots; ++i) {
            script s{.connect = {fails(c.some_failure(), c.some_ms(10'000)), fails(c.some_failure()), hangs()}};
            if (!hopeless) {
                s.connect.push_back(succeeds());
            }
            c.fleet.add(i, s, p);
        }
        c.fleet.run_for(24h * 7);
        const scheduler& m = c.fleet.machine;
        REQUIRE(m.count(state::online) + m.count(state::failed) + m.count(state::gave_up) == slots);
        REQUIRE(c.fleet.exits.size() == (m.count(state::online) == 0 ? 1U : 0U));
        REQUIRE((!hopeless || m.count(state::online) == 0));
        REQUIRE_FALSE(m.next_deadline().has_value());
        REQUIRE(c.fleet.alive.size() == m.count(state::online));
    }
}
