// Who has which slot and which name.

#include "instance/roster.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

namespace {

using gateway::instance::member;
using gateway::instance::roster;
using gateway::reconnect::slot_id;

member called(std::string name) {
    member made;
    made.name = std::move(name);
    return made;
}

}  // namespace

TEST_CASE("roster: slots are dense, and one that became free is used again") {
    roster who;
    CHECK(who.add(called("a")) == slot_id{0});
    CHECK(who.add(called("b")) == slot_id{1});
    CHECK(who.add(called("c")) == slot_id{2});
    CHECK(who.take(slot_id{1}).name == "b");
    CHECK(who.take(slot_id{0}).name == "a");
    CHECK(who.add(called("d")) == slot_id{0});
    CHECK(who.add(called("e")) == slot_id{1});
    CHECK(who.add(called("f")) == slot_id{3});
    CHECK(who.at(slot_id{1}).name == "e");
    CHECK(who.by_name() ==
          roster::name_index{{"c", slot_id{2}}, {"d", slot_id{0}}, {"e", slot_id{1}}, {"f", slot_id{3}}});
}

TEST_CASE("roster: one that leaves is found by its name until it is gone, but not among those that stay") {
    roster who;
    const auto slot = who.add(called("a"));
    CHECK(who.find_staying("a") == slot);
    who.at(slot).leaving = true;
    CHECK(who.find("a") == slot);
    CHECK_FALSE(who.find_staying("a").has_value());
    CHECK(who.take(slot).name == "a");
    CHECK_FALSE(who.find("a").has_value());
    CHECK_FALSE(who.find("b").has_value());
}
