#include "store/disk_watch.hpp"
#include "store_fixture.hpp"
#include "support/gated_disk.hpp"

#include <doctest/doctest.h>

#include <chrono>

using namespace gateway;
using namespace gateway::test;
using namespace std::chrono_literals;

TEST_CASE("store: while the disk does not answer it says since when, and no longer once it has answered") {
    const gated_disk disk;
    store_world world;
    const auto tg = world.db->instance("tg");
    CHECK(world.run(commit_of(tg, {said("1", "before", "a")})).status == GW_OK);
    the_gate.close();
    const auto before = the_gate.arrived();
    const auto started = std::chrono::steady_clock::now();
    gw_status status = GW_ERR_IO;
    world.db->run(std::make_unique<store::commit_job>(commit_of(tg, {said("1", "during", "b")})),
                  [&](store::commit_job& job) { status = job.status; });
    the_gate.await_one_after(before);
    const auto since = world.db->busy_since();
    REQUIRE(since);
    CHECK(*since >= started);
    the_gate.open();
    world.settle();
    CHECK(status == GW_OK);
    world.db->close();
    CHECK_FALSE(world.db->busy_since());
}

TEST_CASE("store: closing waits for a disk that does not answer only as long as it is told to") {
    const gated_disk disk;
    store_world world;
    const auto tg = world.db->instance("tg");
    the_gate.close();
    const auto before = the_gate.arrived();
    world.db->run(std::make_unique<store::commit_job>(commit_of(tg, {said("1", "during", "b")})),
                  [](store::commit_job&) {});
    the_gate.await_one_after(before);
    CHECK_FALSE(world.db->close_by(std::chrono::steady_clock::now() + 20ms));
    the_gate.open();
    CHECK(world.db->close_by(std::chrono::steady_clock::now() + 30s));
}

TEST_CASE("disk watch: a disk that was at the same jobs for its patience hangs, until it is at others") {
    store::disk_watch watch;
    const store::disk_watch::time_point start{};
    CHECK_FALSE(watch.look(std::nullopt, start));
    CHECK_FALSE(watch.look(start, start + 9s));
    const auto told = watch.look(start, start + 10s);
    REQUIRE(told);
    CHECK(*told == "the disk has not answered for 10 s or more");
    CHECK_FALSE(watch.look(start, start + 12s));  // once
    CHECK(watch.look(start + 13s, start + 14s) == "");
    CHECK_FALSE(watch.look(std::nullopt, start + 16s));
}

TEST_CASE(
    "disk watch: an error that was told stays in the way until a write works, also when the disk hung meanwhile") {
    store::disk_watch watch;
    const store::disk_watch::time_point start{};
    CHECK(watch.on_trouble("it is full") == "it is full");
    CHECK(watch.look(start, start + 11s) == "the disk has not answered for 10 s or more");
    CHECK_FALSE(watch.on_trouble("it is full"));
    CHECK(watch.look(std::nullopt, start + 12s) == "it is full");
    CHECK(watch.on_trouble("") == "");
}
