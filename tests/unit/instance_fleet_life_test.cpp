// The fleet with a real module: who is in it, how it is doing, and what is said of it.

#include "instance_fleet_harness.hpp"

#include <doctest/doctest.h>

#include <string>

namespace gateway::reconnect {
struct scheduler_saboteur {
    static void lose_place(scheduler& of, slot_id slot) {
        of.deadlines_.clear(slot);
        of.ready_.clear(slot);
    }
};
}  // namespace gateway::reconnect

namespace gateway::instance {
struct fleet_saboteur {
    static void lose(fleet& of, std::string_view name) {
        reconnect::scheduler_saboteur::lose_place(of.scheduler_, *of.roster_.find(name));
    }
};
}  // namespace gateway::instance

namespace {

using namespace std::chrono_literals;
using gateway::instance::command;
using gateway::instance::well_being;
using gateway::reconnect::state;
using gateway::test::stub_fleet;

constexpr const char* two_of_them = "[adapters.a]\nplugin = \"stub\"\n[adapters.b]\nplugin = \"stub\"\n";

}  // namespace

TEST_CASE("fleet: what the configuration names is there, by name and in order, and goes with it") {
    stub_fleet it;
    it.install();
    it.apply(two_of_them);
    const auto all = it.fleet.statuses();
    REQUIRE(all.size() == 2);
    CHECK(all[0].name == "a");
    CHECK(all[1].name == "b");
    CHECK(it.state_of("b") == state::online);
    it.apply("[adapters.b]\nplugin = \"stub\"\n[adapters.c]\nplugin = \"stub\"\n");
    CHECK(it.fleet.size() == 2);
    CHECK_FALSE(it.fleet.status_of("a").has_value());
    CHECK(it.state_of("c") == state::online);
    CHECK(it.fleet.status_of("b")->incarnation == 1);
}

TEST_CASE(
    "fleet: one that comes back while it leaves is there again when it is gone, and until then takes no command") {
    stub_fleet it;
    it.install();
    it.apply(two_of_them);
    auto fresh = [&](const char* text) {
        auto loaded = gateway::config::load_text(text, "gateway.toml", "/", gateway::config::environment::of_process());
        it.fleet.apply(std::move(loaded.values));
    };
    fresh("[adapters.b]\nplugin = \"stub\"\n");
    CHECK(it.state_of("a") == state::closing);
    CHECK(it.fleet.command_to("a", command::pause) == gateway::instance::command_outcome::no_such_instance);
    fresh(two_of_them);
    CHECK(it.state_of("a") == state::closing);
    CHECK(it.fleet.size() == 2);
    it.run();
    CHECK(it.state_of("a") == state::online);
    CHECK(it.fleet.size() == 2);
}

TEST_CASE("fleet: trouble is counted as it comes, and no more when it is over, paused or gone") {
    stub_fleet it;
    it.install();
    it.apply(
        "[gateway]\non_all_failed = \"stay\"\n"
        "[adapters.bad]\nplugin = \"stub\"\nconnect = [\"fail:auth:token\"]\n"
        "[adapters.good]\nplugin = \"stub\"\n"
        "[adapters.late]\nplugin = \"stub\"\nconnect = [\"fail:transient:dns\", \"ok\"]\n"
        "[adapters.none]\nplugin = \"nowhere\"\n");
    auto now = it.fleet.health();
    CHECK(now.troubled == 3);
    CHECK(now.overall() == well_being::degraded);
    CHECK(now.count(state::failed) == 2);
    CHECK(now.count(state::waiting) == 1);
    CHECK(now.count(state::online) == 1);
    it.pass(40s);
    CHECK(it.state_of("late") == state::online);
    CHECK(it.fleet.health().troubled == 2);
    it.fleet.command_to("bad", command::pause);
    CHECK(it.fleet.health().troubled == 1);
    it.fleet.command_to("bad", command::resume);
    it.run();
    CHECK(it.fleet.health().troubled == 2);
    it.apply("[adapters.good]\nplugin = \"stub\"\n");
    now = it.fleet.health();
    CHECK(now.troubled == 0);
    CHECK(now.sentence() == "ok: 1 of 1 online");
}

TEST_CASE("fleet: one that leaves in trouble is none, while its teardown still runs") {
    stub_fleet it;
    it.install();
    it.apply("[adapters.a]\nplugin = \"stub\"\nconnect = [\"fail:transient:dns\", \"hang\"]\n");
    it.pass(40s);
    CHECK(it.state_of("a") == state::connecting);
    CHECK(it.fleet.health().troubled == 1);
    it.fleet.apply({});
    CHECK(it.state_of("a") == state::closing);
    CHECK(it.fleet.health().troubled == 0);
    it.run();
    CHECK(it.fleet.health().troubled == 0);
    CHECK(it.fleet.size() == 0);
}

TEST_CASE("fleet: a loss that is retried at once is logged with its reason and a retry in 0 ms") {
    stub_fleet it;
    it.install();
    it.apply("[adapters.a]\nplugin = \"stub\"\nlose_after = \"2s\"\nlose = \"transient:reset\"\n");
    it.lines.clear();
    it.pass(2s);
    CHECK(it.state_of("a") == state::online);
    CHECK(it.count_lines({"warning waiting", "instance=a", "code=reset", "attempts=0", "retry_in_ms=0"}) == 1);
    CHECK(it.count_lines({"code=reset"}) == 1);
}

TEST_CASE("fleet: giving up is an error that says how often it was tried, and how it goes on") {
    stub_fleet it;
    it.install();
    it.apply(
        "[reconnect]\nmax_attempts = 1\nprobe = \"2h\"\n"
        "[adapters.a]\nplugin = \"stub\"\nconnect = [\"fail:transient:dns\"]\n"
        "[adapters.b]\nplugin = \"stub\"\nconnect = [\"fail:transient:dns\"]\nreconnect.probe = \"0s\"\n");
    CHECK(it.count_lines({"error the instance gave up", "probed every 2h", "instance=a", "attempts=1"}) == 1);
    CHECK(it.count_lines({"error the instance gave up", "not tried again", "instance=b", "attempts=1"}) == 1);
}

TEST_CASE("fleet: an instance that the scheduler lost is found by the next change, told loudly, and connects again") {
    stub_fleet it;
    it.install();
    it.apply(
        "[adapters.a]\nplugin = \"stub\"\nconnect = [\"fail:transient:dns\", \"ok\"]\n"
        "[adapters.b]\nplugin = \"stub\"\n");
    gateway::instance::fleet_saboteur::lose(it.fleet, "a");
    it.pass(1h);
    CHECK(it.state_of("a") == state::waiting);  // nothing wakes it
    CHECK(it.fleet.health().mended == 0);
    it.fleet.command_to("b", command::reconnect);
    it.run();
    CHECK(it.count_lines({"error", "lost track", "instance=a", "state=waiting"}) == 1);
    CHECK(it.fleet.health().mended == 1);
    CHECK(it.fleet.health().overall() == well_being::degraded);
    it.pass(1ms);
    CHECK(it.state_of("a") == state::online);
}
