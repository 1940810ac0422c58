// How the fleet is doing, and who waits for whom in a change of the configuration.

#include "instance/fleet_health.hpp"
#include "instance/handover.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace {

using gateway::instance::fleet_health;
using gateway::instance::handover;
using gateway::instance::key;
using gateway::instance::well_being;
using gateway::reconnect::incarnation_id;
using gateway::reconnect::slot_id;
using gateway::reconnect::state;

fleet_health with(std::size_t online, std::size_t waiting, std::size_t paused, std::size_t troubled) {
    fleet_health made;
    made.in_state[static_cast<std::size_t>(state::online)] = online;
    made.in_state[static_cast<std::size_t>(state::waiting)] = waiting;
    made.in_state[static_cast<std::size_t>(state::paused)] = paused;
    made.troubled = troubled;
    return made;
}

constexpr slot_id one{1};
constexpr slot_id two{2};
constexpr slot_id three{3};
constexpr slot_id four{4};

key first_of(slot_id slot) {
    return {slot, incarnation_id{1}};
}

}  // namespace

TEST_CASE("health: ok without trouble, degraded with some, failing when none is online") {
    CHECK(fleet_health{}.overall() == well_being::ok);
    CHECK(with(2, 0, 1, 0).overall() == well_being::ok);
    CHECK(with(0, 3, 0, 0).overall() == well_being::ok);  // they connect for the first time
    CHECK(with(1, 1, 0, 1).overall() == well_being::degraded);
    CHECK(with(0, 1, 1, 1).overall() == well_being::failing);
}

TEST_CASE("health: one line says it for people, with every state that is there") {
    CHECK(fleet_health{}.sentence() == "ok: 0 of 0 online");
    CHECK(with(2, 0, 0, 0).sentence() == "ok: 2 of 2 online");
    CHECK(with(2, 1, 3, 1).sentence() == "degraded: 2 of 6 online, 1 waiting, 3 paused");
}

TEST_CASE("health: a journal that cannot be written is trouble, though every instance is online") {
    auto now = with(2, 0, 0, 0);
    now.journal_trouble = "cannot use gateway.db: disk full";
    CHECK(now.overall() == well_being::degraded);
    CHECK(now.sentence() == "degraded: 2 of 2 online; the journal cannot be written: cannot use gateway.db: disk full");
    now = with(0, 1, 0, 1);
    now.journal_trouble = "cannot use gateway.db: disk full";
    CHECK(now.overall() == well_being::failing);
}

TEST_CASE("health: a scheduler that had to be mended is trouble, until the host is started again") {
    auto now = with(2, 0, 0, 0);
    now.mended = 1;
    CHECK(now.overall() == well_being::degraded);
    CHECK(now.sentence() ==
          "degraded: 2 of 2 online; the scheduler lost track of an instance, a bug of the host (see its log)");
}

TEST_CASE("handover: what comes waits for all of its module that go, and for nobody else") {
    handover change;
    change.goes(one, "telegram");
    change.goes(two, "telegram");
    change.comes(three);
    change.comes(four);
    CHECK(change.holds(first_of(three), "telegram"));
    CHECK_FALSE(change.holds(first_of(four), "stub"));
    CHECK(change.gone(one).empty());
    CHECK(change.gone(one).empty());
    CHECK(change.gone(two) == std::vector{first_of(three)});
    CHECK(change.gone(two).empty());
}

TEST_CASE("handover: what the change does not touch does not wait") {
    handover change;
    change.goes(one, "telegram");
    CHECK_FALSE(change.holds(first_of(two), "telegram"));
}

TEST_CASE("handover: only the first connect after a change waits") {
    handover change;
    change.comes(two);
    CHECK_FALSE(change.holds(first_of(two), "telegram"));
    change.goes(one, "telegram");
    CHECK_FALSE(change.holds({two, incarnation_id{2}}, "telegram"));
}

TEST_CASE("handover: two that change places wait for each other's old incarnation") {
    handover change;
    change.goes(one, "telegram");
    change.comes(one);
    change.goes(two, "telegram");
    change.comes(two);
    CHECK(change.gone(one).empty());
    CHECK(change.holds({one, incarnation_id{2}}, "telegram"));
    CHECK(change.gone(two) == std::vector{key{one, incarnation_id{2}}});
    CHECK_FALSE(change.holds({two, incarnation_id{2}}, "telegram"));
}
